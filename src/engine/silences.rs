//! Silences as people ask for them: who answers for one, why, and until when. They keep messages back
//! and nothing else.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::requests::Refused;
use crate::decide::waivers::human;
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{NotificationEvent, NotificationRecord};
use crate::model::{IdentityMap, Sha256Digest, Silence, SilenceMatch};

/// Whatever is to be silent for longer is a waiver.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Nobody is to be told of these findings until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceRequest {
    #[serde(rename = "silence")]
    pub matches: SilenceMatch,
    pub owner: String,
    pub reason: String,
    pub expires: Timestamp,
}

/// A silence is to end before its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceEnd {
    /// Its id, or the first letters of it.
    pub end_silence: String,
    pub by: String,
}

/// The record of a silence.
///
/// # Errors
/// It has nobody who answers for it, no reason, no end that is near enough, or would hold back
/// everything.
pub fn silence(
    request: &SilenceRequest,
    people: Option<&IdentityMap>,
    key: &[u8; 32],
    now: Timestamp,
) -> Result<NotificationRecord, Refused> {
    let owner = person(&request.owner, people)?;
    if request.reason.trim().is_empty() {
        let help = "say why with `--reason`";
        return Err(refused("a silence has no reason", help));
    }
    if request.matches.is_empty() {
        let help = "say what with `--finding`, `--workspace`, `--account`, `--address`, `--rule` or \
                    `--of-owner`";
        return Err(refused("a silence of everything is none", help));
    }
    if request.expires <= now {
        let help = "name a time to come";
        return Err(refused("the silence would be over before it begins", help));
    }
    if request.expires.duration_since(now) > LONGEST {
        let help = "at most 30 days; a finding that is accepted for longer needs a waiver";
        return Err(refused("the silence would last too long", help));
    }
    let nobody = IdentityMap::default();
    let names = Pseudonymiser::new(key, people.unwrap_or(&nobody));
    let whole = format!(
        "{owner}\n{}\n{}\n{}\n{now}",
        request.reason,
        request.expires,
        request.matches.words()
    );
    let mut id = Sha256Digest::of(whole.as_bytes()).to_string();
    id.truncate(8);
    let silence = Silence {
        id,
        matches: request.matches.clone(),
        owner,
        reason: names.text(&request.reason),
        since: now,
        expires: request.expires,
    };
    Ok(NotificationRecord {
        at: now,
        event: NotificationEvent::SilenceSet { silence },
    })
}

/// The record that a silence ends.
///
/// # Errors
/// There is none of that id, or nobody ends it who may.
pub fn end_silence(
    request: &SilenceEnd,
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    now: Timestamp,
) -> Result<NotificationRecord, Refused> {
    let by = person(&request.by, people)?;
    let wanted = request.end_silence.as_str();
    let mut found = ledger.told().silences().filter(|silence| {
        !wanted.is_empty() && silence.id.starts_with(wanted) && silence.holds_at(now)
    });
    let id = match (found.next(), found.next()) {
        (Some(only), None) => only.id.clone(),
        (Some(_), Some(_)) => {
            let what = format!("`{wanted}` is the beginning of more than one silence");
            return Err(refused(&what, "give more of its digits"));
        }
        (None, _) => {
            let what = format!("no silence `{wanted}` holds");
            return Err(refused(&what, "`driftwarden notify list` lists them"));
        }
    };
    Ok(NotificationRecord {
        at: now,
        event: NotificationEvent::SilenceEnded { id, by },
    })
}

fn person(name: &str, people: Option<&IdentityMap>) -> Result<String, Refused> {
    let people = people.ok_or_else(|| {
        let help = "name one as `identity` in the configuration";
        refused("no identity map tells who may answer for a silence", help)
    })?;
    let person = human(people, name, "owner").map_err(|why| {
        let what = format!("nobody who may answers for the silence: {why}");
        let help = "name an active human of the identity map, by id or alias";
        refused(&what, help)
    })?;
    Ok(person.id.0.clone())
}

fn refused(what: &str, help: &str) -> Refused {
    Refused {
        what: what.to_owned(),
        help: help.to_owned(),
    }
}
