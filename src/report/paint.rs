//! Writes lines of text: escapes, wraps, then colours, in this order, so that no foreign text can
//! reach the output by another way.

use std::io::{self, Write};

use super::Style;
use super::escape::escape;
use super::wrap::wrap;
use crate::model::Severity;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Alarm,
    Red,
    Yellow,
    Green,
    Cyan,
}

impl Paint {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Alarm => Some("1;31"),
            Self::Red => Some("31"),
            Self::Yellow => Some("33"),
            Self::Green => Some("32"),
            Self::Cyan => Some("36"),
        }
    }
}

impl From<Severity> for Paint {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Alarm,
            Severity::High => Self::Red,
            Severity::Medium => Self::Yellow,
            Severity::Low => Self::Cyan,
            Severity::Info => Self::Dim,
        }
    }
}

/// A label and the paint of the label and of the text that follows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    pub indent: usize,
    pub text: &'a str,
    /// The columns that the label fills, the space after it included.
    pub columns: usize,
    pub paint: Paint,
    pub body: Paint,
}

pub(super) struct Painter<'w> {
    out: &'w mut dyn Write,
    color: bool,
    width: usize,
}

impl<'w> Painter<'w> {
    pub(super) fn new(out: &'w mut dyn Write, style: &Style) -> Self {
        Self {
            out,
            color: style.color,
            width: style.width.max(40),
        }
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    pub(super) fn line(&mut self, indent: usize, paint: Paint, text: &str) -> io::Result<()> {
        let label = Label {
            indent,
            text: "",
            columns: 0,
            paint: Paint::Plain,
            body: paint,
        };
        self.labelled(label, text)
    }

    /// Never broken, whatever the width: a command or an address that is to be copied.
    pub(super) fn verbatim(&mut self, label: Label<'_>, text: &str) -> io::Result<()> {
        self.rows(label, &[escape(text).into_owned()])
    }

    /// The label, then the text, its further lines hanging under its first.
    pub(super) fn labelled(&mut self, label: Label<'_>, text: &str) -> io::Result<()> {
        let room = self.width.saturating_sub(label.indent + label.columns);
        self.rows(label, &wrap(&escape(text), room.max(20)))
    }

    fn rows(&mut self, label: Label<'_>, rows: &[String]) -> io::Result<()> {
        for (index, row) in rows.iter().enumerate() {
            write!(self.out, "{:1$}", "", label.indent)?;
            let shown = if index == 0 { label.text } else { "" };
            let shown = escape(shown);
            self.painted(label.paint, &shown)?;
            if !row.is_empty() {
                let pad = label.columns.saturating_sub(shown.chars().count());
                write!(self.out, "{:pad$}", "")?;
                self.painted(label.body, row)?;
            }
            self.blank()?;
        }
        Ok(())
    }

    fn painted(&mut self, paint: Paint, text: &str) -> io::Result<()> {
        match paint.code().filter(|_| self.color && !text.is_empty()) {
            Some(code) => write!(self.out, "\x1b[{code}m{text}\x1b[0m"),
            None => self.out.write_all(text.as_bytes()),
        }
    }
}
