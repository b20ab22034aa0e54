//! What the tests of readers share.

use std::io::{self, Read};

use super::json::StreamError;
use super::redact::Redactor;
use crate::normalise::catalogue::Catalogue;

pub(super) fn catalogue() -> Catalogue {
    Catalogue::builtin().unwrap()
}

pub(super) fn redactor() -> Redactor {
    Redactor::new(&[7; 32])
}

/// The message and its help, as a reader of them meets them.
pub(super) fn shown(error: &StreamError) -> String {
    match error.help() {
        Some(help) => format!("{error}\nhelp: {help}"),
        None => error.to_string(),
    }
}

/// Gives a few bytes at a time, and is interrupted in between.
pub(super) struct Halting<'a> {
    pub(super) rest: &'a [u8],
    pub(super) step: usize,
    pub(super) calls: usize,
}

impl Read for Halting<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = self.step.min(into.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(count);
        into[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}
