//! Approved resources that are one and the same live resource.

use super::Comparer;
use super::by_name::is_by_name;
use super::elements::element_key;
use super::index::{has_key, keys};
use crate::decide::baseline::{ApprovedResource, text_at};
use crate::ingest::plan::PlannedAction;
use crate::model::{Address, WorkspaceName};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::Member;

/// Two approved forms of one resource cannot both hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{first} and {second} are the same resource, `{id}`")]
pub struct DoubleClaim {
    pub first: Claim,
    pub second: Claim,
    /// What the provider calls it.
    pub id: String,
}

/// Who expects the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{address}` of workspace `{workspace}`")]
pub struct Claim {
    pub workspace: WorkspaceName,
    pub address: Address,
}

impl Comparer<'_> {
    /// Every pair of approved resources that are certainly one, sorted. Where only names agree, and
    /// the accounts are not known, nothing is certain: live items tell.
    pub fn double_claims(&self) -> Vec<DoubleClaim> {
        let mut found: Vec<DoubleClaim> = Vec::new();
        for group in self.prepared.index.groups() {
            for (at, one) in group.iter().enumerate() {
                let others = group.iter().skip(at + 1);
                found.extend(others.filter_map(|other| self.double_claim(*one, *other)));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn double_claim(&self, one: u32, other: u32) -> Option<DoubleClaim> {
        let (a, b) = (self.resource(one)?, self.resource(other)?);
        let table = self.catalogue.resource(a.resource?)?;
        let expected = |resource| holds_on_to(resource) && !table.table.attributes.is_empty();
        if is_by_name(table)
            || a.resource != b.resource
            || !expected(a)
            || !expected(b)
            || !same_key(table, a, b)
        {
            return None;
        }
        let id = match &table.table.member {
            Member::Whole => same_text(a, b, table.arn_slot),
            Member::SecurityGroupRule => same_text(a, b, table.id_slot),
            Member::Part { .. } => self.same_parent(one, other),
            Member::Each { .. } => {
                let element =
                    element_key(table, a).filter(|key| element_key(table, b).as_ref() == Some(key));
                let parent = self.same_parent(one, other)?;
                element.map(|key| format!("{parent} {}", key.1.join(" ")))
            }
        }?;
        let mut claims = [self.claim(a)?, self.claim(b)?];
        claims.sort();
        let [first, second] = claims;
        Some(DoubleClaim { first, second, id })
    }

    fn claim(&self, resource: &ApprovedResource) -> Option<Claim> {
        Some(Claim {
            workspace: self.approved.workspace(resource.workspace)?.clone(),
            address: Address::from(&*resource.address),
        })
    }

    /// The id of the item that both lie within.
    fn same_parent(&self, one: u32, other: u32) -> Option<String> {
        let (one, other) = (
            self.prepared.index.parent(one)?,
            self.prepared.index.parent(other)?,
        );
        let (a, b) = (self.resource(one)?, self.resource(other)?);
        let table = self.catalogue.resource(a.resource?)?;
        if one == other {
            return text_at(&a.stored, table.id_slot).or(text_at(&a.stored, table.arn_slot));
        }
        same_text(a, b, table.arn_slot)
    }
}

/// Whether anything approves the resource, and no approved plan lets go of it.
pub(super) fn holds_on_to(resource: &ApprovedResource) -> bool {
    resource.rare.as_ref().is_none_or(|rare| {
        let leaves = |action| matches!(action, PlannedAction::Delete | PlannedAction::Forget);
        rare.unapproved.is_none()
            && !rare
                .pending
                .iter()
                .any(|plan| plan.stands && leaves(plan.action))
    })
}

fn same_key(table: &Resource, one: &ApprovedResource, other: &ApprovedResource) -> bool {
    keys(table, one).any(|(kind, parts)| has_key(table, other, kind, &parts))
}

fn same_text(one: &ApprovedResource, other: &ApprovedResource, slot: usize) -> Option<String> {
    text_at(&one.stored, slot).filter(|text| text_at(&other.stored, slot).as_ref() == Some(text))
}
