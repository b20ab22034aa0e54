//! What became of a row, and each step on the way, in words.

use super::Declared;
use crate::decide::compare::{Cell, Fate};
use crate::model::{Step, ToldBy, TypeName, Value};
use crate::normalise::table::{Absent, AttributeRow};

pub(super) const DIFFERS: &str = "differs";

pub(super) fn outcome(by: ToldBy, cell: Option<&Cell>) -> &'static str {
    match cell.map(|cell| cell.fate) {
        None if by == ToldBy::TerraformRefresh => {
            "not compared: the value is not both approved and shown by the refresh"
        }
        None => "not compared: no live item that counts shows the resource",
        Some(None) => "not compared: the item does not carry the value",
        Some(Some(Fate::Equal)) => "equal",
        Some(Some(Fate::Differs)) => DIFFERS,
        Some(Some(Fate::OwnedApart)) => {
            "not compared here: another approved resource owns the value"
        }
        Some(Some(Fate::Silent)) if by == ToldBy::TerraformRefresh => {
            "not compared here: another attribute says the same"
        }
        Some(Some(Fate::Silent)) => "not compared: the table's condition for the row does not hold",
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
    let (found, _) = row.trail(approved, live);
    let found = found.into_iter();
    found
        .map(|own| step(own.equivalence.as_str(), own.held, own.why))
        .collect()
}

pub(super) fn step(equivalence: &'static str, held: bool, why: &str) -> Step {
    Step {
        equivalence,
        held,
        why: why.to_owned(),
    }
}

/// Whether it is a set, a list or neither, and who says so.
pub(super) fn kind_note(declared: Option<Declared>, is_row: bool) -> String {
    match declared {
        Some(Declared {
            kind,
            is_computed,
            by,
        }) => {
            let computed = match is_computed {
                true => " that only the provider sets",
                false => "",
            };
            format!("{by} declares it a {kind}{computed}")
        }
        None if is_row => {
            "no provider schema is known to declare it; the form is the table's".to_owned()
        }
        None => "no provider schema is known to declare it".to_owned(),
    }
}

/// The words of the row that have a say in comparing.
pub(super) fn notes(row: &AttributeRow, by: ToldBy) -> Vec<String> {
    let mut notes = Vec::new();
    let is_of_items = by == ToldBy::AwsConfig;
    let absent = match row.absent {
        Absent::Unset => Some("an item without the path says that nothing is set"),
        Absent::UnsetInWhole => {
            Some("an item that is whole and lacks the path says that nothing is set")
        }
        Absent::Unseen => None,
    };
    notes.extend(absent.filter(|_| is_of_items).map(str::to_owned));
    if row.null_is_any {
        notes.push("an approved null leaves the choice to the provider".to_owned());
    }
    if row.zero_is_any {
        notes.push("an approved zero or empty text does, too".to_owned());
    }
    if let Some(default) = &row.default {
        let default = serde_json::to_string(default).unwrap_or_default();
        notes.push(format!(
            "where nothing is approved, the provider chooses {default}"
        ));
    }
    if is_of_items && !row.aside.is_empty() {
        let fields: Vec<String> = row.aside.iter().map(ToString::to_string).collect();
        let fields = fields.join(", ");
        notes.push(format!("the item does not carry these fields: {fields}"));
    }
    if !row.separate.is_empty() {
        let types: Vec<&str> = row.separate.iter().map(TypeName::as_str).collect();
        let types = types.join(" or ");
        let whom = if is_of_items { "item" } else { "resource" };
        notes.push(format!(
            "stands back where {types} is approved for the {whom}"
        ));
    }
    notes
}
