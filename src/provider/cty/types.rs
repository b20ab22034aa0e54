//! Type constraints, and the JSON that providers write them in: `"string"`, `["set",["object",{…}]]`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Name;
use crate::ingest::json;

/// Types may be nested this deep.
pub const MAX_TYPE_DEPTH: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    Bool,
    Number,
    String,
    /// Decided by each value.
    Dynamic,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(BTreeMap<Name, Type>),
}

/// The text is no type constraint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a type constraint cannot be read: {0}")]
pub struct TypeError(&'static str);

impl Type {
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    pub fn object<N: Into<Name>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        let attributes = attributes.into_iter();
        Self::Object(
            attributes
                .map(|(name, own)| (name.into(), own))
                .collect::<BTreeMap<_, _>>(),
        )
    }

    /// # Errors
    /// Text that is not JSON, a word that is no type, too deep a nesting.
    pub fn parse(text: &[u8]) -> Result<Self, TypeError> {
        let text = std::str::from_utf8(text).map_err(|_| TypeError("it is not UTF-8"))?;
        let text = text.trim_matches([' ', '\n', '\r', '\t']);
        json::check(text).map_err(|_| TypeError("it is not JSON"))?;
        parse(text, MAX_TYPE_DEPTH)
    }

    /// The constraint as JSON, in the form that all of Terraform's parts write.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write(self, &mut out);
        out
    }

    /// Whether a value of the type holds others.
    pub fn is_primitive(&self) -> bool {
        match self {
            Self::Bool | Self::Number | Self::String => true,
            Self::Dynamic
            | Self::List(_)
            | Self::Set(_)
            | Self::Map(_)
            | Self::Tuple(_)
            | Self::Object(_) => false,
        }
    }
}

fn parse(text: &str, depth: usize) -> Result<Type, TypeError> {
    let depth = depth.checked_sub(1).ok_or(TypeError("it is too deep"))?;
    match text {
        "\"bool\"" => return Ok(Type::Bool),
        "\"number\"" => return Ok(Type::Number),
        "\"string\"" => return Ok(Type::String),
        "\"dynamic\"" => return Ok(Type::Dynamic),
        _ => {}
    }
    let wrong = TypeError("it is no known type");
    let mut parts = json::elements(text).map_err(|_| wrong.clone())?;
    let mut next = || -> Result<&str, TypeError> {
        let part = parts.next().and_then(Result::ok);
        part.ok_or(TypeError("it lacks its element"))
    };
    let kind = next()?;
    let element = next()?;
    match kind {
        "\"list\"" => Ok(Type::list(parse(element, depth)?)),
        "\"set\"" => Ok(Type::set(parse(element, depth)?)),
        "\"map\"" => Ok(Type::map(parse(element, depth)?)),
        "\"tuple\"" => {
            let elements = json::elements(element).map_err(|_| wrong)?;
            let types = elements.map(|one| match one {
                Ok(one) => parse(one, depth),
                Err(_) => Err(TypeError("it is no known type")),
            });
            Ok(Type::Tuple(types.collect::<Result<_, _>>()?))
        }
        // A third part may name optional attributes, which mean nothing for a value.
        "\"object\"" => {
            let mut attributes = BTreeMap::new();
            for member in json::members(element).map_err(|_| wrong.clone())? {
                let (name, own) = member.map_err(|_| wrong.clone())?;
                attributes.insert(Name::from(&*name), parse(own, depth)?);
            }
            Ok(Type::Object(attributes))
        }
        _ => Err(wrong),
    }
}

fn write(own: &Type, out: &mut String) {
    match own {
        Type::Bool => out.push_str("\"bool\""),
        Type::Number => out.push_str("\"number\""),
        Type::String => out.push_str("\"string\""),
        Type::Dynamic => out.push_str("\"dynamic\""),
        Type::List(element) => wrapped("list", element, out),
        Type::Set(element) => wrapped("set", element, out),
        Type::Map(element) => wrapped("map", element, out),
        Type::Tuple(elements) => {
            out.push_str("[\"tuple\",[");
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(element, out);
            }
            out.push_str("]]");
        }
        Type::Object(attributes) => {
            out.push_str("[\"object\",{");
            for (at, (name, own)) in attributes.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                // A string has no way to fail as JSON.
                let _ = write!(out, "{}", serde_json::Value::from(&**name));
                out.push(':');
                write(own, out);
            }
            out.push_str("}]");
        }
    }
}

fn wrapped(kind: &str, element: &Type, out: &mut String) {
    out.push_str("[\"");
    out.push_str(kind);
    out.push_str("\",");
    write(element, out);
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_as_it_is_written() {
        for text in [
            r#""string""#,
            r#"["list","number"]"#,
            r#"["set",["object",{"a":"bool","b \"c\"":["map","dynamic"]}]]"#,
            r#"["tuple",["string",["tuple",[]]]]"#,
        ] {
            assert_eq!(Type::parse(text.as_bytes()).unwrap().to_json(), text);
        }
        let optional = br#"["object",{"a":"bool"},["a"]]"#;
        assert_eq!(
            Type::parse(optional).unwrap(),
            Type::object([("a", Type::Bool)])
        );
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let deep = "[\"list\",".repeat(100) + "\"string\"" + &"]".repeat(100);
        for text in [
            "",
            "string",
            r#""strings""#,
            r#"["list"]"#,
            r#"["bag","string"]"#,
            r#"["object",[]]"#,
            &deep,
        ] {
            assert!(Type::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Type::parse(b"\xff").is_err());
    }
}
