//! One step of a fix: what was decided, who said yes, the intent before anything is carried out, and
//! what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError, clip};
use crate::evidence::statement::{self, Subject, SubjectDigest};
use crate::model::{
    DeviationId, FindingKey, Fix, FixChange, FixDecision, FixId, FixOutcome, Value,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixRecord {
    pub at: Timestamp,
    pub finding: FindingKey,
    pub deviation: DeviationId,
    #[serde(flatten)]
    pub event: FixEvent,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fix", rename_all = "snake_case")]
pub enum FixEvent {
    /// The guards judged; recorded again only when it comes out otherwise.
    Decided {
        decision: FixDecision,
    },
    /// A person, by a pseudonym, says yes to the fix of this version.
    Approved {
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// What will be done; nothing is before this is where it has to be.
    Intended {
        intent: Box<Fix>,
    },
    /// An intent of a process that ended in between is taken up.
    Resumed {
        id: FixId,
    },
    Outcome {
        id: FixId,
        outcome: FixOutcome,
    },
    /// Nobody carried out in time what was handed over.
    Overdue {
        id: FixId,
    },
}

/// Room for a note, in bytes.
const NOTE_BYTES: usize = 4_000;
/// Room for what a remediator tells, in bytes.
const DETAIL_BYTES: usize = 2_000;
/// Room for what was changed, before and after.
const CHANGE_BYTES: usize = 24_000;
/// So many consequences at most are named.
const CONSEQUENCES: usize = 100;

/// Values that find no room are left out, and said to be.
fn fit(change: &mut FixChange) {
    let length = |value: &Value| serde_json::to_vec(value).map_or(usize::MAX, |text| text.len());
    if length(&change.before).saturating_add(length(&change.after)) > CHANGE_BYTES {
        change.before = Value::Null;
        change.after = Value::Null;
        change.values_elsewhere = true;
    }
    change.consequences.truncate(CONSEQUENCES);
}

impl FixEvent {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Decided { .. } => "decided",
            Self::Approved { .. } => "approved",
            Self::Intended { .. } => "intended",
            Self::Resumed { .. } => "resumed",
            Self::Outcome { outcome, .. } => outcome.result.as_str(),
            Self::Overdue { .. } => "overdue",
        }
    }
}

impl FixRecord {
    /// # Errors
    /// It is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let mut short = self.clone();
        match &mut short.event {
            FixEvent::Approved {
                note: Some(note), ..
            } => *note = clip(note, NOTE_BYTES),
            FixEvent::Outcome { outcome, .. } => {
                outcome.detail = clip(&outcome.detail, DETAIL_BYTES);
                if let Some(change) = &mut outcome.change {
                    fit(change);
                }
            }
            FixEvent::Approved { note: None, .. }
            | FixEvent::Decided { .. }
            | FixEvent::Intended { .. }
            | FixEvent::Resumed { .. }
            | FixEvent::Overdue { .. } => {}
        }
        let subjects = self.subjects();
        let entry = statement::encode(statement::FIX, &subjects, &short)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }

    fn subjects(&self) -> Vec<Subject> {
        let mut subjects = vec![Subject {
            name: format!("finding {}", self.finding),
            digest: SubjectDigest::Deviation(self.deviation.as_str().to_owned()),
        }];
        if let FixEvent::Outcome { outcome, .. } = &self.event {
            let document = outcome.document.as_ref();
            subjects.extend(document.map(|own| Subject::file(own.name.clone(), own.sha256)));
        }
        subjects
    }
}
