//! Finds the items of a file, whatever stands around them.

use std::borrow::Cow;
use std::io::Read;

use super::channel::{Other, Part};
use super::{Item, Status};
use crate::ingest::json::{Fault, JsonStream, StreamError, decode_string, elements, members};

pub(super) const WANTED: &str =
    "give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`";

/// An object of at most this size is read where it lies in the buffer. A larger one is walked, item
/// by item.
const SMALL: usize = 1 << 20;

/// Envelopes within envelopes, each as text in the next.
const MAX_ENVELOPES: u32 = 8;

/// Hands every item of a file to `visit`, which returns what is wrong with it. The file holds one
/// document, or several behind one another.
///
/// # Errors
/// A document that is not well formed or holds no items; what `visit` returns, with its place.
pub fn read<R: Read>(
    reader: R,
    visit: &mut dyn FnMut(Item<'_>) -> Result<(), String>,
) -> Result<R, StreamError> {
    read_stream(JsonStream::new(reader), SMALL, visit)
}

pub(super) fn read_stream<R: Read>(
    mut stream: JsonStream<R>,
    small: usize,
    visit: &mut dyn FnMut(Item<'_>) -> Result<(), String>,
) -> Result<R, StreamError> {
    let mut reading = Reading {
        visit,
        small,
        has_items: false,
        other: None,
    };
    while let Some(first) = stream.peek()? {
        match first {
            b'[' => stream.array(&mut |stream| reading.object(stream))?,
            _ => reading.object(&mut stream)?,
        }
    }
    let (has_items, other) = (reading.has_items, reading.other);
    let reader = stream.finish()?;
    match (has_items, other) {
        (true, _) => Ok(reader),
        (false, Some(other)) => Err(StreamError::refused(other.what(), other.help())),
        (false, None) => Err(StreamError::refused(
            "no AWS Config items are in the file",
            WANTED,
        )),
    }
}

struct Reading<'v> {
    visit: &'v mut dyn FnMut(Item<'_>) -> Result<(), String>,
    small: usize,
    /// Items, or a list of items that is empty.
    has_items: bool,
    other: Option<Other>,
}

/// The members of an object, borrowed from its text.
type Parts<'a> = Vec<(Cow<'a, str>, &'a str)>;

impl Reading<'_> {
    fn object<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        let first = stream.peek()?;
        if first != Some(b'{') {
            let fault = Fault::new(match first {
                Some(b'[' | b'"' | b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => {
                    "an AWS Config item is wanted here"
                }
                _ => "this is not JSON",
            });
            return Err(stream.fault(fault.with_help(WANTED)));
        }
        let read = stream.value_within(self.small, |raw| self.lying(raw, 0))?;
        match read {
            Some(()) => Ok(()),
            None => self.walked(stream),
        }
    }

    /// A large object: only its lists may be large.
    fn walked<R: Read>(&mut self, stream: &mut JsonStream<R>) -> Result<(), StreamError> {
        let mut own: Vec<(String, String)> = Vec::new();
        stream.object(&mut |stream, key| {
            let first = stream.peek()?;
            match (Part::of(key), first) {
                (Part::Items, Some(b'[')) => {
                    self.has_items = true;
                    stream.array(&mut |stream| stream.value(|raw| self.item(raw)))
                }
                (Part::Rows, Some(b'[')) => {
                    self.has_items = true;
                    stream.array(&mut |stream| stream.value(|raw| self.row(raw)))
                }
                (Part::Wrapper, Some(b'{')) => self.object(stream),
                (Part::Wrapper, Some(b'[')) => stream.array(&mut |stream| self.object(stream)),
                (Part::Unanswered | Part::Text, _) => {
                    stream.value(|raw| self.part(Part::of(key), raw, 0))
                }
                (Part::Other(other), _) => {
                    self.other = self.other.max(Some(other));
                    stream.skip()
                }
                (Part::Own | Part::Items | Part::Rows | Part::Wrapper, _) => {
                    own.push((key.to_owned(), stream.raw(str::to_owned)?));
                    Ok(())
                }
            }
        })?;
        let own = own
            .iter()
            .map(|(key, value)| (Cow::Borrowed(key.as_str()), value.as_str()));
        let own: Parts<'_> = own.collect();
        if !is_item(&own) {
            return Ok(());
        }
        self.has_items = true;
        let item = Item::from_members(own).map_err(Fault::from);
        item.and_then(|item| self.hand_out(item))
            .map_err(|fault| stream.fault(fault))
    }

    /// An object whose text lies in memory: an item, or something around items.
    fn lying(&mut self, raw: &str, envelopes: u32) -> Result<(), Fault> {
        let parts: Parts<'_> = members(raw)?.collect::<Result<_, _>>()?;
        if is_item(&parts) {
            self.has_items = true;
            let item = Item::from_members(parts)?;
            return self.hand_out(item);
        }
        if envelopes > MAX_ENVELOPES {
            return Err("too many envelopes around an item".into());
        }
        for (key, value) in parts {
            self.part(Part::of(&key), value, envelopes)
                .map_err(|fault| fault.within(raw, value))?;
        }
        Ok(())
    }

    fn part(&mut self, part: Part, raw: &str, envelopes: u32) -> Result<(), Fault> {
        match (part, raw.as_bytes().first()) {
            (Part::Items, Some(b'[')) => {
                self.has_items = true;
                each(raw, |item| self.item(item))
            }
            (Part::Rows, Some(b'[')) => {
                self.has_items = true;
                each(raw, |row| self.row(row))
            }
            (Part::Unanswered, Some(b'[')) => each(raw, |key| self.unanswered(key)),
            (Part::Wrapper, Some(b'{')) => self.lying(raw, envelopes + 1),
            (Part::Wrapper, Some(b'[')) => each(raw, |element| match element.starts_with('{') {
                true => self.lying(element, envelopes + 1),
                false => Ok(()),
            }),
            (Part::Text, Some(b'"')) => {
                let text = decode_string(raw)?;
                match text.trim() {
                    text if text.starts_with('{') => {
                        let read = self.lying(text, envelopes + 1);
                        read.map_err(|fault| Fault { at: 0, ..fault })
                    }
                    _ => Ok(()),
                }
            }
            (Part::Other(other), _) => {
                self.other = self.other.max(Some(other));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn item(&mut self, raw: &str) -> Result<(), Fault> {
        let item = Item::read(raw)?;
        self.hand_out(item)
    }

    fn row(&mut self, raw: &str) -> Result<(), Fault> {
        let incomplete = |what: &str| {
            Fault::new(format!("a row of the query has no `{what}`")).with_help(
                "ask for `SELECT resourceType, resourceId, resourceName, arn, accountId, awsRegion, \
                 configurationItemCaptureTime, configuration, supplementaryConfiguration, tags`",
            )
        };
        let text = decode_string(raw)?;
        let parts: Parts<'_> =
            members(text.trim())
                .and_then(Iterator::collect)
                .map_err(|error| Fault {
                    at: 0,
                    ..error.into()
                })?;
        for wanted in ["resourceType", "resourceId", "configuration"] {
            if !parts.iter().any(|(key, _)| key == wanted) {
                return Err(incomplete(wanted));
            }
        }
        let item = Item::from_members(parts)?;
        self.hand_out(item)
    }

    /// A resource that was asked for and not answered is as good as not recorded: a gap.
    fn unanswered(&mut self, raw: &str) -> Result<(), Fault> {
        let parts = members(raw)?.map(|part| {
            part.map(|(key, value)| match &*key {
                "SourceAccountId" => (Cow::Borrowed("awsAccountId"), value),
                "SourceRegion" => (Cow::Borrowed("awsRegion"), value),
                _ => (key, value),
            })
        });
        let mut item = Item::from_members(parts.collect::<Result<_, _>>()?)?;
        item.status = Status::NotRecorded;
        self.has_items = true;
        self.hand_out(item)
    }

    fn hand_out(&mut self, item: Item<'_>) -> Result<(), Fault> {
        (self.visit)(item).map_err(Fault::new)
    }
}

/// Whether the members are those of an item, by the names that all channels share.
fn is_item(parts: &Parts<'_>) -> bool {
    let has = |name: &str| parts.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    has("resourceType")
        && (has("configuration")
            || has("supplementaryConfiguration")
            || has("configurationItemStatus"))
}

fn each(raw: &str, mut take: impl FnMut(&str) -> Result<(), Fault>) -> Result<(), Fault> {
    for element in elements(raw)? {
        let element = element?;
        take(element).map_err(|fault| fault.within(raw, element))?;
    }
    Ok(())
}
