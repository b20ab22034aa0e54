//! What a refresh found: the plan of `terraform plan -refresh-only`, as `terraform show -json` gives it.
//!
//! Its `prior_state` is what is there now; `resource_drift` is where that differs from the state as it
//! was. A plan that would change anything is no such plan.

mod read;
mod values;
mod written;

use std::collections::{BTreeMap, BTreeSet};

pub use read::read;
pub(super) use values::without_keys;
pub use values::{Values, approved_values};

use crate::ingest::attributes::Attributes;
use crate::model::Value;
use crate::normalise::catalogue::ResourceIx;

/// What is there now, and where the state was behind.
#[derive(Debug, Default)]
pub struct Refresh {
    /// Managed resources that are there, by address.
    pub resources: BTreeMap<Box<str>, RefreshedResource>,
    pub drift: BTreeMap<Box<str>, Drift>,
    /// New addresses of resources that moved, by the old ones.
    pub moved: BTreeMap<Box<str>, Box<str>>,
    /// The attributes and blocks that the configuration writes, by address without instance keys.
    /// What a `dynamic` block makes is not among them.
    pub written: BTreeMap<Box<str>, BTreeSet<Box<str>>>,
}

#[derive(Debug)]
pub struct RefreshedResource {
    pub type_name: Box<str>,
    /// By the reviewed table of its type.
    pub mapped: Option<(ResourceIx, Attributes)>,
    /// All of its attributes where no reviewed table knows the type, else only those that tell its
    /// names and tags. Secrets are digests.
    pub values: Values,
}

/// How the state as it was differs from what is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Drift {
    Gone,
    /// Attributes of the top level: before, and now.
    Changed(BTreeMap<Box<str>, (Value, Value)>),
}

impl Refresh {
    /// The address under which a resource stands now.
    pub fn address<'a>(&'a self, address: &'a str) -> &'a str {
        match self.resources.contains_key(address) {
            true => address,
            false => self.moved.get(address).map_or(address, |new| new),
        }
    }

    /// Whether the configuration writes an attribute of the resource by its name.
    pub fn writes(&self, address: &str, attribute: &str) -> bool {
        let written = self.written.get(&*values::without_keys(address));
        written.is_some_and(|names| names.contains(attribute))
    }
}

#[cfg(test)]
mod tests;
