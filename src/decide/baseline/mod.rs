//! What is approved and was carried out, per resource, and which plans want to change it.

mod assemble;
mod bind;
mod candidate;
mod making;
mod resource;
mod state;
mod unapproved;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use assemble::{EligiblePlan, PlanUse, WorkspaceInputs};

use super::co_owner::CoOwners;
use crate::ingest::json;
use crate::ingest::plan::{IgnoredTags, PlannedAction, ProviderKey};
use crate::ingest::stored::Stored;
use crate::model::{
    Address, AttributePath, Relation, Sha256Digest, TypeName, Value, WorkspaceName,
};
use crate::normalise::catalogue::ResourceIx;

/// What the comparison needs of one approved resource. A million of them fit into memory, so the
/// rare parts stand behind one pointer.
#[derive(Debug)]
pub struct ApprovedResource {
    pub workspace: u32,
    /// The plan that the values come from, as a place in [`Approved::plans`].
    pub plan: u32,
    pub address: Box<str>,
    pub resource: Option<ResourceIx>,
    /// By which configuration of its provider: who shares one shares an account.
    pub provider: ProviderKey,
    /// Approved values; unknown ones are bound from the state where there is one.
    pub stored: Stored,
    pub rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
pub struct Rare {
    /// Nothing approves the resource; it stands here so that live items find it.
    pub unapproved: Option<Unapproved>,
    /// The type's name where no table knows it.
    pub unmapped_type: Option<Box<str>>,
    /// Plans that want to change the resource: those without standing, then those that are newer
    /// than the baseline, oldest first; and the baseline's own plan while it was not seen applied.
    pub pending: Vec<Pending>,
    /// What older plans set, and what was there before the baseline's plan; oldest first.
    pub earlier: Vec<Earlier>,
    /// Attributes that the configuration writes and that only a state could tell, where there is none.
    pub open: Vec<u16>,
    /// Not created yet, as far as the state tells.
    pub not_created: bool,
    /// A pending plan creates it, and the workspace had a baseline before: that it is there is a
    /// change like any other.
    pub is_new: bool,
}

/// Where a resource is named that nothing approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unapproved {
    /// By a plan without standing, in a workspace that has a baseline.
    InPlan,
    /// By a plan of a workspace without a baseline: that is the finding, not each resource.
    NoBaseline,
    /// By the state: the state is the finding.
    InState,
}

/// Values that the resource had, or was to have, before its baseline.
#[derive(Debug)]
pub struct Earlier {
    /// `None`: the values before the baseline's own plan.
    pub plan: Option<Sha256Digest>,
    pub baseline: Sha256Digest,
    pub was_applied: bool,
    pub stored: Stored,
}

/// How one plan wants to change the resource.
#[derive(Debug)]
pub struct Pending {
    pub plan: Sha256Digest,
    pub action: PlannedAction,
    pub after: Stored,
    /// `None`: the resource did not exist.
    pub before: Option<Stored>,
    /// Whether `after` is what the resource is compared with.
    pub is_baseline: bool,
    /// Whether no state tells if the plan was carried out.
    pub is_unproven: bool,
    /// Whether anything approves the plan. If not, nobody waits for it to be carried out.
    pub stands: bool,
}

/// A state that differs from what was approved.
#[derive(Debug)]
pub struct StateDifference {
    pub workspace: u32,
    /// The plan that the state should show.
    pub plan: Option<Sha256Digest>,
    pub address: Box<str>,
    pub type_name: TypeName,
    pub attribute: Option<AttributePath>,
    pub approved: Value,
    pub in_state: Value,
    pub provider_id: Option<String>,
}

/// An attribute of which it cannot be told whether the state shows what was approved.
#[derive(Debug)]
pub struct StateUnknown {
    pub workspace: u32,
    pub address: Box<str>,
    pub type_name: TypeName,
    pub attribute: AttributePath,
    /// Why, in words; never a secret.
    pub why: String,
}

#[derive(Debug, Default)]
pub struct Approved {
    pub workspaces: Vec<WorkspaceName>,
    /// Plans with standing, of all workspaces.
    pub plans: Vec<Sha256Digest>,
    pub resources: Vec<ApprovedResource>,
    pub state_differences: Vec<StateDifference>,
    pub state_unknowns: Vec<StateUnknown>,
    /// Plans that the state shows as applied, with the resources it shows.
    pub applied: AppliedBefore,
    /// Who else may move which values, and how far.
    pub co_owners: CoOwners,
    /// Tags that providers were told to leave alone, by workspace, as its newest plan with standing has it.
    pub ignored_tags: BTreeMap<u32, IgnoredTags>,
}

/// What is known of plans that were carried out before.
pub type AppliedBefore = BTreeMap<(WorkspaceName, Sha256Digest), BTreeSet<Address>>;

impl Approved {
    /// The plan that is the resource's baseline.
    pub fn plan_of(&self, resource: &ApprovedResource) -> Option<Sha256Digest> {
        let at = usize::try_from(resource.plan).ok()?;
        self.plans.get(at).copied()
    }

    pub fn workspace(&self, index: u32) -> Option<&WorkspaceName> {
        self.workspaces.get(usize::try_from(index).ok()?)
    }
}

/// In place of a plan where the values come from none with standing.
pub(super) const NO_PLAN: u32 = u32::MAX;

impl ApprovedResource {
    pub fn unapproved(&self) -> Option<Unapproved> {
        self.rare.as_ref()?.unapproved
    }
}

impl Pending {
    /// How live stands to the plan where it is as before.
    pub fn before(&self) -> Relation {
        match self.is_unproven {
            true => Relation::BeforeOrUndone,
            false => Relation::EqualsBefore,
        }
    }

    /// Whether an approved plan waits to delete the resource.
    pub fn deletes(&self) -> bool {
        self.stands && self.action == PlannedAction::Delete
    }
}

/// The text of a stored string, if it is one and not empty.
pub fn text_at(stored: &Stored, slot: usize) -> Option<String> {
    text_of(stored, slot).map(Cow::into_owned)
}

/// As `text_at`, for whoever only looks at it.
pub fn text_of(stored: &Stored, slot: usize) -> Option<Cow<'_, str>> {
    let value = stored.get(slot).filter(|value| !value.sensitive)?;
    let text = json::decode_string(value.text).ok()?;
    (!text.is_empty()).then_some(text)
}
