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
            Some(StateResource::Unmapped(_)) | None => None,
        };
        let standing = versions.standing.iter();
        let standing = standing
            .map(|(_, version)| self.standing(version, in_state.is_some(), values))
            .collect();
        Candidate {
            address,
            versions: versions.standing,
            others: versions.others,
            in_state,
            standing,
        }
    }

    fn may_be_baseline(&self, index: usize) -> bool {
        self.metas.get(index).is_some_and(|(_, may)| *may)
    }

    /// Which version is the baseline: the newest that was seen applied, else the newest.
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
        let at = applied.or(newest)?;
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
