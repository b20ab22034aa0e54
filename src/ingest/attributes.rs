//! Approved values to stored attributes: picks the mapped ones, marks what is unknown, redacts
//! what is sensitive.

use std::borrow::Cow;

use super::json::{self, JsonError};
use super::redact::Redactor;
use super::stored::{Stored, StoredValue};
use crate::model::Value;
use crate::normalise::catalogue::Resource;
use crate::normalise::form::{FormError, Side};
use crate::normalise::path::Path;

/// The raw JSON of one resource's values, as plans and states give them.
#[derive(Clone, Copy, Debug)]
pub struct RawValues<'a> {
    pub values: &'a str,
    /// Terraform's marks: an object of the same shape with `true` where the value is unknown.
    pub unknown: &'a str,
    pub sensitive: &'a str,
}

/// Set in an unknown slot whose value is a secret.
pub const SECRET: u16 = 1 << 15;

/// What was stored, and the slots whose values were unknown when the plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub stored: Stored,
    pub unknown: Box<[u16]>,
}

#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("`{attribute}`: {source}")]
    Form {
        attribute: String,
        source: FormError,
    },
}

/// Reads the mapped attributes of a resource.
pub fn read(
    resource: &Resource,
    raw: RawValues<'_>,
    from_state: bool,
    redactor: &Redactor,
) -> Result<Attributes, AttributeError> {
    let values = resource.approved.read(raw.values)?;
    let unknown = marks(resource, raw.unknown)?;
    let sensitive = marks(resource, raw.sensitive)?;
    let mut texts: Vec<(usize, Cow<'_, str>, bool)> = Vec::with_capacity(values.len());
    let mut unknown_slots = Vec::new();
    for (slot, value) in values.into_iter().enumerate() {
        if is_marked(&unknown, slot) {
            let mark = if is_marked(&sensitive, slot) {
                SECRET
            } else {
                0
            };
            unknown_slots.push(u16::try_from(slot).unwrap_or(0) | mark);
            continue;
        }
        let Some(value) = value else { continue };
        let text = canonical(resource, slot, value)?;
        if is_marked(&sensitive, slot) {
            texts.push((slot, Cow::Owned(redactor.digest(&text).to_string()), true));
        } else {
            texts.push((slot, text, false));
        }
    }
    let stored = texts.iter().map(|(slot, text, sensitive)| StoredValue {
        slot: *slot,
        text,
        sensitive: *sensitive,
        from_state,
    });
    Ok(Attributes {
        stored: Stored::pack(stored),
        unknown: unknown_slots.into_boxed_slice(),
    })
}

/// The text under which an approved value is stored.
fn canonical<'a>(
    resource: &Resource,
    slot: usize,
    raw: Cow<'a, str>,
) -> Result<Cow<'a, str>, AttributeError> {
    let Some(row) = resource.table.attributes.get(slot) else {
        return Ok(raw);
    };
    if !row.form.is_canonical_text() || raw == "null" {
        return Ok(raw);
    }
    let whole = Path {
        captured: Vec::new(),
        each: None,
    };
    let text = row
        .form
        .text(&raw, &whole, Side::Approved)
        .map_err(|source| AttributeError::Form {
            attribute: row.pointer.to_string(),
            source,
        })?;
    Ok(Cow::Owned(text))
}

fn marks(resource: &Resource, raw: &str) -> Result<Vec<bool>, JsonError> {
    // Most resources have no marks at all, and few marks concern mapped attributes.
    if raw.is_empty() || !raw.contains("true") {
        return Ok(Vec::new());
    }
    if raw == "true" {
        return Ok(resource
            .approved
            .empty_slots()
            .iter()
            .map(|_| true)
            .collect());
    }
    let found = resource.approved.read(raw)?;
    found
        .iter()
        .map(|mark| mark.as_deref().map_or(Ok(false), holds_true))
        .collect()
}

fn holds_true(raw: &str) -> Result<bool, JsonError> {
    fn any_true(value: &Value) -> bool {
        match value {
            Value::Bool(flag) => *flag,
            Value::List(list) => list.iter().any(any_true),
            Value::Map(map) => map.values().any(any_true),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Sensitive(_) => false,
        }
    }
    Ok(raw.contains("true") && any_true(&json::parse(raw)?))
}

fn is_marked(marks: &[bool], slot: usize) -> bool {
    marks.get(slot).copied().unwrap_or(false)
}
