//! Resources as they were approved, in Terraform's words.

use super::Wanted;
use crate::decide::approved_values::{text, values};
use crate::decide::baseline::{Approved, ApprovedResource};
use crate::decide::exact::Key;
use crate::model::{Address, TypeName, Value};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::path::find;

/// A resource that is approved, and the values that are known of it.
#[derive(Clone, Debug)]
pub struct Held {
    pub key: Key,
    pub type_name: TypeName,
    pub values: Value,
}

/// The approved resources that are wanted.
pub fn approved(catalogue: &Catalogue, approved: &Approved, wanted: &Wanted) -> Vec<Held> {
    let all = approved.resources.iter();
    let all = all.filter(|resource| resource.unapproved().is_none());
    all.filter_map(|resource| held(catalogue, approved, resource, wanted))
        .collect()
}

fn held(
    catalogue: &Catalogue,
    approved: &Approved,
    resource: &ApprovedResource,
    wanted: &Wanted,
) -> Option<Held> {
    let table = catalogue.resource(resource.resource?)?;
    let workspace = approved.workspace(resource.workspace)?;
    let is_wanted = wanted.configs.contains(&table.config) && wanted.workspaces.contains(workspace);
    is_wanted.then(|| Held {
        key: (workspace.clone(), Address::from(&*resource.address)),
        type_name: table.table.type_name.clone(),
        values: values(table, &resource.stored),
    })
}

/// What items call the resource, or what it lies within.
pub(super) fn names<'r>(
    table: &'r Resource,
    values: &'r Value,
) -> impl Iterator<Item = Vec<String>> + 'r {
    table.table.keys.iter().filter_map(|pairs| {
        let parts = pairs
            .iter()
            .map(|pair| text(find(values, &pair.approved.captured)?));
        parts.collect()
    })
}
