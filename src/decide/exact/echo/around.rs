//! What is approved and what was found, ready to be looked up.

use std::collections::BTreeMap;

use super::held::{self, Held};
use super::row::Says;
use crate::decide::exact::{Key, key};
use crate::model::{Deviation, DeviationKind, WorkspaceName};
use crate::normalise::catalogue::{Catalogue, ConfigIx, Resource};
use crate::normalise::table::Member;

/// What items of a type call something, in a workspace.
type Name<'a> = (ConfigIx, &'a WorkspaceName, Vec<String>);

/// What is approved and what was found, by what it is looked up by.
pub(super) struct Around<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) held: BTreeMap<&'a Key, (&'a Held, &'a Resource)>,
    /// By what items call them, those that are the item first, those that lie within it second.
    pub(super) named: BTreeMap<Name<'a>, [Vec<&'a Key>; 2]>,
    found: BTreeMap<Key, Vec<&'a Deviation>>,
    /// What nobody approved, by what it lies within.
    pub(super) added: BTreeMap<Key, Vec<&'a Deviation>>,
}

impl<'a> Around<'a> {
    pub(super) fn new(
        catalogue: &'a Catalogue,
        held: &'a [Held],
        deviations: &'a [Deviation],
    ) -> Self {
        let mut around = Self {
            catalogue,
            held: BTreeMap::new(),
            named: BTreeMap::new(),
            found: BTreeMap::new(),
            added: BTreeMap::new(),
        };
        for own in held {
            let table = catalogue.find(own.type_name.as_str());
            let Some(table) = table.and_then(|at| catalogue.resource(at)) else {
                continue;
            };
            around.held.insert(&own.key, (own, table));
            for name in held::names(table, &own.values) {
                let name = (table.config, &own.key.0, name);
                let [whole, within] = around.named.entry(name).or_default();
                match table.table.member {
                    Member::Whole => whole.push(&own.key),
                    Member::Part { .. } | Member::Each { .. } | Member::SecurityGroupRule => {
                        within.push(&own.key);
                    }
                }
            }
        }
        for own in deviations {
            if let Some(key) = key(own) {
                around.found.entry(key).or_default().push(own);
            }
            if let Some(within) = &own.within {
                let key = (within.workspace.clone(), within.address.clone());
                around.added.entry(key).or_default().push(own);
            }
        }
        around
    }

    pub(super) fn says(&self, key: &Key) -> Option<Says<'a>> {
        let mut changed = Vec::new();
        for own in self.found.get(key).into_iter().flatten() {
            match own.kind {
                DeviationKind::Missing => return Some(Says::Missing),
                DeviationKind::Changed => changed.push(*own),
                DeviationKind::Unmanaged
                | DeviationKind::UnapprovedPlan
                | DeviationKind::PlanTampered
                | DeviationKind::AppliedNotApproved => {}
            }
        }
        (!changed.is_empty()).then_some(Says::Changed(changed))
    }
}
