//! Strings, numbers and booleans: the smallest change that is one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Change;

/// Another value of the same kind, as near as can be. `None` for what is no scalar.
pub fn other(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Number(number) => match number.as_i64() {
            // Below zero there are only codes for "not set".
            Some(int) => Value::from(int.max(0) + 1),
            None => Value::from(number.as_f64()? + 1.0),
        },
        Value::String(text) => Value::String(other_text(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    })
}

fn other_text(text: &str) -> String {
    match text {
        "true" => return "false".to_owned(),
        "false" => return "true".to_owned(),
        "True" => return "False".to_owned(),
        "False" => return "True".to_owned(),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return (number.max(0) + 1).to_string();
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return (time + SignedDuration::from_secs(1)).to_string();
    }
    let last = text.rfind(|letter: char| letter.is_ascii_alphanumeric());
    let Some(last) = last else {
        return format!("{text}x");
    };
    let mut bytes = text.as_bytes().to_vec();
    bytes[last] = match bytes[last] {
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        letter => letter + 1,
    };
    String::from_utf8(bytes).unwrap()
}

pub fn plain(live: &Value) -> Vec<Change> {
    let other = other(live).map(|other| Change::of("another value", other));
    other.into_iter().collect()
}

pub fn folded(live: &Value) -> Vec<Change> {
    let mut changes = plain(live);
    if let Some(text) = live.as_str() {
        let upper = Value::from(text.to_ascii_uppercase());
        let lower = Value::from(text.to_ascii_lowercase());
        let turned = if upper == *live { lower } else { upper };
        changes.push(Change::of_nothing("only the case", turned));
    }
    changes
}

/// The first part of a version: what follows is left open by a short approved one.
pub fn version(live: &Value) -> Vec<Change> {
    let text = live.as_str().unwrap_or_default();
    let (first, rest) = text.split_once('.').unwrap_or((text, ""));
    let first = first.parse::<u64>().unwrap_or_default() + 1;
    vec![Change::of(
        "another version",
        json!(format!("{first}.{rest}")),
    )]
}

/// Each other word of the table; one of the same meaning says nothing.
pub fn words(words: &BTreeMap<String, String>, live: &Value) -> Vec<Change> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let now = text(live);
    let meaning = words.get(&now).unwrap_or(&now);
    let others = words.iter().filter(|(word, _)| **word != now);
    let mut changes: Vec<Change> = others
        .map(|(word, means)| {
            let new = match live {
                Value::String(_) => Value::from(word.as_str()),
                // A word for what is not set.
                _ => serde_json::from_str(word).unwrap_or_default(),
            };
            let what = format!("the word `{word}`");
            match means == meaning {
                true => Change::of_nothing(what, new),
                false => Change::of(what, new),
            }
        })
        .collect();
    // Words that are the same in Terraform stand in no table.
    if !changes.iter().any(|change| change.counts) {
        changes.extend(plain(live));
    }
    changes
}
