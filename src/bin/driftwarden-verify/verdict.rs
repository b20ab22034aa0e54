//! The last lines: what is wrong, file by file, and the one word.

use std::io::{self, Write};

use driftwarden::evidence::verify::Failure;
use driftwarden::report::escape::escape;

pub fn failures<'f>(
    failures: impl Iterator<Item = &'f Failure>,
    more: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    for failure in failures {
        let what = failure.to_string();
        let remedy = failure.remedy.as_str();
        writeln!(out, "FAIL {}\n     {remedy}", escape(&what))?;
    }
    match more {
        0 => Ok(()),
        more => writeln!(out, "... and {more} more"),
    }
}

pub fn broken(count: u64, out: &mut dyn Write) -> io::Result<()> {
    let word = if count == 1 { "failure" } else { "failures" };
    writeln!(out, "\nBROKEN: {count} {word}")
}
