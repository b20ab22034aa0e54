//! What an author wrote, put together again from an approved plan: everything that was not written is
//! null, also where the plan shows a default.

use std::collections::{BTreeMap, BTreeSet};

use super::block_config::{Bound, Knows, nested};
use super::plan::fields;
use crate::model::AttributePath;
use crate::provider::cty::{Name, Type, Value};
use crate::provider::json::{self, JsonValueError, Objects};
use crate::provider::schema::{Attribute, AttributeKind, Schema};

/// What is known of one approved resource.
#[derive(Clone, Copy, Debug)]
pub struct Approved<'a> {
    /// The plan's `after` and `after_unknown`, raw.
    pub after: &'a str,
    pub after_unknown: &'a str,
    pub is_create: bool,
    /// The expressions of its configuration, raw.
    pub expressions: &'a str,
    /// The state after the apply; null if there is none.
    pub state: &'a Value,
    /// Names of its `dynamic` blocks, if the source could be asked.
    pub dynamic: Option<&'a BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconstructed {
    pub config: Value,
    /// Where it cannot be told whether something was written.
    pub doubtful: BTreeSet<AttributePath>,
}

/// Puts a configuration together.
///
/// # Errors
/// A plan whose values do not fit the schema.
pub fn reconstruct(
    schema: &Schema,
    approved: &Approved<'_>,
) -> Result<Reconstructed, JsonValueError> {
    let planned = json::read(approved.after, &schema.value_type, Objects::Lenient)?;
    let unknown: serde_json::Value =
        serde_json::from_str(approved.after_unknown).unwrap_or_default();
    let expressions = fields(approved.expressions).unwrap_or_default();
    let mut doubtful = BTreeSet::new();
    let mut all = BTreeMap::new();
    for (name, own) in &schema.block.attributes {
        let bound = Bound::of(&planned, approved.state, &unknown, name);
        let written = expressions.get(&**name).copied();
        let knows = Knows::of(approved, &bound);
        let value = match written {
            None if is_like_blocks(own) && knows.may_come_of_dynamic(name) => bound.value().clone(),
            _ => attribute(own, written, bound.value()),
        };
        let is_there = is_like_blocks(own) && !bound.is_empty();
        if written.is_none() && is_there && knows.cannot_tell() {
            doubtful.insert(AttributePath::root().child(name));
        }
        all.insert(Name::clone(name), value);
    }
    for (name, own) in &schema.block.blocks {
        let bound = Bound::of(&planned, approved.state, &unknown, name);
        let written: Vec<&str> = expressions.get(&**name).copied().into_iter().collect();
        let knows = Knows::of(approved, &bound);
        let value = nested(own, name, &written, bound.value(), knows);
        // Blocks that come of `dynamic` are in no expression, and only the source tells of them.
        if written.is_empty() && !bound.is_empty() && knows.cannot_tell() {
            doubtful.insert(AttributePath::root().child(name));
        }
        all.insert(Name::clone(name), value);
    }
    Ok(Reconstructed {
        config: Value::Object(all),
        doubtful,
    })
}

/// Old providers declare some blocks as attributes, so that an empty list of them can be written. Their
/// authors write blocks, also dynamic ones.
fn is_like_blocks(own: &Attribute) -> bool {
    let AttributeKind::Plain(Type::List(element) | Type::Set(element)) = &own.kind else {
        return false;
    };
    matches!(**element, Type::Object(_)) && !own.is_computed_only()
}

/// The value that an author gave to an attribute; null if none.
pub(super) fn attribute(own: &Attribute, written: Option<&str>, bound: &Value) -> Value {
    let Some(written) = written else {
        return Value::Null;
    };
    if own.is_computed_only() {
        return Value::Null;
    }
    // A constant as it was written: the plan may show what the provider makes of it (a hash).
    if let Some(value) = constant(own, written) {
        return value;
    }
    match own.write_only {
        true => Value::Null,
        false => without_computed(own, bound),
    }
}

fn constant(own: &Attribute, written: &str) -> Option<Value> {
    let raw = fields(written).ok()?.get("constant_value").copied()?;
    // A constant of another type is converted; the plan shows to what.
    json::read(raw, &own.value_type(), Objects::Lenient).ok()
}

/// Nested attributes that only the provider sets are not its author's.
fn without_computed(own: &Attribute, value: &Value) -> Value {
    match &own.kind {
        AttributeKind::Plain(_) => value.clone(),
        AttributeKind::Nested { attributes, .. } => strip(attributes, value),
    }
}

fn strip(attributes: &BTreeMap<Name, Attribute>, value: &Value) -> Value {
    let one = |value: &Value| strip(attributes, value);
    match value {
        Value::Object(all) => {
            let all = all.iter().map(|(name, value)| {
                let kept = match attributes.get(name) {
                    Some(own) if !own.is_computed_only() => without_computed(own, value),
                    Some(_) | None => Value::Null,
                };
                (Name::clone(name), kept)
            });
            Value::Object(all.collect())
        }
        other => other.map_elements(one).unwrap_or_else(|| value.clone()),
    }
}
