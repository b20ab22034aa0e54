//! What commands ask of a running engine: that a finding is acknowledged. Whoever asks by command
//! without one is answered by the same function.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::waivers::human;
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
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

/// The record of an acknowledgement as it waits in the inbox; `None` where the log has it already.
///
/// # Errors
/// It is no acknowledgement, of no open finding, or by nobody who may.
#[cfg(feature = "daemon")]
pub fn acknowledged(
    bytes: &[u8],
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    now: Timestamp,
) -> Result<Option<StateRecord>, Refused> {
    let request = serde_json::from_slice(bytes).map_err(|_| Refused {
        what: "the request is no acknowledgement".to_owned(),
        help: "use `driftwarden findings ack`".to_owned(),
    })?;
    acknowledge(&request, ledger, people, now)
}

/// As [`acknowledged`], of a request that is at hand.
///
/// # Errors
/// As [`acknowledged`].
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
fn the_one(digits: &str, ledger: &Ledger) -> Result<FindingKey, Refused> {
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
