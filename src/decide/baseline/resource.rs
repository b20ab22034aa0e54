//! One resource: which of its versions is the baseline, and which are pending.

use super::bind::bind;
use super::candidate::{Base, Candidate};
use super::state::Unknown;
use super::{AppliedBefore, Approved, ApprovedResource, Earlier, NO_PLAN, Pending, Rare};
use crate::decide::co_owner::CoOwners;
use crate::decide::ignoring::Authors;
use crate::ingest::attributes::{Attributes, WRITTEN, slot_of};
use crate::ingest::plan::{PlannedAction, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::state::StateResource;
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
        self.finish(address, versions, how, pending.collect(), in_state, unknown);
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

    fn table(&self, kind: &PlannedType) -> Option<&'a Resource> {
        match kind {
            PlannedType::Mapped(index) => self.catalogue.resource(*index),
            PlannedType::Unmapped(_) => None,
        }
    }

    fn finish(
        &mut self,
        address: Box<str>,
        versions: Vec<(usize, PlannedResource)>,
        how: Base,
        pending_without_standing: Vec<Pending>,
        in_state: Option<StateResource>,
        mut unknown: Vec<Unknown>,
    ) {
        let mut rare = Rare {
            pending: pending_without_standing,
            is_new: how.is_new,
            ..Rare::default()
        };
        let mut stored = Stored::default();
        let mut kind = PlannedType::Unmapped("".into());
        let mut base_plan = None;
        let mut plan = NO_PLAN;
        let mut is_gone = false;
        let mut replaced = None;
        let state_values = match in_state {
            Some(StateResource::Mapped(_, attributes) | StateResource::Unmapped(_, attributes)) => {
                Some(attributes.stored)
            }
            None => None,
        };
        let mut provider = 0;
        for (at, (index, version)) in versions.into_iter().enumerate() {
            let Some((digest, _)) = self.metas.get(index) else {
                continue;
            };
            if at < how.at {
                if version.action.is_change() {
                    let before = version.before.map(|before| before.stored);
                    replaced = before.map(|before| (*digest, before));
                    let was_applied = self.was_applied(index, &address);
                    let stored = version.after.stored;
                    let plan = Some(*digest);
                    rare.earlier.push(Earlier {
                        plan,
                        baseline: *digest,
                        was_applied,
                        stored,
                    });
                }
                continue;
            }
            let is_base = at == how.at;
            if is_base {
                rare.earlier
                    .iter_mut()
                    .for_each(|earlier| earlier.baseline = *digest);
            }
            let state_values = state_values.as_ref().filter(|_| is_base);
            let table = self.table(&version.kind);
            let redactor = self.redactor;
            if is_base {
                provider = version.provider;
                rare.open = open(&version.after, state_values);
            }
            let after = bind(version.after, state_values, table, redactor, &mut unknown);
            let is_pending = version.action.is_change()
                && !(is_base && (how.seen_applied || how.differs_from_state));
            let before = version.before.map(|before| before.stored);
            if is_base && !is_pending {
                // A plan that found nothing left to do shows that the change before it was carried
                // out: what that one replaced is what live may have gone back to.
                let from = match version.action.is_change() {
                    true => before.clone().map(|stored| (*digest, stored)),
                    false => replaced.take(),
                };
                rare.earlier.extend(from.map(|(baseline, stored)| Earlier {
                    plan: None,
                    baseline,
                    was_applied: true,
                    stored,
                }));
            }
            if is_base {
                base_plan = Some(*digest);
                plan = u32::try_from(self.first_plan + index).unwrap_or(NO_PLAN);
                kind = version.kind;
                is_gone = !is_pending
                    && matches!(
                        version.action,
                        PlannedAction::Delete | PlannedAction::Forget
                    );
                stored = match (&after, &before) {
                    // A pending deletion: until it is carried out the resource is what it was.
                    (after, Some(before)) if after.is_empty() => before.clone(),
                    _ => after.clone(),
                };
            }
            if is_pending {
                rare.pending.push(Pending {
                    is_baseline: is_base,
                    is_unproven: is_base && !self.has_state,
                    ..pending(*digest, version.action, after, before, true)
                });
            }
        }
        if is_gone {
            return;
        }
        let resource = match kind {
            PlannedType::Mapped(index) => Some(index),
            PlannedType::Unmapped(name) => {
                rare.unmapped_type = Some(name);
                None
            }
        };
        rare.not_created = self.has_state && !how.exists;
        let table = resource.and_then(|index| self.catalogue.resource(index));
        // What is matched by name only is worth a look at what is live, and no more.
        if let Some(table) = table.filter(|table| table.table.tier == Tier::Reviewed) {
            self.state_unknown(&address, table, unknown);
            if let (true, Some(state)) = (how.differs_from_state, &state_values) {
                self.state_differs(base_plan, &address, table, &stored, state);
            }
        }
        let is_rare = rare.unmapped_type.is_some()
            || !rare.pending.is_empty()
            || !rare.earlier.is_empty()
            || !rare.open.is_empty()
            || rare.not_created;
        self.approved.resources.push(ApprovedResource {
            workspace: self.workspace,
            plan,
            address,
            resource,
            provider,
            stored,
            rare: is_rare.then(|| Box::new(rare)),
        });
    }
}

/// What the configuration writes and no state tells.
fn open(after: &Attributes, state: Option<&Stored>) -> Vec<u16> {
    let written = after.unknown.iter().filter(|slot| **slot & WRITTEN != 0);
    let slots = written.filter_map(|slot| u16::try_from(slot_of(*slot)).ok());
    let is_told = |slot: &u16| state.is_some_and(|state| state.get(usize::from(*slot)).is_some());
    slots.filter(|slot| !is_told(slot)).collect()
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
