//! Nested blocks of a configuration. Plans tell which attributes their authors wrote, block by block in
//! the order of the source; values stand in the order of the provider.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Approved, attribute};
use super::plan::fields;
use super::proposed::none_of;
use crate::ingest::json::elements;
use crate::provider::cty::{Name, Value};
use crate::provider::schema::{Block, NestedBlock, Nesting};

static NULL: Value = Value::Null;

/// The value that was approved for a top-level name: the plan's, or where some of it was unknown then,
/// all of it as the state after the apply has it.
pub(super) struct Bound<'a> {
    planned: &'a Value,
    state: &'a Value,
    unknown: Option<&'a serde_json::Value>,
}

impl<'a> Bound<'a> {
    pub fn of(
        planned: &'a Value,
        state: &'a Value,
        unknown: &'a serde_json::Value,
        name: &str,
    ) -> Self {
        Self {
            planned: planned.get(name).unwrap_or(&NULL),
            state: state.get(name).unwrap_or(&NULL),
            unknown: unknown.get(name),
        }
    }

    pub fn value(&self) -> &'a Value {
        match self.is_planned() {
            true => self.planned,
            false => self.state,
        }
    }

    /// Whether all of it was known when it was planned.
    pub fn is_planned(&self) -> bool {
        !self.unknown.is_some_and(any)
    }

    pub fn is_empty(&self) -> bool {
        match self.value() {
            Value::Null => true,
            Value::Map(all) => all.is_empty(),
            Value::Object(_) => false,
            other => other.elements().is_empty(),
        }
    }
}

fn any(marks: &serde_json::Value) -> bool {
    match marks {
        serde_json::Value::Bool(flag) => *flag,
        serde_json::Value::Array(all) => all.iter().any(any),
        serde_json::Value::Object(all) => all.values().any(any),
        _ => false,
    }
}

/// What is known beside the expressions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knows<'a> {
    /// Names of `dynamic` blocks, if the source could be asked.
    pub dynamic: Option<&'a BTreeSet<String>>,
    /// What is there came of the author: the plan creates the resource, and knew all of it.
    pub is_its_authors: bool,
}

impl<'a> Knows<'a> {
    pub fn of(approved: &Approved<'a>, bound: &Bound<'_>) -> Self {
        Self {
            dynamic: approved.dynamic,
            is_its_authors: approved.is_create && bound.is_planned(),
        }
    }

    /// Whether what is there without an expression was written all the same.
    pub fn may_come_of_dynamic(&self, name: &str) -> bool {
        self.is_dynamic(name) || self.is_its_authors
    }

    /// Whether neither plan nor source tells of `dynamic` blocks.
    pub fn cannot_tell(&self) -> bool {
        self.dynamic.is_none() && !self.is_its_authors
    }

    fn is_dynamic(&self, name: &str) -> bool {
        self.dynamic.is_some_and(|names| names.contains(name))
    }
}

/// The blocks of one name. `written` has their expressions, each raw: one for every block around them.
pub(super) fn nested(
    own: &NestedBlock,
    name: &str,
    written: &[&str],
    bound: &Value,
    knows: Knows<'_>,
) -> Value {
    let blocks: Vec<&str> = written
        .iter()
        .flat_map(|raw| each_block(own, raw))
        .collect();
    if knows.is_dynamic(name) || (blocks.is_empty() && knows.is_its_authors) {
        return settable(own, bound);
    }
    if blocks.is_empty() {
        return none_of(own);
    }
    let all_of = |value: &Value| body(&own.block, &blocks, value, knows);
    match bound {
        Value::Object(_) => all_of(bound),
        // In a list the order is the source's.
        Value::List(all) if all.len() == blocks.len() => {
            let both = all.iter().zip(&blocks);
            Value::List(
                both.map(|(value, written)| body(&own.block, &[*written], value, knows))
                    .collect(),
            )
        }
        other => other.map_elements(all_of).unwrap_or_else(|| none_of(own)),
    }
}

fn each_block<'a>(own: &NestedBlock, raw: &'a str) -> Vec<&'a str> {
    match own.nesting {
        Nesting::Single | Nesting::Group => vec![raw],
        Nesting::List | Nesting::Set => match elements(raw) {
            Ok(all) => all.flatten().collect(),
            Err(_) => vec![raw],
        },
        Nesting::Map => fields(raw).unwrap_or_default().into_values().collect(),
    }
}

/// One block, of which any of these may be the expressions.
fn body(block: &Block, written: &[&str], value: &Value, knows: Knows<'_>) -> Value {
    let written: Vec<_> = written.iter().filter_map(|raw| fields(raw).ok()).collect();
    let mut all = BTreeMap::new();
    for (name, own) in &block.attributes {
        let given: Vec<&str> = written
            .iter()
            .filter_map(|one| one.get(&**name).copied())
            .collect();
        let bound = value.get(name).unwrap_or(&NULL);
        let value = match given.as_slice() {
            [] => Value::Null,
            [only] if written.len() == 1 => attribute(own, Some(only), bound),
            // Which of several blocks this is, is not known: its value is, and that one was given.
            [_, ..] => attribute(own, Some("{}"), bound),
        };
        all.insert(Name::clone(name), value);
    }
    for (name, own) in &block.blocks {
        let given: Vec<&str> = written
            .iter()
            .filter_map(|one| one.get(&**name).copied())
            .collect();
        let bound = value.get(name).unwrap_or(&NULL);
        all.insert(Name::clone(name), nested(own, name, &given, bound, knows));
    }
    Value::Object(all)
}

/// Blocks of which no expression is known, as if all that can be written had been.
pub(super) fn settable(own: &NestedBlock, bound: &Value) -> Value {
    let one = |value: &Value| settable_body(&own.block, value);
    match bound {
        Value::Object(_) => one(bound),
        other => other.map_elements(one).unwrap_or_else(|| none_of(own)),
    }
}

fn settable_body(block: &Block, value: &Value) -> Value {
    let attributes = block.attributes.iter().map(|(name, own)| {
        let bound = value.get(name).unwrap_or(&NULL);
        (Name::clone(name), attribute(own, Some("{}"), bound))
    });
    let blocks = block.blocks.iter().map(|(name, own)| {
        let bound = value.get(name).unwrap_or(&NULL);
        (Name::clone(name), settable(own, bound))
    });
    Value::Object(attributes.chain(blocks).collect())
}
