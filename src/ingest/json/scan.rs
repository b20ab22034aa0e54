//! Finds the end of any value, across the pieces in which its text arrives.

use super::block::BracketScan;
use super::error::JsonError;

#[derive(Clone, Debug)]
pub(super) enum ValueScan {
    Brackets(BracketScan),
    Text {
        /// The opening quote was fed.
        started: bool,
        /// The next byte stands behind a backslash.
        escaped: bool,
    },
    /// A number, `true`, `false` or `null`: known to end only by what follows it.
    Word,
}

impl ValueScan {
    /// For a value that begins with this byte.
    #[inline]
    pub(super) fn begin(first: u8) -> Result<Self, JsonError> {
        match first {
            b'{' | b'[' => Ok(Self::Brackets(BracketScan::default())),
            b'"' => Ok(Self::Text {
                started: false,
                escaped: false,
            }),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Ok(Self::Word),
            _ => Err(JsonError::new(0, "no JSON value begins like this")),
        }
    }

    pub(super) fn may_end_with_the_input(&self) -> bool {
        matches!(self, Self::Word)
    }

    /// Reads on. Returns how many bytes of `text` belong to the value if it ends here, and `None`
    /// if all of them do and more may follow.
    #[inline]
    pub(super) fn feed(&mut self, text: &[u8]) -> Result<Option<usize>, JsonError> {
        match self {
            Self::Brackets(scan) => scan.feed(text).map_err(|_| JsonError::too_deep(0)),
            Self::Word => Ok(text.iter().position(|byte| {
                matches!(
                    byte,
                    b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b':'
                )
            })),
            Self::Text { started, escaped } => {
                let from = usize::from(!*started || *escaped);
                if text.is_empty() {
                    return Ok(None);
                }
                (*started, *escaped) = (true, false);
                Ok(string_end(text, from, escaped))
            }
        }
    }
}

fn string_end(text: &[u8], from: usize, escaped: &mut bool) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
        *escaped = at > text.len();
    }
}
