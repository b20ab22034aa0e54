//! Joins what the readers found: what is missing, what was never seen, and how much was covered.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::index::keys;
use super::item::arn_place;
use super::{Comparer, Findings, Presence};
use crate::decide::baseline::{AppliedBefore, ApprovedResource, Pending, text_at};
use crate::ingest::plan::PlannedAction;
use crate::model::{
    AccountId, Address, Coverage, Deviation, DeviationKind, Fidelity, Gap, GapReason, PendingView,
    ProviderId, Region, Relation, TypeName, Value,
};
use crate::normalise::catalogue::ConfigIx;

/// What comparing found, before anybody judged it.
#[derive(Debug, Default)]
pub struct Comparison {
    pub deviations: Vec<Deviation>,
    pub gaps: Vec<Gap>,
    pub coverage: Coverage,
    /// Plans whose changes were seen live, with the resources.
    pub applied: AppliedBefore,
    /// Live items of types that no table knows, counted: they were not looked at.
    pub unmapped: BTreeMap<Box<str>, u64>,
    pub items: u64,
}

/// What the newest item says of an approved resource.
#[derive(Clone, Copy)]
struct Newest {
    time: i64,
    presence: Presence,
}

struct Seen<'a> {
    newest: Vec<Option<Newest>>,
    accounts: BTreeSet<&'a str>,
    regions: &'a BTreeSet<(Box<str>, Box<str>)>,
    recorded: &'a BTreeSet<(Box<str>, ConfigIx)>,
}

impl Comparer<'_> {
    /// Joins the findings of all readers.
    pub fn finish(&self, mut findings: Findings) -> Comparison {
        let mut comparison = Comparison {
            unmapped: std::mem::take(&mut findings.unmapped),
            gaps: std::mem::take(&mut findings.gaps),
            items: findings.items,
            ..Comparison::default()
        };
        let seen = Seen {
            newest: newest(&findings.seen, self.approved.resources.len()),
            accounts: findings
                .covered
                .iter()
                .map(|(account, _)| &**account)
                .collect(),
            regions: &findings.covered,
            recorded: &findings.recorded,
        };
        for (number, resource) in (0u32..).zip(&self.approved.resources) {
            self.account_for(number, resource, &seen, &mut comparison);
        }
        let mut known = HashSet::new();
        findings.differences.sort_by(|one, other| {
            (
                one.resource,
                &one.deviation.region,
                &one.deviation.attribute,
            )
                .cmp(&(
                    other.resource,
                    &other.deviation.region,
                    &other.deviation.attribute,
                ))
        });
        for found in findings.differences {
            let is_newest = usize::try_from(found.resource)
                .ok()
                .and_then(|at| seen.newest.get(at).copied().flatten())
                .is_some_and(|newest| {
                    newest.time == found.time && newest.presence == Presence::Present
                });
            let key = (
                found.resource,
                found.deviation.kind,
                found.deviation.attribute.clone(),
            );
            if is_newest && known.insert(key) {
                comparison.deviations.push(found.deviation);
            }
        }
        let differing: HashSet<u32> = known.iter().map(|(resource, ..)| *resource).collect();
        self.note_applied(&seen, &differing, &mut comparison);
        let unmanaged = findings
            .unmanaged
            .into_values()
            .filter_map(|found| found.deviation);
        let before = comparison.deviations.len();
        comparison.deviations.extend(unmanaged);
        comparison.coverage.unmanaged = (comparison.deviations.len() - before) as u64;
        comparison
    }

    /// A plan that was never seen applied, and a resource that is as the plan wants it.
    fn note_applied(&self, seen: &Seen<'_>, differing: &HashSet<u32>, comparison: &mut Comparison) {
        for (number, (resource, newest)) in
            (0u32..).zip(self.approved.resources.iter().zip(&seen.newest))
        {
            let is_there = newest.is_some_and(|newest| newest.presence == Presence::Present);
            let (Some(rare), true) = (&resource.rare, is_there) else {
                continue;
            };
            let Some(workspace) = self.approved.workspace(resource.workspace) else {
                continue;
            };
            let own = rare
                .pending
                .iter()
                .find(|plan| plan.is_baseline && plan.action != PlannedAction::Delete);
            if let (Some(own), false) = (own, differing.contains(&number)) {
                let key = (workspace.clone(), own.plan);
                let addresses = comparison.applied.entry(key).or_default();
                addresses.insert(Address::from(&*resource.address));
            }
        }
    }

    fn account_for(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
        comparison: &mut Comparison,
    ) {
        let coverage = &mut comparison.coverage;
        coverage.approved += 1;
        let place = self.place(number, resource);
        if !self.scope.covers_account(&place.0) || !self.scope.covers_region(&place.1) {
            coverage.excluded += 1;
            return;
        }
        let newest = usize::try_from(number)
            .ok()
            .and_then(|at| seen.newest.get(at).copied().flatten());
        let outcome = match newest.map(|newest| newest.presence) {
            Some(Presence::Present) => Ok(None),
            Some(Presence::Absent) => Ok(self.missing(number, resource)),
            Some(Presence::NotRecorded) => Err((
                GapReason::PartNotRecorded,
                "its parent was seen, but the item does not carry this part".to_owned(),
            )),
            None => self.never_seen(number, resource, &place, seen),
        };
        match outcome {
            Ok(deviation) => {
                coverage.observed += 1;
                comparison.deviations.extend(deviation);
            }
            Err((reason, detail)) => {
                coverage.unknown += 1;
                comparison
                    .gaps
                    .push(self.gap(resource, &place, reason, detail));
            }
        }
    }

    fn never_seen(
        &self,
        number: u32,
        resource: &ApprovedResource,
        place: &(String, String),
        seen: &Seen<'_>,
    ) -> Result<Option<Deviation>, (GapReason, String)> {
        let Some(table) = resource.resource.and_then(|at| self.catalogue.resource(at)) else {
            return Err((
                GapReason::TypeNotMapped,
                "no mapping table knows the type yet".to_owned(),
            ));
        };
        if keys(table, resource).next().is_none() {
            if resource.rare.as_ref().is_some_and(|rare| rare.not_created) {
                return Ok(self.missing(number, resource));
            }
            return Err((
                GapReason::IdentityUnknown,
                "the plan does not say what the provider calls it; give the state after apply"
                    .to_owned(),
            ));
        }
        let (account, region) = (place.0.as_str(), place.1.as_str());
        if !account.is_empty() && !seen.accounts.contains(account) {
            return Err((
                GapReason::AccountNotObserved,
                format!("no item of account `{account}` was seen"),
            ));
        }
        let is_recorded = seen.recorded.iter().any(|(seen_account, config)| {
            *config == table.config && (account.is_empty() || &**seen_account == account)
        });
        if !is_recorded {
            let config = self.catalogue.config(table.config);
            let name = config
                .map(|config| config.config_type.to_string())
                .unwrap_or_default();
            return Err((
                GapReason::TypeNotRecorded,
                format!("no item of `{name}` was seen; AWS Config may not record it"),
            ));
        }
        let is_covered = seen.regions.iter().any(|(seen_account, seen_region)| {
            (account.is_empty() || &**seen_account == account)
                && (region.is_empty() || &**seen_region == region)
        });
        if !is_covered {
            return Err((
                GapReason::AccountNotObserved,
                format!("nothing of Region `{region}` was seen"),
            ));
        }
        // What lies within a resource that is missing itself is no finding of its own.
        match self.index.parent(number) {
            Some(_) => Ok(None),
            None => Ok(self.missing(number, resource)),
        }
    }

    /// Account and Region, where the resource or the one it lies within tells them.
    fn place(&self, number: u32, resource: &ApprovedResource) -> (String, String) {
        let own = |resource: &ApprovedResource| {
            let table = self.catalogue.resource(resource.resource?)?;
            let arn = text_at(&resource.stored, table.arn_slot)?;
            let (account, region) = arn_place(&arn);
            Some((account.to_owned(), region.to_owned()))
        };
        let parent = || own(self.resource(self.index.parent(number)?)?);
        own(resource).or_else(parent).unwrap_or_default()
    }

    fn missing(&self, number: u32, resource: &ApprovedResource) -> Option<Deviation> {
        let pending = resource.rare.as_ref().map_or(&[][..], |rare| &rare.pending);
        if pending.iter().any(super::rows::deletes) {
            // It was to be deleted, and it is gone.
            return None;
        }
        let table = self.catalogue.resource(resource.resource?)?;
        let (account, region) = self.place(number, resource);
        let id = text_at(&resource.stored, table.id_slot).or_else(|| {
            keys(table, resource)
                .next()
                .map(|(_, parts)| parts.join("/"))
        });
        let arn = text_at(&resource.stored, table.arn_slot);
        Some(Deviation {
            kind: DeviationKind::Missing,
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            type_name: table.table.type_name.clone(),
            provider_id: id.clone().map(ProviderId::from),
            account: (!account.is_empty()).then(|| AccountId::from(account)),
            region: (!region.is_empty()).then(|| Region::from(region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Mapped,
            observed_at: None,
            tags: std::collections::BTreeMap::new(),
            subjects: id.into_iter().chain(arn).collect(),
            source: None,
            pending: pending.iter().filter_map(creation).collect(),
            earlier: Vec::new(),
            notes: Vec::new(),
        })
    }

    fn gap(
        &self,
        resource: &ApprovedResource,
        place: &(String, String),
        reason: GapReason,
        detail: String,
    ) -> Gap {
        let table = resource.resource.and_then(|at| self.catalogue.resource(at));
        let unmapped = resource
            .rare
            .as_ref()
            .and_then(|rare| rare.unmapped_type.as_deref());
        Gap {
            workspace: self.approved.workspace(resource.workspace).cloned(),
            address: Some(Address::from(&*resource.address)),
            type_name: table
                .map(|table| table.table.type_name.clone())
                .or_else(|| unmapped.map(TypeName::from)),
            account: (!place.0.is_empty()).then(|| AccountId::from(place.0.as_str())),
            region: (!place.1.is_empty()).then(|| Region::from(place.1.as_str())),
            reason,
            detail,
        }
    }
}

/// A plan that creates a resource which is not there.
fn creation(pending: &Pending) -> Option<PendingView> {
    match pending.action {
        PlannedAction::Create => Some(PendingView {
            plan: pending.plan,
            relation: Relation::EqualsBefore,
        }),
        PlannedAction::NoOp
        | PlannedAction::Update
        | PlannedAction::Replace
        | PlannedAction::Delete
        | PlannedAction::Forget => None,
    }
}

fn newest(seen: &[(u32, i64, Presence)], resources: usize) -> Vec<Option<Newest>> {
    let mut newest: Vec<Option<Newest>> = vec![None; resources];
    for (number, time, presence) in seen {
        let Some(place) = usize::try_from(*number)
            .ok()
            .and_then(|at| newest.get_mut(at))
        else {
            continue;
        };
        // Of records of one moment the one that shows the resource counts.
        let better = place.is_none_or(|known| {
            *time > known.time || (*time == known.time && *presence < known.presence)
        });
        if better {
            *place = Some(Newest {
                time: *time,
                presence: *presence,
            });
        }
    }
    newest
}
