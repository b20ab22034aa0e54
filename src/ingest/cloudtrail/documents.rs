//! Finds the records of a file in whichever of the known wrappings they come.

use std::borrow::Cow;

use serde::Deserialize;
use sonic_rs::LazyValue;

use super::problem::{Reason, Refusal};
use crate::ingest::json_fault;

/// The text of one record, perhaps still in its EventBridge event.
pub(super) struct Located<'t> {
    /// Counted from one; the line where there is a record per line.
    pub number: usize,
    pub text: Cow<'t, str>,
}

/// The keys by which one wrapping is told from another.
#[derive(Deserialize)]
struct Wrapping<'t> {
    #[serde(borrow, default, rename = "Records")]
    records: Option<Vec<LazyValue<'t>>>,
    #[serde(borrow, default)]
    detail: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "eventVersion")]
    event_version: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "digestStartTime")]
    digest: Option<LazyValue<'t>>,
    /// The text of a queue's or a topic's message.
    #[serde(borrow, default)]
    body: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "Sns")]
    topic: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "Message")]
    message: Option<LazyValue<'t>>,
}

/// The records of a file, in its order.
///
/// # Errors
/// The file is not JSON, or holds nothing that could be a record.
pub(super) fn records(text: &str) -> Result<Vec<Located<'_>>, Refusal> {
    match document(text) {
        Err(Refusal::Unreadable(fault)) => by_line(text).ok_or(Refusal::Unreadable(fault)),
        whole => whole,
    }
}

/// The record in an EventBridge event.
///
/// # Errors
/// Says what the text is instead.
pub(super) fn detail(text: &str) -> Result<String, Reason> {
    if !text.trim_start().starts_with('{') {
        return Err(Reason::NotARecord);
    }
    let wrapping: Wrapping<'_> = json_fault::read(text).map_err(Reason::unreadable)?;
    match (wrapping.detail, wrapping.body.or(wrapping.topic)) {
        (Some(detail), _) => Ok(detail.as_raw_str().to_owned()),
        (None, Some(_)) => Err(Reason::Wrapped),
        (None, None) => Err(Reason::NotARecord),
    }
}

/// The whole text as one JSON document.
fn document(text: &str) -> Result<Vec<Located<'_>>, Refusal> {
    if text.trim_start().starts_with('[') {
        let elements = json_fault::read(text).map_err(Refusal::Unreadable)?;
        return Ok(numbered(elements));
    }
    let wrapping: Wrapping<'_> = json_fault::read(text).map_err(Refusal::Unreadable)?;
    if wrapping.digest.is_some() {
        return Err(Refusal::Digest);
    }
    if let Some(records) = wrapping.records {
        return Ok(numbered(records));
    }
    if wrapping.detail.is_some() || wrapping.event_version.is_some() {
        return Ok(vec![Located {
            number: 1,
            text: Cow::Borrowed(text),
        }]);
    }
    Err(if wrapping.message.is_some() {
        Refusal::Wrapped
    } else {
        Refusal::NoRecords
    })
}

fn numbered(values: Vec<LazyValue<'_>>) -> Vec<Located<'_>> {
    let numbers = 1..;
    let located = numbers.zip(values);
    located
        .map(|(number, value)| Located {
            number,
            text: value.as_raw_cow(),
        })
        .collect()
}

/// One record per line, if the first line that is not empty holds a whole object. A later line that
/// cannot be read is a problem of that line only.
fn by_line(text: &str) -> Option<Vec<Located<'_>>> {
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    let (_, first) = lines.clone().next()?;
    json_fault::read::<Wrapping<'_>>(first).ok()?;
    let located = lines.map(|(number, line)| Located {
        number,
        text: Cow::Borrowed(line),
    });
    Some(located.collect())
}
