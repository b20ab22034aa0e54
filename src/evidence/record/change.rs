//! A change record as the log keeps it: everything but who the people are.

use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::people::Pseudonymiser;
use crate::model::{
    Approval, ApprovalRole, ChangeNumber, ChangeRecord, ChangeState, ChangeType, Decision,
    Sha256Digest, WorkspaceName,
};

#[derive(Serialize)]
struct ChangeBlob<'c> {
    schema: &'static str,
    number: &'c ChangeNumber,
    system: &'c str,
    state: &'c str,
    standing: &'static str,
    #[serde(rename = "type")]
    change_type: ChangeType,
    window: Option<WindowBlob>,
    requested_by: Option<String>,
    author: Option<String>,
    implemented_by: Vec<String>,
    plan_sha256: Option<Sha256Digest>,
    workspace: Option<&'c WorkspaceName>,
    approvals: Vec<ApprovalBlob<'c>>,
    updated_at: Option<Timestamp>,
    incident: Option<String>,
    emergency_approver: Option<String>,
    /// Of the bytes that the ticket system gave.
    original_sha256: Sha256Digest,
}

#[derive(Serialize)]
struct WindowBlob {
    start: Timestamp,
    end: Timestamp,
}

#[derive(Serialize)]
struct ApprovalBlob<'c> {
    by: String,
    role: Option<ApprovalRole>,
    decision: &'c str,
    at: Timestamp,
}

/// The bytes of a change record's blob: JSON, its members in a fixed order, people as pseudonyms.
///
/// # Errors
/// The record cannot be written as JSON.
pub fn change_blob(
    change: &ChangeRecord,
    people: &Pseudonymiser,
) -> Result<Vec<u8>, serde_json::Error> {
    let name = |name: &Option<String>| name.as_deref().map(|name| people.name(name));
    let ChangeRecord {
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
        digest,
    } = change;
    serde_json::to_vec(&ChangeBlob {
        schema: "driftwarden.change/1",
        number,
        system,
        state: state.as_str(),
        standing: standing(state),
        change_type: *change_type,
        window: window.map(|window| WindowBlob {
            start: window.start,
            end: window.end,
        }),
        requested_by: name(requested_by),
        author: name(author),
        implemented_by: implemented_by.iter().map(|by| people.name(by)).collect(),
        plan_sha256: *plan_sha256,
        workspace: workspace.as_ref(),
        approvals: approvals.iter().map(|a| approval(a, people)).collect(),
        updated_at: *updated_at,
        incident: incident.as_deref().map(|text| people.text(text)),
        emergency_approver: name(emergency_approver),
        original_sha256: *digest,
    })
}

fn approval<'c>(approval: &'c Approval, people: &Pseudonymiser) -> ApprovalBlob<'c> {
    ApprovalBlob {
        by: people.name(&approval.by),
        role: approval.role,
        decision: match &approval.decision {
            Decision::Approved => "approved",
            Decision::Rejected => "rejected",
            Decision::Withdrawn => "withdrawn",
            Decision::Requested => "requested",
            Decision::Unknown(word) => word,
        },
        at: approval.at,
    }
}

fn standing(state: &ChangeState) -> &'static str {
    match state {
        ChangeState::Standing(_) => "standing",
        ChangeState::NotYet(_) => "not_yet",
        ChangeState::Withdrawn(_) => "withdrawn",
        ChangeState::Unknown(_) => "unknown",
    }
}
