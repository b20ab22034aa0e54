//! One approved resource, made of its versions from the oldest to the newest.

use super::bind::bind;
use super::candidate::Base;
use super::resource::{Workbench, pending};
use super::state::Unknown;
use super::{ApprovedResource, Earlier, NO_PLAN, Pending, Rare};
use crate::ingest::attributes::{Attributes, WRITTEN, slot_of};
use crate::ingest::plan::{PlannedAction, PlannedResource, PlannedType, ProviderKey};
use crate::ingest::state::StateResource;
use crate::ingest::stored::Stored;
use crate::model::Sha256Digest;

/// A resource of which versions are gone through.
pub(super) struct Making {
    how: Base,
    state: Option<Stored>,
    unknown: Vec<Unknown>,
    rare: Rare,
    /// What the newest change before the baseline replaced, and the plan of that change.
    replaced: Option<(Sha256Digest, Stored)>,
    /// The plan of the baseline.
    digest: Option<Sha256Digest>,
    plan: u32,
    kind: PlannedType,
    provider: ProviderKey,
    stored: Stored,
    is_gone: bool,
}

/// What came of it.
pub(super) struct Made {
    pub(super) resource: ApprovedResource,
    /// What the state has, and cannot be read.
    pub(super) unknown: Vec<Unknown>,
    /// The plan of the baseline.
    pub(super) plan: Option<Sha256Digest>,
    /// The values of the state, if it differs from the plan.
    pub(super) state: Option<Stored>,
}

impl Making {
    /// `pending` has the plans without standing.
    pub(super) fn new(
        how: Base,
        pending: Vec<Pending>,
        state: Option<StateResource>,
        unknown: Vec<Unknown>,
    ) -> Self {
        Self {
            rare: Rare {
                pending,
                is_new: how.is_new,
                ..Rare::default()
            },
            how,
            state: state.map(|state| match state {
                StateResource::Mapped(_, own) | StateResource::Unmapped(_, own) => own.stored,
            }),
            unknown,
            replaced: None,
            digest: None,
            plan: NO_PLAN,
            kind: PlannedType::Unmapped("".into()),
            provider: 0,
            stored: Stored::default(),
            is_gone: false,
        }
    }

    /// The version at this place among all, of the plan with this number.
    pub(super) fn add(
        &mut self,
        bench: &Workbench<'_>,
        address: &str,
        (at, index): (usize, usize),
        version: PlannedResource,
    ) {
        let Some((digest, _)) = bench.metas.get(index).copied() else {
            return;
        };
        if at < self.how.at {
            let was_applied = bench.was_applied(index, address);
            self.add_earlier(digest, version, was_applied);
            return;
        }
        let is_base = at == self.how.at;
        if is_base {
            self.digest = Some(digest);
            self.plan = u32::try_from(bench.first_plan + index).unwrap_or(NO_PLAN);
            self.provider = version.provider;
            self.rare.open = open(&version.after, self.state.as_ref());
            let earlier = self.rare.earlier.iter_mut();
            earlier.for_each(|earlier| earlier.baseline = digest);
        }
        let table = bench.table(&version.kind);
        let state = self.state.as_ref().filter(|_| is_base);
        let after = bind(
            version.after,
            state,
            table,
            bench.redactor,
            &mut self.unknown,
        );
        let before = version.before.map(|before| before.stored);
        let is_done = is_base && (self.how.seen_applied || self.how.differs_from_state);
        let is_pending = version.action.is_change() && !is_done;
        if is_base {
            if !is_pending {
                self.add_replaced(digest, version.action, before.as_ref());
            }
            self.is_gone = !is_pending && is_removal(version.action);
            self.kind = version.kind;
            self.stored = match &before {
                // A pending deletion: until it is carried out the resource is what it was.
                Some(before) if after.is_empty() => before.clone(),
                _ => after.clone(),
            };
        }
        if is_pending {
            self.rare.pending.push(Pending {
                is_baseline: is_base,
                is_unproven: is_base && !bench.has_state,
                ..pending(digest, version.action, after, before, true)
            });
        }
    }

    fn add_earlier(&mut self, digest: Sha256Digest, version: PlannedResource, was_applied: bool) {
        if !version.action.is_change() {
            return;
        }
        let before = version.before.map(|before| before.stored);
        self.replaced = before.map(|before| (digest, before));
        self.rare.earlier.push(Earlier {
            plan: Some(digest),
            baseline: digest,
            was_applied,
            stored: version.after.stored,
        });
    }

    /// A plan that found nothing left to do shows that the change before it was carried out: what that
    /// one replaced is what live may have gone back to.
    fn add_replaced(
        &mut self,
        digest: Sha256Digest,
        action: PlannedAction,
        before: Option<&Stored>,
    ) {
        let from = match action.is_change() {
            true => before.map(|stored| (digest, stored.clone())),
            false => self.replaced.take(),
        };
        self.rare
            .earlier
            .extend(from.map(|(baseline, stored)| Earlier {
                plan: None,
                baseline,
                was_applied: true,
                stored,
            }));
    }

    /// Nothing, if what is approved is that it is gone.
    pub(super) fn done(mut self, bench: &Workbench<'_>, address: Box<str>) -> Option<Made> {
        if self.is_gone {
            return None;
        }
        let resource = match self.kind {
            PlannedType::Mapped(index) => Some(index),
            PlannedType::Unmapped(name) => {
                self.rare.unmapped_type = Some(name);
                None
            }
        };
        self.rare.not_created = bench.has_state && !self.how.exists;
        let rare = self.rare;
        let is_rare = rare.unmapped_type.is_some()
            || !rare.pending.is_empty()
            || !rare.earlier.is_empty()
            || !rare.open.is_empty()
            || rare.not_created;
        let resource = ApprovedResource {
            workspace: bench.workspace,
            plan: self.plan,
            address,
            resource,
            provider: self.provider,
            stored: self.stored,
            rare: is_rare.then(|| Box::new(rare)),
        };
        Some(Made {
            resource,
            unknown: self.unknown,
            plan: self.digest,
            state: self.state.filter(|_| self.how.differs_from_state),
        })
    }
}

fn is_removal(action: PlannedAction) -> bool {
    matches!(action, PlannedAction::Delete | PlannedAction::Forget)
}

/// What the configuration writes and no state tells.
fn open(after: &Attributes, state: Option<&Stored>) -> Vec<u16> {
    let written = after.unknown.iter().filter(|slot| **slot & WRITTEN != 0);
    let slots = written.filter_map(|slot| u16::try_from(slot_of(*slot)).ok());
    let is_told = |slot: &u16| state.is_some_and(|state| state.get(usize::from(*slot)).is_some());
    slots.filter(|slot| !is_told(slot)).collect()
}
