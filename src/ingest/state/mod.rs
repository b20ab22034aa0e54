//! States after apply: the raw v4 file, or `terraform show -json` of a state.

mod instance_key;
mod raw;
mod read;
mod shown;

use std::collections::BTreeMap;

pub use instance_key::instance_key;
pub use read::{StateHead, head, read};

use super::attributes::{self, Attributes, RawValues};
use super::json::{Fault, quoted};
use super::redact::Redactor;
use crate::normalise::catalogue::{Catalogue, Resource, ResourceIx};

/// A state as far as it is needed: its managed resources.
#[derive(Debug, Default)]
pub struct State {
    pub terraform_version: Option<String>,
    /// Only the raw file has them.
    pub serial: Option<u64>,
    pub lineage: Option<String>,
    /// Managed resources by address.
    pub resources: BTreeMap<Box<str>, StateResource>,
}

#[derive(Debug)]
pub enum StateResource {
    Mapped(ResourceIx, Attributes),
    /// No table knows the type; what it says of how far others may move is kept.
    Unmapped(Box<str>, Attributes),
}

struct Reading<'c> {
    state: State,
    catalogue: &'c Catalogue,
    redactor: &'c Redactor,
}

impl Reading<'_> {
    fn resource(
        &self,
        address: &str,
        type_name: &str,
        values: &str,
        sensitive: &str,
    ) -> Result<StateResource, Fault> {
        let read = |table: &Resource| {
            let raw = RawValues {
                values,
                unknown: "",
                sensitive: [sensitive, ""],
            };
            let read = attributes::read(table, raw, true, self.redactor);
            read.map_err(|error| format!("{}: {error}", quoted(address)))
        };
        let known = self.catalogue.find(type_name);
        let known = known.and_then(|index| Some((index, self.catalogue.resource(index)?)));
        if let Some((index, table)) = known {
            return Ok(StateResource::Mapped(index, read(table)?));
        }
        let mover = self.catalogue.mover(type_name).map(read).transpose()?;
        Ok(StateResource::Unmapped(
            type_name.into(),
            mover.unwrap_or_default(),
        ))
    }

    fn insert(&mut self, address: String, resource: StateResource) -> Result<(), Fault> {
        let shown = quoted(&address);
        match self.state.resources.insert(address.into(), resource) {
            None => Ok(()),
            Some(_) => Err(format!("the address {shown} stands twice in the state").into()),
        }
    }
}

#[cfg(test)]
mod tests;
