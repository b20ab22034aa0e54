//! AWS Config items: delivered snapshots, single items, answers of the API, change notifications.
//! Item versions 1.2 and 1.3; each channel names the envelope's fields in its own way.

use std::borrow::Cow;
use std::io::Read;

use jiff::Timestamp;

use super::json::{JsonError, JsonStream, StreamError, decode_string, members};

/// The envelope of one item, borrowed from the text it came in.
#[derive(Debug, Default)]
pub struct Item<'a> {
    pub resource_type: Cow<'a, str>,
    pub resource_id: Cow<'a, str>,
    pub resource_name: Option<Cow<'a, str>>,
    pub arn: Option<Cow<'a, str>>,
    pub account: Option<Cow<'a, str>>,
    pub region: Option<Cow<'a, str>>,
    pub captured_at: Option<Timestamp>,
    pub status: Status,
    /// Every member under the name of the snapshot form, raw.
    pub members: Vec<(Cow<'a, str>, &'a str)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Present,
    Deleted,
    /// Config knows of the resource and does not record it.
    NotRecorded,
}

/// Hands every item of a file to `visit`, which returns what is wrong with it.
///
/// # Errors
/// A document that is not well formed or holds no items.
pub fn read<R: Read>(
    reader: R,
    visit: &mut dyn FnMut(Item<'_>) -> Result<(), String>,
) -> Result<R, StreamError> {
    let mut found = Found::default();
    let mut stream = JsonStream::new(reader);
    document(&mut stream, &mut found, visit)?;
    let reader = stream.finish()?;
    if !found.items {
        return Err(StreamError::Refused(
            "no AWS Config items are in the file; give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`".to_owned(),
        ));
    }
    Ok(reader)
}

#[derive(Default)]
struct Found {
    items: bool,
}

type Visit<'v> = &'v mut dyn FnMut(Item<'_>) -> Result<(), String>;

fn document<R: Read>(
    stream: &mut JsonStream<R>,
    found: &mut Found,
    visit: Visit<'_>,
) -> Result<(), StreamError> {
    match stream.peek()? {
        // A list of items, or of answers.
        Some(b'[') => {
            found.items = true;
            stream.array(&mut |stream| element(stream, found, visit))
        }
        _ => element(stream, found, visit),
    }
}

/// Either an item itself or something that holds items.
fn element<R: Read>(
    stream: &mut JsonStream<R>,
    found: &mut Found,
    visit: Visit<'_>,
) -> Result<(), StreamError> {
    if stream.peek()? != Some(b'{') {
        return Err(stream.malformed("an AWS Config item is wanted here"));
    }
    let mut own: Vec<(String, String)> = Vec::new();
    stream.object(&mut |stream, key| match key {
        "configurationItems"
        | "ConfigurationItems"
        | "baseConfigurationItems"
        | "BaseConfigurationItems" => {
            found.items = true;
            stream.array(&mut |stream| {
                let read = stream.raw(|raw| Item::read(raw).and_then(|item| Ok(visit(item))))?;
                let read = read.map_err(|error| stream.malformed(error.to_string()))?;
                read.map_err(|what| stream.malformed(what))
            })
        }
        // Messages of EventBridge and SNS around one item.
        "detail" | "configurationItem" if stream.peek()? == Some(b'{') => {
            element(stream, found, visit)
        }
        _ => {
            own.push((key.to_owned(), stream.raw(str::to_owned)?));
            Ok(())
        }
    })?;
    let is_item = own
        .iter()
        .any(|(key, _)| key.eq_ignore_ascii_case("resourceType"))
        && own
            .iter()
            .any(|(key, _)| key.eq_ignore_ascii_case("configuration"));
    if is_item {
        found.items = true;
        let borrowed = own
            .iter()
            .map(|(key, value)| (Cow::Borrowed(key.as_str()), value.as_str()));
        let item = Item::from_members(borrowed.collect());
        let item = item.map_err(|error| stream.malformed(error.to_string()))?;
        visit(item).map_err(|what| stream.malformed(what))?;
    }
    Ok(())
}

impl<'a> Item<'a> {
    pub fn read(raw: &'a str) -> Result<Self, JsonError> {
        Self::from_members(members(raw)?.collect::<Result<Vec<_>, _>>()?)
    }

    fn from_members(mut members: Vec<(Cow<'a, str>, &'a str)>) -> Result<Self, JsonError> {
        let mut item = Self::default();
        for (key, value) in &mut members {
            let raw: &'a str = value;
            let text = || match raw {
                "null" => Ok(None),
                raw => decode_string(raw).map(Some),
            };
            match key.as_ref() {
                "resourceType" | "ResourceType" => {
                    item.resource_type = text()?.unwrap_or_default();
                    *key = Cow::Borrowed("resourceType");
                }
                "resourceId" | "ResourceId" => {
                    item.resource_id = text()?.unwrap_or_default();
                    *key = Cow::Borrowed("resourceId");
                }
                "resourceName" | "ResourceName" => {
                    item.resource_name = text()?;
                    *key = Cow::Borrowed("resourceName");
                }
                "ARN" | "arn" | "Arn" => {
                    item.arn = text()?;
                    *key = Cow::Borrowed("ARN");
                }
                "awsAccountId" | "accountId" | "AccountId" => item.account = text()?,
                "awsRegion" | "AwsRegion" => item.region = text()?,
                "configurationItemCaptureTime" | "ConfigurationItemCaptureTime" => {
                    item.captured_at = time(raw)?;
                }
                "configurationItemStatus" | "ConfigurationItemStatus" => {
                    item.status = Status::of(text()?.as_deref().unwrap_or_default());
                }
                _ => {}
            }
        }
        item.members = members;
        if item.resource_type.is_empty() {
            let what = Cow::Borrowed("an item without a `resourceType`");
            return Err(JsonError { at: 0, what });
        }
        Ok(item)
    }
}

/// RFC 3339 text, or seconds since 1970 as some recorded answers have them.
fn time(raw: &str) -> Result<Option<Timestamp>, JsonError> {
    if raw.starts_with('"') {
        return Ok(decode_string(raw)?.parse().ok());
    }
    let seconds = raw
        .parse::<f64>()
        .ok()
        .filter(|seconds| seconds.abs() < 1e11);
    Ok(seconds.and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0) as i64).ok()))
}

impl Status {
    fn of(word: &str) -> Self {
        match word {
            "ResourceDeleted" | "ResourceDeletedNotRecorded" | "Deleted" => Self::Deleted,
            "ResourceNotRecorded" => Self::NotRecorded,
            _ => Self::Present,
        }
    }
}
