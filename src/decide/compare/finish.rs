//! Joins what the readers found: what is missing, what was never seen, and how much was covered.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use super::index::keys;
use super::item::arn_place;
use super::{Comparer, Findings, Presence};
use crate::decide::baseline::{AppliedBefore, ApprovedResource, Pending, Unapproved, text_at};
use crate::ingest::plan::PlannedAction;
use crate::model::{
    AccountId, Address, Coverage, Deviation, DeviationKind, Fidelity, Gap, GapReason, PendingView,
    ProviderId, Region, Relation, TypeName, Value,
};
use crate::normalise::catalogue::{ConfigIx, Resource};

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
    /// Made when it is first asked for.
    places: OnceCell<Places>,
}

/// Accounts and Regions, by number of the workspace.
type Places = BTreeMap<u32, BTreeSet<(String, String)>>;

impl Seen<'_> {
    fn of(&self, number: u32) -> Option<Newest> {
        let at = usize::try_from(number).ok()?;
        self.newest.get(at).copied().flatten()
    }
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
            places: OnceCell::new(),
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
            if self
                .resource(found.resource)
                .is_none_or(|resource| resource.unapproved().is_some())
            {
                continue;
            }
            let is_newest = seen.of(found.resource).is_some_and(|newest| {
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
        let made = findings.made;
        let set_aside = findings.unless_made.into_iter();
        let set_aside = set_aside.filter(|(other, _)| made.contains(other));
        let set_aside: BTreeSet<Box<str>> = set_aside.map(|(_, id)| id).collect();
        let unmanaged = findings
            .unmanaged
            .into_iter()
            .filter(|((_, _, id), _)| !set_aside.contains(id))
            .filter_map(|(_, found)| found.deviation);
        let before = comparison.deviations.len();
        comparison.deviations.extend(unmanaged);
        comparison.coverage.unmanaged += (comparison.deviations.len() - before) as u64;
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
            // Something new is applied once its being there was judged.
            if let (Some(own), false, false) = (own, rare.is_new, differing.contains(&number)) {
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
        let newest = seen.of(number);
        let is_there = newest.is_some_and(|newest| newest.presence == Presence::Present);
        if let Some(unapproved) = resource.unapproved() {
            if unapproved == Unapproved::InPlan && is_there {
                let found = self.is_there(number, resource, newest);
                comparison.coverage.unmanaged += u64::from(found.is_some());
                comparison.deviations.extend(found);
            }
            return;
        }
        let coverage = &mut comparison.coverage;
        coverage.approved += 1;
        let place = self.place(number, resource);
        if !self.scope.covers_account(&place.0) || !self.scope.covers_region(&place.1) {
            coverage.excluded += 1;
            return;
        }
        let outcome = match newest.map(|newest| newest.presence) {
            Some(Presence::Present) => {
                let is_new = resource.rare.as_ref().is_some_and(|rare| rare.is_new);
                let found = is_new.then(|| self.is_there(number, resource, newest));
                Ok(found.flatten())
            }
            Some(Presence::Ambiguous) => Err((
                GapReason::Ambiguous,
                "another approved resource has the same name, and no plan or state tells which \
                 account is whose"
                    .to_owned(),
            )),
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
        if account.is_empty() {
            self.anywhere(resource, table, seen)?;
        }
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
        self.without_parent(number, resource, seen)
    }

    /// A resource whose id does not tell its account, such as a bucket, is in one of those of its
    /// workspace: it is not missing before all of them were looked at.
    fn anywhere(
        &self,
        resource: &ApprovedResource,
        table: &Resource,
        seen: &Seen<'_>,
    ) -> Result<(), (GapReason, String)> {
        let places = seen.places.get_or_init(|| self.places());
        for (account, region) in places.get(&resource.workspace).into_iter().flatten() {
            let place = (Box::from(account.as_str()), Box::from(region.as_str()));
            let is_covered = match region.is_empty() {
                true => seen.accounts.contains(account.as_str()),
                false => seen.regions.contains(&place),
            };
            if !is_covered {
                return Err((
                    GapReason::AccountNotObserved,
                    format!(
                        "it may be in account `{account}`{}, of which nothing was seen",
                        match region.is_empty() {
                            true => String::new(),
                            false => format!(", Region `{region}`"),
                        }
                    ),
                ));
            }
            if !seen.recorded.contains(&(place.0, table.config)) {
                return Err((
                    GapReason::TypeNotRecorded,
                    format!("it may be in account `{account}`, where its type was not seen"),
                ));
            }
        }
        Ok(())
    }

    /// Accounts and Regions in which each workspace has resources.
    fn places(&self) -> Places {
        let mut places = Places::new();
        for resource in &self.approved.resources {
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            let arn = table.and_then(|table| text_at(&resource.stored, table.arn_slot));
            let Some((account, region)) = arn.as_deref().map(arn_place) else {
                continue;
            };
            if !account.is_empty() && self.scope.covers_account(account) {
                let known = places.entry(resource.workspace).or_default();
                known.insert((account.to_owned(), region.to_owned()));
            }
        }
        places
    }

    /// What lies within a resource that is missing itself is no finding of its own.
    fn without_parent(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
    ) -> Result<Option<Deviation>, (GapReason, String)> {
        let parent = self.index.parent(number).filter(|parent| {
            let parent = self.resource(*parent);
            parent.is_some_and(|parent| parent.unapproved().is_none())
        });
        let Some(parent) = parent else {
            return Ok(self.missing(number, resource));
        };
        match seen.of(parent).map(|newest| newest.presence) {
            None | Some(Presence::Absent) => Ok(None),
            Some(Presence::Ambiguous) => Err((
                GapReason::Ambiguous,
                "it is not known which live item its parent is".to_owned(),
            )),
            Some(Presence::Present | Presence::NotRecorded) => Err((
                GapReason::PartNotRecorded,
                "its parent was seen, and this part of it was not read".to_owned(),
            )),
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
        let is_first = |plan: &Pending| plan.is_baseline && plan.deletes();
        if pending.iter().any(is_first) {
            // The only plan deletes it, and it is gone.
            return None;
        }
        let views = pending.iter().filter_map(|plan| {
            let relation = match plan.action {
                PlannedAction::Create => Relation::EqualsBefore,
                PlannedAction::Delete => Relation::EqualsAfter,
                PlannedAction::NoOp
                | PlannedAction::Update
                | PlannedAction::Replace
                | PlannedAction::Forget => return None,
            };
            let plan = plan.plan;
            Some(PendingView { plan, relation })
        });
        self.whole(DeviationKind::Missing, number, resource, views.collect())
    }

    /// A resource that is there, and of which that is to be judged.
    fn is_there(
        &self,
        number: u32,
        resource: &ApprovedResource,
        newest: Option<Newest>,
    ) -> Option<Deviation> {
        let table = self.catalogue.resource(resource.resource?)?;
        let approved = resource.unapproved().is_none();
        let reported =
            table.table.reports_unmanaged && self.scope.covers_type(table.table.type_name.as_str());
        if !approved && !reported {
            return None;
        }
        let rare = resource.rare.as_ref()?;
        let creates = |plan: &&Pending| !approved || plan.action == PlannedAction::Create;
        let views = rare.pending.iter().filter(creates).map(|plan| PendingView {
            plan: plan.plan,
            relation: Relation::EqualsAfter,
        });
        let found = self.whole(DeviationKind::Unmanaged, number, resource, views.collect())?;
        let time = newest.map(|newest| newest.time).filter(|time| *time > 0);
        Some(Deviation {
            observed_at: time.and_then(|time| Timestamp::from_millisecond(time).ok()),
            ..found
        })
    }

    /// A deviation about a whole resource.
    fn whole(
        &self,
        kind: DeviationKind,
        number: u32,
        resource: &ApprovedResource,
        pending: Vec<PendingView>,
    ) -> Option<Deviation> {
        let table = self.catalogue.resource(resource.resource?)?;
        let (account, region) = self.place(number, resource);
        let id = text_at(&resource.stored, table.id_slot).or_else(|| {
            keys(table, resource)
                .next()
                .map(|(_, parts)| parts.join("/"))
        });
        let arn = text_at(&resource.stored, table.arn_slot);
        Some(Deviation {
            kind,
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
            pending,
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
