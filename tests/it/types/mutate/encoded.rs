//! Values that AWS gives as text: JSON in a string, or URL-encoded JSON.

use serde_json::Value;

use super::Change;
use crate::types::edit;

/// Changes of what the text holds, each written as the text was.
pub fn within(live: &Value, make: &dyn Fn(&Value) -> Vec<Change>) -> Vec<Change> {
    let (inner, wrap): (Value, fn(Value) -> Value) = match live {
        Value::String(text) if text.starts_with('%') => match edit::opened(&decoded(text)) {
            Some(inner) => (inner, |new| {
                Value::String(percent_encoded(&new.to_string()))
            }),
            None => return Vec::new(),
        },
        Value::String(text) => match edit::opened(text) {
            Some(inner) => (inner, |new| Value::String(new.to_string())),
            None => return Vec::new(),
        },
        other => return make(other),
    };
    within(&inner, make)
        .into_iter()
        .map(|change| Change {
            new: wrap(change.new),
            ..change
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low].map(char::from);
                u8::from_str_radix(&String::from_iter(digits), 16).ok()
            }
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = &after[if code.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8(bytes).unwrap()
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
