//! Approved resources that are one and the same live resource.

use std::collections::BTreeMap;

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

impl DoubleClaim {
    /// Whether one plan expects the resource twice, not two plans the same.
    pub fn is_within_one_workspace(&self) -> bool {
        self.first.workspace == self.second.workspace
    }
}

/// Who expects the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{address}` of workspace `{workspace}`")]
pub struct Claim {
    pub workspace: WorkspaceName,
    pub address: Address,
}

/// Resources that their own workspace approves twice, by number, and in words with which other.
pub(super) type Twice = BTreeMap<u32, String>;

impl Comparer<'_> {
    /// Every pair of approved resources that are certainly one, sorted. Where only names agree, and
    /// the accounts are not known, nothing is certain: live items tell.
    pub fn double_claims(&self) -> Vec<DoubleClaim> {
        let found = self
            .pairs()
            .filter_map(|(one, other)| self.double_claim(one, other));
        let mut found: Vec<DoubleClaim> = found.collect();
        found.sort();
        found.dedup();
        found
    }

    /// Approved resources that share a key.
    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.prepared.index.groups().flat_map(|group| {
            let one = group.iter().enumerate();
            one.flat_map(|(at, one)| {
                let others = group.iter().skip(at + 1);
                others.map(|other| (*one, *other))
            })
        })
    }

    /// What one workspace approves twice is no reason to see nothing of the rest: of these resources
    /// alone nothing can be said.
    pub(super) fn claimed_twice(&self) -> Twice {
        let mut twice = Twice::new();
        let workspace = |number| self.resource(number).map(|own| own.workspace);
        for (one, other) in self.pairs().filter(|(a, b)| workspace(*a) == workspace(*b)) {
            let Some(claim) = self.double_claim(one, other) else {
                continue;
            };
            for (number, other) in [(one, other), (other, one)] {
                let other = self.resource(other).map_or("", |own| &*own.address);
                let said = format!(
                    "the workspace approves it twice: `{other}` is the same resource, `{}`; one \
                     resource has one owner: take one of the two out",
                    claim.id
                );
                let known = twice.entry(number).or_insert_with(|| said.clone());
                *known = said.min(std::mem::take(known));
            }
        }
        twice
    }

    /// Whether all of them are approved as one resource by one workspace.
    pub(super) fn are_one(&self, numbers: &[u32]) -> bool {
        let pairs = numbers.iter().zip(numbers.iter().skip(1));
        let mut pairs = pairs.map(|(one, other)| self.double_claim(*one, *other));
        pairs.all(|claim| claim.is_some_and(|claim| claim.is_within_one_workspace()))
    }

    /// Which other approved resource answers to the same item.
    pub(super) fn namesake(&self, number: u32, resource: &ApprovedResource) -> String {
        let table = resource
            .resource
            .and_then(|at| Some((at, self.catalogue.resource(at)?)));
        let groups = table.into_iter().flat_map(|(at, table)| {
            keys(table, resource)
                .map(move |(kind, parts)| self.prepared.index.whole(at, kind, &parts))
        });
        let others = groups.flatten().filter(|other| **other != number);
        let others = others.filter_map(|other| self.claim(self.resource(*other)?));
        match others.min() {
            Some(other) => format!(
                "{other} has the same name: they are one resource, which has one owner, or lie in \
                 two accounts, which no plan or state tells apart; give the state after apply"
            ),
            None => "another approved resource answers to the same item".to_owned(),
        }
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
