//! As much of DER (X.690) as time stamps need: tags, definite lengths, object identifiers.

use std::fmt::Write;

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const NULL: u8 = 0x05;
pub const OBJECT_ID: u8 = 0x06;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
/// `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xa0;

/// What is left of a run of values.
#[derive(Clone, Copy, Debug)]
pub struct Der<'b> {
    rest: &'b [u8],
}

impl<'b> Der<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next value.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next value, if it has this tag. Long tags and indefinite lengths are no DER
    /// that occurs here.
    pub fn take(&mut self, tag: u8) -> Option<&'b [u8]> {
        let (found, rest) = self.rest.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                let leading = bytes.first().copied()?;
                if leading == 0 || bytes.len() > 4 {
                    return None;
                }
                let length = bytes
                    .iter()
                    .fold(0_usize, |all, b| all << 8 | usize::from(*b));
                // DER has one spelling for each length.
                (length > 0x7f).then_some((length, rest))?
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        if *found != tag {
            return None;
        }
        self.rest = rest;
        Some(content)
    }

    /// The values within the next value, if it has this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Der<'b>> {
        self.take(tag).map(Der::new)
    }
}

/// An object identifier in dots.
pub fn object_id(content: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut number = 0_u64;
    for byte in content {
        number = number.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let (first, rest) = numbers.split_first()?;
    let (root, second) = match *first {
        below @ 0..80 => (below / 40, below % 40),
        above => (2, above - 80),
    };
    if content.last().is_some_and(|byte| byte & 0x80 != 0) {
        return None;
    }
    let mut text = format!("{root}.{second}");
    for number in rest {
        // Writing to a string cannot fail.
        let _ = write!(text, ".{number}");
    }
    Some(text)
}

/// One value.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => bytes.push(short),
        _ => {
            let digits = (length as u64).to_be_bytes();
            let skipped = digits.iter().take_while(|digit| **digit == 0).count();
            let digits: Vec<u8> = digits.into_iter().skip(skipped).collect();
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            bytes.extend_from_slice(&digits);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A positive integer from its big-endian bytes.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let skipped = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut content: Vec<u8> = bytes.iter().skip(skipped).copied().collect();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    value(INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_read_in_their_one_spelling() {
        let mut der = Der::new(&[0x30, 0x03, 0x02, 0x01, 0x05, 0x04, 0x00]);
        let mut inner = der.enter(SEQUENCE).unwrap();
        assert_eq!(inner.take(INTEGER), Some(&[5][..]));
        assert!(inner.is_empty());
        assert_eq!(der.peek(), Some(OCTET_STRING));
        assert_eq!(der.take(INTEGER), None);
        assert_eq!(der.take(OCTET_STRING), Some(&[][..]));
        for long in [
            &[0x04, 0x81, 0x01, 0x00][..],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x02, 0x00],
        ] {
            assert_eq!(Der::new(long).take(OCTET_STRING), None, "{long:?}");
        }
    }

    #[test]
    fn object_ids_are_those_of_the_standard() {
        let sha256 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
        assert_eq!(
            object_id(&sha256).as_deref(),
            Some("2.16.840.1.101.3.4.2.1")
        );
        assert_eq!(object_id(&[0x2a, 0x03]).as_deref(), Some("1.2.3"));
        assert_eq!(object_id(&[0x2a, 0x83]), None);
        assert_eq!(object_id(&[]), None);
    }

    #[test]
    fn integers_stay_positive_and_short() {
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }

    proptest! {
        #[test]
        fn values_round_trip(content in proptest::collection::vec(any::<u8>(), 0..70_000)) {
            let mut bytes = value(OCTET_STRING, &content);
            bytes.push(7);
            let mut der = Der::new(&bytes);
            prop_assert_eq!(der.take(OCTET_STRING), Some(content.as_slice()));
            prop_assert!(!der.is_empty());
        }

        #[test]
        fn foreign_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut der = Der::new(&bytes);
            while let Some(tag) = der.peek() {
                if der.take(tag).is_none() {
                    break;
                }
            }
            let _ = object_id(&bytes);
        }
    }
}
