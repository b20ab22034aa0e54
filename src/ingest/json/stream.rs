//! Walking a JSON document of any size with a buffer of bounded size.

use std::collections::BTreeSet;
use std::io::Read;

use super::MAX_DEPTH;
use super::error::{Fault, JsonError, StreamError, quoted};
use super::scan::ValueScan;
use super::split::decode_string;
use super::window::{CHUNK, Window};

/// One element (a resource, a configuration item) may take this many MiB of text.
const MAX_ELEMENT_MIB: usize = 64;

/// Keys of an object that is walked, not read whole.
const MAX_KEYS: usize = 10_000;

/// A cursor over a document. Each visitor must consume exactly one value: by `object`, `array`,
/// `raw`, `value` or `skip`.
pub struct JsonStream<R> {
    window: Window<R>,
    depth: u32,
}

type Visit<'v, R> = &'v mut dyn FnMut(&mut JsonStream<R>) -> Result<(), StreamError>;
type VisitMember<'v, R> = &'v mut dyn FnMut(&mut JsonStream<R>, &str) -> Result<(), StreamError>;

impl<R: Read> JsonStream<R> {
    pub fn new(reader: R) -> Self {
        Self::with_chunk(reader, CHUNK)
    }

    /// As `new`, reading this many bytes at a time.
    pub(crate) fn with_chunk(reader: R, chunk: usize) -> Self {
        Self {
            window: Window::new(reader, chunk),
            depth: 0,
        }
    }

    /// The first byte of the next value, or `None` at the end of the document.
    pub fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        loop {
            let rest = self.window.rest();
            let text = rest
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
            let byte = text.and_then(|at| rest.get(at)).copied();
            let space = text.unwrap_or(rest.len());
            self.window.consume(space);
            if byte.is_some() {
                return Ok(byte);
            }
            if !self.window.fill()? {
                return Ok(None);
            }
        }
    }

    /// Visits each member of an object.
    pub fn object(&mut self, visit: VisitMember<'_, R>) -> Result<(), StreamError> {
        let mut seen = BTreeSet::new();
        self.container(b'{', b'}', "an object", &mut |stream| {
            if seen.len() >= MAX_KEYS {
                return Err(stream.malformed(format!("an object with more than {MAX_KEYS} keys")));
            }
            let key = stream.value(|raw| Ok(decode_string(raw)?.into_owned()))?;
            if stream.peek()? != Some(b':') {
                return Err(stream.unexpected("a `:` behind a key"));
            }
            stream.window.consume(1);
            if seen.contains(&key) {
                let key = quoted(&key);
                return Err(stream.malformed(format!("the key {key} stands twice in one object")));
            }
            visit(stream, &key)?;
            seen.insert(key);
            Ok(())
        })
    }

    /// Visits each element of an array.
    pub fn array(&mut self, visit: Visit<'_, R>) -> Result<(), StreamError> {
        self.container(b'[', b']', "an array", visit)
    }

    /// Hands out the text of the next value, which must fit into memory.
    pub fn raw<T>(&mut self, take: impl FnOnce(&str) -> T) -> Result<T, StreamError> {
        self.value(|raw| Ok(take(raw)))
    }

    /// As `raw`; what is wrong with the value is reported at its place.
    pub fn value<T>(
        &mut self,
        take: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<T, StreamError> {
        match self.value_within(MAX_ELEMENT_MIB << 20, take)? {
            Some(taken) => Ok(taken),
            None => Err(self.malformed(format!("one value takes more than {MAX_ELEMENT_MIB} MiB"))),
        }
    }

    /// As `value`, for a value of at most `limit` bytes; a longer one is left alone.
    pub fn value_within<T>(
        &mut self,
        limit: usize,
        take: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Result<Option<T>, StreamError> {
        let Some(length) = self.measure(limit)? else {
            return Ok(None);
        };
        let bytes = self.window.rest().get(..length).unwrap_or_default();
        let taken = match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => take(text),
            Err(_) => Err(not_utf8(bytes)),
        };
        let taken = taken.map_err(|fault| self.window.malformed(fault))?;
        self.window.consume(length);
        Ok(Some(taken))
    }

    /// Passes over the next value, however long it is.
    pub fn skip(&mut self) -> Result<(), StreamError> {
        let mut scan = self.begin()?;
        let mut scanned = 0;
        loop {
            let rest = self.window.rest();
            let found = scan.feed(rest.get(scanned..).unwrap_or_default());
            let found = found.map_err(|error| {
                let at = place_too_deep(self.window.rest()).unwrap_or(error.at);
                self.window.malformed(JsonError { at, ..error }.into())
            })?;
            let end = found.map_or(rest.len(), |end| end.saturating_add(scanned));
            let text = rest.get(..end).unwrap_or_default();
            let whole = whole_characters(text);
            let whole = whole.map_err(|fault| self.window.malformed(fault))?;
            if found.is_some() && whole < end {
                return Err(self.window.malformed(not_utf8(text)));
            }
            self.window.consume(whole);
            scanned = end - whole;
            if found.is_some() {
                return Ok(());
            }
            if !self.window.fill()? {
                let is_whole = scan.may_end_with_the_input() && scanned == 0;
                return if is_whole {
                    Ok(())
                } else {
                    Err(self.window.truncated())
                };
            }
        }
    }

    /// After the document: nothing but white space may follow.
    pub fn finish(mut self) -> Result<R, StreamError> {
        match self.peek()? {
            None => Ok(self.window.reader),
            Some(_) => Err(self.malformed("text behind the end of the document")),
        }
    }

    /// An error at the place where the cursor stands.
    pub fn malformed(&self, what: impl Into<String>) -> StreamError {
        self.fault(Fault::new(what))
    }

    /// As `malformed`, with help.
    pub fn fault(&self, fault: Fault) -> StreamError {
        self.window.malformed(fault)
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
        if self.depth >= MAX_DEPTH {
            return Err(self.malformed(JsonError::too_deep(0).what));
        }
        self.window.consume(1);
        self.depth += 1;
        let mut first = true;
        loop {
            match self.peek()? {
                Some(byte) if byte == close => break,
                Some(b',') if !first => self.window.consume(1),
                Some(_) if first => {}
                _ => return Err(self.unexpected("`,` or the end of the container")),
            }
            first = false;
            if self.peek()?.is_none() {
                return Err(self.window.truncated());
            }
            visit(self)?;
        }
        self.window.consume(1);
        self.depth -= 1;
        Ok(())
    }

    fn begin(&mut self) -> Result<ValueScan, StreamError> {
        match self.peek()? {
            None => Err(self.window.truncated()),
            Some(first) => {
                ValueScan::begin(first).map_err(|error| self.window.malformed(error.into()))
            }
        }
    }

    /// Bytes that the next value takes; reads on until all of it is in the buffer. `None` if it is
    /// longer than `limit`.
    fn measure(&mut self, limit: usize) -> Result<Option<usize>, StreamError> {
        let mut scan = self.begin()?;
        let mut scanned = 0;
        loop {
            let rest = self.window.rest();
            let found = scan.feed(rest.get(scanned..).unwrap_or_default());
            let found = found.map_err(|error| {
                let at = place_too_deep(self.window.rest()).unwrap_or(error.at);
                self.window.malformed(JsonError { at, ..error }.into())
            })?;
            let end = found.map(|end| end.saturating_add(scanned));
            scanned = rest.len();
            if end.unwrap_or(scanned) > limit {
                return Ok(None);
            }
            if end.is_some() {
                return Ok(end);
            }
            if !self.window.fill()? {
                return match scan.may_end_with_the_input() {
                    true => Ok(Some(scanned)),
                    false => Err(self.window.truncated()),
                };
            }
        }
    }

    fn unexpected(&self, wanted: &str) -> StreamError {
        if self.window.is_at_the_end() {
            return self.window.truncated();
        }
        self.malformed(format!("{wanted} is wanted here"))
    }

    #[cfg(test)]
    pub(crate) fn buffered(&self) -> usize {
        self.window.capacity()
    }
}

/// Where a value nests deeper than it may. Only asked once that is known: finding the end of a value
/// keeps no places.
fn place_too_deep(value: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    value.iter().position(|byte| {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => depth += 1,
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
        depth > MAX_DEPTH
    })
}

fn not_utf8(bytes: &[u8]) -> Fault {
    let at = simdutf8::compat::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    Fault {
        at,
        ..Fault::new("this is not UTF-8")
    }
}

/// How many bytes hold whole characters; the last character may be cut in two by the chunk.
fn whole_characters(bytes: &[u8]) -> Result<usize, Fault> {
    if simdutf8::basic::from_utf8(bytes).is_ok() {
        return Ok(bytes.len());
    }
    match simdutf8::compat::from_utf8(bytes) {
        Ok(_) => Ok(bytes.len()),
        Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
        Err(_) => Err(not_utf8(bytes)),
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
