//! Messages of an event queue: what the cloud says while it happens. EventBridge events and SNS
//! notifications, wrapped in each other or bare. Whatever else comes is refused by name and never
//! guessed at; no message quotes the text, because events hold secrets.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use sonic_rs::LazyValue;

use crate::ingest::cloudtrail::{self, Reason};
use crate::ingest::json_fault::{self, Fault};
use crate::model::{AccountId, Activity, Region};

/// No service that feeds a queue sends more, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Notifications within notifications; one is usual.
const MAX_ENVELOPES: u32 = 4;

/// What one message says.
#[derive(Debug, PartialEq)]
pub enum Notice {
    /// Somebody made a call, or tried to.
    Call(Box<Activity>),
    /// AWS Config recorded a resource: a document as `ingest::config_item` reads it.
    Item(String),
    /// AWS Config recorded a resource that is too large for a message.
    Oversized(ItemSummary),
    /// It changed nothing that is compared: a call that reads, a delivery that was completed.
    Nothing(&'static str),
}

/// What a message about a large item says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemSummary {
    pub config_type: String,
    pub id: String,
    pub name: Option<String>,
    pub arn: Option<String>,
    pub account: AccountId,
    pub region: Region,
    pub captured_at: Timestamp,
}

/// Why a message is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLarge,
    Unreadable(Fault),
    /// JSON of nobody we know.
    UnknownEnvelope,
    TooManyEnvelopes,
    /// A record of a call that cannot be used.
    Call(Reason),
    /// A notification of AWS Config without what it must have.
    Item(&'static str),
}

impl Refusal {
    /// A word for metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Unreadable(_) => "unreadable",
            Self::UnknownEnvelope | Self::TooManyEnvelopes => "unknown_envelope",
            Self::Call(Reason::UnknownVersion(_)) => "unknown_version",
            Self::Call(_) => "bad_call",
            Self::Item(_) => "bad_item",
        }
    }

    pub const WORDS: [&str; 6] = [
        "too_large",
        "unreadable",
        "unknown_envelope",
        "unknown_version",
        "bad_call",
        "bad_item",
    ];
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the message is larger than {MAX_BYTES} bytes"),
            Self::Unreadable(fault) => write!(f, "the message {fault}"),
            Self::UnknownEnvelope => f.write_str(
                "the message is neither a call that a trail recorded nor an item of AWS Config",
            ),
            Self::TooManyEnvelopes => f.write_str("the message is wrapped too often"),
            Self::Call(reason) => write!(f, "the record of a call {reason}"),
            Self::Item(what) => write!(f, "the notification of AWS Config {what}"),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'t> {
    #[serde(borrow, default, rename = "detail-type")]
    detail_type: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    detail: Option<LazyValue<'t>>,
    /// The text of a notification.
    #[serde(borrow, default, rename = "Message")]
    message: Option<Cow<'t, str>>,
    #[serde(borrow, default, rename = "messageType")]
    message_type: Option<Cow<'t, str>>,
    #[serde(borrow, default, rename = "configurationItem")]
    item: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "configurationItemSummary")]
    summary: Option<LazyValue<'t>>,
    #[serde(borrow, default, rename = "eventVersion")]
    event_version: Option<LazyValue<'t>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'t> {
    #[serde(borrow, default)]
    resource_type: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    resource_id: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    resource_name: Option<Cow<'t, str>>,
    #[serde(borrow, default, alias = "ARN")]
    arn: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    aws_account_id: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    aws_region: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    configuration_item_capture_time: Option<Cow<'t, str>>,
}

/// Reads the body of one message.
///
/// # Errors
/// Says why it is not used. Nothing of it is.
pub fn read(body: &str) -> Result<Notice, Refusal> {
    if body.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let text = json_fault::checked(body.as_bytes()).map_err(Refusal::Unreadable)?;
    unwrap(text, 0)
}

fn unwrap(text: &str, envelopes: u32) -> Result<Notice, Refusal> {
    if envelopes > MAX_ENVELOPES {
        return Err(Refusal::TooManyEnvelopes);
    }
    if !text.trim_start().starts_with('{') {
        // A list or a bare value: JSON perhaps, and no message of ours.
        let read: Result<LazyValue<'_>, Fault> = json_fault::read(text);
        return Err(read.map_or_else(Refusal::Unreadable, |_| Refusal::UnknownEnvelope));
    }
    let envelope: Envelope<'_> = json_fault::read(text).map_err(Refusal::Unreadable)?;
    if envelope.event_version.is_some() {
        return call(text);
    }
    if let Some(word) = &envelope.message_type {
        return config(word, &envelope, text);
    }
    if let Some(detail) = &envelope.detail {
        let detail = detail.as_raw_str();
        return match envelope.detail_type.as_deref() {
            Some(
                "AWS API Call via CloudTrail"
                | "AWS Service Event via CloudTrail"
                | "AWS Console Sign In via CloudTrail"
                | "AWS Console Action via CloudTrail",
            ) => call(detail),
            Some("Config Configuration Item Change") => unwrap(detail, envelopes + 1),
            Some(_) | None => Err(Refusal::UnknownEnvelope),
        };
    }
    match &envelope.message {
        Some(message) => {
            let message = json_fault::checked(message.as_bytes()).map_err(Refusal::Unreadable)?;
            unwrap(message, envelopes + 1)
        }
        None => Err(Refusal::UnknownEnvelope),
    }
}

fn call(text: &str) -> Result<Notice, Refusal> {
    match cloudtrail::record(text) {
        Ok(Some(activity)) => Ok(Notice::Call(Box::new(activity))),
        Ok(None) => Ok(Notice::Nothing("a call that reads")),
        Err(reason) => Err(Refusal::Call(reason)),
    }
}

fn config(word: &str, envelope: &Envelope<'_>, text: &str) -> Result<Notice, Refusal> {
    match word {
        "ConfigurationItemChangeNotification" => match &envelope.item {
            Some(_) => Ok(Notice::Item(text.to_owned())),
            None => Err(Refusal::Item("has no `configurationItem`")),
        },
        "OversizedConfigurationItemChangeNotification" => {
            let raw = envelope.summary.as_ref();
            let raw = raw.ok_or(Refusal::Item("has no `configurationItemSummary`"))?;
            summary(raw.as_raw_str()).map(Notice::Oversized)
        }
        _ => Ok(Notice::Nothing("a notification about no single resource")),
    }
}

fn summary(text: &str) -> Result<ItemSummary, Refusal> {
    let summary: Summary<'_> = json_fault::read(text).map_err(Refusal::Unreadable)?;
    let owned = |text: &Option<Cow<'_, str>>| {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let needed = |text: &Option<Cow<'_, str>>, missing: &'static str| {
        owned(text).ok_or(Refusal::Item(missing))
    };
    let captured = needed(
        &summary.configuration_item_capture_time,
        "has no `configurationItemCaptureTime`",
    )?;
    Ok(ItemSummary {
        config_type: needed(&summary.resource_type, "has no `resourceType`")?,
        id: needed(&summary.resource_id, "has no `resourceId`")?,
        name: owned(&summary.resource_name),
        arn: owned(&summary.arn),
        account: AccountId::from(needed(&summary.aws_account_id, "has no `awsAccountId`")?),
        region: Region::from(needed(&summary.aws_region, "has no `awsRegion`")?),
        captured_at: captured.parse().map_err(|_| {
            Refusal::Item("has a `configurationItemCaptureTime` that is no time with a zone")
        })?,
    })
}
