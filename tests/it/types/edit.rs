//! Reading and changing a place in an item, found as the tables find it: names folded, text opened.

use driftwarden::normalise::path::{folded_eq, keyed};
use serde_json::Value;

type Tokens = [Box<str>];

/// What stands at a place; nothing where there is no such place.
pub fn get(value: &Value, path: &Tokens) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value.clone());
    };
    match value {
        Value::Object(map) => {
            let (_, below) = map.iter().find(|(key, _)| folded_eq(key, first))?;
            get(below, rest)
        }
        Value::Array(list) => match keyed(first) {
            Some(key) => get(
                &value_of(list.iter().find(|pair| is_pair(pair, key))?)?,
                rest,
            ),
            None => get(list.get(first.parse::<usize>().ok()?)?, rest),
        },
        Value::String(text) => get(&opened(text)?, path),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether it is the pair of this key in a list of keys and values.
fn is_pair(pair: &Value, key: &str) -> bool {
    text(pair, &["key".into()]).as_deref() == Some(key)
}

fn value_of(pair: &Value) -> Option<Value> {
    get(pair, &["value".into()])
}

/// As text; numbers and booleans as they are written.
pub fn text(value: &Value, path: &Tokens) -> Option<String> {
    match get(value, path)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Puts something else in a place, or takes it away; whether there was such a place.
pub fn set(value: &mut Value, path: &Tokens, new: Option<&Value>) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    match value {
        Value::Object(map) => {
            let Some(key) = map.keys().find(|key| folded_eq(key, first)).cloned() else {
                return false;
            };
            match (rest, new) {
                ([], Some(new)) => drop(map.insert(key, new.clone())),
                ([], None) => drop(map.remove(&key)),
                _ => return set(&mut map[&key], rest, new),
            }
            true
        }
        Value::Array(list) if keyed(first).is_some() => {
            let is_it = |pair: &Value| keyed(first).is_some_and(|key| is_pair(pair, key));
            let Some(at) = list.iter().position(is_it) else {
                return false;
            };
            match new {
                Some(new) => return set(&mut list[at], &["value".into()], Some(new)),
                None => drop(list.remove(at)),
            }
            true
        }
        Value::Array(list) => {
            let Some(at) = first.parse::<usize>().ok().filter(|at| *at < list.len()) else {
                return false;
            };
            match (rest, new) {
                ([], Some(new)) => list[at] = new.clone(),
                ([], None) => drop(list.remove(at)),
                _ => return set(&mut list[at], rest, new),
            }
            true
        }
        Value::String(text) => {
            let Some(mut inner) = opened(text) else {
                return false;
            };
            let done = set(&mut inner, path, new);
            *text = inner.to_string();
            done
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Puts something in a place that may not be there yet.
pub fn put(value: &mut Value, path: &Tokens, new: &Value) {
    if set(value, path, Some(new)) {
        return;
    }
    let Some((last, before)) = path.split_last() else {
        return;
    };
    if !matches!(get(value, before), Some(Value::Object(_))) {
        put(value, before, &serde_json::json!({}));
    }
    let mut parent = get(value, before).unwrap();
    parent[&**last] = new.clone();
    match before {
        [] => *value = parent,
        _ => assert!(set(value, before, Some(&parent))),
    }
}

/// What a text holds, if it is JSON.
pub fn opened(text: &str) -> Option<Value> {
    let holds_json = text.trim_start().starts_with(['{', '[', '"']);
    holds_json
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}
