//! A person's yes to the fix of one version of a finding, where its rule asks for one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::{Refused, the_one};
use crate::decide::waivers::human;
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{Action, IdentityMap};

/// A person says yes to the fix of a finding as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixYes {
    /// The key of the finding, or its first digits.
    pub approve_fix: String,
    pub by: String,
    pub note: Option<String>,
}

/// The record of an approval; `None` where the log has it already.
///
/// # Errors
/// It is of no open finding, of one whose rule asks for no fix, by nobody who may, or by whoever made the
/// deviation.
pub fn approve(
    request: &FixYes,
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    key: &[u8; 32],
    now: Timestamp,
) -> Result<Option<FixRecord>, Refused> {
    let finding = the_one(&request.approve_fix, ledger)?;
    let map = people.ok_or_else(|| {
        let help = "name one as `identity` in the configuration";
        refused("no identity map tells who may approve a fix", help)
    })?;
    let person = human(map, &request.by, "person").map_err(|why| {
        let what = format!("the approval is by nobody who may: {why}");
        refused(
            &what,
            "name an active human of the identity map, by id or alias",
        )
    })?;
    let Some(open) = ledger.open_finding(&finding) else {
        return Ok(None);
    };
    let record = &open.record;
    if record.action != Action::Remediate {
        let what = format!("the rule of the finding {finding} asks for no fix");
        return Err(refused(
            &what,
            "only a rule with the action `remediate` does",
        ));
    }
    let by = person.id.0.clone();
    let actor = record.attribution.as_ref().map(|own| &own.actor);
    if actor == Some(&by) {
        let what = format!("`{by}` made the deviation, and cannot approve its fix");
        return Err(refused(&what, "somebody else must"));
    }
    let known = ledger.fixes().approval(&finding, &record.deviation);
    if known.is_some_and(|own| own.by == by) {
        return Ok(None);
    }
    let names = Pseudonymiser::new(key, map);
    let note = request.note.as_ref().map(|note| names.text(note));
    let deviation = record.deviation.clone();
    Ok(Some(FixRecord {
        at: now,
        finding,
        deviation,
        event: FixEvent::Approved { by, note },
    }))
}

fn refused(what: &str, help: &str) -> Refused {
    Refused {
        what: what.to_owned(),
        help: help.to_owned(),
    }
}
