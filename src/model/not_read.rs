//! What a live source was asked for and did not give. Data for deciding: it makes gaps of it, and
//! never takes for missing what may lie in it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, Region};

/// A part of the estate of which a source tells nothing. What is left open stands for all of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotRead {
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// As AWS Config names it: `AWS::S3::Bucket`.
    pub config_type: Option<Box<str>>,
    /// The id, name or ARN of the one resource that was asked for.
    pub resource: Option<Box<str>>,
    pub why: WhyNotRead,
    /// In words for a person; never a secret.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotRead {
    /// The source does not record it, or has stopped recording.
    NotRecorded,
    /// The rights of the role do not reach so far.
    Denied,
    /// No credentials, or none that still hold.
    NoCredentials,
    /// It was asked too often, by us or by others.
    Throttled,
    /// Our own limit on calls was reached.
    OverBudget,
    /// No answer in time, or none at all.
    Unreachable,
    /// The answer was cut off or makes no sense.
    Broken,
    /// The source says that it is no longer there, and shows nothing of it.
    Deleted,
}

impl WhyNotRead {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRecorded => "not_recorded",
            Self::Denied => "denied",
            Self::NoCredentials => "no_credentials",
            Self::Throttled => "throttled",
            Self::OverBudget => "over_budget",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::Deleted => "deleted",
        }
    }
}

impl fmt::Display for WhyNotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
