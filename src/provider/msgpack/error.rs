//! What can be wrong with an encoded value. Names of attributes are told, values never.

/// A value that cannot be read, or not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", self.place())]
pub struct MsgpackError {
    what: String,
    /// Names of attributes, innermost first.
    path: Vec<Box<str>>,
}

impl MsgpackError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            path: Vec::new(),
        }
    }

    pub(super) fn short() -> Self {
        Self::new("the value ends in the middle")
    }

    pub(super) fn within(mut self, attribute: &str) -> Self {
        self.path.push(attribute.into());
        self
    }

    fn place(&self) -> String {
        let mut place = String::new();
        for name in self.path.iter().rev() {
            place.push('/');
            place.push_str(name);
        }
        match place.is_empty() {
            true => place,
            false => format!("`{place}`: "),
        }
    }
}
