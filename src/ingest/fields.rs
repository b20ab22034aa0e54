//! Fields of the objects that plans and states consist of: each at most once, each of its type.

use super::json::{Fault, decode_string, quoted};

/// Keeps a field; readers disagree about what a key means that stands twice.
pub(super) fn set_once<T>(field: &mut Option<T>, key: &str, value: T) -> Result<(), Fault> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::new(format!(
            "the key {} stands twice in one object",
            quoted(key)
        ))),
    }
}

/// A string, or nothing for null.
pub(super) fn optional_text(key: &str, raw: &str) -> Result<Option<String>, Fault> {
    if raw == "null" {
        return Ok(None);
    }
    match decode_string(raw) {
        Ok(text) => Ok(Some(text.into_owned())),
        Err(error) => Err(Fault::new(format!("`{key}`: {error}"))),
    }
}

/// Keeps a string once; null counts as absent.
pub(super) fn set_text(field: &mut Option<String>, key: &str, raw: &str) -> Result<(), Fault> {
    match optional_text(key, raw)? {
        Some(text) => set_once(field, key, text),
        None => Ok(()),
    }
}
