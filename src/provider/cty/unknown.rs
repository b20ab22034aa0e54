//! A value that will be decided later, and what is known of it all the same.

use super::Number;

/// What a value that is not yet known will be like. Empty for one of which nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// Whether it will be null; nobody knows if absent.
    pub null: Option<bool>,
    /// What a string will begin with.
    pub prefix: Option<Box<str>>,
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
    /// How many elements a collection will have.
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    pub at: Number,
    pub inclusive: bool,
}

impl Unknown {
    /// Whether nothing at all is known.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
