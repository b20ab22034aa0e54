//! Where two values of one type differ.

use std::collections::BTreeMap;

use crate::model::AttributePath;
use crate::provider::cty::{Name, Value};

/// One place where two values differ. For a set the place is the set, and each side has the elements
/// that only it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub path: AttributePath,
    pub before: Value,
    pub after: Value,
}

/// What counts as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equality {
    Exact,
    /// As providers of the old kind have it, for which null, empty, zero and false are one.
    Legacy,
}

/// Every difference, in order. What is not known yet differs from nothing.
pub fn differences(before: &Value, after: &Value, equality: Equality) -> Vec<Difference> {
    let mut found = Vec::new();
    find(&AttributePath::root(), before, after, equality, &mut found);
    found
}

fn find(
    path: &AttributePath,
    before: &Value,
    after: &Value,
    equality: Equality,
    found: &mut Vec<Difference>,
) {
    if before == after || before.is_unknown() || after.is_unknown() {
        return;
    }
    if equality == Equality::Legacy && is_nothing(before) && is_nothing(after) {
        return;
    }
    match (before, after) {
        (Value::Object(one), Value::Object(other)) | (Value::Map(one), Value::Map(other)) => {
            keyed(path, one, other, equality, found);
        }
        (Value::List(one), Value::List(other)) | (Value::Tuple(one), Value::Tuple(other))
            if one.len() == other.len() =>
        {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                find(&path.child(&at.to_string()), one, other, equality, found);
            }
        }
        (Value::Set(one), Value::Set(other)) => sets(path, one, other, equality, found),
        (Value::Dynamic(one), Value::Dynamic(other)) => {
            find(path, &one.1, &other.1, equality, found);
        }
        _ => found.push(Difference {
            path: path.clone(),
            before: before.clone(),
            after: after.clone(),
        }),
    }
}

fn keyed(
    path: &AttributePath,
    one: &BTreeMap<Name, Value>,
    other: &BTreeMap<Name, Value>,
    equality: Equality,
    found: &mut Vec<Difference>,
) {
    let others = other.keys().filter(|name| !one.contains_key(*name));
    for name in one.keys().chain(others) {
        let of = |all: &BTreeMap<Name, Value>| all.get(name).cloned().unwrap_or(Value::Null);
        find(&path.child(name), &of(one), &of(other), equality, found);
    }
}

fn sets(
    path: &AttributePath,
    one: &[Value],
    other: &[Value],
    equality: Equality,
    found: &mut Vec<Difference>,
) {
    let mut only_other: Vec<&Value> = other.iter().collect();
    let mut only_one = Vec::new();
    for element in one {
        let same = |other: &&Value| are_equal(element, other, equality);
        match only_other.iter().position(same) {
            Some(at) => {
                only_other.swap_remove(at);
            }
            None => only_one.push(element.clone()),
        }
    }
    if only_one.is_empty() && only_other.is_empty() {
        return;
    }
    found.push(Difference {
        path: path.clone(),
        before: Value::set(only_one),
        after: Value::set(only_other.into_iter().cloned().collect()),
    });
}

fn are_equal(one: &Value, other: &Value, equality: Equality) -> bool {
    let mut found = Vec::new();
    find(&AttributePath::root(), one, other, equality, &mut found);
    found.is_empty()
}

/// Null, and what providers of the old kind cannot tell from it.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Unknown(_) => false,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.is_zero(),
        Value::String(text) => text.is_empty(),
        Value::List(all) | Value::Set(all) | Value::Tuple(all) => all.is_empty(),
        Value::Map(all) => all.is_empty(),
        Value::Object(all) => all.values().all(is_nothing),
        Value::Dynamic(typed) => is_nothing(&typed.1),
    }
}
