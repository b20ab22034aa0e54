//! Lifecycle rules of buckets. S3 knows them by their ids; Terraform's pointers, by their places.

use std::collections::{BTreeMap, BTreeSet};

use super::collection::{elements, only_on_one_side};
use super::scalar::is_unset;
use super::{Difference, Equivalence, Outcome, unless};
use crate::model::{AttributePath, Value};
use crate::normalise::reshape::{UNSEEN, in_buckets_shape};

const NOT_SAID: &str = "whoever wrote the item does not say when noncurrent versions expire";
/// Blocks that are sets: pointers name the set.
const SETS: [&str; 2] = ["transition", "noncurrent_version_transition"];

pub(super) fn compare(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    // The bucket itself has other names for the same.
    let is_buckets = pointer.as_str().ends_with("/lifecycle_rule");
    let shaped = |rule: &Value| match is_buckets {
        true => in_buckets_shape(rule),
        false => rule.clone(),
    };
    let one: Vec<Value> = elements(approved).iter().map(shaped).collect();
    let seen = elements(live).iter().map(seen_of);
    let other: Vec<Value> = seen.map(|rule| shaped(&rule)).collect();
    let unseen = |at: usize| elements(live).get(at).into_iter().flat_map(unseen_in);
    let mut rest: Vec<usize> = (0..other.len()).collect();
    let twins = twins(&one, &other, &mut rest);
    let mut found = Vec::new();
    let mut is_silent = false;
    let mut missing = Vec::new();
    for (index, (rule, twin)) in one.iter().zip(twins).enumerate() {
        let Some((at, live)) = twin.and_then(|at| Some((at, other.get(at)?))) else {
            missing.push(rule.clone());
            continue;
        };
        let own = pointer.child(&index.to_string());
        let unseen: Vec<_> = unseen(at).map(|name| own.child(name)).collect();
        let mut differences = Vec::new();
        nested(&own, rule, live, &mut differences);
        let told = differences.len();
        differences.retain(|one| !unseen.iter().any(|path| path.holds(&one.pointer)));
        is_silent |= differences.len() < told;
        found.extend(differences);
    }
    let more: Vec<Value> = rest
        .iter()
        .filter_map(|at| other.get(*at))
        .cloned()
        .collect();
    if !missing.is_empty() || !more.is_empty() {
        found.push(Difference {
            pointer: pointer.clone(),
            approved: Value::List(missing),
            live: Value::List(more),
        });
    }
    match is_silent && found.is_empty() {
        true => Outcome::NotComparable(NOT_SAID),
        false => unless(found, Equivalence::Order),
    }
}

/// For each approved rule the live one that it is, which is then taken. S3 gives an id to each rule, but
/// item and state may not tell it: such a rule is the one that says the same, or the only one left.
fn twins(one: &[Value], other: &[Value], rest: &mut Vec<usize>) -> Vec<Option<usize>> {
    let mut twins = vec![None; one.len()];
    let mut take = |is_it: &dyn Fn(&Value, &Value) -> bool| {
        for (rule, twin) in one
            .iter()
            .zip(&mut twins)
            .filter(|(_, twin)| twin.is_none())
        {
            let at = rest
                .iter()
                .position(|at| other.get(*at).is_some_and(|live| is_it(rule, live)));
            *twin = at.map(|at| rest.remove(at));
        }
        (
            twins.iter().filter(|twin| twin.is_none()).count(),
            rest.len(),
        )
    };
    take(&|rule, live| id_of(rule).is_some() && id_of(rule) == id_of(live));
    let is_nameless = |rule: &Value, live: &Value| id_of(rule).is_none() && id_of(live).is_none();
    let left = take(&|rule, live| is_nameless(rule, live) && rule == live);
    if left == (1, 1) {
        take(&is_nameless);
    }
    twins
}

fn id_of(rule: &Value) -> Option<&str> {
    rule.at(["id"]).and_then(Value::as_str)
}

/// The rules as far as the item tells them.
pub(super) fn told(live: &Value) -> Value {
    match live {
        Value::List(rules) => Value::List(rules.iter().map(seen_of).collect()),
        other => other.clone(),
    }
}

/// Whether an item leaves open what a rule of it says.
pub(super) fn is_open(live: &Value) -> bool {
    let mut rules = elements(live).iter();
    rules.any(|rule| unseen_in(rule).next().is_some())
}

fn unseen_in(rule: &Value) -> impl Iterator<Item = &str> {
    let names = rule.at([UNSEEN]).and_then(Value::as_list);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// What the item says of a rule.
fn seen_of(rule: &Value) -> Value {
    match rule.clone() {
        Value::Map(mut fields) => {
            fields.remove(UNSEEN);
            Value::Map(fields)
        }
        other => other,
    }
}

/// Blocks, leaf by leaf; sets by what only one side has; other lists of different length as a whole.
fn nested(pointer: &AttributePath, approved: &Value, live: &Value, found: &mut Vec<Difference>) {
    match (approved, live) {
        _ if approved == live => {}
        (Value::Map(one), Value::Map(other)) => fields(pointer, one, other, found),
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                nested(&pointer.child(&index.to_string()), one, other, found);
            }
        }
        _ => found.push(Difference {
            pointer: pointer.clone(),
            approved: approved.clone(),
            live: live.clone(),
        }),
    }
}

fn fields(
    pointer: &AttributePath,
    one: &BTreeMap<String, Value>,
    other: &BTreeMap<String, Value>,
    found: &mut Vec<Difference>,
) {
    let null = Value::Null;
    for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
        let one = one.get(key).unwrap_or(&null);
        let other = other.get(key).unwrap_or(&null);
        let pointer = pointer.child(key);
        if SETS.contains(&key.as_str()) {
            let same = |one: &Value, other: &Value| one == other;
            found.extend(only_on_one_side(
                &pointer,
                elements(one),
                elements(other),
                same,
            ));
            continue;
        }
        // Where there is no block, there is a list of none.
        let none = Value::List(Vec::new());
        let block = |value: &Value, twin: &Value| match (value, twin) {
            (Value::Null, Value::List(_)) => none.clone(),
            (value, _) => value.clone(),
        };
        nested(&pointer, &block(one, other), &block(other, one), found);
    }
}
