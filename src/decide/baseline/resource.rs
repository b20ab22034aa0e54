//! The resources of one workspace, put together from its plans and its state.

use super::candidate::Candidate;
use super::making::{Made, Making};
use super::{AppliedBefore, Approved, Pending};
use crate::decide::co_owner::CoOwners;
use crate::decide::ignoring::Authors;
use crate::ingest::plan::{PlannedAction, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::stored::Stored;
use crate::model::{Address, Sha256Digest, WorkspaceName};
use crate::normalise::Tier;
use crate::normalise::catalogue::{Catalogue, Resource};

/// Puts the resources of one workspace together.
pub(super) struct Workbench<'a> {
    pub(super) workspace: u32,
    pub(super) name: &'a WorkspaceName,
    pub(super) metas: &'a [(Sha256Digest, bool)],
    /// Where the workspace's plans begin in [`Approved::plans`].
    pub(super) first_plan: usize,
    pub(super) has_state: bool,
    /// The newest plan that may be a baseline and that was seen carried out, in whole or in part.
    pub(super) carried_out: Option<usize>,
    pub(super) applied_before: &'a AppliedBefore,
    pub(super) catalogue: &'a Catalogue,
    pub(super) redactor: &'a Redactor,
    pub(super) authors: &'a dyn Authors,
    pub(super) co_owners: &'a CoOwners,
    pub(super) approved: &'a mut Approved,
}

impl<'a> Workbench<'a> {
    pub(super) fn add(&mut self, candidate: Candidate) {
        let Some(how) = self.base(&candidate) else {
            return;
        };
        let Candidate {
            address,
            versions,
            others,
            in_state,
            mut standing,
        } = candidate;
        if how.seen_applied && self.has_state {
            self.remember_applied(&versions, how.at, &address);
        }
        let at = how.at.min(standing.len().saturating_sub(1));
        let unknown = standing.drain(at..).next();
        let unknown = unknown.map_or(Vec::new(), |standing| standing.unknown);
        let others = others
            .into_iter()
            .filter(|(_, version)| version.action.is_change());
        let pending = others.map(|(digest, version)| {
            let before = version.before.map(|before| before.stored);
            pending(digest, version.action, version.after.stored, before, false)
        });
        let mut making = Making::new(how, pending.collect(), in_state, unknown);
        for (at, (index, version)) in versions.into_iter().enumerate() {
            making.add(self, &address, (at, index), version);
        }
        if let Some(made) = making.done(self, address) {
            self.finish(made);
        }
    }

    pub(super) fn was_applied(&self, index: usize, address: &str) -> bool {
        let Some((plan, _)) = self.metas.get(index) else {
            return false;
        };
        let known = self.applied_before.get(&(self.name.clone(), *plan));
        known.is_some_and(|addresses| addresses.contains(&Address::from(address)))
    }

    /// Only what the plan changed is worth remembering: the rest was so before.
    fn remember_applied(
        &mut self,
        versions: &[(usize, PlannedResource)],
        base: usize,
        address: &str,
    ) {
        let Some((index, version)) = versions.get(base) else {
            return;
        };
        if let (Some((digest, _)), true) = (self.metas.get(*index), version.action.is_change()) {
            let key = (self.name.clone(), *digest);
            let addresses = self.approved.applied.entry(key).or_default();
            addresses.insert(Address::from(address));
        }
    }

    pub(super) fn table(&self, kind: &PlannedType) -> Option<&'a Resource> {
        match kind {
            PlannedType::Mapped(index) => self.catalogue.resource(*index),
            PlannedType::Unmapped(_) => None,
        }
    }

    fn finish(&mut self, made: Made) {
        let Made {
            resource,
            unknown,
            plan,
            state,
        } = made;
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        // What is matched by name only is worth a look at what is live, and no more.
        if let Some(table) = table.filter(|table| table.table.tier == Tier::Reviewed) {
            self.state_unknown(&resource.address, table, unknown);
            if let Some(state) = state {
                self.state_differs(plan, &resource.address, table, &resource.stored, &state);
            }
        }
        self.approved.resources.push(resource);
    }
}

pub(super) fn pending(
    plan: Sha256Digest,
    action: PlannedAction,
    after: Stored,
    before: Option<Stored>,
    stands: bool,
) -> Pending {
    Pending {
        plan,
        action,
        after,
        before,
        is_baseline: false,
        is_unproven: false,
        stands,
    }
}
