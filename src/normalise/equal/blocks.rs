//! Blocks whose fields have the same names on both sides, but for case and underscores.

use std::collections::BTreeMap;

use super::scalar::{is_unset, same_scalar};
use super::{Difference, Equivalence, Outcome, unless, whole};
use crate::model::{AttributePath, Number, Value};
use crate::normalise::path::folded_eq;

type Words = BTreeMap<String, String>;

/// Blocks in order. Only fields that Terraform knows are compared; one that the cloud leaves out is
/// not set. The words say how live fields of another name are called.
pub(super) fn blocks(
    words: &Words,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    let mut found = Vec::new();
    differences(words, pointer, approved, live, &mut found);
    unless(found, Equivalence::Shape)
}

/// Blocks in any order: the elements that only one side has.
pub(super) fn block_set(
    words: &Words,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    let (one, other) = (list(approved), list(live));
    let is_same = |one: &Value, other: &Value| {
        matches!(blocks(words, pointer, one, other), Outcome::Equal(_))
    };
    let alone = |block: &&Value| !other.iter().any(|other| is_same(block, other));
    let approved_only: Vec<Value> = one.iter().filter(alone).cloned().collect();
    let alone = |block: &&Value| !one.iter().any(|one| is_same(one, block));
    let live_only: Vec<Value> = other.iter().filter(alone).cloned().collect();
    if approved_only.is_empty() && live_only.is_empty() {
        return Outcome::Equal(Equivalence::Shape);
    }
    whole(pointer, Value::List(approved_only), Value::List(live_only))
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::List(list) => list,
        _ if is_nothing(value) => &[],
        other => std::slice::from_ref(other),
    }
}

fn differences(
    words: &Words,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
    found: &mut Vec<Difference>,
) {
    let is_same = match (approved, live) {
        _ if is_nothing(approved) && is_nothing(live) => true,
        (Value::Map(one), Value::Map(other)) => {
            for (key, approved) in one {
                let is_named = |name: &&String| folded_eq(called(words, name), key);
                let live = other.iter().find(|(name, _)| is_named(name));
                let live = live.map_or(&Value::Null, |(_, value)| value);
                differences(words, &pointer.child(key), approved, live, found);
            }
            true
        }
        // Terraform writes a single block as a list of one.
        (Value::List(one), Value::Map(_)) if one.len() == 1 => {
            let block = one.first().unwrap_or(&Value::Null);
            differences(words, &pointer.child("0"), block, live, found);
            true
        }
        (Value::List(one), Value::List(other)) if one.len() == other.len() => {
            let is_block = |value: &Value| matches!(value, Value::Map(_));
            let are_blocks = one.iter().chain(other).any(is_block);
            for (index, (one, other)) in one.iter().zip(other).enumerate().filter(|_| are_blocks) {
                differences(words, &pointer.child(&index.to_string()), one, other, found);
            }
            are_blocks || in_any_order(one, other)
        }
        _ => same_scalar(approved, live).is_some(),
    };
    if !is_same {
        found.push(Difference {
            pointer: pointer.clone(),
            approved: approved.clone(),
            live: live.clone(),
        });
    }
}

/// Terraform's name of a live field.
fn called<'a>(words: &'a Words, name: &'a str) -> &'a str {
    let word = words.iter().find(|(live, _)| folded_eq(live, name));
    word.map_or(name, |(_, meant)| meant)
}

fn in_any_order(one: &[Value], other: &[Value]) -> bool {
    let within = |one: &[Value], other: &[Value]| {
        let is_there = |value: &Value| other.iter().any(|o| same_scalar(value, o).is_some());
        one.iter().all(is_there)
    };
    within(one, other) && within(other, one)
}

/// Nothing is set in it, however deep it looks.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Bool(false) | Value::Number(Number::Int(0)) => true,
        Value::List(list) => list.iter().all(is_nothing),
        Value::Map(map) => map.values().all(is_nothing),
        other => is_unset(other),
    }
}
