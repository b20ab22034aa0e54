//! What a resource shows of one that lies within it: a role the policies that are attached to it, each
//! of which is approved as a resource of its own.

use std::collections::BTreeSet;

use super::approved_values::text;
use super::compare::{id_within, put};
use super::exact::is_nothing;
use crate::model::{Deviation, ProviderId, Value};
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
