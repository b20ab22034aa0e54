//! The way of one message to one channel.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::AlertKey;

/// What became of a message on its way to a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub key: AlertKey,
    pub sequence: u32,
    pub channel: String,
    pub at: Timestamp,
    #[serde(flatten)]
    pub arrival: Arrival,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Arrival {
    /// The receiver said that it has the message.
    Delivered {
        answer: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<String>,
    },
    /// It did not arrive, and is tried again.
    Failed { what: String },
    /// It will never be taken.
    Refused { what: String },
    /// It is given to another channel instead.
    FailedOver { to: String, what: String },
}

impl Arrival {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered { .. } => "delivered",
            Self::Failed { .. } => "failed",
            Self::Refused { .. } => "refused",
            Self::FailedOver { .. } => "failed_over",
        }
    }
}

/// A message that a channel does not have yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub since: Timestamp,
    /// When it failed first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
}
