//! Which version of a resource is its baseline.

use super::assemble::Versions;
use super::resource::Workbench;
use super::state::{InState, Standing};
use crate::ingest::plan::{PlannedAction, PlannedResource};
use crate::ingest::state::StateResource;
use crate::model::Sha256Digest;

/// A resource that plans with standing contain, with what the state says of it.
pub(super) struct Candidate {
    pub(super) address: Box<str>,
    /// Oldest first, each with the plan's number.
    pub(super) versions: Vec<(usize, PlannedResource)>,
    /// What plans without standing say of it.
    pub(super) others: Vec<(Sha256Digest, PlannedResource)>,
    pub(super) in_state: Option<StateResource>,
    /// By version.
    pub(super) standing: Vec<Standing>,
}

/// Which version is the baseline, and how it stands to the state.
pub(super) struct Base {
    pub(super) at: usize,
    pub(super) seen_applied: bool,
    pub(super) differs_from_state: bool,
    pub(super) exists: bool,
    pub(super) is_new: bool,
}

impl Workbench<'_> {
    pub(super) fn candidate(
        &self,
        address: Box<str>,
        versions: Versions,
        in_state: Option<StateResource>,
    ) -> Candidate {
        let values = match &in_state {
            Some(StateResource::Mapped(_, attributes)) => Some(&attributes.stored),
            Some(StateResource::Unmapped(..)) | None => None,
        };
        let standing = versions.standing.iter();
        let standing = standing
            .map(|(_, version)| self.standing(&address, version, in_state.is_some(), values))
            .collect();
        Candidate {
            address,
            versions: versions.standing,
            others: versions.others,
            in_state,
            standing,
        }
    }

    /// The newest plan that may be a baseline and of which the candidate shows that it was carried
    /// out: what it changes is so.
    pub(super) fn carried_out(&self, candidate: &Candidate) -> Option<usize> {
        let versions = candidate.versions.iter().zip(&candidate.standing);
        let shown = versions.filter(|((index, version), standing)| {
            let before = version.before.as_ref();
            let changes = before.is_none_or(|before| before.stored != version.after.stored);
            self.may_be_baseline(*index)
                && version.action.is_change()
                && (self.was_applied(*index, &candidate.address)
                    || changes && standing.in_state == InState::AsPlanned)
        });
        shown.map(|((index, _), _)| *index).max()
    }

    fn may_be_baseline(&self, index: usize) -> bool {
        self.metas.get(index).is_some_and(|(_, may)| *may)
    }

    /// The plan that the state should show: never one that still waits to be carried out.
    pub(super) fn shown_by_state(&self) -> Option<Sha256Digest> {
        let mut newest_first = self.metas.iter().rev();
        let shown = self.carried_out.and_then(|index| self.metas.get(index));
        let shown = shown.or(newest_first.find(|(_, may)| *may));
        shown.map(|(digest, _)| *digest)
    }

    /// Which version is the baseline: the newest that was seen applied, else the newest. Where the
    /// state shows neither side of the newest plan, and an older one was carried out elsewhere in
    /// the workspace, the newest is still pending, and the state should show the older one.
    pub(super) fn base(&self, candidate: &Candidate) -> Option<Base> {
        let Candidate {
            address,
            versions,
            in_state,
            standing,
            ..
        } = candidate;
        let in_state_at = |at: usize| standing.get(at).map(|standing| standing.in_state);
        let index = |at: usize| versions.get(at).map(|(index, _)| *index);
        let may_be_baseline = |at: &usize| index(*at).is_some_and(|at| self.may_be_baseline(at));
        let seen = |at: &usize| {
            versions.get(*at).is_some_and(|(index, version)| {
                let in_state = in_state_at(*at);
                self.was_applied(*index, address)
                    || in_state == Some(InState::AsPlanned)
                    || !version.action.is_change() && in_state == Some(InState::NoState)
            })
        };
        let newest_first = || (0..versions.len()).rev();
        let applied = newest_first().find(|at| seen(at) && may_be_baseline(at));
        let newest = newest_first()
            .find(may_be_baseline)
            .or(versions.len().checked_sub(1));
        let is_other = newest.and_then(in_state_at) == Some(InState::Otherwise);
        let carried_out = newest_first()
            .filter(|_| is_other)
            .find(|at| may_be_baseline(at) && index(*at) <= self.carried_out);
        let at = applied.or(carried_out).or(newest)?;
        let seen_applied = applied.is_some();
        Some(Base {
            at,
            seen_applied,
            differs_from_state: !seen_applied && in_state_at(at) == Some(InState::Otherwise),
            exists: in_state.is_some(),
            is_new: !seen_applied && self.is_new(versions, at),
        })
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
}
