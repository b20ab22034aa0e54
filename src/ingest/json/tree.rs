//! What text is parsed into: a value that lasts, or one that lies where the text does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::parse::are_unique;
use crate::model::{Number, Value};

/// A JSON value, one level of it.
pub enum Shape<'a, T> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<T>),
    Map(Vec<(Cow<'a, str>, T)>),
}

/// Built from the inside.
pub(super) trait Tree<'a>: Sized {
    /// `None` if a key stands twice.
    fn built(shape: Shape<'a, Self>) -> Option<Self>;
}

impl<'a> Tree<'a> for Value {
    fn built(shape: Shape<'a, Self>) -> Option<Self> {
        Some(match shape {
            Shape::Null => Self::Null,
            Shape::Bool(flag) => Self::Bool(flag),
            Shape::Number(number) => Self::Number(number),
            Shape::Text(text) => Self::String(text.into_owned()),
            Shape::List(list) => Self::List(list),
            Shape::Map(members) => {
                let count = members.len();
                let members = members.into_iter();
                let owned = members.map(|(key, value)| (key.into_owned(), value));
                let map: BTreeMap<String, Self> = owned.collect();
                return (map.len() == count).then_some(Self::Map(map));
            }
        })
    }
}

/// A JSON value whose names and texts lie where they were read, in the order of the text.
pub struct Lying<'a>(pub Shape<'a, Lying<'a>>);

impl<'a> Lying<'a> {
    /// Of an object; none of anything else.
    pub fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match &self.0 {
            Shape::Map(members) => members,
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::List(_) => {
                &[]
            }
        }
    }
}

impl<'a> Tree<'a> for Lying<'a> {
    fn built(shape: Shape<'a, Self>) -> Option<Self> {
        let value = Self(shape);
        let keys = value.members().iter().map(|(key, _)| &**key);
        are_unique(keys.collect()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{parse, parse_lying};
    use super::*;

    fn lasting(lying: &Lying<'_>) -> Value {
        match &lying.0 {
            Shape::Null => Value::Null,
            Shape::Bool(flag) => Value::Bool(*flag),
            Shape::Number(number) => Value::Number(*number),
            Shape::Text(text) => Value::from(&**text),
            Shape::List(list) => Value::List(list.iter().map(lasting).collect()),
            Shape::Map(map) => {
                let members = map.iter();
                let members = members.map(|(key, value)| (key.to_string(), lasting(value)));
                Value::Map(members.collect())
            }
        }
    }

    proptest! {
        #[test]
        fn both_read_the_same(
            keys in prop::collection::vec("[a-e]{1,2}|\\\\u0061", 0..24),
            values in prop::collection::vec("null|true|-?[1-9][0-9]{0,3}|1e5|\"[a-z]{0,3}\"|\"\\\\n\"|\\[1,\\{\\}\\]|x|1e999", 24),
        ) {
            let members = keys.iter().zip(&values);
            let members: Vec<String> = members.map(|(key, value)| format!("\"{key}\":{value}")).collect();
            let text = format!("{{{}}}", members.join(","));
            match (parse(&text), parse_lying(&text)) {
                (Ok(value), Ok(lying)) => prop_assert_eq!(value, lasting(&lying)),
                (Err(one), Err(other)) => prop_assert_eq!(one.to_string(), other.to_string()),
                _ => prop_assert!(false, "only one reads {}", text),
            }
        }
    }
}
