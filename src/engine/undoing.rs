//! A person's wish to undo a fix: its values before come back at the next scan, if guards permit it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::Refused;
use crate::decide::guards::not_undone;
use crate::decide::waivers::human;
use crate::evidence::ledger::Ledger;
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{Ended, Fix, IdentityMap};

/// A person wants a fix to be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoWish {
    /// The id of the fix, or the key of its finding; or the first digits of either.
    pub undo_fix: String,
    pub by: String,
    pub note: Option<String>,
}

/// The record of a wish; `None` where the log has it already, or the fix was undone.
///
/// # Errors
/// It is of no fix that can be undone, by nobody who may, or by whoever made the deviation.
pub fn undo(
    request: &UndoWish,
    ledger: &Ledger,
    people: Option<&IdentityMap>,
    key: &[u8; 32],
    now: Timestamp,
) -> Result<Option<FixRecord>, Refused> {
    let fix = the_fix(&request.undo_fix, ledger)?;
    let map = people.ok_or_else(|| {
        let help = "name one as `identity` in the configuration";
        refused("no identity map tells who may undo a fix".to_owned(), help)
    })?;
    let person = human(map, &request.by, "person").map_err(|why| {
        let what = format!("the undo is wanted by nobody who may: {why}");
        refused(
            what,
            "name an active human of the identity map, by id or alias",
        )
    })?;
    let by = person.id.0.clone();
    if fix.undo_wanted.is_some() || fix.is_ended(Ended::Undone) {
        return Ok(None);
    }
    if let Some((what, help)) = not_undone(fix) {
        return Err(refused(format!("the fix {} {what}", fix.id), help));
    }
    let open = ledger.open_finding(&fix.finding);
    let maker = open.and_then(|open| open.record.attribution.as_ref());
    if maker.is_some_and(|own| own.actor == by) {
        let what = format!("`{by}` made the deviation, and cannot bring it back");
        return Err(refused(what, "somebody else must"));
    }
    let names = Pseudonymiser::new(key, map);
    let note = request.note.as_ref().map(|note| names.text(note));
    Ok(Some(FixRecord {
        at: now,
        finding: fix.finding.clone(),
        deviation: fix.deviation.clone(),
        event: FixEvent::UndoWanted {
            id: fix.id.clone(),
            by,
            note,
        },
    }))
}

fn refused(what: String, help: &str) -> Refused {
    Refused {
        what,
        help: help.to_owned(),
    }
}

/// The newest fix of the one finding that is meant.
fn the_fix<'l>(digits: &str, ledger: &'l Ledger) -> Result<&'l Fix, Refused> {
    let is_meant = |fix: &&Fix| {
        let names = [fix.id.as_str(), fix.finding.as_str()];
        !digits.is_empty() && names.iter().any(|name| name.starts_with(digits))
    };
    let all = || ledger.fixes().all().iter();
    let mut meant: Vec<&Fix> = all()
        .filter(|fix| fix.undoes.is_none())
        .filter(is_meant)
        .collect();
    let newest = meant.pop().ok_or_else(|| {
        let what = format!("no fix `{digits}` is in the log");
        refused(what, "`driftwarden fixes` lists them")
    })?;
    if meant.iter().any(|fix| fix.finding != newest.finding) {
        let what = format!("`{digits}` is the beginning of more than one fix");
        return Err(refused(what, "give more of its digits"));
    }
    let mut own = ledger.fixes().of(&newest.finding).rev();
    match own.find(|fix| fix.undoes.is_none()) {
        Some(last) if last.id != newest.id => {
            let what = format!("the fix {} of the same finding came later", last.id);
            Err(refused(what, "undo the newest one"))
        }
        Some(_) | None => Ok(newest),
    }
}
