//! What commands ask of a running engine: that a finding is acknowledged, or silent. Whoever asks by
//! command without one is answered by the same functions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[cfg(feature = "daemon")]
use super::approving::{FixYes, approve};
#[cfg(feature = "daemon")]
use super::settling::{SettledRequest, settled};
#[cfg(feature = "daemon")]
use super::silences::{SilenceEnd, SilenceRequest, end_silence, silence};
#[cfg(feature = "daemon")]
use super::undoing::{UndoWish, undo};
use crate::decide::waivers::human;
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
#[cfg(feature = "daemon")]
use crate::evidence::record::{FixRecord, NotificationRecord, SettledRecord};
use crate::evidence::record::{StateEvent, StateRecord};
use crate::model::{FindingKey, IdentityMap};

/// A person knows of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The key of the finding, or its first digits.
    pub finding: String,
    pub by: String,
    pub note: Option<String>,
}

/// Why a request is not met: a message and its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub what: String,
    pub help: String,
}

/// A request as it waits in the inbox.
#[cfg(feature = "daemon")]
#[derive(Deserialize)]
#[serde(untagged)]
enum Request {
    Acknowledgement(Acknowledgement),
    Silence(SilenceRequest),
    SilenceEnd(SilenceEnd),
    FixYes(FixYes),
    Settled(Box<SettledRequest>),
    UndoWish(UndoWish),
}

/// What is recorded for a request.
#[cfg(feature = "daemon")]
#[derive(Clone, Debug, PartialEq)]
pub enum Granted {
    Acknowledged(StateRecord),
    Silence(NotificationRecord),
    Fix(FixRecord),
    /// With the settled baseline that the record names.
    Settled(Box<SettledRecord>, Vec<u8>),
}

/// The record of what waits in the inbox; `None` where the log has it already. `document` gives what was
/// left beside the request.
///
/// # Errors
/// It is no request, of no open finding, or by nobody who may.
#[cfg(feature = "daemon")]
pub fn granted(
    bytes: &[u8],
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    key: &[u8; 32],
    now: Timestamp,
    document: &dyn Fn() -> Option<Vec<u8>>,
) -> Result<Option<Granted>, Refused> {
    let request = serde_json::from_slice(bytes).map_err(|_| Refused {
        what: "the request asks for nothing that is known".to_owned(),
        help:
            "use `driftwarden findings ack`, `approve` or `undo`, `driftwarden notify silence` or \
             `driftwarden provider settle`"
                .to_owned(),
    })?;
    Ok(match request {
        Request::Acknowledgement(request) => {
            let record = acknowledge(&request, ledger, people, now)?;
            let record = record.map(|record| without_names(record, key, people));
            record.map(Granted::Acknowledged)
        }
        Request::Silence(request) => Some(Granted::Silence(silence(&request, people, key, now)?)),
        Request::SilenceEnd(request) => Some(Granted::Silence(end_silence(
            &request, ledger, people, now,
        )?)),
        Request::FixYes(request) => approve(&request, ledger, people, key, now)?.map(Granted::Fix),
        Request::UndoWish(request) => undo(&request, ledger, people, key, now)?.map(Granted::Fix),
        Request::Settled(request) => {
            let bytes = document().unwrap_or_default();
            let record = settled(*request, &bytes, ledger, now)?;
            record.map(|record| Granted::Settled(Box::new(record), bytes))
        }
    })
}

/// The record of an acknowledgement; `None` where the log has it already.
///
/// # Errors
/// It is of no open finding, or by nobody who may.
pub fn acknowledge(
    request: &Acknowledgement,
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    now: Timestamp,
) -> Result<Option<StateRecord>, Refused> {
    let key = the_one(&request.finding, ledger)?;
    let people = people.ok_or_else(|| Refused {
        what: "no identity map tells who may acknowledge".to_owned(),
        help: "name one as `identity` in the configuration".to_owned(),
    })?;
    let person = human(people, &request.by, "person").map_err(|why| Refused {
        what: format!("the acknowledgement is by nobody who may: {why}"),
        help: "name an active human of the identity map, by id or alias".to_owned(),
    })?;
    let Some(open) = ledger.open_finding(&key) else {
        return Ok(None);
    };
    let by = person.id.0.clone();
    if open.standing.acknowledged.as_ref() == Some(&by) {
        return Ok(None);
    }
    let mut standing = open.standing.clone();
    standing.acknowledged = Some(by.clone());
    let deviation = open.record.deviation.clone();
    let event = StateEvent::Acknowledged;
    let mut record = StateRecord::new(event, now, key, deviation, standing.state());
    record.by = Some(by);
    Ok(Some(match &request.note {
        Some(note) => record.with_note(note),
        None => record,
    }))
}

/// The record with every name that the identity map knows taken out of its note.
pub fn without_names(
    mut record: StateRecord,
    key: &[u8; 32],
    people: Option<&IdentityMap>,
) -> StateRecord {
    let nobody = IdentityMap::default();
    let people = Pseudonymiser::new(key, people.unwrap_or(&nobody));
    record.note = record.note.map(|note| people.text(&note));
    record
}

/// The one open finding whose key begins so.
pub(super) fn the_one(digits: &str, ledger: &Ledger) -> Result<FindingKey, Refused> {
    let mut found = ledger.open_findings().filter(|open| {
        let key = open.record.finding.as_str();
        !digits.is_empty() && key.starts_with(digits)
    });
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.record.finding.clone()),
        (Some(_), Some(_)) => Err(Refused {
            what: format!("`{digits}` is the beginning of more than one open finding"),
            help: "give more of its digits".to_owned(),
        }),
        (None, _) => Err(Refused {
            what: format!("no open finding `{digits}` is in the log"),
            help: "`driftwarden findings` lists the open ones".to_owned(),
        }),
    }
}
