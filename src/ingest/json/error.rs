//! What can be wrong with JSON, at three distances: in a piece of text, in a value of a document,
//! in the document.
//!
//! No message ever quotes a value: it may be a secret. Keys, addresses and version numbers are
//! quoted, cut to a length that a terminal can show.

use std::borrow::Cow;
use std::io;

use super::MAX_DEPTH;

/// What is wrong with a piece of JSON, and at which byte of that piece.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct JsonError {
    pub at: usize,
    pub what: Cow<'static, str>,
}

impl JsonError {
    pub(crate) fn new(at: usize, what: &'static str) -> Self {
        Self {
            at,
            what: Cow::Borrowed(what),
        }
    }

    pub(super) fn too_deep(at: usize) -> Self {
        Self {
            at,
            what: Cow::Owned(format!("brackets are nested more than {MAX_DEPTH} deep")),
        }
    }

    /// The same error, counted from the beginning of `outer`, of which `inner` is a part.
    pub fn within(mut self, outer: &str, inner: &str) -> Self {
        self.at = self.at.saturating_add(offset(outer, inner));
        self
    }
}

/// Where `inner` begins in `outer`; 0 if it is no part of it.
fn offset(outer: &str, inner: &str) -> usize {
    let distance = inner.as_ptr().addr().checked_sub(outer.as_ptr().addr());
    distance.filter(|at| *at <= outer.len()).unwrap_or(0)
}

/// What is wrong with one value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte of the value's text, from its first one.
    pub at: usize,
    pub what: String,
    pub help: Option<&'static str>,
}

impl Fault {
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            at: 0,
            what: what.into(),
            help: None,
        }
    }

    pub fn with_help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// The same fault, counted from the beginning of `outer`, of which `inner` is a part.
    pub fn within(mut self, outer: &str, inner: &str) -> Self {
        self.at = self.at.saturating_add(offset(outer, inner));
        self
    }
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self::new(what)
    }
}

impl From<&str> for Fault {
    fn from(what: &str) -> Self {
        Self::new(what)
    }
}

impl From<JsonError> for Fault {
    fn from(error: JsonError) -> Self {
        Self {
            at: error.at,
            what: error.what.into_owned(),
            help: None,
        }
    }
}

/// Something is wrong with a document. `Display` says what; [`help`](Self::help) what to do.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// `line` and `column` count from one, in bytes.
    #[error("line {line}, column {column}: {what}")]
    Malformed {
        line: u64,
        column: u64,
        what: String,
        help: Option<&'static str>,
    },
    #[error("the file ends in the middle, after {offset} bytes")]
    Truncated { offset: u64 },
    #[error("the file cannot be read: {}", words(.0))]
    Read(io::Error),
    /// The document is not of the kind that is wanted, or what it says cannot be used.
    #[error("{what}")]
    Refused {
        what: String,
        help: Option<&'static str>,
    },
}

impl StreamError {
    pub fn refused(what: impl Into<String>, help: &'static str) -> Self {
        Self::Refused {
            what: what.into(),
            help: Some(help),
        }
    }

    /// What the reader of the message can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Malformed { help, .. } | Self::Refused { help, .. } => *help,
            Self::Truncated { .. } => {
                Some("the file was cut off, or is still being written; fetch it again")
            }
            Self::Read(error) => match error.kind() {
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::InvalidData
                | io::ErrorKind::InvalidInput => {
                    Some("the file is damaged or was cut off; fetch it again")
                }
                _ => None,
            },
        }
    }

    /// Line and column, where the message has a place.
    pub fn place(&self) -> Option<(u64, u64)> {
        match self {
            Self::Malformed { line, column, .. } => Some((*line, *column)),
            Self::Truncated { .. } | Self::Read(_) | Self::Refused { .. } => None,
        }
    }
}

/// The reason without the system's number for it.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    words.to_lowercase()
}

/// A name out of a file for a message: in backticks, on one line, cut after 200 characters.
pub fn quoted(name: &str) -> String {
    const LONGEST: usize = 200;
    let mut text = String::from("`");
    for (count, c) in name.chars().enumerate() {
        if count == LONGEST {
            text.push('…');
            break;
        }
        match c {
            c if c.is_control() => text.extend(c.escape_default()),
            c => text.push(c),
        }
    }
    text.push('`');
    text
}
