//! HCL text to its blocks. Attributes may be given once only; hcl-edit stops at the second, which
//! would hide everything after it, so a second one is renamed in a copy and reported with the rest.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::parser::Error;
use hcl_edit::structure::Body;

use super::error::Problems;
use crate::ingest::hcl::{self, NotHcl, Unclosed};

/// Far beyond any estate, and little enough to read at once.
pub(super) const MAX_BYTES: usize = 1 << 20;
const MAX_DUPLICATES: usize = 20;

/// The parsed text and the attributes that are given twice: offset to real name.
pub(super) struct Document {
    pub(super) body: Body,
    pub(super) repeated: BTreeMap<usize, String>,
}

pub(super) fn parse(text: &str, problems: &mut Problems<'_>) -> Option<Document> {
    if text.len() > MAX_BYTES {
        problems.add_with_help(
            0,
            format!("the file is larger than {} KiB", MAX_BYTES / 1024),
            "a baseline labelled `*` covers any number of workspaces in one block",
        );
        return None;
    }
    let mut copy = text.to_owned();
    let mut repeated = BTreeMap::new();
    loop {
        match hcl::body(&copy) {
            Ok(body) => return Some(Document { body, repeated }),
            Err(NotHcl::Unclosed(unclosed)) => {
                problems.add_with_help(unclosed.offset, unclosed.what(), Unclosed::HELP);
                return None;
            }
            Err(NotHcl::Parser(error)) => {
                let offset = error.location().offset();
                let again = repeated_key(&error, &copy)
                    .filter(|_| repeated.len() < MAX_DUPLICATES)
                    .and_then(|key| Some((renamed(&copy, offset, key.len())?, key.to_owned())));
                let Some((renamed, key)) = again else {
                    refuse(&error, problems);
                    return None;
                };
                copy = renamed;
                repeated.insert(offset, key);
            }
        }
    }
}

fn refuse(error: &Error, problems: &mut Problems<'_>) {
    let what = format!("this is not valid HCL: {}", error.message());
    let offset = error.location().offset();
    if error.message().contains("block body") && error.line().contains('{') {
        let help = "a block on one line holds one attribute at most; else put each on its own line";
        problems.add_with_help(offset, what, help);
    } else {
        let help =
            "look here and in the lines above for a quote, bracket or brace without its pair";
        problems.add_with_help(offset, what, help);
    }
}

/// The key at which the parser stopped because the block has it already.
fn repeated_key<'t>(error: &Error, text: &'t str) -> Option<&'t str> {
    if !error.message().contains("redefined attribute") {
        return None;
    }
    let rest = text.get(error.location().offset()..)?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    rest.get(..end.unwrap_or(rest.len()))
        .filter(|key| !key.is_empty())
}

/// The text with the key at `start` replaced by a word of the same length that occurs nowhere
/// else, so that every offset stays true.
fn renamed(text: &str, start: usize, length: usize) -> Option<String> {
    let word = unused_word(text, length)?;
    let (before, after) = (text.get(..start)?, text.get(start.checked_add(length)?..)?);
    Some(format!("{before}{word}{after}"))
}

fn unused_word(text: &str, length: usize) -> Option<String> {
    const TRIES: u32 = 26 * 26;
    (0..TRIES).find_map(|number| {
        let letters = (0..length).map(|place| {
            let digit = number
                / 26_u32
                    .checked_pow(place.try_into().ok()?)
                    .unwrap_or(u32::MAX);
            char::from_digit(digit % 26 + 10, 36)
        });
        let word: String = letters.collect::<Option<_>>()?;
        (!text.contains(&word)).then_some(word)
    })
}

/// Where something starts in the text.
pub(super) fn start_of(spanned: &impl Span) -> usize {
    spanned.span().map_or(0, |span| span.start)
}
