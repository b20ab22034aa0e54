//! The piece of a document that lies in memory: read on in chunks, dropped once consumed.

use std::io::{ErrorKind, Read};

use super::error::{Fault, StreamError};

pub(super) const CHUNK: usize = 1 << 17;

pub(super) struct Window<R> {
    pub(super) reader: R,
    /// What was read lies before `end`; the rest is room.
    buffer: Vec<u8>,
    end: usize,
    /// First byte not yet consumed.
    at: usize,
    ended: bool,
    chunk: usize,
    dropped: Dropped,
}

/// Of what was dropped from the front of the buffer.
#[derive(Default)]
struct Dropped {
    bytes: u64,
    lines: u64,
    /// Bytes since the last newline.
    column: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R, chunk: usize) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            end: 0,
            at: 0,
            ended: false,
            chunk,
            dropped: Dropped::default(),
        }
    }

    /// What was read and is not yet consumed.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn consume(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.end);
    }

    /// Whether everything was read and consumed.
    pub(super) fn is_at_the_end(&self) -> bool {
        self.ended && self.at >= self.end
    }

    /// Reads one chunk more; false at the end of the input.
    pub(super) fn fill(&mut self) -> Result<bool, StreamError> {
        if self.ended {
            return Ok(false);
        }
        let is_first = self.dropped.bytes == 0 && self.end == 0;
        self.drop_consumed();
        // The signature of the file must lie in the first chunk.
        let wanted = if is_first {
            self.chunk.max(4)
        } else {
            self.chunk
        };
        let read = self.read_on(wanted).map_err(StreamError::Read)?;
        self.ended = read < wanted;
        if is_first {
            self.at = signature(self.rest())?;
        }
        Ok(read > 0)
    }

    /// Reads so many bytes more; fewer at the end of the input only.
    fn read_on(&mut self, wanted: usize) -> std::io::Result<usize> {
        let from = self.end;
        let to = from.saturating_add(wanted);
        if self.buffer.len() < to {
            // Room for the rest of a value and the next chunk, so that it is made but once.
            let room = to.max(self.chunk.saturating_mul(2)).next_power_of_two();
            self.buffer.resize(room, 0);
        }
        while let Some(room) = self
            .buffer
            .get_mut(self.end..to)
            .filter(|room| !room.is_empty())
        {
            match self.reader.read(room) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end - from)
    }

    fn drop_consumed(&mut self) {
        let passed = self.buffer.get(..self.at).unwrap_or_default();
        let (lines, column) = self.advance_over(passed);
        self.dropped = Dropped {
            bytes: self.dropped.bytes + passed.len() as u64,
            lines,
            column,
        };
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
    }

    /// Lines and column after what was dropped and this text.
    fn advance_over(&self, text: &[u8]) -> (u64, u64) {
        let newlines = memchr::memchr_iter(b'\n', text).count() as u64;
        let column = match memchr::memrchr(b'\n', text) {
            Some(newline) => (text.len() - newline - 1) as u64,
            None => self.dropped.column + text.len() as u64,
        };
        (self.dropped.lines + newlines, column)
    }

    /// The fault, placed that many bytes behind the cursor.
    pub(super) fn malformed(&self, fault: Fault) -> StreamError {
        let to = self.at.saturating_add(fault.at).min(self.end);
        let (lines, column) = self.advance_over(self.buffer.get(..to).unwrap_or_default());
        StreamError::Malformed {
            line: lines + 1,
            column: column + 1,
            what: fault.what,
            help: fault.help,
        }
    }

    pub(super) fn truncated(&self) -> StreamError {
        StreamError::Truncated {
            offset: self.dropped.bytes + self.end as u64,
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.len()
    }
}

/// How many bytes stand before the text: those of a UTF-8 byte order mark, or none. What is plainly
/// no JSON text is refused here, where its kind can still be told.
fn signature(start: &[u8]) -> Result<usize, StreamError> {
    let refuse = |what: &str, help| Err(StreamError::refused(what, help));
    match start {
        [] => Err(StreamError::Refused {
            what: "the file is empty".to_owned(),
            help: None,
        }),
        [0xEF, 0xBB, 0xBF, ..] => Ok(3),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..] => refuse(
            "the file is UTF-16 or binary, not UTF-8 text",
            "write it as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`",
        ),
        [0x1F, 0x8B, ..] => refuse(
            "the file is compressed with gzip",
            "unpack it, or let its name end in `.gz` where gzipped files are read",
        ),
        [b'P', b'K', 3, 4, ..] => refuse(
            "the file is a zip archive, not JSON",
            "if it is a saved plan, give the output of `terraform show -json PLANFILE`; else unpack it",
        ),
        _ => Ok(0),
    }
}
