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
    pub const ALL: [Self; 8] = [
        Self::NotRecorded,
        Self::Denied,
        Self::NoCredentials,
        Self::Throttled,
        Self::OverBudget,
        Self::Unreachable,
        Self::Broken,
        Self::Deleted,
    ];

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

/// A part of the estate that was asked for, is recorded, and was read to its end: what was not in it
/// is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadWhole {
    pub account: AccountId,
    pub region: Region,
    pub config_type: Box<str>,
}

/// How often one interface was called in one place, by what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    pub answered: u64,
    pub throttled: u64,
    pub denied: u64,
    /// Every other failure.
    pub failed: u64,
    /// Not sent, because of our own limit.
    pub withheld: u64,
}

impl CallCounts {
    pub fn sent(&self) -> u64 {
        self.answered + self.throttled + self.denied + self.failed
    }
}

/// The calls of one interface in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallTally {
    pub account: AccountId,
    pub region: Region,
    /// As the provider names it: `SelectResourceConfig`.
    pub api: &'static str,
    pub counts: CallCounts,
}

/// What a live source tells of one look, beside the items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// The user's name for the source.
    pub source: String,
    pub not_read: Vec<NotRead>,
    pub read_whole: Vec<ReadWhole>,
    pub calls: Vec<CallTally>,
    /// What a person should know and what is no gap.
    pub warnings: Vec<String>,
}
