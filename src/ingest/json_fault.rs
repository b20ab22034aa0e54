//! Reading JSON that others wrote: bounded nesting, and faults that name the place but never the
//! text, because the text may hold a secret.

use std::fmt;

use serde::Deserialize;
use sonic_rs::error::Category;

/// Deeper than any document the clouds or Terraform write. The parser recurses, and a stack has an
/// end.
const DEEPEST: usize = 200;

/// Why a text is not the JSON that was expected. Lines and columns count from one; zero is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub what: &'static str,
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if self.line > 0 {
            write!(f, " (line {}, column {})", self.line, self.column)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

impl Fault {
    fn at(bytes: &[u8], offset: usize, what: &'static str) -> Self {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        let newlines = before.iter().filter(|b| **b == b'\n').count();
        Self {
            what,
            line: newlines as u64 + 1,
            column: (before.len() - line_start) as u64 + 1,
        }
    }
}

/// Checks what the parser relies on: UTF-8 and bounded nesting.
///
/// # Errors
/// Says which does not hold, and where.
pub fn checked(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(Fault {
            what: "is still compressed with gzip",
            line: 0,
            column: 0,
        });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Fault {
            what: "is empty",
            line: 0,
            column: 0,
        });
    }
    let text = simdutf8::compat::from_utf8(bytes)
        .map_err(|error| Fault::at(bytes, error.valid_up_to(), "is not valid UTF-8"))?;
    match too_deep(bytes) {
        Some(offset) => Err(Fault::at(bytes, offset, "nests deeper than 200 levels")),
        None => Ok(text.trim_start_matches('\u{feff}')),
    }
}

/// Reads a checked text as one JSON document.
///
/// # Errors
/// Says what is wrong in general words, and where.
pub fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Fault> {
    sonic_rs::from_str(text).map_err(|error| fault(&error))
}

/// The parser's own message quotes the text; this says the same without it.
pub fn fault(error: &sonic_rs::Error) -> Fault {
    let what = match error.classify() {
        Category::Eof => "ends in the middle of a value",
        Category::TypeUnmatched => "has a value of an unexpected type",
        _ => "is not valid JSON",
    };
    Fault {
        what,
        line: error.line() as u64,
        column: error.column() as u64,
    }
}

fn too_deep(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (offset, byte) in bytes.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(offset);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_brackets_but_not_those_in_strings() {
        let nested = format!("{}1{}", "[".repeat(201), "]".repeat(201));
        let fault = checked(nested.as_bytes()).unwrap_err();
        assert_eq!(
            (fault.what, fault.column),
            ("nests deeper than 200 levels", 201)
        );
        let quoted = format!("\"\\\"{}\"", "[".repeat(500));
        assert!(checked(quoted.as_bytes()).is_ok());
        assert!(checked(&nested.as_bytes()[1..402]).is_ok());
    }

    #[test]
    fn a_fault_names_the_place_and_not_the_text() {
        let fault = read::<Vec<u32>>("[1,\n \"hunter2\"]").unwrap_err();
        assert!(!fault.to_string().contains("hunter2"));
        assert!(!format!("{fault:?}").contains("hunter2"));
        let fault = checked(b"{\n  \"a\": \"\xff\"}").unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 9));
        let fault = read::<Vec<u32>>("[1,").unwrap_err();
        assert_eq!(fault.what, "ends in the middle of a value");
    }
}
