//! Walking a JSON document of any size with a buffer of bounded size.

use std::io::{self, Read};

use super::MAX_DEPTH;
use super::block::BracketScan;
use super::split::{JsonError, decode_string, value_end};

const CHUNK: usize = 1 << 20;

/// One element (a resource, a configuration item) may take this many bytes of text.
const MAX_ELEMENT: usize = 64 << 20;

/// Something is wrong with the document; `line` and `column` count from one, in bytes.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("line {line}, column {column}: {what}")]
    Malformed {
        line: u64,
        column: u64,
        what: String,
    },
    #[error("the file ends in the middle, after {offset} bytes")]
    Truncated { offset: u64 },
    #[error("{0}")]
    Read(#[source] io::Error),
    /// The document is well formed, and what it says cannot be used.
    #[error("{0}")]
    Refused(String),
}

/// A cursor over a document. Each visitor must consume exactly one value: by `object`, `array`,
/// `raw` or `skip`.
pub struct JsonStream<R> {
    reader: R,
    buffer: Vec<u8>,
    /// First byte not yet consumed.
    at: usize,
    /// Bytes of `buffer` known to be UTF-8.
    valid: usize,
    ended: bool,
    depth: u32,
    /// Of what was dropped from the front of the buffer.
    dropped: Dropped,
}

#[derive(Default)]
struct Dropped {
    bytes: u64,
    lines: u64,
    /// Bytes since the last newline.
    column: u64,
}

type Visit<'v, R> = &'v mut dyn FnMut(&mut JsonStream<R>) -> Result<(), StreamError>;
type VisitMember<'v, R> = &'v mut dyn FnMut(&mut JsonStream<R>, &str) -> Result<(), StreamError>;

impl<R: Read> JsonStream<R> {
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::with_capacity(CHUNK.saturating_mul(2)),
            at: 0,
            valid: 0,
            ended: false,
            depth: 0,
            dropped: Dropped::default(),
        }
    }

    /// The first byte of the next value, or `None` at the end of the document.
    pub fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let space = rest
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            self.at += space;
            if let Some(byte) = self.buffer.get(self.at) {
                return Ok(Some(*byte));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Visits each member of an object.
    pub fn object(&mut self, visit: VisitMember<'_, R>) -> Result<(), StreamError> {
        let mut seen = std::collections::BTreeSet::new();
        self.container(b'{', b'}', "an object", &mut |stream| {
            let key = stream.raw(|raw| {
                decode_string(raw)
                    .map(|key| key.into_owned())
                    .map_err(|error| error.what)
            })?;
            let key = key.map_err(|what| stream.malformed(what))?;
            if stream.peek()? != Some(b':') {
                return Err(stream.unexpected("a `:` behind a key"));
            }
            stream.at += 1;
            if !seen.insert(key.clone()) {
                return Err(stream.malformed(format!("the key `{key}` stands twice in one object")));
            }
            visit(stream, &key)
        })
    }

    /// Visits each element of an array.
    pub fn array(&mut self, visit: Visit<'_, R>) -> Result<(), StreamError> {
        self.container(b'[', b']', "an array", visit)
    }

    /// Hands out the text of the next value, which must fit into memory.
    pub fn raw<T>(&mut self, take: impl FnOnce(&str) -> T) -> Result<T, StreamError> {
        let length = self.measure()?;
        let bytes = self
            .buffer
            .get(self.at..self.at.saturating_add(length))
            .unwrap_or_default();
        let taken = simdutf8::basic::from_utf8(bytes).map(take);
        let taken = taken.map_err(|_| self.malformed("this is not UTF-8"))?;
        self.at += length;
        Ok(taken)
    }

    /// Passes over the next value, however long it is.
    pub fn skip(&mut self) -> Result<(), StreamError> {
        if !matches!(self.peek()?, Some(b'{' | b'[')) {
            return self.raw(|_| ());
        }
        let mut scan = BracketScan::default();
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match scan.feed(rest) {
                Ok(Some(end)) => {
                    self.at += end;
                    return Ok(());
                }
                Ok(None) => self.at = self.buffer.len(),
                Err(_) => return Err(self.malformed(JsonError::too_deep(0).what)),
            }
            if !self.fill()? {
                return Err(self.truncated());
            }
        }
    }

    /// After the document: nothing but white space may follow.
    pub fn finish(mut self) -> Result<R, StreamError> {
        match self.peek()? {
            None => Ok(self.reader),
            Some(_) => Err(self.unexpected("nothing behind the document")),
        }
    }

    /// An error at the place where the cursor stands.
    pub fn malformed(&self, what: impl Into<String>) -> StreamError {
        let passed = self.buffer.get(..self.at).unwrap_or_default();
        let newlines = memchr::memchr_iter(b'\n', passed).count() as u64;
        let column = match memchr::memrchr(b'\n', passed) {
            Some(newline) => (passed.len() - newline) as u64,
            None => self.dropped.column + passed.len() as u64 + 1,
        };
        StreamError::Malformed {
            line: self.dropped.lines + newlines + 1,
            column,
            what: what.into(),
        }
    }

    fn container(
        &mut self,
        open: u8,
        close: u8,
        wanted: &str,
        visit: Visit<'_, R>,
    ) -> Result<(), StreamError> {
        if self.peek()? != Some(open) {
            return Err(self.unexpected(wanted));
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.malformed(JsonError::too_deep(0).what));
        }
        let mut first = true;
        loop {
            match self.peek()? {
                Some(byte) if byte == close => break,
                Some(b',') if !first => self.at += 1,
                Some(_) if first => {}
                _ => return Err(self.unexpected("`,` or the end of the container")),
            }
            first = false;
            if self.peek()?.is_none() {
                return Err(self.truncated());
            }
            visit(self)?;
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    /// Bytes that the next value takes; reads on until all of it is in the buffer.
    fn measure(&mut self) -> Result<usize, StreamError> {
        let first = self.peek()?;
        let mut scan = BracketScan::default();
        let mut scanned = 0;
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let end = match first {
                Some(b'{' | b'[') => {
                    let end = scan.feed(rest.get(scanned..).unwrap_or_default());
                    let end = end.map_err(|_| self.malformed(JsonError::too_deep(0).what))?;
                    end.map(|end| end.saturating_add(scanned))
                }
                // A number is known to end only by what follows it.
                Some(_) => self.scalar_end(rest)?,
                None => return Err(self.truncated()),
            };
            scanned = rest.len();
            if let Some(end) = end {
                return Ok(end);
            }
            if scanned > MAX_ELEMENT {
                let what = format!("one value takes more than {MAX_ELEMENT} bytes");
                return Err(self.malformed(what));
            }
            if !self.fill()? {
                return Err(self.truncated());
            }
        }
    }

    fn scalar_end(&self, rest: &[u8]) -> Result<Option<usize>, StreamError> {
        let text = match simdutf8::compat::from_utf8(rest) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(rest.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default(),
        };
        match value_end(text) {
            Ok(end) if end < text.len() || self.ended || text.starts_with('"') => Ok(Some(end)),
            Ok(_) => Ok(None),
            Err(error) if error.at >= text.len() => Ok(None),
            Err(error) => Err(self.malformed(error.what)),
        }
    }

    /// Reads more; false at the end of the input.
    fn fill(&mut self) -> Result<bool, StreamError> {
        if self.ended {
            return Ok(false);
        }
        self.drop_consumed();
        let before = self.buffer.len();
        let mut limited = self.reader.by_ref().take(CHUNK as u64);
        let read = limited
            .read_to_end(&mut self.buffer)
            .map_err(StreamError::Read)?;
        self.ended = read < CHUNK;
        self.check_utf8()?;
        Ok(self.buffer.len() > before)
    }

    fn drop_consumed(&mut self) {
        let passed = self.buffer.get(..self.at).unwrap_or_default();
        self.dropped.bytes += passed.len() as u64;
        self.dropped.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.dropped.column = match memchr::memrchr(b'\n', passed) {
            Some(newline) => (passed.len() - newline - 1) as u64,
            None => self.dropped.column + passed.len() as u64,
        };
        self.buffer.drain(..self.at);
        self.valid = self.valid.saturating_sub(self.at);
        self.at = 0;
    }

    fn check_utf8(&mut self) -> Result<(), StreamError> {
        let fresh = self.buffer.get(self.valid..).unwrap_or_default();
        if simdutf8::basic::from_utf8(fresh).is_ok() {
            self.valid = self.buffer.len();
            return Ok(());
        }
        if let Err(error) = simdutf8::compat::from_utf8(fresh) {
            self.valid += error.valid_up_to();
            // A character that the chunk cuts in two is no error, unless nothing follows.
            if error.error_len().is_some() || self.ended {
                self.at = self.valid;
                return Err(self.malformed("this is not UTF-8"));
            }
        }
        Ok(())
    }

    fn unexpected(&self, wanted: &str) -> StreamError {
        if self.at >= self.buffer.len() && self.ended {
            return self.truncated();
        }
        self.malformed(format!("{wanted} is wanted here"))
    }

    fn truncated(&self) -> StreamError {
        StreamError::Truncated {
            offset: self.dropped.bytes + self.buffer.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: impl Read) -> Result<Vec<String>, StreamError> {
        let mut found = Vec::new();
        let mut stream = JsonStream::new(text);
        stream.object(&mut |stream, key| match key {
            "items" => stream.array(&mut |stream| stream.raw(|raw| found.push(raw.to_owned()))),
            _ => stream.skip(),
        })?;
        stream.finish()?;
        Ok(found)
    }

    #[test]
    fn yields_elements_and_skips_the_rest() {
        let text = r#"{"x":{"items":[0]},"items":[1,"zwei\"]",{"a":[]}],"n":12.5,"s":"é"} "#;
        assert_eq!(
            walk(text.as_bytes()).unwrap(),
            ["1", "\"zwei\\\"]\"", "{\"a\":[]}"]
        );
    }

    #[test]
    fn elements_may_cross_chunks() {
        let element = format!("\"{}\"", "é".repeat(300_000));
        let text = format!(
            "{{\"pad\":[{}],\"items\":[{element},{element},7]}}",
            "1,".repeat(400_000) + "1"
        );
        let found = walk(text.as_bytes()).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], element);
    }

    #[test]
    fn says_where_and_what() {
        let message = |text: &[u8]| walk(text).unwrap_err().to_string();
        assert_eq!(
            message(b"{\n \"items\": 5}"),
            "line 2, column 11: an array is wanted here"
        );
        assert_eq!(
            message(b"{\"items\":[1,2"),
            "the file ends in the middle, after 13 bytes"
        );
        assert_eq!(
            message(b"{\"x\":{\"a\":[1}"),
            "the file ends in the middle, after 13 bytes"
        );
        assert_eq!(
            message(b"{\"x\":\"\xff\"}"),
            "line 1, column 7: this is not UTF-8"
        );
        assert_eq!(
            message(b"{\"x\":1,\"x\":2}"),
            "line 1, column 12: the key `x` stands twice in one object"
        );
        assert_eq!(
            message(b"{} x"),
            "line 1, column 4: nothing behind the document is wanted here"
        );
        let deep = format!("{{\"x\":{}", "[".repeat(5_000));
        assert_eq!(
            message(deep.as_bytes()),
            "line 1, column 6: brackets are nested more than 120 deep"
        );
        assert_eq!(message(b""), "the file ends in the middle, after 0 bytes");
    }
}
