//! Change records: the tickets that authorise plans.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{ChangeNumber, Sha256Digest, WorkspaceName};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRecord {
    pub number: ChangeNumber,
    /// The ticket system that holds it: `servicenow`, `jira`, `file`.
    pub system: String,
    pub state: ChangeState,
    pub change_type: ChangeType,
    pub window: Option<Window>,
    pub requested_by: Option<String>,
    /// Who wrote the plan, if that is not who asked for the change.
    pub author: Option<String>,
    /// Whoever may carry the change out. Empty: nobody is named, so no actor is known to be allowed.
    pub implemented_by: Vec<String>,
    pub plan_sha256: Option<Sha256Digest>,
    pub workspace: Option<WorkspaceName>,
    pub approvals: Vec<Approval>,
    /// The last edit of the record or of its plan; an approval older than this is stale.
    pub updated_at: Option<Timestamp>,
    pub incident: Option<String>,
    pub emergency_approver: Option<String>,
    /// Where the record came from, for messages.
    pub origin: String,
    pub digest: Sha256Digest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeType {
    Normal,
    Standard,
    Emergency,
}

/// Whether a state of a ticket gives its plan standing. Unknown words authorise nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Approved and not yet begun, under way, in review, or closed: the approvals stand.
    Standing(String),
    /// New, assessed or waiting for approval.
    NotYet(String),
    /// Cancelled, rejected or failed: the approvals no longer stand.
    Withdrawn(String),
    Unknown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub by: String,
    pub role: Option<ApprovalRole>,
    pub decision: Decision,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalRole {
    Technical,
    Regulatory,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Approved,
    Rejected,
    /// Given and taken back.
    Withdrawn,
    Requested,
    Unknown(String),
}

impl ChangeRecord {
    /// Whether both say the same, wherever they were read from.
    pub fn same_content(&self, other: &Self) -> bool {
        let Self {
            number,
            system,
            state,
            change_type,
            window,
            requested_by,
            author,
            implemented_by,
            plan_sha256,
            workspace,
            approvals,
            updated_at,
            incident,
            emergency_approver,
            origin: _,
            digest: _,
        } = self;
        *number == other.number
            && *system == other.system
            && *state == other.state
            && *change_type == other.change_type
            && *window == other.window
            && *requested_by == other.requested_by
            && *author == other.author
            && *implemented_by == other.implemented_by
            && *plan_sha256 == other.plan_sha256
            && *workspace == other.workspace
            && *approvals == other.approvals
            && *updated_at == other.updated_at
            && *incident == other.incident
            && *emergency_approver == other.emergency_approver
    }
}

impl ChangeState {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Standing(word)
            | Self::NotYet(word)
            | Self::Withdrawn(word)
            | Self::Unknown(word) => word,
        }
    }
}
