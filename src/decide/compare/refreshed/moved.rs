//! What moved since the state was written, taken apart: into the tags, each by itself, and into what
//! no row of the type's table told of.

use std::collections::{BTreeMap, BTreeSet};

use super::same::{is_left_open, same};
use crate::model::{AttributePath, Value};
use crate::normalise::catalogue::Resource;

/// A place, and what the state said before and now.
pub(super) type Moved = (AttributePath, Value, Value);

/// What rows of a table told of a resource.
#[derive(Default)]
pub(super) struct Handled {
    /// The rows, by slot.
    pub(super) rows: BTreeSet<usize>,
    /// Attributes of the top level of which resources of their own have a part.
    pub(super) apart: BTreeSet<String>,
}

/// The tags that differ, each at its key; a value that is no map at its attribute.
pub(super) fn tags(name: &str, before: &Value, now: &Value) -> Vec<Moved> {
    let at = AttributePath::root().child(name);
    let none = Value::Map(BTreeMap::new());
    let open = |value: &Value| match value {
        Value::Null => none.clone(),
        other => other.clone(),
    };
    match (open(before), open(now)) {
        (Value::Map(before), Value::Map(now)) => {
            let keys: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
            let of = |map: &BTreeMap<String, Value>, key: &String| {
                map.get(key).cloned().unwrap_or_default()
            };
            let keys = keys.into_iter().filter(|key| !key.starts_with("aws:"));
            keys.map(|key| (at.child(key), of(&before, key), of(&now, key)))
                .filter(|(_, before, now)| before != now)
                .collect()
        }
        (before, now) => vec![(at, before, now)],
    }
}

/// What of an attribute no row told: the table takes blocks apart, and may set a part of them aside.
pub(super) fn untold(
    table: &Resource,
    handled: &Handled,
    name: &str,
    (before, now): (&Value, &Value),
) -> Vec<Moved> {
    let name = match name {
        "tags" => "tags_all",
        other => other,
    };
    let mut found = Vec::new();
    if handled.apart.contains(name) {
        return found;
    }
    let rows = table.table.attributes.iter().enumerate();
    let rows = rows.filter(|(slot, _)| handled.rows.contains(slot));
    let rows = rows.map(|(_, row)| tokens(&row.pointer));
    let rows: Vec<Vec<String>> = rows
        .filter(|row| row.first().is_some_and(|own| own == name))
        .collect();
    let mut at = vec![name.to_owned()];
    walk(&rows, &mut at, (before, now), &mut found);
    found
}

fn tokens(pointer: &AttributePath) -> Vec<String> {
    pointer.tokens().collect()
}

fn walk(
    rows: &[Vec<String>],
    at: &mut Vec<String>,
    (before, now): (&Value, &Value),
    found: &mut Vec<Moved>,
) {
    if same(before, now) || rows.iter().any(|row| at.starts_with(row)) {
        return;
    }
    if !rows.iter().any(|row| row.starts_with(at)) {
        // A block that came or went brings what it does not set.
        if !is_left_open(before, now) && !is_left_open(now, before) {
            let path = AttributePath::root();
            let path = at.iter().fold(path, |path, token| path.child(token));
            found.push((path, before.clone(), now.clone()));
        }
        return;
    }
    for (token, before, now) in parts(before, now) {
        at.push(token);
        walk(rows, at, (&before, &now), found);
        at.pop();
    }
}

/// The parts of two blocks or lists of them, under the names or places that either has.
fn parts(before: &Value, now: &Value) -> Vec<(String, Value, Value)> {
    let names = |value: &Value| match value {
        Value::Map(map) => map.keys().cloned().collect(),
        Value::List(list) => (0..list.len()).map(|place| place.to_string()).collect(),
        _ => Vec::new(),
    };
    let of = |value: &Value, name: &str| match value {
        Value::Map(map) => map.get(name).cloned(),
        Value::List(list) => name
            .parse()
            .ok()
            .and_then(|at: usize| list.get(at).cloned()),
        _ => None,
    };
    let all: BTreeSet<String> = names(before).into_iter().chain(names(now)).collect();
    let part = |name: String| {
        let sides = [before, now].map(|side| of(side, &name).unwrap_or_default());
        let [before, now] = sides;
        (name, before, now)
    };
    all.into_iter().map(part).collect()
}
