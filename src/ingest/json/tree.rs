//! What text is parsed into: a value that lasts, or one that lies where the text does.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Number, Value};

/// Built from the inside.
pub(super) trait Tree<'a>: Sized {
    fn null() -> Self;
    fn bool(flag: bool) -> Self;
    fn number(number: Number) -> Self;
    fn text(text: Cow<'a, str>) -> Self;
    fn list(list: Vec<Self>) -> Self;
    /// `None` if a key stands twice.
    fn map(members: Vec<(Cow<'a, str>, Self)>) -> Option<Self>;
}

impl<'a> Tree<'a> for Value {
    fn null() -> Self {
        Self::Null
    }

    fn bool(flag: bool) -> Self {
        Self::Bool(flag)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: Cow<'a, str>) -> Self {
        Self::String(text.into_owned())
    }

    fn list(list: Vec<Self>) -> Self {
        Self::List(list)
    }

    fn map(members: Vec<(Cow<'a, str>, Self)>) -> Option<Self> {
        let count = members.len();
        let members = members.into_iter();
        let map: BTreeMap<String, Self> = members
            .map(|(key, value)| (key.into_owned(), value))
            .collect();
        (map.len() == count).then_some(Self::Map(map))
    }
}

/// A JSON value whose names and texts lie where they were read, in the order of the text.
pub enum Lying<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Lying<'a>>),
    Map(Vec<(Cow<'a, str>, Lying<'a>)>),
}

impl<'a> Lying<'a> {
    /// Of an object; none of anything else.
    pub fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(members) => members,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }
}

impl<'a> Tree<'a> for Lying<'a> {
    fn null() -> Self {
        Self::Null
    }

    fn bool(flag: bool) -> Self {
        Self::Bool(flag)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }

    fn list(list: Vec<Self>) -> Self {
        Self::List(list)
    }

    fn map(members: Vec<(Cow<'a, str>, Self)>) -> Option<Self> {
        let is_unique = match members.len() {
            ..=16 => {
                let mut rest = &*members;
                let mut is_unique = true;
                while let [(key, _), behind @ ..] = rest {
                    is_unique &= behind.iter().all(|(other, _)| other != key);
                    rest = behind;
                }
                is_unique
            }
            count => {
                let keys: BTreeSet<&str> = members.iter().map(|(key, _)| &**key).collect();
                keys.len() == count
            }
        };
        is_unique.then_some(Self::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{parse, parse_lying};
    use super::*;

    fn lasting(lying: &Lying<'_>) -> Value {
        match lying {
            Lying::Null => Value::Null,
            Lying::Bool(flag) => Value::Bool(*flag),
            Lying::Number(number) => Value::Number(*number),
            Lying::Text(text) => Value::from(&**text),
            Lying::List(list) => Value::List(list.iter().map(lasting).collect()),
            Lying::Map(map) => {
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
