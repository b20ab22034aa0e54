//! JSON that is safe to print: what [`escape`](super::escape) would spell out becomes `\u202e`, so
//! the data stays whole and `cat` stays harmless.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use super::escape::is_unsafe;

#[derive(Default)]
pub(super) struct SafeFormatter(CompactFormatter);

impl Formatter for SafeFormatter {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        if !fragment.chars().any(is_unsafe) {
            return self.0.write_string_fragment(out, fragment);
        }
        fragment.chars().try_for_each(|c| write_safe(out, c))
    }
}

fn write_safe<W: ?Sized + Write>(out: &mut W, c: char) -> io::Result<()> {
    if !is_unsafe(c) {
        return write!(out, "{c}");
    }
    let mut units = [0; 2];
    let mut units = c.encode_utf16(&mut units).iter();
    units.try_for_each(|unit| write!(out, "\\u{unit:04x}"))
}

/// Writes one value indented, as people read it. What is unsafe stands within strings alone, but
/// for the line breaks of the form itself.
pub(super) fn write_indented(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let mut lines = text.split('\n');
    lines.try_for_each(|line| {
        line.chars().try_for_each(|c| write_safe(out, c))?;
        writeln!(out)
    })
}

/// Writes one value on one line.
pub(super) fn write(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, SafeFormatter::default());
    Ok(value.serialize(&mut serializer)?)
}

/// Writes the fields of one object, one a line, and the rows of a list, one a line; nothing is held
/// but the row at hand.
pub(super) struct ObjectWriter<'w> {
    out: &'w mut dyn Write,
    begun: bool,
}

impl<'w> ObjectWriter<'w> {
    pub(super) fn begin(out: &'w mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, begun: false })
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        let before = if self.begun { ",\n  " } else { "\n  " };
        self.begun = true;
        self.out.write_all(before.as_bytes())?;
        write(self.out, &name)?;
        self.out.write_all(b": ")
    }

    pub(super) fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        write(self.out, value)
    }

    pub(super) fn rows<T: Serialize>(
        &mut self,
        name: &str,
        rows: impl Iterator<Item = T>,
    ) -> io::Result<()> {
        self.name(name)?;
        self.out.write_all(b"[")?;
        let mut any = false;
        for row in rows {
            self.out
                .write_all(if any { b",\n    " } else { b"\n    " })?;
            any = true;
            write(self.out, &row)?;
        }
        self.out.write_all(if any { b"\n  ]" } else { b"]" })
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n}\n")
    }
}
