//! Approved values to stored attributes: picks the mapped ones, marks what is unknown, redacts
//! what is sensitive.

use std::borrow::Cow;

use super::json::{self, JsonError};
use super::redact::{Redactor, covers};
use super::secret_tags::{self, Marks};
use super::stored::{Stored, StoredValue};
use crate::model::Value;
use crate::normalise::catalogue::Resource;
use crate::normalise::form::{Form, FormError};
use crate::normalise::table::AttributeRow;

/// The raw JSON of one resource's values, as plans and states give them.
#[derive(Clone, Copy, Debug)]
pub struct RawValues<'a> {
    pub values: &'a str,
    /// Terraform's marks: an object of the same shape with `true` where the value is unknown.
    pub unknown: &'a str,
    /// Marks of the same kind, of one or two origins; what either marks is sensitive.
    pub sensitive: [&'a str; 2],
}

/// Set in an unknown slot whose value is a secret.
pub const SECRET: u16 = 1 << 15;
/// Set in an unknown slot of which the configuration writes at least a part.
pub const WRITTEN: u16 = 1 << 14;

/// The slot of one that is unknown, without its marks.
pub fn slot_of(unknown: u16) -> usize {
    usize::from(unknown & !(SECRET | WRITTEN))
}

/// What was stored, and the slots whose values were unknown when the plan was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    pub stored: Stored,
    pub unknown: Box<[u16]>,
}

/// What is wrong with the values of a resource. The text names attributes and quotes no values.
#[derive(Debug, thiserror::Error)]
pub enum AttributeError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("`{attribute}`: {why}")]
    Form { attribute: String, why: FormError },
}

/// Reads the mapped attributes of a resource.
///
/// # Errors
/// A mapped attribute that is not JSON, not of its form, or stands twice.
pub fn read(
    resource: &Resource,
    raw: RawValues<'_>,
    from_state: bool,
    redactor: &Redactor,
) -> Result<Attributes, AttributeError> {
    let values = resource.approved.read(raw.values)?;
    let (unknown, in_parts) = unknown_marks(resource, raw.unknown)?;
    let [one, other] = raw.sensitive;
    let mut sensitive = either(marks(resource, one)?, &marks(resource, other)?);
    let tags = Marks::read(raw.sensitive)?;
    unmark_single_tags(resource, &tags, &mut sensitive);
    mark_by_schema(resource, redactor, &mut sensitive);
    if tags.whole.contains("tags") {
        mark_rows(resource, &mut sensitive, |row| row.form == Form::Tags);
    }
    let mut texts: Vec<(usize, Cow<'_, str>, bool)> = Vec::with_capacity(values.len());
    let mut unknown_slots = Vec::new();
    for (slot, value) in values.into_iter().enumerate() {
        let is_secret = is_marked(&sensitive, slot);
        let hides_tags = !tags.keys.is_empty() && resource.form_of(slot) == Form::Tags;
        if is_marked(&unknown, slot) {
            let mark = if is_secret || hides_tags { SECRET } else { 0 };
            let written = if is_marked(&in_parts, slot) {
                WRITTEN
            } else {
                0
            };
            unknown_slots.push(u16::try_from(slot).unwrap_or(0) | mark | written);
            continue;
        }
        let Some(value) = value else { continue };
        let text = match (is_secret, hides_tags) {
            (true, _) => Cow::Owned(secret(resource, slot, &value, redactor)?),
            (false, true) => {
                let text = secret_tags::text(&value, &tags.keys, redactor);
                Cow::Owned(text.map_err(|why| in_attribute(resource, slot, why))?)
            }
            (false, false) => stored_text(resource, slot, value)?,
        };
        texts.push((slot, text, is_secret));
    }
    let stored = texts.iter().map(|(slot, text, sensitive)| StoredValue {
        slot: *slot,
        text,
        sensitive: *sensitive,
        from_state,
        is_written: false,
    });
    Ok(Attributes {
        stored: Stored::pack(stored),
        unknown: unknown_slots.into_boxed_slice(),
    })
}

/// The text under which an approved value is stored.
fn stored_text<'a>(
    resource: &Resource,
    slot: usize,
    raw: Cow<'a, str>,
) -> Result<Cow<'a, str>, AttributeError> {
    let in_row = |why: FormError| in_attribute(resource, slot, why);
    match resource.table.attributes.get(slot) {
        // Every resource has tags, and their order is all that a canonical form would change.
        Some(row) if matches!(row.form, Form::Tags | Form::Map) && is_plain_map(&raw) => Ok(raw),
        // What is stored as it is written must be readable when it is compared.
        _ => {
            if !is_plain_scalar(&raw) {
                json::check(&raw).map_err(|error| in_row(error.into()))?;
            }
            Ok(raw)
        }
    }
}

fn secret(
    resource: &Resource,
    slot: usize,
    raw: &str,
    redactor: &Redactor,
) -> Result<String, AttributeError> {
    let form = resource.form_of(slot);
    let digest = redactor.approved_secret(form, raw);
    let digest = digest.map_err(|why| in_attribute(resource, slot, why))?;
    Ok(digest.to_string())
}

fn in_attribute(resource: &Resource, slot: usize, why: FormError) -> AttributeError {
    let row = resource.table.attributes.get(slot);
    AttributeError::Form {
        attribute: row.map_or("a key of the resource".to_owned(), |row| {
            row.pointer.to_string()
        }),
        why,
    }
}

/// Whether the text can only be a scalar that parses: the usual case, without parsing it.
fn is_plain_scalar(raw: &str) -> bool {
    match raw.as_bytes() {
        b"null" | b"true" | b"false" => true,
        [b'"', .., b'"'] => json::is_plain_string(raw),
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        [b'0'] => true,
        _ => false,
    }
}

/// Whether the text can only be an object of scalars that parses, no key twice.
fn is_plain_map(raw: &str) -> bool {
    let Ok(members) = json::members(raw) else {
        return false;
    };
    let mut keys = Vec::with_capacity(12);
    for member in members {
        match member {
            Ok((key, value)) if is_plain_scalar(value) => keys.push(key),
            _ => return false,
        }
    }
    json::are_unique(keys)
}

fn mark_by_schema(resource: &Resource, redactor: &Redactor, marks: &mut Vec<bool>) {
    let Some(paths) = redactor.marked_by_schema(&resource.table.type_name) else {
        return;
    };
    mark_rows(resource, marks, |row| {
        paths.iter().any(|path| covers(path, &row.pointer))
    });
}

fn mark_rows(
    resource: &Resource,
    marks: &mut Vec<bool>,
    is_secret: impl Fn(&AttributeRow) -> bool,
) {
    marks.resize(resource.approved.empty_slots().len(), false);
    // Rows have the first slots, in their order; the slots behind them hold keys.
    for (row, mark) in resource.table.attributes.iter().zip(marks) {
        *mark |= is_secret(row);
    }
}

/// What is unknown, and what of it only in parts: whoever knows how many blocks there are was told so
/// by the configuration.
fn unknown_marks(resource: &Resource, raw: &str) -> Result<(Vec<bool>, Vec<bool>), JsonError> {
    let unknown = marks(resource, raw)?;
    if !raw.starts_with('{') || !unknown.contains(&true) {
        return Ok((unknown, Vec::new()));
    }
    let found = resource.approved.read(raw)?;
    let in_parts = found.iter().map(|mark| {
        let mark = mark.as_deref().unwrap_or_default();
        matches!(mark.as_bytes().first(), Some(b'[' | b'{'))
    });
    Ok((unknown, in_parts.collect()))
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

/// A mark of single tags hides those alone.
fn unmark_single_tags(resource: &Resource, tags: &Marks, marks: &mut [bool]) {
    let rows = resource.table.attributes.iter().zip(marks);
    for (row, mark) in rows.filter(|(row, _)| row.form == Form::Tags) {
        let name = row.pointer.as_str().trim_start_matches('/');
        if matches!(name, "tags" | "tags_all") {
            *mark = tags.whole.contains(name);
        }
    }
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

fn either(mut one: Vec<bool>, other: &[bool]) -> Vec<bool> {
    if one.is_empty() {
        return other.to_vec();
    }
    for (mark, other) in one.iter_mut().zip(other) {
        *mark |= other;
    }
    one
}

fn is_marked(marks: &[bool], slot: usize) -> bool {
    marks.get(slot).copied().unwrap_or(false)
}

#[cfg(test)]
#[path = "attributes_tests.rs"]
mod tests;
