//! Lists, maps, and the blocks that have a form of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::scalar::{is_unset, same_scalar};
use super::{Difference, Equivalence, Outcome, policy, unless, whole};
use crate::model::{AttributePath, Value};
use crate::normalise::security_group::Rules;

/// Maps and tags: each key is an attribute of its own.
pub(super) fn by_key(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let empty = BTreeMap::new();
    let (one, other) = (
        approved.as_map().unwrap_or(&empty),
        live.as_map().unwrap_or(&empty),
    );
    let mut found = Vec::new();
    let mut equivalence = Equivalence::Unset;
    for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let (one, other) = (one.get(key), other.get(key));
        match (one, other) {
            // A key that is there with nothing in it is there: only a null is no key.
            (Some(Value::Null), None) | (None, Some(Value::Null)) | (None, None) => {}
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other))
                if same_scalar(one, other) == Some(Equivalence::ScalarType) =>
            {
                equivalence = Equivalence::ScalarType;
            }
            _ => found.push(Difference {
                pointer: pointer.child(key),
                approved: one.cloned().unwrap_or_default(),
                live: other.cloned().unwrap_or_default(),
            }),
        }
    }
    unless(found, equivalence)
}

pub(super) fn lists(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let (one, other) = (elements(approved), elements(live));
    let is_same = |(one, other): (&Value, &Value)| {
        matches!(
            same_scalar(one, other),
            Some(Equivalence::Same | Equivalence::ScalarType)
        )
    };
    if !one.is_empty() && one.len() == other.len() && one.iter().zip(other).all(is_same) {
        return Outcome::Equal(Equivalence::ScalarType);
    }
    whole(pointer, approved.clone(), live.clone())
}

/// Elements that only one side has.
pub(super) fn sets(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let is_same = |one: &Value, other: &Value| {
        matches!(
            same_scalar(one, other),
            Some(Equivalence::Same | Equivalence::ScalarType)
        )
    };
    let equivalence = if is_unset(approved) && is_unset(live) {
        Equivalence::Unset
    } else {
        Equivalence::ScalarType
    };
    let (one, other) = (elements(approved), elements(live));
    unless(only_on_one_side(pointer, one, other, is_same), equivalence)
}

/// Approved elements that are not live. What else is live has owners of its own.
pub(super) fn subsets(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    match sets(pointer, approved, live) {
        Outcome::Differs(found) => {
            let lacking = found
                .into_iter()
                .filter(|difference| !is_unset(&difference.approved))
                .map(|difference| Difference {
                    live: Value::List(Vec::new()),
                    ..difference
                });
            unless(lacking.collect(), Equivalence::Order)
        }
        other => other,
    }
}

/// Containers of a task, known by their names; those that only one side has in this form.
pub(super) fn containers(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let (one, other) = (elements(approved), elements(live));
    unless(
        only_on_one_side(pointer, one, other, same_json),
        Equivalence::ScalarType,
    )
}

pub(super) fn elements(value: &Value) -> &[Value] {
    value.as_list().unwrap_or_default()
}

/// The pointer names the set; the values are the elements that only one side has.
pub(super) fn only_on_one_side(
    pointer: &AttributePath,
    one: &[Value],
    other: &[Value],
    is_same: impl Fn(&Value, &Value) -> bool,
) -> Vec<Difference> {
    let only = |mine: &[Value], theirs: &[Value]| -> Vec<Value> {
        let lacks = |element: &&Value| !theirs.iter().any(|theirs| is_same(element, theirs));
        mine.iter().filter(lacks).cloned().collect()
    };
    let (approved, live) = (only(one, other), only(other, one));
    if approved.is_empty() && live.is_empty() {
        return Vec::new();
    }
    vec![Difference {
        pointer: pointer.clone(),
        approved: Value::List(approved),
        live: Value::List(live),
    }]
}

pub(super) fn rules(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let read = |value: &Value| match value {
        Value::Null => Some(Rules::default()),
        other => Rules::from_inline(other).ok(),
    };
    let (Some(one), Some(other)) = (read(approved), read(live)) else {
        return whole(pointer, approved.clone(), live.clone());
    };
    if one == other {
        return Outcome::Equal(Equivalence::RuleSplit);
    }
    whole(
        pointer,
        one.without(&other).to_value(),
        other.without(&one).to_value(),
    )
}

/// Elements in any order, canonical on both sides.
pub(super) fn elements_of(
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
    is_same: impl Fn(&Value, &Value) -> bool,
) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let found = only_on_one_side(pointer, elements(approved), elements(live), is_same);
    unless(found, Equivalence::Order)
}

/// Routes of a route table. A route to an instance names its network interface, or both.
pub(super) fn routes(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    let target = |route: &Value, other: &Value| {
        let both = |name: &str| route.at([name]).is_some() && other.at([name]).is_some();
        let beside = match (both("network_interface_id"), both("instance_id")) {
            (true, false) => "instance_id",
            (false, true) => "network_interface_id",
            _ => "",
        };
        let mut fields = route.as_map().cloned().unwrap_or_default();
        fields.remove(beside);
        fields
    };
    elements_of(pointer, approved, live, |one, other| {
        target(one, other) == target(other, one)
    })
}

/// Routes without one of the two targets that a route to an instance has.
pub(super) fn route_writings(routes: &Value) -> Vec<Value> {
    let without = |target: &str| {
        let routes = elements(routes).iter().map(|route| {
            let mut fields = route.as_map().cloned().unwrap_or_default();
            if TARGETS.iter().all(|target| fields.contains_key(*target)) {
                fields.remove(target);
            }
            Value::Map(fields)
        });
        Value::List(routes.collect())
    };
    TARGETS.map(without).into()
}

pub(super) fn names_an_instance(routes: &Value) -> bool {
    let names = |route: &Value| TARGETS.iter().any(|target| route.at([target]).is_some());
    elements(routes).iter().any(names)
}

const TARGETS: [&str; 2] = ["instance_id", "network_interface_id"];

/// Inline policies of a role, shown with their documents as text.
pub(super) fn inline_policies(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let same = |one: &Value, other: &Value| one == other;
    let found = only_on_one_side(pointer, elements(approved), elements(live), same);
    let shown = |value: Value| match value {
        Value::List(blocks) => Value::List(blocks.into_iter().map(as_written).collect()),
        other => other,
    };
    let found = found.into_iter().map(|difference| Difference {
        approved: shown(difference.approved),
        live: shown(difference.live),
        ..difference
    });
    unless(found.collect(), Equivalence::Order)
}

fn as_written(block: Value) -> Value {
    match block {
        Value::Map(mut fields) => {
            if let Some(document) = fields.get_mut("policy") {
                *document = policy::text_of(document);
            }
            Value::Map(fields)
        }
        other => other,
    }
}

/// Any JSON document. The API gives some of its numbers and booleans as text.
pub(super) fn json(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    if same_json(approved, live) {
        return Outcome::Equal(Equivalence::ScalarType);
    }
    whole(pointer, approved.clone(), live.clone())
}

fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((key, one), (other_key, other))| {
                        key == other_key && same_json(one, other)
                    })
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_json(one, other))
        }
        _ => matches!(
            same_scalar(one, other),
            Some(Equivalence::Same | Equivalence::ScalarType)
        ),
    }
}
