//! Strings that stand for themselves: nothing in them is escaped. Nearly all are of this kind.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16};

/// The text of the string at the start of `text`, if nothing in it needs decoding.
#[inline]
pub(super) fn plain_string(text: &str) -> Option<&str> {
    let end = plain_string_end(text.as_bytes())?;
    text.get(1..end - 1)
}

/// Whether the whole text is one string in which nothing is escaped.
pub fn is_plain_string(text: &str) -> bool {
    plain_string_end(text.as_bytes()) == Some(text.len())
}

/// How many bytes the string at the start of `text` takes with its quotes, if nothing in it needs
/// decoding.
#[inline]
pub(super) fn plain_string_end(text: &[u8]) -> Option<usize> {
    let inner = text.strip_prefix(b"\"")?;
    let length = first_special(inner)?;
    (inner.get(length) == Some(&b'"')).then_some(length + 2)
}

/// Where the first byte stands that cannot be part of a plain string: a quote, a backslash or a
/// control character.
#[inline]
pub(super) fn first_special(text: &[u8]) -> Option<usize> {
    // Mostly some bytes: what every processor has is found at once and takes no call.
    dispatch!(Level::baseline(), simd => first_special_with(simd, text))
}

#[inline(always)]
fn first_special_with<S: Simd>(simd: S, text: &[u8]) -> Option<usize> {
    let (chunks, rest) = text.as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        let bytes: u8x16<S> = (*chunk).simd_into(simd);
        let special = bytes.simd_le(0x1F) | bytes.simd_eq(b'"') | bytes.simd_eq(b'\\');
        let found = special.to_bitmask();
        if found != 0 {
            return Some(index * 16 + found.trailing_zeros() as usize);
        }
    }
    let at = rest.iter().position(|byte| is_special(*byte))?;
    Some(text.len() - rest.len() + at)
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_search_by_hand_finds(
            text in proptest::collection::vec(
                prop_oneof![9 => Just(b'a'), 1 => any::<u8>()], 0..70),
        ) {
            let by_hand = text.iter().position(|byte| is_special(*byte));
            prop_assert_eq!(first_special(&text), by_hand);
        }

        #[test]
        fn a_plain_string_is_what_a_json_parser_reads(text in "\"?[a-zé\\\\\"\u{1}]{0,40}\"?x?") {
            if let Some(plain) = plain_string(&text) {
                let mut parser = serde_json::Deserializer::from_str(&text).into_iter::<String>();
                let read = parser.next().unwrap().unwrap();
                prop_assert_eq!(read, plain);
            }
        }
    }
}
