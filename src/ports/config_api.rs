//! AWS Config, call by call.

use std::collections::BTreeSet;

use crate::model::{AccountId, Region, WhyNotRead};

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallPlace {
    pub account: AccountId,
    pub region: Region,
}

/// A call that gave no answer to work with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CallFailed {
    pub why: WhyNotRead,
    /// In words for a person; never a secret.
    pub what: String,
}

/// A recorder as it is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    pub name: String,
    /// The account of the role that it records with, where that can be told.
    pub account: Option<AccountId>,
    pub group: RecordingGroup,
    /// The types that are recorded once a day; `None` for all of them.
    pub daily: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingGroup {
    /// Every type, and those of IAM if so.
    All {
        with_global: bool,
    },
    AllBut(BTreeSet<String>),
    Only(BTreeSet<String>),
}

/// A recorder as it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecorderState {
    pub name: String,
    pub is_recording: bool,
    /// What went wrong when it recorded last.
    pub failure: Option<String>,
}

/// One account and Region that an aggregator gathers from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub account: AccountId,
    pub region: Option<Region>,
    /// Why what the aggregator shows of it is not up to date.
    pub failure: Option<String>,
}

/// An advanced query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Select<'q> {
    pub expression: &'q str,
    /// The aggregator to ask; else the one account and Region.
    pub aggregator: Option<&'q str>,
}

/// Answers come in pages, which end where no token leads on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub next: Option<String>,
}

/// Says whether a call that failed may be tried again.
pub trait CallMeter: Send + Sync + std::fmt::Debug {
    /// Counts the try, or forbids it.
    fn may_try_again(&self, at: &CallPlace, api: &'static str) -> bool;
}

/// The read-only calls of AWS Config that a source needs.
///
/// Retry: a call tries again by itself what may pass, as far as its [`CallMeter`] lets it, and has an
/// end in time. Every call may be repeated. Calls may come from several threads at once.
pub trait ConfigApi: Send + Sync {
    /// # Errors
    /// No answer to work with, as with every call here.
    fn recorders(&self, at: &CallPlace) -> Result<Vec<Recorder>, CallFailed>;

    /// # Errors
    /// As above.
    fn recorder_states(&self, at: &CallPlace) -> Result<Vec<RecorderState>, CallFailed>;

    /// # Errors
    /// As above.
    fn gathered(
        &self,
        at: &CallPlace,
        aggregator: &str,
        token: Option<&str>,
    ) -> Result<Page<Gathered>, CallFailed>;

    /// One page of at most 100 rows, each the text of a JSON object.
    ///
    /// # Errors
    /// As above.
    fn select(
        &self,
        at: &CallPlace,
        select: Select<'_>,
        token: Option<&str>,
    ) -> Result<Page<String>, CallFailed>;

    /// The newest item of one resource, also of one that was deleted, as the text of a JSON object.
    ///
    /// # Errors
    /// As above.
    fn newest_item(
        &self,
        at: &CallPlace,
        config_type: &str,
        id: &str,
    ) -> Result<Option<String>, CallFailed>;
}
