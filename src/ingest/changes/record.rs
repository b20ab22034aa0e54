//! The contract's form of a change record, and its way into the model.

use std::fmt;

use jiff::Timestamp;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::document::{Fields, Invalid, text};
use super::{time, words};
use crate::model::{
    Approval, ApprovalRole, ChangeNumber, ChangeRecord, ChangeState, ChangeType, Decision,
    Sha256Digest, Window, WorkspaceName,
};

pub(super) struct OneOrMany(pub(super) Vec<RawRecord>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecord {
    #[serde(deserialize_with = "number")]
    number: ChangeNumber,
    #[serde(default = "from_a_file")]
    system: String,
    #[serde(deserialize_with = "words::state")]
    state: ChangeState,
    #[serde(rename = "type", deserialize_with = "words::change_type")]
    change_type: ChangeType,
    window: Option<RawWindow>,
    #[serde(default, deserialize_with = "filled")]
    requested_by: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    author: Option<String>,
    #[serde(default)]
    implemented_by: Vec<String>,
    #[serde(default, deserialize_with = "plan_digest")]
    plan_sha256: Option<Sha256Digest>,
    #[serde(default, deserialize_with = "filled")]
    workspace: Option<String>,
    #[serde(default)]
    approvals: Vec<Fields<RawApproval>>,
    #[serde(default, deserialize_with = "time::optional")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "filled")]
    incident: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    emergency_approver: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowFields {
    #[serde(deserialize_with = "time::required")]
    start: Timestamp,
    #[serde(deserialize_with = "time::required")]
    end: Timestamp,
}

struct RawWindow(Window);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawApproval {
    by: String,
    #[serde(default, deserialize_with = "words::role")]
    role: Option<ApprovalRole>,
    #[serde(deserialize_with = "words::decision")]
    decision: Decision,
    #[serde(deserialize_with = "time::required")]
    at: Timestamp,
}

impl RawRecord {
    pub(super) fn into_record(self, name: &str, digest: Sha256Digest) -> ChangeRecord {
        ChangeRecord {
            number: self.number,
            system: self.system,
            state: self.state,
            change_type: self.change_type,
            window: self.window.map(|window| window.0),
            requested_by: self.requested_by,
            author: self.author,
            implemented_by: self.implemented_by,
            plan_sha256: self.plan_sha256,
            workspace: self.workspace.map(WorkspaceName::from),
            approvals: self.approvals.into_iter().map(Approval::from).collect(),
            updated_at: self.updated_at,
            incident: self.incident,
            emergency_approver: self.emergency_approver,
            origin: name.to_owned(),
            digest,
        }
    }
}

impl From<Fields<RawApproval>> for Approval {
    fn from(Fields(raw): Fields<RawApproval>) -> Self {
        Self {
            by: raw.by,
            role: raw.role,
            decision: raw.decision,
            at: raw.at,
        }
    }
}

impl<'de> Deserialize<'de> for RawWindow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Fields(WindowFields { start, end }) = Fields::deserialize(deserializer)?;
        if end < start {
            let message = format!("the window ends at `{end}`, before it starts at `{start}`");
            return Err(Invalid::new(message, "correct `start` or `end`").into_error());
        }
        Ok(Self(Window { start, end }))
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not an untagged enum: that would forget where in the file an error is.
        struct OneOrManyVisitor;

        impl<'de> Visitor<'de> for OneOrManyVisitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a change record or a list of change records")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneOrMany, A::Error> {
                let record = RawRecord::deserialize(MapAccessDeserializer::new(map))?;
                Ok(OneOrMany(vec![record]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<OneOrMany, A::Error> {
                let records = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                let records = records.into_iter().map(|Fields(record)| record);
                Ok(OneOrMany(records.collect()))
            }
        }

        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

fn from_a_file() -> String {
    "file".to_owned()
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChangeNumber, D::Error> {
    text(deserializer, |text| match text.trim() {
        "" => Err(Invalid::new(
            "`number` is empty",
            "give the ticket's number, such as `CHG0030001`",
        )),
        number => Ok(ChangeNumber::from(number)),
    })
}

/// Ticket systems write an empty text where they have nothing.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty()))
}

fn plan_digest<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Sha256Digest>, D::Error> {
    struct Digest(Option<Sha256Digest>);

    impl<'de> Deserialize<'de> for Digest {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            text(deserializer, |text| match text.trim() {
                "" => Ok(Self(None)),
                hex => match Sha256Digest::parse(hex) {
                    Some(digest) => Ok(Self(Some(digest))),
                    None => Err(Invalid::new(
                        format!("`{hex}` is not a SHA-256 digest"),
                        "give the 64 hex digits that `sha256sum` prints for the plan file",
                    )),
                },
            })
        }
    }

    Ok(Option::<Digest>::deserialize(deserializer)?.and_then(|digest| digest.0))
}
