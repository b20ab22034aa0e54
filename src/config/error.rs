//! What is wrong with a configuration file, and where.

use std::fmt;

use crate::model::SourceLocation;

/// One thing that is wrong. Displays as `file:line:column: what`, with the remedy apart in `help`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", place(.at))]
pub struct ConfigError {
    pub at: SourceLocation,
    /// What is wrong, lower case, with what the user wrote in backticks.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Everything that is wrong with one configuration file, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    pub errors: Vec<ConfigError>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
            if let Some(help) = &error.help {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// `file:line:column`, as editors and terminals make a link of it.
pub fn place(at: &SourceLocation) -> String {
    format!("{}:{}:{}", at.file, at.line, at.column)
}

/// One line that cannot move the cursor, however long and strange what the user wrote is.
fn printable(message: &str) -> String {
    const LONGEST: usize = 500;
    let mut line = String::new();
    for letter in message.chars().take(LONGEST) {
        if letter.is_control() {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    if message.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// Collects problems by byte offset and knows how to turn an offset into a line and a column.
pub(super) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    /// The offset at which each line starts.
    lines: Vec<usize>,
    found: Vec<(usize, String, Option<String>)>,
    left_out: usize,
}

/// More would bury the ones worth reading.
const MAX_ERRORS: usize = 100;

impl<'t> Problems<'t> {
    pub(super) fn new(file: &'t str, text: &'t str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(offset, _)| offset + 1));
        Self {
            file,
            text,
            lines: lines.collect(),
            found: Vec::new(),
            left_out: 0,
        }
    }

    pub(super) fn add(&mut self, offset: usize, what: impl Into<String>) {
        self.push(offset, what.into(), None);
    }

    pub(super) fn add_with_help(
        &mut self,
        offset: usize,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(offset, what.into(), Some(help.into()));
    }

    fn push(&mut self, offset: usize, what: String, help: Option<String>) {
        if self.found.len() < MAX_ERRORS {
            let what = printable(&what);
            let help = help.map(|help| printable(&help));
            self.found.push((offset, what, help));
        } else {
            self.left_out += 1;
        }
    }

    /// Lines and columns count from one; columns count characters.
    pub(super) fn locate(&self, offset: usize) -> SourceLocation {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        SourceLocation {
            file: self.file.to_owned(),
            line: number(line),
            column: number(before.chars().count() + 1),
        }
    }

    /// The value, unless something was wrong on the way to it.
    pub(super) fn finish<T>(mut self, value: Option<T>) -> Result<T, ConfigErrors> {
        if let (Some(value), true) = (value, self.found.is_empty()) {
            return Ok(value);
        }
        self.found.sort_by_key(|(offset, ..)| *offset);
        let found = std::mem::take(&mut self.found).into_iter();
        let mut errors: Vec<_> = found
            .map(|(offset, what, help)| ConfigError {
                at: self.locate(offset),
                what,
                help,
            })
            .collect();
        if self.left_out > 0 {
            errors.push(ConfigError {
                at: self.locate(self.text.len()),
                what: format!("{} more problems are not listed", self.left_out),
                help: Some("mend the ones above first".to_owned()),
            });
        }
        Err(ConfigErrors { errors })
    }
}
