//! Splitting the text of one object or array into its parts, without copying.

use std::borrow::Cow;

use super::error::JsonError;
use super::parse::malformed;
use super::plain::{first_special, plain_string, plain_string_end};
use super::scan::ValueScan;

/// The members of an object, in the order of the text: key and raw value.
pub fn members(object: &str) -> Result<Members<'_>, JsonError> {
    Ok(Members {
        parts: Parts::open(object, b'{', b'}', "an object is wanted here")?,
    })
}

/// The raw elements of an array.
pub fn elements(array: &str) -> Result<Elements<'_>, JsonError> {
    Ok(Elements {
        parts: Parts::open(array, b'[', b']', "an array is wanted here")?,
    })
}

pub struct Members<'a> {
    parts: Parts<'a>,
}

pub struct Elements<'a> {
    parts: Parts<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(Cow<'a, str>, &'a str), JsonError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some((key, value)) = self.parts.plain_member() {
            return Some(Ok((Cow::Borrowed(key), value)));
        }
        let next = self.parts.advance().and_then(|more| match more {
            false => Ok(None),
            true => {
                let key = self.parts.key()?;
                self.parts.expect(b':', "a `:` is missing behind a key")?;
                Ok(Some((key, self.parts.value()?)))
            }
        });
        self.parts.hand_out(next)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<&'a str, JsonError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.parts.advance().and_then(|more| match more {
            false => Ok(None),
            true => self.parts.value().map(Some),
        });
        self.parts.hand_out(next)
    }
}

struct Parts<'a> {
    text: &'a str,
    at: usize,
    close: u8,
    first: bool,
    done: bool,
}

impl<'a> Parts<'a> {
    fn open(text: &'a str, open: u8, close: u8, what: &'static str) -> Result<Self, JsonError> {
        let mut parts = Self {
            text,
            at: 0,
            close,
            first: true,
            done: false,
        };
        parts.expect(open, what)?;
        Ok(parts)
    }

    /// The next member, if it is written as nearly all are: a key without escapes, no space before its
    /// comma or colon. Anything else, and whatever is wrong, is left to the long way.
    #[inline]
    fn plain_member(&mut self) -> Option<(&'a str, &'a str)> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        match *bytes.get(at)? {
            _ if self.done => return None,
            _ if self.first => {}
            b',' => at += 1,
            _ => return None,
        }
        at += space(bytes.get(at..)?);
        let key = plain_string(self.text.get(at..)?)?;
        at += key.len() + 2;
        if *bytes.get(at)? != b':' {
            return None;
        }
        at += 1;
        at += space(bytes.get(at..)?);
        let rest = self.text.get(at..)?;
        let value = rest.get(..value_end(rest).ok()?)?;
        self.at = at + value.len();
        self.first = false;
        Some((key, value))
    }

    fn skip_space(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                other => return Some(other),
            }
        }
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        if self.skip_space() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(JsonError::new(self.at, what))
        }
    }

    /// Steps to the next part; false at the end of the container.
    fn advance(&mut self) -> Result<bool, JsonError> {
        if self.done {
            return Ok(false);
        }
        let first = std::mem::take(&mut self.first);
        match self.skip_space() {
            Some(byte) if byte == self.close => {
                self.done = true;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            Some(_) => Err(JsonError::new(
                self.at,
                "a `,` is missing between two parts",
            )),
            None => Err(JsonError::new(self.at, "the text ends in the middle")),
        }
    }

    fn key(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.skip_space();
        let rest = self.text.get(self.at..).unwrap_or_default();
        match plain_string(rest) {
            Some(key) => {
                self.at = self.at.saturating_add(key.len() + 2);
                Ok(Cow::Borrowed(key))
            }
            None => decode_string(self.value()?),
        }
    }

    #[inline]
    fn value(&mut self) -> Result<&'a str, JsonError> {
        self.skip_space();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = value_end(rest).map_err(|mut error| {
            error.at = error.at.saturating_add(start);
            error
        })?;
        self.at = start.saturating_add(length);
        rest.get(..length)
            .ok_or(JsonError::new(start, "the text ends in the middle"))
    }

    fn hand_out<T>(&mut self, next: Result<Option<T>, JsonError>) -> Option<Result<T, JsonError>> {
        self.done |= next.is_err();
        next.transpose()
    }
}

/// How many bytes of space `text` begins with.
#[inline]
fn space(text: &[u8]) -> usize {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    text.iter().take_while(|byte| is_space(byte)).count()
}

/// How many bytes the value takes that begins at the first byte of `text`.
#[inline]
pub fn value_end(text: &str) -> Result<usize, JsonError> {
    let bytes = text.as_bytes();
    // What most values are.
    match bytes {
        [b'"', ..] => {
            if let Some(end) = plain_string_end(bytes) {
                return Ok(end);
            }
        }
        [b'[', b']', ..] | [b'{', b'}', ..] => return Ok(2),
        [b'n', b'u', b'l', b'l', b',' | b'}' | b']', ..]
        | [b't', b'r', b'u', b'e', b',' | b'}' | b']', ..] => return Ok(4),
        [b'f', b'a', b'l', b's', b'e', b',' | b'}' | b']', ..] => return Ok(5),
        _ => {}
    }
    let unfinished = JsonError::new(bytes.len(), "the text ends in the middle");
    let Some(first) = bytes.first() else {
        return Err(unfinished);
    };
    let mut scan = ValueScan::begin(*first)?;
    match scan.feed(bytes)? {
        Some(end) => Ok(end),
        None if scan.may_end_with_the_input() => Ok(bytes.len()),
        None => Err(unfinished),
    }
}

/// The text of a JSON string, given with its quotes.
pub fn decode_string(raw: &str) -> Result<Cow<'_, str>, JsonError> {
    let inner = raw
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or(JsonError::new(0, "a string is wanted here"))?;
    if first_special(inner.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw)
        .map(Cow::Owned)
        .map_err(|error| malformed(raw, &error))
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
