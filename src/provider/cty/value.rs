//! Values. What type one has is known beside it, from a schema; only dynamic values carry theirs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Number, Type, Unknown};

/// A name of an attribute or a key of a map; shared with the type where there is one.
pub type Name = Arc<str>;

/// A value of Terraform. Null is no absence: every attribute of an object is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Null,
    Unknown(Box<Unknown>),
    Bool(bool),
    Number(Number),
    String(Box<str>),
    List(Vec<Value>),
    /// In order, each once: made by [`Value::set`].
    Set(Vec<Value>),
    Map(BTreeMap<Name, Value>),
    Tuple(Vec<Value>),
    Object(BTreeMap<Name, Value>),
    /// Where a schema says `dynamic`: a value and the type that it turned out to have.
    Dynamic(Box<(Type, Value)>),
}

impl Value {
    /// A value of which nothing is known yet.
    pub fn unknown() -> Self {
        Self::Unknown(Box::default())
    }

    pub fn string(text: impl Into<Box<str>>) -> Self {
        Self::String(text.into())
    }

    pub fn int(int: i64) -> Self {
        Self::Number(Number::from(int))
    }

    /// A set has no order and holds each element once. Elements that are not known may turn out to
    /// be different ones, and all stay.
    pub fn set(mut elements: Vec<Value>) -> Self {
        elements.sort();
        elements.dedup_by(|later, earlier| later == earlier && later.is_wholly_known());
        Self::Set(elements)
    }

    pub fn object<N: Into<Name>>(attributes: impl IntoIterator<Item = (N, Value)>) -> Self {
        let attributes = attributes.into_iter();
        Self::Object(
            attributes
                .map(|(name, value)| (name.into(), value))
                .collect::<BTreeMap<_, _>>(),
        )
    }

    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(typed) => typed.1.is_null(),
            _ => false,
        }
    }

    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(typed) => typed.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing within is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(all) | Self::Set(all) | Self::Tuple(all) => {
                all.iter().all(Self::is_wholly_known)
            }
            Self::Map(all) | Self::Object(all) => all.values().all(Self::is_wholly_known),
            Self::Dynamic(typed) => typed.1.is_wholly_known(),
        }
    }

    /// The attribute of an object, or the value at a key of a map.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(all) | Self::Object(all) => all.get(name),
            _ => None,
        }
    }

    /// The value at a pointer's tokens; sets have no places within.
    pub fn at(&self, tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Option<&Value> {
        let mut here = self;
        for token in tokens {
            let token = token.as_ref();
            here = match here {
                Self::Map(all) | Self::Object(all) => all.get(token)?,
                Self::List(all) | Self::Tuple(all) => all.get(token.parse::<usize>().ok()?)?,
                Self::Dynamic(typed) => typed.1.at([token])?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// The elements of a list, a set or a tuple; none of anything else.
    pub fn elements(&self) -> &[Value] {
        match self {
            Self::List(all) | Self::Set(all) | Self::Tuple(all) => all,
            _ => &[],
        }
    }

    /// A list, a set or a map with something made of each element; nothing of anything else.
    pub fn map_elements(&self, make: impl Fn(&Value) -> Value) -> Option<Value> {
        match self {
            Self::List(all) => Some(Self::List(all.iter().map(make).collect())),
            Self::Set(all) => Some(Self::set(all.iter().map(make).collect())),
            Self::Map(all) => {
                let made = all.iter().map(|(key, one)| (Name::clone(key), make(one)));
                Some(Self::Map(made.collect()))
            }
            Self::Null
            | Self::Unknown(_)
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Tuple(_)
            | Self::Object(_)
            | Self::Dynamic(_) => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_no_order() {
        let one = Value::set(vec![Value::int(2), Value::int(1), Value::int(2)]);
        assert_eq!(one, Value::set(vec![Value::int(1), Value::int(2)]));
        let unknown = Value::set(vec![Value::unknown(), Value::unknown()]);
        assert_eq!(unknown.elements().len(), 2);
        assert!(!unknown.is_wholly_known());
    }
}
