//! One step in the life of a finding that its deviation does not tell: confirmed, acknowledged,
//! accepted, flapping.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError, clip};
use crate::evidence::statement::{self, Subject, SubjectDigest};
use crate::model::{Acceptance, DeviationId, FindingKey, FindingState};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateEvent {
    /// Seen in another look, and not yet in enough of them.
    Suspected,
    Confirmed,
    Acknowledged,
    Accepted,
    /// The waiver no longer stands.
    Reopened,
    FlappingBegan,
    FlappingEnded,
}

impl StateEvent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Confirmed => "confirmed",
            Self::Acknowledged => "acknowledged",
            Self::Accepted => "accepted",
            Self::Reopened => "reopened",
            Self::FlappingBegan => "flapping_began",
            Self::FlappingEnded => "flapping_ended",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRecord {
    pub event: StateEvent,
    pub at: Timestamp,
    pub finding: FindingKey,
    pub deviation: DeviationId,
    /// Where the finding stands after this.
    pub state: FindingState,
    /// The looks that saw it so far, while it is suspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks: Option<u32>,
    /// Who acknowledged it, as a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, in words; people as pseudonyms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

/// Room for a note, in bytes.
const NOTE_BYTES: usize = 4_000;

impl StateRecord {
    pub fn new(
        event: StateEvent,
        at: Timestamp,
        finding: FindingKey,
        deviation: DeviationId,
        state: FindingState,
    ) -> Self {
        Self {
            event,
            at,
            finding,
            deviation,
            state,
            looks: None,
            by: None,
            note: None,
            acceptance: None,
        }
    }

    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        self.note = Some(clip(note, NOTE_BYTES));
        self
    }

    /// # Errors
    /// It is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let mut subjects = vec![Subject {
            name: format!("finding {}", self.finding),
            digest: SubjectDigest::Deviation(self.deviation.as_str().to_owned()),
        }];
        if let Some(acceptance) = &self.acceptance {
            subjects.push(Subject::file(&acceptance.file, acceptance.file_sha256));
        }
        let entry = statement::encode(statement::FINDING_STATE, &subjects, self)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}
