//! Values as JSON: the attributes of a state, what a plan says, and what a provider may answer
//! instead of MessagePack. Read and written by the type, as the other form is.

mod infer;
mod write;

use std::collections::BTreeMap;

pub use write::write;

use infer::{inferred, typed};

use super::cty::{MAX_DEPTH, Name, Number, Type, Value};
use crate::ingest::json::{decode_string, elements, members};

/// Text that is no value of the type. Names of attributes are told, values never.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct JsonValueError {
    what: &'static str,
    /// Names of attributes, innermost first.
    path: Vec<Name>,
}

impl JsonValueError {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            path: Vec::new(),
        }
    }

    fn place(&self) -> String {
        let place: String = self
            .path
            .iter()
            .rev()
            .map(|name| format!("/{name}"))
            .collect();
        match place.is_empty() {
            true => place,
            false => format!("`{place}`: "),
        }
    }
}

/// How strictly an object must have what its type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    /// As on the wire: every attribute, and no other.
    Exact,
    /// What is absent is null, and what the type does not name is passed over: plans leave out what
    /// they do not know, and states may be of another version.
    Lenient,
}

/// Reads one value of that type.
///
/// # Errors
/// Text that is not JSON or no value of the type.
pub fn read(text: &str, own: &Type, objects: Objects) -> Result<Value, JsonValueError> {
    let text = text.trim_matches([' ', '\n', '\r', '\t']);
    check(text)?;
    read_checked(text, own, objects, MAX_DEPTH)
}

/// Numbers of any length are numbers here, so the tree's own limits do not hold.
fn check(text: &str) -> Result<(), JsonValueError> {
    let checked = serde_json::from_str::<&serde_json::value::RawValue>(text);
    checked.map_err(|_| JsonValueError::new("it is not JSON"))?;
    Ok(())
}

fn read_checked(
    text: &str,
    own: &Type,
    objects: Objects,
    depth: usize,
) -> Result<Value, JsonValueError> {
    if text == "null" {
        return Ok(Value::Null);
    }
    let too_deep = JsonValueError::new("the value is nested too deep");
    let depth = depth.checked_sub(1).ok_or(too_deep)?;
    let element = |text: &str, own: &Type| read_checked(text, own, objects, depth);
    match own {
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(JsonValueError::new("a bool is wanted here")),
        },
        Type::Number => number(text).map(Value::Number),
        Type::String => string(text).map(|text| Value::string(&*text)),
        Type::List(own) => Ok(Value::List(list(text, |text| element(text, own))?)),
        Type::Set(own) => Ok(Value::set(list(text, |text| element(text, own))?)),
        Type::Tuple(types) => {
            let mut types = types.iter();
            let all = list(text, |text| match types.next() {
                Some(own) => element(text, own),
                None => Err(JsonValueError::new("a tuple of another length")),
            })?;
            match types.next() {
                None => Ok(Value::Tuple(all)),
                Some(_) => Err(JsonValueError::new("a tuple of another length")),
            }
        }
        Type::Map(own) => {
            let mut map = BTreeMap::new();
            for member in members(text).map_err(|_| JsonValueError::new("a map is wanted here"))? {
                let (key, value) = member.map_err(|_| JsonValueError::new("it is not JSON"))?;
                map.insert(Name::from(&*key), element(value, own)?);
            }
            Ok(Value::Map(map))
        }
        Type::Object(attributes) => object(text, attributes, objects, depth),
        Type::Dynamic => dynamic(text, objects, depth),
    }
}

fn list(
    text: &str,
    mut element: impl FnMut(&str) -> Result<Value, JsonValueError>,
) -> Result<Vec<Value>, JsonValueError> {
    let parts = elements(text).map_err(|_| JsonValueError::new("an array is wanted here"))?;
    parts
        .map(|part| match part {
            Ok(part) => element(part),
            Err(_) => Err(JsonValueError::new("it is not JSON")),
        })
        .collect()
}

fn object(
    text: &str,
    attributes: &BTreeMap<Name, Type>,
    objects: Objects,
    depth: usize,
) -> Result<Value, JsonValueError> {
    let mut object = BTreeMap::new();
    let parts = members(text).map_err(|_| JsonValueError::new("an object is wanted here"))?;
    for member in parts {
        let (key, value) = member.map_err(|_| JsonValueError::new("it is not JSON"))?;
        let Some((name, own)) = attributes.get_key_value(&*key) else {
            match objects {
                Objects::Lenient => continue,
                Objects::Exact => {
                    return Err(JsonValueError::new(
                        "an attribute that the type does not have",
                    ));
                }
            }
        };
        let value = read_checked(value, own, objects, depth).map_err(|mut error| {
            error.path.push(Name::clone(name));
            error
        })?;
        object.insert(Name::clone(name), value);
    }
    for name in attributes.keys() {
        if object.contains_key(name) {
            continue;
        }
        if objects == Objects::Exact {
            let mut error = JsonValueError::new("it is missing");
            error.path.push(Name::clone(name));
            return Err(error);
        }
        object.insert(Name::clone(name), Value::Null);
    }
    Ok(Value::Object(object))
}

fn dynamic(text: &str, objects: Objects, depth: usize) -> Result<Value, JsonValueError> {
    match (typed(text), objects) {
        (Some((own, value)), _) => {
            let value = read_checked(value, &own, objects, depth)?;
            Ok(Value::Dynamic(Box::new((own, value))))
        }
        (None, Objects::Exact) => Err(JsonValueError::new("a type and a value are wanted here")),
        // Plans write such a value without its type.
        (None, Objects::Lenient) => {
            let (own, value) = inferred(text, depth)?;
            Ok(match value.is_null() {
                true => Value::Null,
                false => Value::Dynamic(Box::new((own, value))),
            })
        }
    }
}

/// Numbers may also stand as text, as old states have them.
fn number(text: &str) -> Result<Number, JsonValueError> {
    let wanted = || JsonValueError::new("a number is wanted here");
    match text.starts_with('"') {
        true => Number::parse(&decode_string(text).map_err(|_| wanted())?).ok_or_else(wanted),
        false => Number::parse(text).ok_or_else(wanted),
    }
}

fn string(text: &str) -> Result<std::borrow::Cow<'_, str>, JsonValueError> {
    let wanted = || JsonValueError::new("a string is wanted here");
    match text.starts_with('"') {
        true => decode_string(text).map_err(|_| wanted()),
        false => Err(wanted()),
    }
}

#[cfg(test)]
mod tests;
