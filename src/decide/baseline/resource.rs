//! One resource: which of its versions is the baseline, and which are pending.

use super::bind::bind;
use super::state::differences;
use super::{AppliedBefore, Approved, ApprovedResource, Earlier, Pending, Rare};
use crate::ingest::plan::{PlannedAction, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::state::StateResource;
use crate::ingest::stored::Stored;
use crate::model::{Address, Sha256Digest, WorkspaceName};
use crate::normalise::catalogue::Catalogue;

/// Puts the resources of one workspace together.
pub(super) struct Workbench<'a> {
    pub(super) workspace: u32,
    pub(super) name: &'a WorkspaceName,
    pub(super) metas: &'a [(Sha256Digest, bool)],
    pub(super) has_state: bool,
    pub(super) applied_before: &'a AppliedBefore,
    pub(super) catalogue: &'a Catalogue,
    pub(super) redactor: &'a Redactor,
    pub(super) approved: &'a mut Approved,
}

/// How the state stands to one version of a resource.
#[derive(PartialEq, Eq)]
enum InState {
    AsPlanned,
    AsBefore,
    Otherwise,
    NoState,
}

impl Workbench<'_> {
    /// A resource that plans with standing contain, oldest first; `others` is what plans without
    /// say of it.
    pub(super) fn add(
        &mut self,
        address: Box<str>,
        versions: Vec<(usize, PlannedResource)>,
        others: Vec<(Sha256Digest, PlannedResource)>,
        in_state: Option<StateResource>,
    ) {
        let state_values = match &in_state {
            Some(StateResource::Mapped(_, attributes)) => Some(&attributes.stored),
            Some(StateResource::Unmapped(_)) | None => None,
        };
        let exists = in_state.is_some();
        let standing: Vec<InState> = versions
            .iter()
            .map(|(_, version)| self.in_state(version, exists, state_values))
            .collect();
        let seen = |at: usize| {
            let (index, version) = versions.get(at)?;
            let (digest, _) = self.metas.get(*index)?;
            let known = self.was_applied(digest, &address);
            let in_state = standing.get(at)?;
            let nothing_to_do = !version.action.is_change() && *in_state == InState::NoState;
            Some(known || *in_state == InState::AsPlanned || nothing_to_do)
        };
        let may_be_baseline = |at: usize| {
            let (index, _) = versions.get(at)?;
            Some(self.metas.get(*index)?.1)
        };
        let newest_first = || (0..versions.len()).rev();
        let applied =
            newest_first().find(|at| seen(*at) == Some(true) && may_be_baseline(*at) == Some(true));
        let newest = newest_first()
            .find(|at| may_be_baseline(*at) == Some(true))
            .or(versions.len().checked_sub(1));
        let Some(base) = applied.or(newest) else {
            return;
        };
        let seen_applied = applied.is_some();
        let differs_from_state = !seen_applied && standing.get(base) == Some(&InState::Otherwise);

        if seen_applied && self.has_state {
            self.remember_applied(&versions, base, &address);
        }
        let how = Base {
            at: base,
            seen_applied,
            differs_from_state,
            exists,
            is_new: !seen_applied && self.is_new(&versions, base),
        };
        let others = others
            .into_iter()
            .filter(|(_, version)| version.action.is_change());
        let pending = others.map(|(digest, version)| {
            let before = version.before.map(|before| before.stored);
            pending(digest, version.action, version.after.stored, before, false)
        });
        self.finish(address, versions, how, pending.collect(), in_state);
    }

    /// Whether the baseline's plan creates the resource after the workspace had a baseline, or as an
    /// emergency.
    fn is_new(&self, versions: &[(usize, PlannedResource)], base: usize) -> bool {
        let Some((index, version)) = versions.get(base) else {
            return false;
        };
        let mut older = self.metas.iter().take(*index);
        let is_emergency = self.metas.get(*index).is_some_and(|(_, may)| !may);
        base == 0
            && version.action == PlannedAction::Create
            && (is_emergency || older.any(|(_, may_be_baseline)| *may_be_baseline))
    }

    fn was_applied(&self, plan: &Sha256Digest, address: &str) -> bool {
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

    fn in_state(&self, version: &PlannedResource, exists: bool, state: Option<&Stored>) -> InState {
        if !self.has_state {
            return InState::NoState;
        }
        let gone_after = matches!(
            version.action,
            PlannedAction::Delete | PlannedAction::Forget
        );
        let (PlannedType::Mapped(index), Some(state)) = (&version.kind, state) else {
            // Without values only existence tells.
            return match (exists, gone_after, version.action) {
                (true, false, _) | (false, true, _) => InState::AsPlanned,
                (true, true, _) | (false, false, PlannedAction::Create) => InState::AsBefore,
                (false, false, _) => InState::Otherwise,
            };
        };
        if gone_after {
            return InState::AsBefore;
        }
        let Some(resource) = self.catalogue.resource(*index) else {
            return InState::Otherwise;
        };
        if differences(resource, &version.after.stored, state)
            .next()
            .is_none()
        {
            return InState::AsPlanned;
        }
        match &version.before {
            Some(before)
                if differences(resource, &before.stored, state)
                    .next()
                    .is_none() =>
            {
                InState::AsBefore
            }
            _ => InState::Otherwise,
        }
    }

    fn finish(
        &mut self,
        address: Box<str>,
        versions: Vec<(usize, PlannedResource)>,
        how: Base,
        pending_without_standing: Vec<Pending>,
        in_state: Option<StateResource>,
    ) {
        let mut rare = Rare {
            pending: pending_without_standing,
            is_new: how.is_new,
            ..Rare::default()
        };
        let mut stored = Stored::default();
        let mut kind = PlannedType::Unmapped("".into());
        let mut is_gone = false;
        let mut replaced = None;
        let state_values = match in_state {
            Some(StateResource::Mapped(_, attributes)) => Some(attributes.stored),
            Some(StateResource::Unmapped(_)) | None => None,
        };
        for (at, (index, version)) in versions.into_iter().enumerate() {
            let Some((digest, _)) = self.metas.get(index) else {
                continue;
            };
            if at < how.at {
                if version.action.is_change() {
                    let before = version.before.map(|before| before.stored);
                    replaced = before.map(|before| (*digest, before));
                    let was_applied = self.was_applied(digest, &address);
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
            let after = bind(version.after, state_values, self.redactor);
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
        if how.differs_from_state {
            self.state_differs(&address, resource, &rare, &stored, state_values.as_ref());
        }
        let is_rare = rare.unmapped_type.is_some()
            || !rare.pending.is_empty()
            || !rare.earlier.is_empty()
            || rare.not_created;
        self.approved.resources.push(ApprovedResource {
            workspace: self.workspace,
            address,
            resource,
            stored,
            rare: is_rare.then(|| Box::new(rare)),
        });
    }
}

/// Which version is the baseline, and how it stands to the state.
struct Base {
    at: usize,
    seen_applied: bool,
    differs_from_state: bool,
    exists: bool,
    is_new: bool,
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
        stands,
    }
}
