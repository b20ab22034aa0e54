//! Resources as they were approved, in Terraform's words.

use super::Wanted;
use crate::decide::baseline::{Approved, ApprovedResource};
use crate::decide::compare::put;
use crate::decide::exact::Key;
use crate::ingest::json;
use crate::ingest::stored::Stored;
use crate::model::{Address, Number, Sha256Digest, TypeName, Value};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::path::{Path, find};
use crate::normalise::table::Member;

/// A resource that is approved, and the values that are known of it.
#[derive(Clone, Debug)]
pub struct Held {
    pub key: Key,
    pub type_name: TypeName,
    pub values: Value,
}

/// The approved resources that are wanted.
pub fn approved(catalogue: &Catalogue, approved: &Approved, wanted: &Wanted) -> Vec<Held> {
    let all = approved.resources.iter();
    let all = all.filter(|resource| resource.unapproved().is_none());
    all.filter_map(|resource| held(catalogue, approved, resource, wanted))
        .collect()
}

fn held(
    catalogue: &Catalogue,
    approved: &Approved,
    resource: &ApprovedResource,
    wanted: &Wanted,
) -> Option<Held> {
    let table = catalogue.resource(resource.resource?)?;
    let workspace = approved.workspace(resource.workspace)?;
    let is_wanted = wanted.configs.contains(&table.config) && wanted.workspaces.contains(workspace);
    is_wanted.then(|| Held {
        key: (workspace.clone(), Address::from(&*resource.address)),
        type_name: table.table.type_name.clone(),
        values: values(table, &resource.stored),
    })
}

/// Packed values, where their paths lead.
fn values(table: &Resource, stored: &Stored) -> Value {
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

/// What items call the resource, or what it lies within.
pub(super) fn names<'r>(
    table: &'r Resource,
    values: &'r Value,
) -> impl Iterator<Item = Vec<String>> + 'r {
    table.table.keys.iter().filter_map(|pairs| {
        let parts = pairs
            .iter()
            .map(|pair| text(find(values, &pair.approved.captured)?));
        parts.collect()
    })
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
