//! What became of a row, and each step on the way, in words.

use crate::decide::compare::{Cell, Fate};
use crate::model::{Step, TypeName, Value};
use crate::normalise::equal::trail;
use crate::normalise::table::{Absent, AttributeRow};

pub(super) fn outcome(cell: Option<&Cell>) -> &'static str {
    match cell.map(|cell| cell.fate) {
        None => "not compared: no live item that counts shows the resource",
        Some(None) => "not compared: the item does not carry the value",
        Some(Some(Fate::Equal)) => "equal",
        Some(Some(Fate::Differs)) => "differs",
        Some(Some(Fate::OwnedApart)) => {
            "not compared here: another approved resource owns the value"
        }
        Some(Some(Fate::NotComparable)) => "not comparable",
    }
}

/// Each equivalence in order, as far as it was considered.
pub(super) fn considered(row: &AttributeRow, approved: &Value, live: &Value) -> Vec<Step> {
    if matches!(approved, Value::Sensitive(_)) || matches!(live, Value::Sensitive(_)) {
        let held = approved == live;
        let why = match held {
            true => "it is a secret, and the digests are the same",
            false => "it is a secret, and the digests differ",
        };
        return vec![step("same-digest", held, why)];
    }
    let mut steps = Vec::new();
    if row.null_is_any {
        let held = row.leaves_open(approved);
        let why = match held {
            true => "the plan leaves the choice to the provider, and the table lets it",
            false => "the plan sets a value",
        };
        steps.push(step("providers-choice", held, why));
        if held {
            return steps;
        }
    }
    let (found, _) = trail(row.form, &row.values, &row.pointer, approved, live);
    let found = found.into_iter();
    steps.extend(found.map(|own| step(own.equivalence.as_str(), own.held, own.why)));
    steps
}

fn step(equivalence: &'static str, held: bool, why: &str) -> Step {
    Step {
        equivalence,
        held,
        why: why.to_owned(),
    }
}

/// The words of the row that have a say in comparing.
pub(super) fn notes(row: &AttributeRow) -> Vec<String> {
    let mut notes = Vec::new();
    if row.absent == Absent::Unset {
        notes.push("an item without the path says that nothing is set".to_owned());
    }
    if row.null_is_any {
        notes.push("an approved null leaves the choice to the provider".to_owned());
    }
    if row.zero_is_any {
        notes.push("an approved zero does, too".to_owned());
    }
    if !row.separate.is_empty() {
        let types: Vec<&str> = row.separate.iter().map(TypeName::as_str).collect();
        let types = types.join(" or ");
        notes.push(format!(
            "stands back where {types} is approved for the item"
        ));
    }
    notes
}
