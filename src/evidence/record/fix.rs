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
    /// A person, by a pseudonym, wants a fix to be undone.
    UndoWanted {
        id: FixId,
        by: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The guards keep an undo back: the wish is over.
    UndoRefused {
        id: FixId,
        decision: FixDecision,
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
            Self::UndoWanted { .. } => "undo_wanted",
            Self::UndoRefused { .. } => "undo_refused",
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
            }
            | FixEvent::UndoWanted {
                note: Some(note), ..
            } => *note = clip(note, NOTE_BYTES),
            FixEvent::Outcome { outcome, .. } => {
                outcome.detail = clip(&outcome.detail, DETAIL_BYTES);
                if let Some(change) = &mut outcome.change {
                    fit(change);
                }
            }
            FixEvent::Approved { note: None, .. }
            | FixEvent::UndoWanted { note: None, .. }
            | FixEvent::UndoRefused { .. }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    /// Read, and written again in the same form.
    #[track_caller]
    fn stays(given: &Json) -> FixRecord {
        let record: FixRecord = serde_json::from_value(given.clone()).unwrap();
        assert_eq!(&serde_json::to_value(&record).unwrap(), given);
        record
    }

    fn of(step: &Json) -> Json {
        let mut whole = json!({"at": "2026-11-01T09:00:00Z", "finding": "f0", "deviation": "d0"});
        let own = step.as_object().unwrap().clone();
        whole.as_object_mut().unwrap().extend(own);
        whole
    }

    /// As it was written before fixes could be undone, and what they are of was named further.
    #[test]
    fn an_older_intent_is_read_as_it_was() {
        let intent = json!({"id": "x", "finding": "f0", "deviation": "d0", "way": "set_back",
            "remediator": "provider", "rule": "sg", "workspace": "payments",
            "address": "aws_security_group.front", "type": "aws_security_group",
            "attribute": "/ingress", "begun": "2026-11-01T09:00:00Z"});
        let record = stays(&of(&json!({"fix": "intended", "intent": intent})));
        let FixEvent::Intended { intent } = record.event else {
            panic!("it is an intent");
        };
        assert_eq!((intent.undoes, intent.within), (None, None));
    }

    #[test]
    fn the_steps_of_an_undo_have_their_form() {
        let wanted = json!({"fix": "undo_wanted", "id": "x", "by": "p1", "note": "until Friday"});
        assert_eq!(stays(&of(&wanted)).event.as_str(), "undo_wanted");
        let decision = json!({"mode": "dry_run", "way": "set_back", "remediator": "provider",
            "reasons": [{"guard": "mode", "why": "the mode is `dry_run`"}]});
        let refused = json!({"fix": "undo_refused", "id": "x", "decision": decision});
        assert_eq!(stays(&of(&refused)).event.as_str(), "undo_refused");
        let outcome_of =
            |result| json!({"at": "2026-11-01T09:00:00Z", "result": result, "detail": "d"});
        let restored = json!({"fix": "outcome", "id": "y", "outcome": outcome_of("restored")});
        assert_eq!(stays(&of(&restored)).event.as_str(), "restored");
        let run = json!({"rule": "r", "document": "AWS-X", "version": "1", "resource_type": "t",
            "resource_id": "b", "invoked": "2026-11-01T09:00:00Z", "state": "SUCCEEDED",
            "steps": [{"name": "s", "state": "FAILED", "error": "why"}]});
        let mut started = outcome_of("started");
        started["run"] = run;
        let started = json!({"fix": "outcome", "id": "y", "outcome": started});
        assert_eq!(stays(&of(&started)).event.as_str(), "started");
        let mut intent = json!({"id": "y", "finding": "f0", "deviation": "d0", "way": "take_away",
            "remediator": "provider", "rule": null, "workspace": "payments", "address": null,
            "within": "aws_iam_role.app", "type": "aws_iam_role_policy_attachment",
            "attribute": null, "begun": "2026-11-01T09:00:00Z", "undoes": "x"});
        intent["provider_id"] = json!("app/p");
        intent["account"] = json!("111122223333");
        intent["region"] = json!("global");
        stays(&of(&json!({"fix": "intended", "intent": intent})));
    }

    #[test]
    fn a_long_note_is_clipped() {
        let long = "x".repeat(20_000);
        let wanted = json!({"fix": "undo_wanted", "id": "x", "by": "p1", "note": long});
        let entry = stays(&of(&wanted)).encode().unwrap().entry;
        assert!(entry.len() < 8_000, "{}", entry.len());
    }
}
