//! What a resource shows of one that lies within it: a role the policies that are attached to it, each
//! of which is approved as a resource of its own.

use std::collections::BTreeSet;

use super::compare::{id_within, put};
use super::exact::is_nothing;
use crate::ingest::json;
use crate::ingest::stored::Stored;
use crate::model::{Deviation, Number, ProviderId, Sha256Digest, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::Side;
use crate::normalise::path::{Path, find};
use crate::normalise::table::{AttributeRow, KeyPair, Member};

/// A type whose resources are elements of what the row shows.
pub(super) struct Each<'a> {
    row: &'a AttributeRow,
    table: &'a Resource,
    element: &'a [Vec<KeyPair>],
    path: &'a Path,
}

impl<'a> Each<'a> {
    pub(super) fn of(row: &'a AttributeRow, table: &'a Resource) -> Option<Self> {
        let Member::Each { at, element } = &table.table.member else {
            return None;
        };
        let mut paths = row.live.iter();
        Some(Self {
            row,
            table,
            element,
            path: paths.find(|path| path.captured == at.captured)?,
        })
    }

    /// What the owner's row shows of such a resource: its values by the names of the cloud, read as
    /// an item's are.
    pub(super) fn element(&self, values: &Value) -> Vec<Value> {
        let mut item = Value::Null;
        let pairs = self.element.iter().flatten();
        let pairs = pairs.map(|pair| (&pair.approved, &pair.live, None));
        let rows = self.table.table.attributes.iter();
        let rows = rows.filter_map(|own| Some((&own.approved, own.live.first()?, Some(own))));
        for (own, path, row) in pairs.chain(rows) {
            let value = find(values, &own.captured).filter(|own| !is_nothing(own));
            if let Some(value) = value {
                let tokens: Vec<String> = path.captured.iter().map(ToString::to_string).collect();
                put(&mut item, &tokens, in_words(row, value));
            }
        }
        let side = Side::Live {
            own_id: "",
            own_account: "",
        };
        let text = serde_json::to_string(&Value::List(vec![item])).unwrap_or_default();
        let read = self.row.form.value(&text, self.path, side).ok();
        let read = read.as_ref().and_then(Value::as_list);
        read.map(<[Value]>::to_vec).unwrap_or_default()
    }

    /// What nobody approved: its id has its key, in one of the ways in which it may be written.
    pub(super) fn unmanaged(
        &self,
        found: &Deviation,
        called: &BTreeSet<Vec<String>>,
    ) -> Vec<Value> {
        let id = found.provider_id.as_ref().map_or("", ProviderId::as_str);
        let owners = called.iter().filter_map(|parts| parts.first());
        let keys = owners.filter_map(|owner| {
            let before = id_within(self.table, owner, &[]);
            id.strip_prefix(before.as_str())
        });
        let keys: Vec<&str> = keys.collect();
        let ways = self.element.iter().filter_map(|pairs| match &**pairs {
            [only] => Some(only),
            [] | [_, _, ..] => None,
        });
        let values = ways.flat_map(|pair| {
            let tokens: Vec<String> = pair
                .approved
                .captured
                .iter()
                .map(ToString::to_string)
                .collect();
            keys.iter().map(move |key| {
                let mut values = found.live.clone();
                put(&mut values, &tokens, Value::from(*key));
                values
            })
        });
        values.flat_map(|values| self.element(&values)).collect()
    }
}

/// Terraform's word by the cloud's, where they have one each.
fn in_words(row: Option<&AttributeRow>, value: &Value) -> Value {
    let own = text(value);
    let words = row.into_iter().flat_map(|row| &row.values);
    let mut words = words.filter(|(_, approved)| Some(*approved) == own.as_ref());
    match words.next() {
        Some((live, _)) => Value::from(live.as_str()),
        None => value.clone(),
    }
}

/// Whether two elements of what the row shows are the same.
pub(super) fn is_same_element(row: &AttributeRow, one: &Value, other: &Value) -> bool {
    let list = |own: &Value| Value::List(vec![own.clone()]);
    let (one, other) = (list(one), list(other));
    let found = compare(row.form, &row.values, &row.pointer, &one, &other);
    matches!(found, Outcome::Equal(_))
}

/// Packed values, where their paths lead.
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
