//! What the state shows against what was approved.

use super::resource::{Workbench, pending};
use super::{ApprovedResource, Rare, StateDifference, Unapproved, row_value, text_at};
use crate::ingest::plan::{PlannedResource, PlannedType};
use crate::ingest::state::StateResource;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{Sha256Digest, TypeName, Value};
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::compare;
use crate::normalise::equal::Outcome;
use crate::normalise::table::AttributeRow;

impl Workbench<'_> {
    /// The state shows something else than the approved plan: somebody applied something else.
    pub(super) fn state_differs(
        &mut self,
        address: &str,
        resource: Option<ResourceIx>,
        rare: &Rare,
        approved: &Stored,
        state: Option<&Stored>,
    ) {
        let table = resource.and_then(|index| self.catalogue.resource(index));
        let type_name = match (table, &rare.unmapped_type) {
            (Some(table), _) => table.table.type_name.clone(),
            (None, Some(name)) => TypeName::from(&**name),
            (None, None) => return,
        };
        let (Some(table), Some(state)) = (table, state) else {
            return;
        };
        let provider_id = text_at(state, table.id_slot);
        for (row, approved, in_state) in differences(table, approved, state) {
            let approved = row_value(row, approved).unwrap_or_default();
            let in_state = row_value(row, in_state).unwrap_or_default();
            let outcome = compare(row.form, &row.values, &row.pointer, &approved, &in_state);
            let Outcome::Differs(found) = outcome else {
                continue;
            };
            for difference in found {
                self.approved.state_differences.push(StateDifference {
                    workspace: self.workspace,
                    plan: self.metas.last().map(|(digest, _)| *digest),
                    address: address.into(),
                    type_name: type_name.clone(),
                    attribute: Some(difference.pointer),
                    approved: difference.approved,
                    in_state: difference.live,
                    provider_id: provider_id.clone(),
                });
            }
        }
    }

    /// Terraform manages a resource that no approved plan contains.
    pub(super) fn only_in_state(
        &mut self,
        address: Box<str>,
        resource: StateResource,
        named_by: Option<Sha256Digest>,
    ) {
        let (type_name, provider_id) = match &resource {
            StateResource::Mapped(index, attributes) => {
                let Some(table) = self.catalogue.resource(*index) else {
                    return;
                };
                let id = text_at(&attributes.stored, table.id_slot);
                (table.table.type_name.clone(), id)
            }
            StateResource::Unmapped(name) => (TypeName::from(&**name), None),
        };
        self.approved.state_differences.push(StateDifference {
            workspace: self.workspace,
            plan: named_by.or(self.metas.last().map(|(digest, _)| *digest)),
            address: address.clone(),
            type_name,
            attribute: None,
            approved: Value::Null,
            in_state: Value::Null,
            provider_id,
        });
        if let StateResource::Mapped(index, attributes) = resource {
            let rare = Rare {
                unapproved: Some(Unapproved::InState),
                ..Rare::default()
            };
            self.approved.resources.push(ApprovedResource {
                workspace: self.workspace,
                address,
                resource: Some(index),
                stored: attributes.stored,
                rare: Some(Box::new(rare)),
            });
        }
    }

    /// Only plans without standing contain the resource.
    pub(super) fn unapproved(
        &mut self,
        address: Box<str>,
        versions: Vec<(Sha256Digest, PlannedResource)>,
        how: Unapproved,
    ) {
        let mut stored = Stored::default();
        let mut resource = None;
        let mut rare = Rare {
            unapproved: Some(how),
            ..Rare::default()
        };
        for (digest, version) in versions {
            resource = match version.kind {
                PlannedType::Mapped(index) => Some(index),
                PlannedType::Unmapped(_) => resource,
            };
            let before = version.before.map(|before| before.stored);
            let after = version.after.stored;
            if !after.is_empty() {
                stored = after.clone();
            }
            rare.pending
                .push(pending(digest, version.action, after, before, false));
        }
        self.approved.resources.push(ApprovedResource {
            workspace: self.workspace,
            address,
            resource,
            stored,
            rare: Some(Box::new(rare)),
        });
    }
}

/// The rows in which two packed sets of values differ; what only one of them has says nothing.
pub(super) fn differences<'a>(
    resource: &'a Resource,
    one: &'a Stored,
    other: &'a Stored,
) -> impl Iterator<Item = (&'a AttributeRow, StoredValue<'a>, StoredValue<'a>)> {
    one.iter().filter_map(|one| {
        let row = resource.table.attributes.get(one.slot)?;
        let other = other.get(one.slot)?;
        if one.text == other.text || one.sensitive != other.sensitive {
            return None;
        }
        if one.sensitive {
            return Some((row, one, other));
        }
        let (a, b) = (row_value(row, one).ok()?, row_value(row, other).ok()?);
        match row.compare(&a, &b) {
            Outcome::Differs(_) => Some((row, one, other)),
            Outcome::Equal(_) | Outcome::NotComparable(_) => None,
        }
    })
}
