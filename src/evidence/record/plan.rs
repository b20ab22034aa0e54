//! A plan as it was read and judged: written when it is first seen, and whenever its standing
//! changes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Encoded, RecordError, clip};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::statement::{self, Subject};
use crate::model::{ApprovalStatus, ChangeNumber, WorkspaceName};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRecord {
    pub at: Timestamp,
    pub workspace: WorkspaceName,
    /// The plan: the digest of its file, and its redacted form.
    pub plan: Document,
    pub approval: ApprovalStatus,
    pub reasons: Vec<String>,
    /// The change record that the standing rests on.
    pub change: Option<ChangeNumber>,
    pub change_document: Option<Document>,
}

/// Room for one reason, in bytes.
const REASON_BYTES: usize = 2_000;
/// Reasons that a record keeps.
const REASONS: usize = 16;

impl PlanRecord {
    /// Whether both say the same of the same plan.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            at: _,
            workspace,
            plan,
            approval,
            reasons,
            change,
            change_document,
        } = self;
        *workspace == other.workspace
            && *plan == other.plan
            && *approval == other.approval
            && *reasons == other.reasons
            && *change == other.change
            && *change_document == other.change_document
    }

    /// Takes people out of the reasons and keeps them to a size that an entry holds.
    pub fn with_reasons(mut self, reasons: &[String], people: &Pseudonymiser) -> Self {
        let short = reasons.iter().take(REASONS);
        self.reasons = short
            .map(|reason| clip(&people.text(reason), REASON_BYTES))
            .collect();
        self
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        let mut subjects = vec![Subject::file(self.workspace.as_str(), self.plan.sha256)];
        let documents = [Some(&self.plan), self.change_document.as_ref()];
        let blobs = documents
            .into_iter()
            .flatten()
            .filter_map(|document| document.blob);
        subjects.extend(blobs.map(Subject::blob));
        subjects
    }

    /// # Errors
    /// Its names alone are too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let entry = statement::encode(statement::PLAN, &self.subjects(), self)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}
