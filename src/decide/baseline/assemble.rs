//! The plans and the state of one workspace to its approved resources.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::bind;
use super::resource::Workbench;
use super::{AppliedBefore, Approved, Unapproved};
use crate::decide::co_owner::CoOwners;
use crate::decide::ignoring::Authors;
use crate::ingest::plan::{Plan, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::state::{State, StateResource};
use crate::model::{PlanMeta, Sha256Digest, TypeName, WorkspaceName};
use crate::normalise::catalogue::{Catalogue, ResourceIx};

/// One plan, with what it says and what it is good for.
pub struct EligiblePlan {
    pub meta: PlanMeta,
    pub plan: Plan,
    pub good_for: PlanUse,
}

/// What a plan may be, as its standing has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanUse {
    /// Approved or assumed.
    Baseline,
    /// An emergency that is not fully approved: pending, never a baseline.
    Pending,
    /// Nothing approves it, or that cannot be judged. It shows what it would cover, so that reasons
    /// can name it, and expects nothing.
    Nothing,
}

/// Everything that `assemble` needs of one workspace.
pub struct WorkspaceInputs<'a> {
    pub name: WorkspaceName,
    /// Oldest first.
    pub plans: Vec<EligiblePlan>,
    pub state: Option<State>,
    pub applied_before: &'a AppliedBefore,
    pub authors: &'a dyn Authors,
}

/// All that plans say of one resource.
#[derive(Default)]
pub(super) struct Versions {
    /// By plans with standing, oldest first, each with the plan's number.
    pub(super) standing: Vec<(usize, PlannedResource)>,
    /// By plans without.
    pub(super) others: Vec<(Sha256Digest, PlannedResource)>,
    /// Addresses that the resource had before.
    moved_from: Vec<Box<str>>,
}

#[derive(Default)]
struct Gathered {
    /// Plans with standing: digest, and whether it may be a baseline.
    metas: Vec<(Sha256Digest, bool)>,
    versions: BTreeMap<Box<str>, Versions>,
}

impl Approved {
    /// Adds one workspace.
    pub fn assemble(
        &mut self,
        inputs: WorkspaceInputs<'_>,
        catalogue: &Catalogue,
        redactor: &Redactor,
    ) {
        let workspace = u32::try_from(self.workspaces.len()).unwrap_or(u32::MAX);
        self.workspaces.push(inputs.name.clone());
        let newest = inputs
            .plans
            .iter()
            .rev()
            .find(|one| one.good_for == PlanUse::Baseline);
        let ignored_tags = newest.map(|one| one.plan.ignored_tags.clone());
        let ignored_tags = ignored_tags.filter(|tags| !tags.is_empty());
        self.ignored_tags
            .extend(ignored_tags.map(|tags| (workspace, tags)));
        let Gathered { metas, versions } = Gathered::of(inputs.plans);
        let has_baseline = metas.iter().any(|(_, may_be_baseline)| *may_be_baseline);
        let mut state = inputs.state;
        let first_plan = self.plans.len();
        let first = (self.resources.len(), self.state_differences.len());
        self.plans.extend(metas.iter().map(|(digest, _)| *digest));
        let co_owners = co_owners(workspace, &versions, state.as_ref(), catalogue, redactor);
        let mut workbench = Workbench {
            workspace,
            name: &inputs.name,
            metas: &metas,
            first_plan,
            has_state: state.is_some(),
            carried_out: None,
            applied_before: inputs.applied_before,
            catalogue,
            redactor,
            authors: inputs.authors,
            co_owners: &co_owners,
            approved: self,
        };
        let mut candidates = Vec::new();
        let mut only_in_state = Vec::new();
        for (address, mut versions) in versions {
            let resources = state.as_mut().map(|state| &mut state.resources);
            if versions.standing.is_empty() {
                let in_state = resources.and_then(|resources| resources.remove(&address));
                let others = std::mem::take(&mut versions.others);
                match (in_state, has_baseline) {
                    (Some(in_state), true) => {
                        let named_by = others.last().map(|(digest, _)| *digest);
                        only_in_state.push((address, in_state, named_by));
                    }
                    (None, true) => workbench.unapproved(address, others, None, Unapproved::InPlan),
                    (in_state, false) => {
                        workbench.unapproved(address, others, in_state, Unapproved::NoBaseline);
                    }
                }
                continue;
            }
            let in_state = resources.and_then(|resources| {
                let mut addresses = std::iter::once(&address).chain(&versions.moved_from);
                addresses.find_map(|address| resources.remove(address))
            });
            candidates.push(workbench.candidate(address, versions, in_state));
        }
        let carried_out = candidates.iter();
        let carried_out = carried_out.filter_map(|candidate| workbench.carried_out(candidate));
        workbench.carried_out = carried_out.max();
        for candidate in candidates {
            workbench.add(candidate);
        }
        let rest = state.into_iter().flat_map(|state| state.resources);
        for (address, resource) in rest {
            match has_baseline {
                true => only_in_state.push((address, resource, None)),
                false => workbench.known_to_state(address, resource, Unapproved::NoBaseline),
            }
        }
        for (address, resource, named_by) in only_in_state {
            workbench.only_in_state(address, resource, named_by);
        }
        self.co_owners.absorb(co_owners);
        self.drop_owned_apart(first, catalogue);
    }

    /// What a resource of its own owns is told by that one, whether or not the state had read it back
    /// into its owner when it was written.
    fn drop_owned_apart(&mut self, first: (usize, usize), catalogue: &Catalogue) {
        let (resources, differences) = first;
        if self.state_differences.len() == differences {
            return;
        }
        let own = self.resources.iter().skip(resources);
        let own = own.filter(|own| own.unapproved().is_none());
        let types: BTreeSet<ResourceIx> = own.filter_map(|own| own.resource).collect();
        let is_approved = |name: &TypeName| {
            let found = catalogue.find(name.as_str());
            found.is_some_and(|at| types.contains(&at))
        };
        let own = self.state_differences.split_off(differences);
        let own = own.into_iter().filter(|one| {
            let table = catalogue.find(one.type_name.as_str());
            let table = table.and_then(|at| catalogue.resource(at));
            let rows = table.into_iter().flat_map(|table| &table.table.attributes);
            let attribute = one.attribute.as_ref();
            let mut rows =
                rows.filter(|row| attribute.is_some_and(|attribute| row.pointer.holds(attribute)));
            !rows.any(|row| row.separate.iter().any(is_approved))
        });
        self.state_differences.extend(own);
    }
}

/// Who else may move values of the workspace, as the newest plan with standing has it.
fn co_owners(
    workspace: u32,
    versions: &BTreeMap<Box<str>, Versions>,
    state: Option<&State>,
    catalogue: &Catalogue,
    redactor: &Redactor,
) -> CoOwners {
    let mut co_owners = CoOwners::default();
    for (address, versions) in versions {
        let Some((_, newest)) = versions.standing.last() else {
            continue;
        };
        let PlannedType::Unmapped(type_name) = &newest.kind else {
            continue;
        };
        let in_state = state.and_then(|state| match state.resources.get(address)? {
            StateResource::Unmapped(_, attributes) => Some(&attributes.stored),
            StateResource::Mapped(..) => None,
        });
        let after = newest.after.clone();
        let stored = bind(after, in_state, None, redactor, &mut Vec::new());
        co_owners.add(workspace, type_name, &stored, catalogue);
    }
    co_owners
}

impl Gathered {
    fn of(plans: Vec<EligiblePlan>) -> Self {
        let mut gathered = Self::default();
        let mut others = Vec::new();
        for eligible in plans {
            let digest = eligible.meta.digest;
            let may_be_baseline = match eligible.good_for {
                PlanUse::Baseline => true,
                PlanUse::Pending => false,
                PlanUse::Nothing => {
                    others.push((digest, eligible.plan));
                    continue;
                }
            };
            gathered.metas.push((digest, may_be_baseline));
            gathered.add(eligible.plan.resources);
        }
        for (digest, plan) in others {
            for resource in plan.resources {
                gathered.add_other(digest, resource);
            }
        }
        gathered
    }

    /// One plan with standing, whose number is the last. All that moves is taken from its old
    /// address before anything gets a new one: resources may change places.
    fn add(&mut self, resources: Vec<PlannedResource>) {
        let index = self.metas.len().saturating_sub(1);
        let mut moved: BTreeMap<Box<str>, Versions> = resources
            .iter()
            .filter_map(|resource| {
                self.versions
                    .remove_entry(resource.previous_address.as_ref()?)
            })
            .collect();
        for mut resource in resources {
            let from = resource.previous_address.take();
            let entry = self.versions.entry(resource.address.clone()).or_default();
            if let Some((from, earlier)) = from.and_then(|from| moved.remove_entry(&from)) {
                entry.standing.splice(0..0, earlier.standing);
                entry.moved_from.extend(earlier.moved_from);
                entry.moved_from.push(from);
            }
            entry.standing.push((index, resource));
        }
    }

    /// A plan without standing moves nothing: what it says belongs to the resource where it is.
    fn add_other(&mut self, digest: Sha256Digest, resource: PlannedResource) {
        let known = |address: &str| self.versions.contains_key(address);
        let previous = resource.previous_address.clone();
        let address = match previous {
            Some(previous) if !known(&resource.address) && known(&previous) => previous,
            Some(_) | None => resource.address.clone(),
        };
        let entry = self.versions.entry(address).or_default();
        entry.others.push((digest, resource));
    }
}
