//! Reading named resources again, now: what an event is about.

use crate::model::{AccountId, Region, WhyNotRead};

/// One resource, by whatever of its names is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedResource {
    pub account: AccountId,
    pub region: Region,
    /// As AWS Config names it: `AWS::S3::Bucket`.
    pub config_type: Box<str>,
    /// What AWS Config calls its `resourceId`.
    pub id: Option<Box<str>>,
    pub name: Option<Box<str>>,
    pub arn: Option<Box<str>>,
}

/// A resource that was wanted and of which nothing can be told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotObserved {
    pub wanted: WantedResource,
    pub why: WhyNotRead,
    /// In words for a person; never a secret.
    pub detail: String,
}

/// What reading again gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadAgain {
    /// A document of Config items as `ingest::config_item` reads it; `None` where nothing was read.
    /// An item's own capture time says how new it is; one that was deleted says so by its status.
    pub items: Option<Vec<u8>>,
    pub not_observed: Vec<NotObserved>,
}

/// A source that can be asked for single resources.
///
/// Each wanted resource leads to items in the document or to one entry of `not_observed`. Retry: a
/// call tries again by itself what may pass, within the budget of its source; waiting until an item is
/// newer than an event is the caller's part. Calls change nothing and may be repeated. Cost grows with
/// what is wanted, not with the estate.
pub trait ReadsAgain: Send + Sync {
    fn read_again(&self, wanted: &[WantedResource]) -> ReadAgain;
}
