//! AWS Config items: delivered snapshots, single items, answers of the API, change notifications.
//! Item versions 1.2 and 1.3; each channel names the envelope's fields in its own way.

mod channel;
mod read;

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

pub use read::read;

use super::json::{JsonError, decode_string, members};

/// The envelope of one item, borrowed from the text it came in.
#[derive(Default)]
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
    /// Config knows of the resource and gave no configuration of it.
    NotRecorded,
}

impl<'a> Item<'a> {
    /// Reads the text of one item.
    ///
    /// # Errors
    /// Text that is no JSON object, an item without type or id, a field of the envelope twice.
    pub fn read(raw: &'a str) -> Result<Self, JsonError> {
        // Enough for all that an item has.
        let mut found = Vec::with_capacity(32);
        for member in members(raw)? {
            found.push(member?);
        }
        Self::from_members(found)
    }

    fn from_members(mut members: Vec<(Cow<'a, str>, &'a str)>) -> Result<Self, JsonError> {
        let mut item = Self::default();
        let mut seen = 0;
        let mut has_body = false;
        for (key, value) in &mut members {
            let raw: &'a str = value;
            let Some(field) = Field::of(key) else {
                continue;
            };
            // Readers disagree about what a key means that stands twice.
            if seen & field.bit() != 0 {
                let what = "a field of the item's envelope stands twice";
                return Err(JsonError::new(0, what));
            }
            seen |= field.bit();
            match field {
                Field::Type => item.resource_type = text(raw)?.unwrap_or_default(),
                Field::Id => item.resource_id = text(raw)?.unwrap_or_default(),
                Field::Name => item.resource_name = text(raw)?,
                Field::Arn => item.arn = text(raw)?,
                Field::Account => item.account = text(raw)?,
                Field::Region => item.region = text(raw)?,
                Field::CapturedAt => item.captured_at = time(raw)?,
                Field::Status => {
                    item.status = Status::of(text(raw)?.as_deref().unwrap_or_default())
                }
                Field::Configuration | Field::Supplementary => {
                    has_body |= !matches!(raw, "null" | "{}" | "\"\"" | "\"{}\"");
                }
            }
            if let Some(name) = field.snapshot_name() {
                *key = Cow::Borrowed(name);
            }
        }
        // What was not delivered holds nothing; that is not to say that nothing is set.
        members.retain(|(key, raw)| *raw != "null" || !Field::of(key).is_some_and(Field::is_body));
        item.members = members;
        if item.resource_type.is_empty() {
            return Err(JsonError::new(0, "an item without a `resourceType`"));
        }
        if item.resource_id.is_empty() {
            return Err(JsonError::new(0, "an item without a `resourceId`"));
        }
        // Nothing of a resource must not read as a resource with nothing in it.
        if item.status == Status::Present && !has_body {
            item.status = Status::NotRecorded;
        }
        Ok(item)
    }
}

#[derive(Clone, Copy)]
enum Field {
    Type,
    Id,
    Name,
    Arn,
    Account,
    Region,
    CapturedAt,
    Status,
    Configuration,
    Supplementary,
}

impl Field {
    /// By any of the names that the channels use.
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "resourceType" | "ResourceType" => Self::Type,
            "resourceId" | "ResourceId" => Self::Id,
            "resourceName" | "ResourceName" => Self::Name,
            "ARN" | "arn" | "Arn" => Self::Arn,
            "awsAccountId" | "accountId" | "AccountId" => Self::Account,
            "awsRegion" | "AwsRegion" => Self::Region,
            "configurationItemCaptureTime" | "ConfigurationItemCaptureTime" => Self::CapturedAt,
            "configurationItemStatus" | "ConfigurationItemStatus" => Self::Status,
            "configuration" | "Configuration" => Self::Configuration,
            "supplementaryConfiguration" | "SupplementaryConfiguration" => Self::Supplementary,
            _ => return None,
        })
    }

    fn is_body(self) -> bool {
        matches!(self, Self::Configuration | Self::Supplementary)
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }

    /// The name that the mapping tables know the member by, where they name it.
    fn snapshot_name(self) -> Option<&'static str> {
        match self {
            Self::Type => Some("resourceType"),
            Self::Id => Some("resourceId"),
            Self::Name => Some("resourceName"),
            Self::Arn => Some("ARN"),
            Self::Account
            | Self::Region
            | Self::CapturedAt
            | Self::Status
            | Self::Configuration
            | Self::Supplementary => None,
        }
    }
}

fn text(raw: &str) -> Result<Option<Cow<'_, str>>, JsonError> {
    match raw {
        "null" => Ok(None),
        raw => decode_string(raw).map(Some),
    }
}

/// RFC 3339 text, or seconds since 1970 as some recorded answers have them. Other forms, which only
/// recording tools write, leave the time unknown.
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

/// Without the members: a live item may hold secrets.
impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("resource_type", &self.resource_type)
            .field("resource_id", &self.resource_id)
            .field("account", &self.account)
            .field("region", &self.region)
            .field("captured_at", &self.captured_at)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
