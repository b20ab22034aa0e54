//! What is approved and was carried out, per resource, and which approved plans are still pending.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::attributes::{Attributes, SECRET};
use crate::ingest::json;
use crate::ingest::plan::{Plan, PlannedAction, PlannedResource, PlannedType};
use crate::ingest::redact::Redactor;
use crate::ingest::state::{State, StateResource};
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{
    Address, AttributePath, PlanMeta, Sha256Digest, TypeName, Value, WorkspaceName,
};
use crate::normalise::catalogue::{Catalogue, Resource, ResourceIx};
use crate::normalise::compare;
use crate::normalise::equal::Outcome;
use crate::normalise::form::{FormError, Side};
use crate::normalise::path::Path;
use crate::normalise::table::AttributeRow;

/// One plan that has standing, with what it says.
pub struct EligiblePlan {
    pub meta: PlanMeta,
    pub plan: Plan,
    /// Whether the plan may be a baseline; an emergency that is not fully approved may not.
    pub may_be_baseline: bool,
}

/// What the comparison needs of one approved resource. A million of them fit into memory, so the
/// rare parts stand behind one pointer.
#[derive(Debug)]
pub struct ApprovedResource {
    pub workspace: u32,
    pub address: Box<str>,
    pub resource: Option<ResourceIx>,
    /// Approved values; unknown ones are bound from the state where there is one.
    pub stored: Stored,
    pub rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
pub struct Rare {
    /// The type's name where no table knows it.
    pub unmapped_type: Option<Box<str>>,
    /// Newer plans that touch the resource; and the baseline's own plan while it was not seen
    /// applied. Oldest first.
    pub pending: Vec<Pending>,
    /// What older plans set, and what was there before the baseline's plan; oldest first.
    pub earlier: Vec<Earlier>,
    /// Not created yet, as far as the state tells.
    pub not_created: bool,
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

#[derive(Debug, Default)]
pub struct Approved {
    pub workspaces: Vec<WorkspaceName>,
    pub resources: Vec<ApprovedResource>,
    pub state_differences: Vec<StateDifference>,
    /// Ids of resources that a plan without standing names: not approved, and not unknown either.
    pub spoken_for: BTreeSet<String>,
    /// Plans that the state shows as applied, with the resources it shows.
    pub applied: AppliedBefore,
}

/// What is known of plans that were carried out before.
pub type AppliedBefore = BTreeMap<(WorkspaceName, Sha256Digest), BTreeSet<Address>>;

/// Everything that `assemble` needs of one workspace.
pub struct WorkspaceInputs<'a> {
    pub name: WorkspaceName,
    /// Oldest first.
    pub plans: Vec<EligiblePlan>,
    pub state: Option<State>,
    pub applied_before: &'a AppliedBefore,
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
        let has_plans = !inputs.plans.is_empty();
        let mut metas = Vec::new();
        let mut versions: BTreeMap<Box<str>, Vec<(usize, PlannedResource)>> = BTreeMap::new();
        for (index, eligible) in inputs.plans.into_iter().enumerate() {
            metas.push((eligible.meta.digest, eligible.may_be_baseline));
            for mut resource in eligible.plan.resources {
                // A resource that moved is the same resource under its new address.
                let moved = resource.previous_address.take();
                let earlier = moved.and_then(|before| versions.remove(&before));
                let entry = versions.entry(resource.address.clone()).or_default();
                if let Some(earlier) = earlier {
                    entry.splice(0..0, earlier);
                }
                entry.push((index, resource));
            }
        }
        let mut state = inputs.state;
        let mut workbench = Workbench {
            workspace,
            name: &inputs.name,
            metas: &metas,
            has_state: state.is_some(),
            applied_before: inputs.applied_before,
            catalogue,
            redactor,
            approved: self,
        };
        for (address, versions) in versions {
            let in_state = state
                .as_mut()
                .and_then(|state| state.resources.remove(&address));
            workbench.add(address, versions, in_state);
        }
        if let Some(state) = state.filter(|_| has_plans) {
            for (address, resource) in state.resources {
                workbench.only_in_state(address, &resource);
            }
        }
    }

    /// Notes what a plan without standing names: nobody approved it, and yet it is no resource that
    /// nobody knows. The plan itself is the finding.
    pub fn speak_for(&mut self, plan: &Plan, catalogue: &Catalogue) {
        for resource in &plan.resources {
            let PlannedType::Mapped(index) = resource.kind else {
                continue;
            };
            let Some(table) = catalogue.resource(index) else {
                continue;
            };
            let keys = table.key_slots.iter().flatten().map(|(slot, _)| *slot);
            let ids = keys.chain([table.id_slot, table.arn_slot]);
            self.spoken_for
                .extend(ids.filter_map(|slot| text_at(&resource.after.stored, slot)));
        }
    }

    pub fn workspace(&self, index: u32) -> Option<&WorkspaceName> {
        self.workspaces.get(usize::try_from(index).ok()?)
    }
}

struct Workbench<'a> {
    workspace: u32,
    name: &'a WorkspaceName,
    metas: &'a [(Sha256Digest, bool)],
    has_state: bool,
    applied_before: &'a AppliedBefore,
    catalogue: &'a Catalogue,
    redactor: &'a Redactor,
    approved: &'a mut Approved,
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
    fn add(
        &mut self,
        address: Box<str>,
        versions: Vec<(usize, PlannedResource)>,
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
        self.finish(
            address,
            versions,
            base,
            Base {
                seen_applied,
                differs_from_state,
                exists,
            },
            in_state,
        );
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
        base: usize,
        how: Base,
        in_state: Option<StateResource>,
    ) {
        let mut rare = Rare::default();
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
            if at < base {
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
            let is_base = at == base;
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
                let action = version.action;
                let pending = Pending {
                    plan: *digest,
                    action,
                    after,
                    before,
                    is_baseline: is_base,
                };
                rare.pending.push(pending);
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

    /// The state shows something else than the approved plan: somebody applied something else.
    fn state_differs(
        &mut self,
        address: &str,
        resource: Option<ResourceIx>,
        rare: &Rare,
        approved: &Stored,
        state: Option<&Stored>,
    ) {
        let table = resource.and_then(|index| self.catalogue.resource(index));
        let type_name = match (table, &rare.unmapped_type) {
            (Some(table), _) => table.table.type_name.clone(),
            (None, Some(name)) => TypeName::from(&**name),
            (None, None) => return,
        };
        let (Some(table), Some(state)) = (table, state) else {
            return;
        };
        let provider_id = text_at(state, table.id_slot);
        for (row, approved, in_state) in differences(table, approved, state) {
            let approved = row_value(row, approved).unwrap_or_default();
            let in_state = row_value(row, in_state).unwrap_or_default();
            let outcome = compare(row.form, &row.values, &row.pointer, &approved, &in_state);
            let Outcome::Differs(found) = outcome else {
                continue;
            };
            for difference in found {
                self.approved.state_differences.push(StateDifference {
                    workspace: self.workspace,
                    plan: self.metas.last().map(|(digest, _)| *digest),
                    address: address.into(),
                    type_name: type_name.clone(),
                    attribute: Some(difference.pointer),
                    approved: difference.approved,
                    in_state: difference.live,
                    provider_id: provider_id.clone(),
                });
            }
        }
    }

    /// Terraform manages a resource that no approved plan contains.
    fn only_in_state(&mut self, address: Box<str>, resource: &StateResource) {
        let (type_name, provider_id) = match resource {
            StateResource::Mapped(index, attributes) => {
                let Some(table) = self.catalogue.resource(*index) else {
                    return;
                };
                let id = text_at(&attributes.stored, table.id_slot);
                (table.table.type_name.clone(), id)
            }
            StateResource::Unmapped(name) => (TypeName::from(&**name), None),
        };
        self.approved.spoken_for.extend(provider_id.clone());
        self.approved.state_differences.push(StateDifference {
            workspace: self.workspace,
            plan: self.metas.last().map(|(digest, _)| *digest),
            address,
            type_name,
            attribute: None,
            approved: Value::Null,
            in_state: Value::Null,
            provider_id,
        });
    }
}

struct Base {
    seen_applied: bool,
    differs_from_state: bool,
    exists: bool,
}

/// Puts values that were unknown at plan time in from the state after apply.
fn bind(attributes: Attributes, state: Option<&Stored>, redactor: &Redactor) -> Stored {
    let Some(state) = state.filter(|_| !attributes.unknown.is_empty()) else {
        return attributes.stored;
    };
    let mut texts: Vec<(StoredValue<'_>, Option<String>)> = attributes
        .stored
        .iter()
        .map(|value| (value, None))
        .collect();
    for marked in &attributes.unknown {
        let (slot, secret) = (usize::from(marked & !SECRET), marked & SECRET != 0);
        let Some(value) = state.get(slot) else {
            continue;
        };
        let digest = (secret && !value.sensitive).then(|| redactor.digest(value.text).to_string());
        let sensitive = value.sensitive || secret;
        texts.push((
            StoredValue {
                sensitive,
                from_state: true,
                ..value
            },
            digest,
        ));
    }
    texts.sort_by_key(|(value, _)| value.slot);
    Stored::pack(texts.iter().map(|(value, digest)| match digest {
        Some(digest) => StoredValue {
            text: digest,
            ..*value
        },
        None => *value,
    }))
}

/// The rows in which two packed sets of values differ; what only one of them has says nothing.
fn differences<'a>(
    resource: &'a Resource,
    one: &'a Stored,
    other: &'a Stored,
) -> impl Iterator<Item = (&'a AttributeRow, StoredValue<'a>, StoredValue<'a>)> {
    one.iter().filter_map(|one| {
        let row = resource.table.attributes.get(one.slot)?;
        let other = other.get(one.slot)?;
        if one.text == other.text || one.sensitive != other.sensitive {
            return None;
        }
        if one.sensitive {
            return Some((row, one, other));
        }
        let (a, b) = (row_value(row, one).ok()?, row_value(row, other).ok()?);
        if row.leaves_open(&a) {
            return None;
        }
        match compare(row.form, &row.values, &row.pointer, &a, &b) {
            Outcome::Differs(_) => Some((row, one, other)),
            Outcome::Equal(_) | Outcome::NotComparable(_) => None,
        }
    })
}

/// The value of a stored attribute, in the row's canonical form.
pub fn row_value(row: &AttributeRow, value: StoredValue<'_>) -> Result<Value, FormError> {
    if value.sensitive {
        return Ok(Sha256Digest::parse(value.text).map_or(Value::Null, Value::Sensitive));
    }
    row.form.value(
        value.text,
        &Path {
            captured: Vec::new(),
            each: None,
        },
        Side::Approved,
    )
}

/// The text of a stored string, if it is one and not empty.
pub fn text_at(stored: &Stored, slot: usize) -> Option<String> {
    let value = stored.get(slot).filter(|value| !value.sensitive)?;
    let text = json::decode_string(value.text).ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}
