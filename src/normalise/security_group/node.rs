//! What rules are read from: values that last, and such as lie where their text does.

use std::borrow::Cow;

use crate::ingest::json::{Lying, Shape};
use crate::model::{Number, Value};
use crate::normalise::path::folded_eq;

pub trait Node: Sized {
    fn is_null(&self) -> bool;
    fn is_true(&self) -> bool;
    fn elements(&self) -> Option<&[Self]>;
    /// A member by just this name.
    fn member(&self, name: &str) -> Option<&Self>;
    /// A member by its name, whatever its case: AWS changes that of whole types.
    fn field(&self, name: &str) -> Option<&Self>;
    fn string(&self) -> Option<&str>;
    fn number(&self) -> Option<&Number>;

    /// A text, or a number as text.
    fn text(&self) -> Option<Cow<'_, str>> {
        let number = || self.number().map(|number| Cow::Owned(number.to_string()));
        self.string().map(Cow::Borrowed).or_else(number)
    }

    /// An integer, or text that is one.
    fn integer(&self) -> Option<i64> {
        match (self.number(), self.string()) {
            (Some(Number::Int(int)), _) => i64::try_from(*int).ok(),
            (Some(Number::Float(_)), _) => None,
            (None, text) => text?.parse().ok(),
        }
    }
}

impl Node for Value {
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    fn elements(&self) -> Option<&[Self]> {
        self.as_list()
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_map()?.get(name)
    }

    fn field(&self, name: &str) -> Option<&Self> {
        self.member(name).or_else(|| {
            let mut fields = self.as_map()?.iter();
            let (_, value) = fields.find(|(known, _)| folded_eq(known, name))?;
            Some(value)
        })
    }

    fn string(&self) -> Option<&str> {
        self.as_str()
    }

    fn number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            Self::Null
            | Self::Bool(_)
            | Self::String(_)
            | Self::List(_)
            | Self::Map(_)
            | Self::Sensitive(_) => None,
        }
    }
}

impl Node for Lying<'_> {
    fn is_null(&self) -> bool {
        matches!(self.0, Shape::Null)
    }

    fn is_true(&self) -> bool {
        matches!(self.0, Shape::Bool(true))
    }

    fn elements(&self) -> Option<&[Self]> {
        match &self.0 {
            Shape::List(list) => Some(list),
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::Text(_) | Shape::Map(_) => {
                None
            }
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        let (_, value) = self.members().iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    fn field(&self, name: &str) -> Option<&Self> {
        self.member(name).or_else(|| {
            // Of several that are written alike the one counts that comes first by name.
            let alike = self.members().iter();
            let alike = alike.filter(|(known, _)| folded_eq(known, name));
            let (_, value) = alike.min_by(|(one, _), (other, _)| one.cmp(other))?;
            Some(value)
        })
    }

    fn string(&self) -> Option<&str> {
        match &self.0 {
            Shape::Text(text) => Some(text),
            Shape::Null | Shape::Bool(_) | Shape::Number(_) | Shape::List(_) | Shape::Map(_) => {
                None
            }
        }
    }

    fn number(&self) -> Option<&Number> {
        match &self.0 {
            Shape::Number(number) => Some(number),
            Shape::Null | Shape::Bool(_) | Shape::Text(_) | Shape::List(_) | Shape::Map(_) => None,
        }
    }
}
