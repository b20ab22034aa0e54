//! Differences that are no deviations: what the author told Terraform to leave alone, and what the
//! cloud moves by itself between approved bounds.

use super::{Comparer, Found};
use crate::decide::baseline::ApprovedResource;
use crate::decide::co_owner::Bounds;
use crate::decide::ignoring::Ignoring;
use crate::model::{Address, AttributePath, Deviation, Relation, TypeName};
use crate::normalise::equal::Difference;
use crate::normalise::table::AttributeRow;

impl Comparer<'_> {
    /// How `ignore_changes` stands to an attribute of an approved resource.
    pub fn ignoring(&self, resource: &ApprovedResource, attribute: &AttributePath) -> Ignoring {
        let workspace = self.approved.workspace(resource.workspace);
        let lifecycle = workspace.and_then(|workspace| {
            let address = Address::from(&*resource.address);
            self.authors.lifecycle(workspace, &address)
        });
        Ignoring::of(lifecycle.as_ref(), attribute)
    }

    /// Whether the author told Terraform to leave the attribute alone.
    pub(super) fn is_ignored(
        &self,
        resource: &ApprovedResource,
        attribute: &AttributePath,
    ) -> bool {
        self.ignoring(resource, attribute).whole().is_some()
    }

    /// The difference, unless something sets it aside; it says so if `ignore_changes` is not known.
    pub(super) fn not_set_aside(
        &self,
        mut found: Found,
        resource: &ApprovedResource,
    ) -> Option<Found> {
        let Some(attribute) = &found.deviation.attribute else {
            return Some(found);
        };
        let ignoring = self.ignoring(resource, attribute);
        if ignoring.whole().is_some()
            || ignoring.covers(attribute, &found.deviation.approved, &found.deviation.live)
            || self.is_moved(&found.deviation, resource)
            || self.is_ignored_tag(resource, attribute)
        {
            return None;
        }
        if let Some(left) = self.left_of(&found.deviation, resource) {
            // Blocks of a set differ at one place.
            let left = left.into_iter().next()?;
            (found.deviation.approved, found.deviation.live) = (left.approved, left.live);
        }
        found.deviation.notes.extend(ignoring.note());
        Some(found)
    }

    /// Whether the provider was told to leave the tag alone, on all that it makes.
    fn is_ignored_tag(&self, resource: &ApprovedResource, attribute: &AttributePath) -> bool {
        let ignored = self.approved.ignored_tags.get(&resource.workspace);
        let ignored = ignored.and_then(|tags| tags.get(&resource.provider));
        let mut tokens = attribute.tokens();
        let is_tag = matches!(tokens.next().as_deref(), Some("tags" | "tags_all"));
        let (key, more) = (tokens.next(), tokens.next());
        is_tag && more.is_none() && ignored.zip(key).is_some_and(|(tags, key)| tags.hold(&key))
    }

    /// Whether the cloud moved the value, and as far as is approved. A plan that waits to set it, or
    /// that set it, is judged all the same.
    fn is_moved(&self, deviation: &Deviation, resource: &ApprovedResource) -> bool {
        let bounds = deviation.attribute.as_ref().and_then(|attribute| {
            let table = self.catalogue.resource(resource.resource?)?;
            let mut rows = table.table.attributes.iter();
            let row = rows.find(|row| row.pointer == *attribute)?;
            self.bounds(row, resource)
        });
        !is_planned(deviation) && bounds.is_some_and(|bounds| bounds.hold(&deviation.live))
    }

    /// By the same measure, what is left of a difference of blocks; `None` where nothing was moved.
    fn left_of(
        &self,
        deviation: &Deviation,
        resource: &ApprovedResource,
    ) -> Option<Vec<Difference>> {
        let attribute = deviation.attribute.as_ref()?;
        let table = self.catalogue.resource(resource.resource?)?;
        let mut rows = table.table.attributes.iter();
        let row = rows.find(|row| row.pointer == *attribute && !is_planned(deviation))?;
        let found = Difference {
            pointer: attribute.clone(),
            approved: deviation.approved.clone(),
            live: deviation.live.clone(),
        };
        let co_owners = &self.approved.co_owners;
        co_owners.left_of(resource.workspace, (row, table), &resource.stored, &found)
    }

    /// The approved bounds within which the cloud may move the value of a row.
    pub(super) fn bounds(&self, row: &AttributeRow, resource: &ApprovedResource) -> Option<Bounds> {
        let table = self.catalogue.resource(resource.resource?)?;
        let moved = row.moved.as_deref()?;
        let co_owners = &self.approved.co_owners;
        co_owners.bounds(resource.workspace, moved, table, &resource.stored)
    }

    /// Whether an owner's author told Terraform to leave alone what resources of this type show, so
    /// that one that nobody approved is none of Terraform's business.
    pub(super) fn leaves_alone(&self, type_name: &TypeName, owners: &[u32]) -> bool {
        let owners = owners.iter().filter_map(|number| self.resource(*number));
        owners.into_iter().any(|owner| {
            let table = owner.resource.and_then(|at| self.catalogue.resource(at));
            let rows = table.into_iter().flat_map(|table| &table.table.attributes);
            rows.filter(|row| row.separate.contains(type_name))
                .any(|row| self.is_ignored(owner, &row.pointer))
        })
    }
}

/// Whether a plan waits to set the value, or set it.
fn is_planned(deviation: &Deviation) -> bool {
    deviation.pending.iter().any(|view| match view.relation {
        Relation::EqualsAfter | Relation::EqualsBefore | Relation::BeforeOrUndone => true,
        Relation::Neither | Relation::Unknown => false,
    })
}
