//! Values as JSON: the attributes of a state, what a plan says, and what a provider may answer
//! instead of MessagePack. Read and written by the type, as the other form is.

use std::collections::BTreeMap;

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

fn typed(text: &str) -> Option<(Type, &str)> {
    let (mut own, mut value) = (None, None);
    for member in members(text).ok()? {
        let (key, part) = member.ok()?;
        match key.as_ref() {
            "type" => own = Some(Type::parse(part.as_bytes()).ok()?),
            "value" => value = Some(part),
            _ => return None,
        }
    }
    own.zip(value)
}

/// A value with the type that its text shows.
fn inferred(text: &str, depth: usize) -> Result<(Type, Value), JsonValueError> {
    let too_deep = JsonValueError::new("the value is nested too deep");
    let depth = depth.checked_sub(1).ok_or(too_deep)?;
    let not_json = |_| JsonValueError::new("it is not JSON");
    match text.as_bytes().first() {
        Some(b'n') => Ok((Type::Dynamic, Value::Null)),
        Some(b't' | b'f') => Ok((Type::Bool, Value::Bool(text == "true"))),
        Some(b'"') => Ok((Type::String, Value::string(&*string(text)?))),
        Some(b'[') => {
            let parts = elements(text).map_err(not_json)?;
            let all = parts.map(|part| inferred(part.map_err(not_json)?, depth));
            let (types, values) = all.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            Ok((Type::Tuple(types), Value::Tuple(values)))
        }
        Some(b'{') => {
            let (mut types, mut values) = (BTreeMap::new(), BTreeMap::new());
            for member in members(text).map_err(not_json)? {
                let (key, part) = member.map_err(not_json)?;
                let (own, value) = inferred(part, depth)?;
                types.insert(Name::from(&*key), own);
                values.insert(Name::from(&*key), value);
            }
            Ok((Type::Object(types), Value::Object(values)))
        }
        _ => Ok((Type::Number, Value::Number(number(text)?))),
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

/// Writes a value; what is not known becomes null, because JSON has no word for it.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    write_into(value, &mut out);
    out
}

fn write_into(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Unknown(_) => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        // JSON has no infinity either.
        Value::Number(number) if number.is_infinite() => out.push_str("null"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => quote(text, out),
        Value::List(all) | Value::Set(all) | Value::Tuple(all) => {
            out.push('[');
            for (at, element) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_into(element, out);
            }
            out.push(']');
        }
        Value::Map(all) | Value::Object(all) => {
            out.push('{');
            for (at, (name, element)) in all.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write_into(element, out);
            }
            out.push('}');
        }
        Value::Dynamic(typed) => {
            out.push_str("{\"type\":");
            out.push_str(&typed.0.to_json());
            out.push_str(",\"value\":");
            write_into(&typed.1, out);
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(own: &str, text: &str, objects: Objects) -> Result<Value, JsonValueError> {
        read(text, &Type::parse(own.as_bytes()).unwrap(), objects)
    }

    #[test]
    fn a_value_is_written_as_it_is_read() {
        for (own, text) in [
            (r#""string""#, r#""a \"b\"""#),
            (
                r#""number""#,
                "123456789012345678901234567890.000000000000000001",
            ),
            (
                r#"["object",{"a":["list","bool"],"b":["map","number"]}]"#,
                r#"{"a":[true,null],"b":{"x":1.5}}"#,
            ),
            (
                r#"["tuple",["string","dynamic"]]"#,
                r#"["a",{"type":["list","number"],"value":[1,2]}]"#,
            ),
        ] {
            let value = read_as(own, text, Objects::Exact).unwrap();
            assert_eq!(write(&value), text);
        }
        let set = read_as(r#"["set","number"]"#, "[2, 1, 2]", Objects::Exact).unwrap();
        assert_eq!(write(&set), "[1,2]");
    }

    #[test]
    fn what_is_absent_is_null_only_where_it_may_be() {
        let own = r#"["object",{"a":"string","b":"string"}]"#;
        let value = read_as(own, r#"{"a":"x","c":1}"#, Objects::Lenient).unwrap();
        assert_eq!(write(&value), r#"{"a":"x","b":null}"#);
        let error = read_as(own, r#"{"a":"x"}"#, Objects::Exact).unwrap_err();
        assert_eq!(error.to_string(), "`/b`: it is missing");
        assert!(read_as(own, r#"{"a":"x","b":null,"c":1}"#, Objects::Exact).is_err());
    }

    #[test]
    fn a_plan_leaves_out_the_types_of_dynamic_values() {
        let value = read_as(r#""dynamic""#, r#"{"a":[1,"x",null]}"#, Objects::Lenient).unwrap();
        let Value::Dynamic(typed) = value else {
            panic!("it has a type");
        };
        let own = r#"["object",{"a":["tuple",["number","string","dynamic"]]}]"#;
        assert_eq!(typed.0.to_json(), own);
    }

    #[test]
    fn what_is_no_value_of_the_type_is_refused() {
        for (own, text) in [
            (r#""string""#, "1"),
            (r#""bool""#, "\"true\""),
            (r#""number""#, "\"secret\""),
            (r#"["list","string"]"#, "{}"),
            (r#"["tuple",["string"]]"#, "[]"),
            (r#"["tuple",["string"]]"#, r#"["a","b"]"#),
            (r#"["list","string"]"#, "[\"a\""),
        ] {
            let error = read_as(own, text, Objects::Lenient).unwrap_err();
            assert!(!error.to_string().contains("secret"));
        }
    }
}
