//! Rows that an uploaded provider schema changes.

use std::collections::BTreeMap;

use super::form::Form;
use super::table::ConfigTable;
use crate::model::{AttributePath, TypeName};

/// How a row is changed, because a provider schema declares its attribute otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Form(Form),
    /// Only the provider sets it: nobody approves a value of it.
    Computed,
    /// It is declared to be what the row cannot compare.
    Unfit,
}

/// Changes by the type and the attribute of the row.
pub type Changes = BTreeMap<(TypeName, AttributePath), Change>;

/// Changes the rows that are to be changed; those that can no longer be compared go, with the reason.
pub(super) fn change(table: &mut ConfigTable, changes: &Changes) {
    if changes.is_empty() {
        return;
    }
    for resource in &mut table.resources {
        let type_name = resource.type_name.clone();
        let aside = &mut resource.not_comparable;
        resource.attributes.retain_mut(|row| {
            let why = match changes.get(&(type_name.clone(), row.pointer.clone())) {
                None => return true,
                Some(Change::Form(form)) => {
                    row.form = *form;
                    return true;
                }
                Some(Change::Computed) => "only the provider sets it, the uploaded schema says",
                Some(Change::Unfit) => "the uploaded schema declares it to be something else",
            };
            aside.insert(row.pointer.clone(), why.to_owned());
            false
        });
    }
}
