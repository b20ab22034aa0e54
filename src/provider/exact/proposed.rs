//! The state that is proposed to a provider: what was configured, and elsewhere what is there already.
//!
//! Written from the public description of the protocol. Where it is wrong for a resource, the self-test
//! on its settled baseline shows it.

use std::collections::BTreeMap;

use crate::provider::cty::{Name, Value};
use crate::provider::schema::{Attribute, AttributeKind, Block, NestedBlock, Nesting};

/// What to propose for a resource that is as `prior` and configured as `config`.
pub fn proposed_new(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() || config.is_unknown() {
        return config.clone();
    }
    let mut all = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        let (was, wanted) = (at(prior, name), at(config, name));
        all.insert(Name::clone(name), attribute_value(attribute, was, wanted));
    }
    for (name, nested) in &block.blocks {
        let (was, wanted) = (at(prior, name), at(config, name));
        all.insert(Name::clone(name), nested_value(nested, was, wanted));
    }
    Value::Object(all)
}

static NULL: Value = Value::Null;

fn at<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&NULL)
}

fn attribute_value(attribute: &Attribute, was: &Value, wanted: &Value) -> Value {
    match &attribute.kind {
        _ if attribute.is_computed_only() => was.clone(),
        AttributeKind::Plain(_) => match wanted.is_null() && attribute.computed {
            true => was.clone(),
            false => wanted.clone(),
        },
        AttributeKind::Nested { attributes, .. } if wanted.is_null() && attribute.computed => {
            // What only an author can have given was configured before, and is not any more.
            match holds_configured(was, attributes) {
                true => Value::Null,
                false => was.clone(),
            }
        }
        AttributeKind::Nested {
            nesting,
            attributes,
        } => {
            let inner = Block {
                attributes: attributes.clone(),
                blocks: BTreeMap::new(),
            };
            each(*nesting, &inner, was, wanted)
        }
    }
}

/// Whether a value holds something in an attribute that no provider computes.
fn holds_configured(value: &Value, attributes: &BTreeMap<Name, Attribute>) -> bool {
    match value {
        Value::Object(all) => attributes.iter().any(|(name, own)| {
            let Some(value) = all.get(name).filter(|value| !value.is_null()) else {
                return false;
            };
            match &own.kind {
                _ if !own.computed => true,
                AttributeKind::Plain(_) => false,
                AttributeKind::Nested { attributes, .. } => holds_configured(value, attributes),
            }
        }),
        Value::Map(all) => all.values().any(|one| holds_configured(one, attributes)),
        Value::List(all) | Value::Set(all) | Value::Tuple(all) => {
            all.iter().any(|one| holds_configured(one, attributes))
        }
        Value::Dynamic(typed) => holds_configured(&typed.1, attributes),
        Value::Null | Value::Unknown(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            false
        }
    }
}

fn nested_value(nested: &NestedBlock, was: &Value, wanted: &Value) -> Value {
    match (nested.nesting, wanted.is_null()) {
        // There even where nobody wrote it.
        (Nesting::Group, true) => proposed_new(&nested.block, was, &empty(&nested.block)),
        (nesting, _) => each(nesting, &nested.block, was, wanted),
    }
}

/// A block in which nothing is set.
pub(super) fn empty(block: &Block) -> Value {
    let attributes = block.attributes.keys();
    let attributes = attributes.map(|name| (Name::clone(name), Value::Null));
    let blocks = block.blocks.iter();
    let blocks = blocks.map(|(name, nested)| (Name::clone(name), none_of(nested)));
    Value::Object(attributes.chain(blocks).collect())
}

/// A kind of block that nobody wrote.
pub(super) fn none_of(nested: &NestedBlock) -> Value {
    match nested.nesting {
        Nesting::Single => Value::Null,
        Nesting::Group => empty(&nested.block),
        Nesting::List => Value::List(Vec::new()),
        Nesting::Set => Value::set(Vec::new()),
        Nesting::Map => Value::Map(BTreeMap::new()),
    }
}

fn each(nesting: Nesting, block: &Block, was: &Value, wanted: &Value) -> Value {
    match (nesting, wanted) {
        (Nesting::Single | Nesting::Group, Value::Object(_)) => proposed_new(block, was, wanted),
        (Nesting::List, Value::List(all)) => {
            let was = was.elements();
            let all = all.iter().enumerate();
            let all = all.map(|(at, one)| proposed_new(block, was.get(at).unwrap_or(&NULL), one));
            Value::List(all.collect())
        }
        (Nesting::Map, Value::Map(all)) => {
            let all = all.iter();
            let all = all.map(|(key, one)| {
                let was = was.get(key).unwrap_or(&NULL);
                (Name::clone(key), proposed_new(block, was, one))
            });
            Value::Map(all.collect())
        }
        (Nesting::Set, Value::Set(all)) => Value::set(matched(block, was.elements(), all)),
        // Null, unknown, or of a type that is only decided by the value: as its author wrote it.
        (
            Nesting::Single | Nesting::Group | Nesting::List | Nesting::Map | Nesting::Set,
            Value::Null
            | Value::Unknown(_)
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Tuple(_)
            | Value::Object(_)
            | Value::Dynamic(_),
        ) => wanted.clone(),
    }
}

/// Elements of a set have no key: each takes what is computed from one that is like it in all else.
fn matched(block: &Block, was: &[Value], wanted: &[Value]) -> Vec<Value> {
    let mut free: Vec<&Value> = was.iter().collect();
    let one = |wanted: &Value| {
        let like = free.iter().position(|was| is_like(block, was, wanted));
        let was = like.map_or(&NULL, |at| free.swap_remove(at));
        proposed_new(block, was, wanted)
    };
    wanted.iter().map(one).collect()
}

/// Whether `was` could have come of `wanted`: equal but for what is computed and not configured.
fn is_like(block: &Block, was: &Value, wanted: &Value) -> bool {
    let attributes = block.attributes.iter().all(|(name, attribute)| {
        let (was, wanted) = (at(was, name), at(wanted, name));
        was == wanted || (attribute.computed && wanted.is_null()) || attribute.write_only
    });
    attributes
        && block.blocks.iter().all(|(name, nested)| {
            let (was, wanted) = (at(was, name), at(wanted, name));
            was == wanted || nested_is_like(nested, was, wanted)
        })
}

fn nested_is_like(nested: &NestedBlock, was: &Value, wanted: &Value) -> bool {
    let block = &nested.block;
    match (was, wanted) {
        (Value::Object(_), Value::Object(_)) => is_like(block, was, wanted),
        (Value::List(was), Value::List(wanted)) => {
            let mut both = was.iter().zip(wanted);
            was.len() == wanted.len() && both.all(|(was, wanted)| is_like(block, was, wanted))
        }
        (Value::Set(was), Value::Set(wanted)) => {
            let mut free: Vec<&Value> = was.iter().collect();
            was.len() == wanted.len()
                && wanted.iter().all(|wanted| {
                    let like = free.iter().position(|was| is_like(block, was, wanted));
                    like.map(|at| free.swap_remove(at)).is_some()
                })
        }
        (Value::Map(was), Value::Map(wanted)) => {
            was.len() == wanted.len()
                && was.iter().all(|(key, was)| {
                    let wanted = wanted.get(key);
                    wanted.is_some_and(|wanted| is_like(block, was, wanted))
                })
        }
        _ => false,
    }
}
