//! Policy documents, statement by statement: a sentence can be judged at night, 6 kB of JSON cannot.

use std::borrow::Cow;

use super::value_text::{element, inline, key};
use crate::model::Value;

/// The value as a policy document, if it is one: a map with statements, or a string that holds one.
pub(super) fn document(value: &Value) -> Option<Cow<'_, Value>> {
    match value {
        Value::Map(map) if map.contains_key("Statement") => Some(Cow::Borrowed(value)),
        Value::String(text) if text.contains("\"Statement\"") => {
            let parsed: Value = serde_json::from_str(text).ok()?;
            let is_policy = parsed.as_map()?.contains_key("Statement");
            is_policy.then_some(Cow::Owned(parsed))
        }
        _ => None,
    }
}

/// The statements of a document; a single one may stand without a list.
pub(super) fn statements(document: &Value) -> &[Value] {
    match document.at(["Statement"]) {
        Some(Value::List(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// `Allow s3:GetObject on arn:… to * if StringEquals aws:SourceVpc = "vpc-1"`.
pub(super) fn sentence(statement: &Value) -> String {
    let Some(map) = statement.as_map() else {
        return inline(statement);
    };
    let mut parts = Vec::new();
    for (field, value) in map {
        let part = match field.as_str() {
            "Sid" => (0, format!("[{}]", words(value))),
            "Effect" => (1, words(value)),
            "Action" => (2, words(value)),
            "NotAction" => (2, format!("all but {}", words(value))),
            "Resource" => (3, format!("on {}", words(value))),
            "NotResource" => (3, format!("on all but {}", words(value))),
            "Principal" => (4, format!("to {}", principals(value))),
            "NotPrincipal" => (4, format!("to all but {}", principals(value))),
            "Condition" => (5, format!("if {}", conditions(value))),
            other => (6, format!("{} = {}", key(other), inline(value))),
        };
        parts.push(part);
    }
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    parts.join(" ")
}

/// Strings bare, as policies are spoken of, unless they hold what could pass for our own words.
fn words(value: &Value) -> String {
    let bare = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | ',' | '[' | ']');
    match value {
        Value::String(text) if !text.is_empty() && text.chars().all(bare) => text.clone(),
        Value::String(_) => inline(value),
        Value::List(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) | Value::Sensitive(_) => {
            inline(value)
        }
    }
}

fn principals(value: &Value) -> String {
    match value.as_map() {
        Some(map) => {
            let each = map
                .iter()
                .map(|(kind, who)| format!("{kind} {}", words(who)));
            each.collect::<Vec<_>>().join(", ")
        }
        None => words(value),
    }
}

fn conditions(value: &Value) -> String {
    let Some(operators) = value.as_map() else {
        return inline(value);
    };
    let each = operators
        .iter()
        .map(|(operator, tests)| format!("{operator} {}", element(tests)));
    each.collect::<Vec<_>>().join(" and ")
}
