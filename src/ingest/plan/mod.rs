//! Plans: `terraform show -json` of a saved plan, format versions 0.1 to 1.x.
//!
//! Of an approved plan `resource_changes` is read, and of its configuration who makes a resource and what is written
//! inline. The file states everything up to four times; the rest is passed over.

mod action;
mod configuration;
mod configured;
mod head;
mod ignored_tags;
mod read;
mod refresh;
mod resource;
mod values;

pub use action::PlannedAction;
pub use ignored_tags::{IgnoredTags, TagPatterns};
pub use read::read;
pub use refresh::{
    Drift, Refresh, RefreshedResource, Values, approved_values, read as read_refresh,
};
pub use values::{PlannedValues, read_values};

use super::attributes::Attributes;
use crate::normalise::catalogue::ResourceIx;

/// A plan as far as it is needed: its resources, in the order of the file.
#[derive(Debug, Default)]
pub struct Plan {
    pub format_version: String,
    pub terraform_version: Option<String>,
    pub timestamp: Option<jiff::Timestamp>,
    pub resources: Vec<PlannedResource>,
    pub ignored_tags: IgnoredTags,
}

/// Tells the configurations of one provider apart within a plan; zero is the default one.
pub type ProviderKey = u32;

/// One managed resource of a plan, as it is approved.
#[derive(Debug)]
pub struct PlannedResource {
    pub address: Box<str>,
    pub previous_address: Option<Box<str>>,
    pub kind: PlannedType,
    pub action: PlannedAction,
    /// By which configuration of its provider.
    pub provider: ProviderKey,
    /// Empty where the plan deletes the resource, or no table knows its type.
    pub after: Attributes,
    /// What the resource was when the plan was made; only where the plan changes something that
    /// exists.
    pub before: Option<Attributes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedType {
    Mapped(ResourceIx),
    /// No table knows the type.
    Unmapped(Box<str>),
}

#[cfg(test)]
mod tests;
