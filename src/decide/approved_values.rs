//! The packed values of an approved resource in Terraform's words.

use super::compare::put;
use crate::ingest::json;
use crate::ingest::stored::Stored;
use crate::model::{Number, Sha256Digest, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::path::Path;
use crate::normalise::table::Member;

/// Each value where its path leads.
pub(super) fn values(table: &Resource, stored: &Stored) -> Value {
    let mut values = Value::Null;
    for value in stored.iter() {
        let read = match value.sensitive {
            true => Sha256Digest::parse(value.text).map(Value::Sensitive),
            false => json::parse(value.text).ok(),
        };
        for path in paths(table, value.slot) {
            let tokens: Vec<String> = path.captured.iter().map(ToString::to_string).collect();
            if let Some(read) = &read {
                put(&mut values, &tokens, read.clone());
            }
        }
    }
    values
}

/// Where the value of a slot lies.
fn paths(table: &Resource, slot: usize) -> impl Iterator<Item = &Path> {
    let row = table.table.attributes.get(slot).map(|row| &row.approved);
    let keys = table.table.keys.iter().zip(&table.key_slots);
    let keys = keys.flat_map(|(pairs, slots)| pairs.iter().zip(slots.iter().map(|(own, _)| *own)));
    let elements = match &table.table.member {
        Member::Each { element, .. } => element.as_slice(),
        Member::Whole | Member::Part { .. } | Member::SecurityGroupRule => &[],
    };
    let elements = elements.iter().zip(&table.element_slots);
    let elements =
        elements.flat_map(|(pairs, slots)| pairs.iter().zip(slots.iter().map(|(own, _)| *own)));
    let pairs = keys.chain(elements);
    let pairs = pairs.filter(move |(_, own)| *own == slot);
    let mut found: Vec<&Path> = row.into_iter().collect();
    for (pair, _) in pairs {
        if !found.contains(&&pair.approved) {
            found.push(&pair.approved);
        }
    }
    found.into_iter()
}

/// A scalar as text; nothing is none.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number_text(number)),
        Value::String(_) | Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => {
            None
        }
    }
}

fn number_text(number: &Number) -> String {
    number.to_string()
}
