//! Rule files as text, and places in them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A place in a rule file. Lines and columns count from one, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: Arc<str>,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One rule file while it is being read.
pub(super) struct SourceFile<'t> {
    name: Arc<str>,
    pub(super) text: &'t str,
}

impl<'t> SourceFile<'t> {
    pub(super) fn new(name: &str, text: &'t str) -> Self {
        Self {
            name: name.into(),
            text,
        }
    }

    pub(super) fn at(&self, line: usize, column: usize) -> Place {
        Place {
            file: Arc::clone(&self.name),
            line,
            column,
        }
    }

    /// The place where a span begins; the file's beginning where the parser gave no span.
    pub(super) fn place(&self, span: Option<Range<usize>>) -> Place {
        let offset = span.map_or(0, |span| span.start);
        let before = self.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before
            .get(line_start..)
            .map_or(0, |line| line.chars().count());
        self.at(before.matches('\n').count() + 1, column + 1)
    }

    pub(super) fn snippet(&self, span: Option<Range<usize>>) -> &'t str {
        span.and_then(|span| self.text.get(span))
            .unwrap_or_default()
    }
}
