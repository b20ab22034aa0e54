//! What can be looked at exactly.

use std::collections::BTreeMap;

use super::Key;
use crate::decide::baseline::{Approved, ApprovedResource, text_at};
use crate::decide::compare::Place;
use crate::model::{
    AccountId, Address, PendingView, ProviderId, Region, Relation, Sha256Digest, TypeName,
    WorkspaceName,
};
use crate::normalise::catalogue::Catalogue;

/// What is known of a resource beside the look.
#[derive(Clone, Debug)]
pub struct Subject {
    pub(super) plan: Sha256Digest,
    pub(super) type_name: TypeName,
    pub(super) provider_id: Option<ProviderId>,
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<Region>,
    /// Its own plan, while it was not seen applied.
    pub(super) pending: Vec<PendingView>,
}

/// The approved resources that can be looked at, of the workspaces that `looks_at` names. One that an
/// approved plan waits to change is not among them: its provider would want what is approved next.
pub fn subjects(
    approved: &Approved,
    catalogue: &Catalogue,
    looks_at: &dyn Fn(&WorkspaceName) -> bool,
) -> BTreeMap<Key, Subject> {
    let wanted: Vec<bool> = approved.workspaces.iter().map(looks_at).collect();
    let own = approved.resources.iter().filter_map(|resource| {
        let at = usize::try_from(resource.workspace).ok()?;
        if wanted.get(at) != Some(&true) || resource.unapproved().is_some() {
            return None;
        }
        let workspace = approved.workspace(resource.workspace)?.clone();
        let subject = subject(resource, approved, catalogue)?;
        Some(((workspace, Address::from(&*resource.address)), subject))
    });
    own.collect()
}

fn subject(
    resource: &ApprovedResource,
    approved: &Approved,
    catalogue: &Catalogue,
) -> Option<Subject> {
    let plan = approved.plan_of(resource)?;
    let pending = resource.rare.iter().flat_map(|rare| &rare.pending);
    if pending.clone().any(|one| one.stands && !one.is_baseline) {
        return None;
    }
    let pending = pending
        .filter(|one| one.is_baseline)
        .map(|one| PendingView {
            plan: one.plan,
            relation: Relation::Unknown,
        });
    let table = resource.resource.and_then(|at| catalogue.resource(at));
    let unmapped = resource.rare.as_ref();
    let unmapped = unmapped.and_then(|rare| rare.unmapped_type.as_deref());
    let text = |slot: usize| text_at(&resource.stored, slot);
    let arn = table.and_then(|table| text(table.arn_slot));
    let place = table.map(|table| Place::of(table, resource));
    let Place { account, region } = place.unwrap_or_default();
    let id = table.and_then(|table| text(table.id_slot)).or(arn.clone());
    Some(Subject {
        plan,
        type_name: match table {
            Some(table) => table.table.type_name.clone(),
            None => TypeName::from(unmapped.unwrap_or_default()),
        },
        provider_id: id.map(ProviderId::from),
        account: (!account.is_empty()).then(|| AccountId::from(account)),
        region: (!region.is_empty()).then(|| Region::from(region)),
        pending: pending.collect(),
    })
}
