//! Workspaces, their plans, and how each plan stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{ChangeNumber, Sha256Digest, WorkspaceName};

/// What identifies one plan file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanMeta {
    /// SHA-256 of the file's bytes: what a change record approves.
    pub digest: Sha256Digest,
    /// Path as configured, for messages.
    pub file: String,
    pub format_version: String,
    pub terraform_version: Option<String>,
    /// When Terraform made the plan, as the plan itself says. Never the file's time.
    pub timestamp: Option<Timestamp>,
    /// Resources in the plan, data sources left out.
    pub resources: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalStatus {
    Approved,
    /// Taken as approved without a change record, because the configuration says so.
    Assumed,
    Unapproved,
    Indeterminate,
}

/// How one workspace stands in a scan: one row of `baselines` in the JSON result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkspaceStatus {
    pub workspace: WorkspaceName,
    pub plan_sha256: Option<Sha256Digest>,
    pub change: Option<ChangeNumber>,
    pub approval: ApprovalStatus,
    pub reasons: Vec<String>,
    pub ignore_changes: IgnoreChanges,
}

/// Whether it is known what authors told Terraform to leave alone. Plans do not hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreChanges {
    /// Of every approved resource of the workspace.
    Known,
    /// Not of all: a module comes from elsewhere, or a file could not be read.
    InPart,
    /// No source of the workspace is given.
    Unknown,
}

impl ApprovalStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Assumed => "assumed",
            Self::Unapproved => "unapproved",
            Self::Indeterminate => "indeterminate",
        }
    }
}
