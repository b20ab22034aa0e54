//! Each approved resource: whether it was seen, and if not, why that says nothing.

use super::Comparer;
use super::Presence;
use super::by_name::{UNPROVEN, is_by_name};
use super::finish::Comparison;
use super::index::{keys, secret_keys};
use super::place::Place;
use super::seen::{Newest, Places, Seen};
use super::watch::Standing;
use crate::decide::baseline::{ApprovedResource, Unapproved};
use crate::model::{Deviation, GapReason};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::Member;

/// Why nothing is known of a resource, and in words what was not seen.
type Unseen = (GapReason, String);

const UNNAMED: &str =
    "the plan does not say what the provider calls it; give the state after apply";
const WITHIN_NONE: &str = "it lies within no other resource, and no item of its own shows it";

/// Whether a part is known to belong to nothing, as an instance profile without a role.
fn is_within_none(table: &Resource, resource: &ApprovedResource) -> bool {
    let is_unset = |slot: usize| {
        let value = resource.stored.get(slot);
        value.is_some_and(|value| matches!(value.text, "null" | "\"\""))
    };
    let mut keys = table.key_slots.iter().flatten();
    !matches!(table.table.member, Member::Whole) && keys.all(|(slot, _)| is_unset(*slot))
}

impl Comparer<'_> {
    pub(super) fn account_for(
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
                let found = self.is_there(number, resource, newest, seen);
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
            comparison.stands(number, Standing::Excluded);
            return;
        }
        let items = self.newest_says(number, resource, newest, &place, seen);
        match self.refreshed_or(number, resource, seen, items) {
            Ok(deviation) => {
                coverage.observed += 1;
                let table = resource.resource.and_then(|at| self.catalogue.resource(at));
                coverage.by_name += u64::from(table.is_some_and(is_by_name));
                comparison.deviations.extend(deviation);
                let standing = if is_there || seen.refreshed.is_there(number) {
                    Standing::Seen
                } else {
                    Standing::Missing
                };
                comparison.stands(number, standing);
            }
            Err((reason, detail)) => {
                coverage.unknown += 1;
                // One that lies within a known owner is doubtful there alone.
                let is_unplaced = newest.is_none() && reason == GapReason::IdentityUnknown;
                if is_unplaced {
                    self.note_unplaced(resource, place.clone(), &mut comparison.unplaced);
                }
                comparison
                    .gaps
                    .push(self.gap(resource, &place, reason, detail));
                comparison.stands(number, Standing::Unknown(reason));
            }
        }
    }

    /// What deviates in the whole resource, or why nothing is known of it.
    fn newest_says(
        &self,
        number: u32,
        resource: &ApprovedResource,
        newest: Option<Newest>,
        place: &(String, String),
        seen: &Seen<'_>,
    ) -> Result<Option<Deviation>, Unseen> {
        if let Some(claim) = seen.twice.get(&number) {
            return Err((GapReason::Ambiguous, claim.clone()));
        }
        match newest.map(|newest| newest.presence) {
            Some(Presence::Present) => {
                let is_new = resource.rare.as_ref().is_some_and(|rare| rare.is_new);
                let found = is_new.then(|| self.is_there(number, resource, newest, seen));
                Ok(found.flatten())
            }
            Some(Presence::Ambiguous) => {
                Err((GapReason::Ambiguous, self.namesake(number, resource)))
            }
            Some(Presence::Secret) => Err((
                GapReason::NotComparable,
                "what tells it from others is a secret, of which only a digest is known, and no \
                 digest of what is live is certainly the same"
                    .to_owned(),
            )),
            Some(Presence::Unnamed) => Err((GapReason::IdentityUnknown, UNNAMED.to_owned())),
            Some(Presence::Absent) => Ok(self.missing(number, resource, seen)),
            Some(Presence::NotRecorded) => Err((
                GapReason::PartNotRecorded,
                "its parent was seen, but the item does not carry this part".to_owned(),
            )),
            None => self.never_seen(number, resource, place, seen),
        }
    }

    fn never_seen(
        &self,
        number: u32,
        resource: &ApprovedResource,
        place: &(String, String),
        seen: &Seen<'_>,
    ) -> Result<Option<Deviation>, Unseen> {
        let Some(table) = resource.resource.and_then(|at| self.catalogue.resource(at)) else {
            return Err((GapReason::TypeNotMapped, why_unmapped(resource)));
        };
        if keys(table, resource).next().is_none() {
            let not_created = resource.rare.as_ref().is_some_and(|rare| rare.not_created);
            if not_created && !is_by_name(table) {
                return Ok(self.missing(number, resource, seen));
            }
            if secret_keys(table, resource).next().is_some() {
                return Err((
                    GapReason::IdentityUnknown,
                    "what the provider calls it is a secret, and no live item has that name"
                        .to_owned(),
                ));
            }
            let why = match is_within_none(table, resource) {
                true => WITHIN_NONE,
                false => UNNAMED,
            };
            return Err((GapReason::IdentityUnknown, why.to_owned()));
        }
        let (account, region) = (place.0.as_str(), place.1.as_str());
        let name = self.catalogue.config(table.config);
        let name = name.map_or("", |config| &config.config_type);
        if let Some(unread) = seen.not_read(account, region, name) {
            return Err(unread);
        }
        if account.is_empty() {
            self.anywhere(resource, table, seen)?;
        }
        self.must_cover(account, region, table, seen)?;
        let mut names = keys(table, resource).flat_map(|(_, parts)| parts);
        if let Some(reason) = names.find_map(|name| seen.unread(table.config, &name)) {
            return Err((
                reason,
                "the item of that name tells nothing of it".to_owned(),
            ));
        }
        if is_by_name(table) && !self.is_match_proven(resource, table, place, seen.by_name) {
            return Err((GapReason::TypeNotMapped, UNPROVEN.to_owned()));
        }
        self.without_parent(number, resource, seen)
    }

    /// An absence counts where the account and the Region were looked at and the type is recorded.
    /// That Region A of an account has a type and Region B has none means that B's last one was
    /// deleted, or that B's recorder skips the type: only the recorder's own item tells. Without it
    /// the account speaks for its Regions, because a deletion must not pass for a gap.
    pub(super) fn must_cover(
        &self,
        account: &str,
        region: &str,
        table: &Resource,
        seen: &Seen<'_>,
    ) -> Result<(), Unseen> {
        let config = self.catalogue.config(table.config);
        let name = config.map_or("", |config| &config.config_type);
        if let Some(unread) = seen.not_read(account, region, name) {
            return Err(unread);
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
        if !region.is_empty() && seen.is_skipped(account, region, name) {
            return Err((
                GapReason::TypeNotRecorded,
                format!("the recorder of Region `{region}` does not record `{name}`"),
            ));
        }
        Ok(())
    }

    /// A resource whose id does not tell its account, such as a bucket, is in one of those of its
    /// workspace: it is not missing before all of them were looked at.
    fn anywhere(
        &self,
        resource: &ApprovedResource,
        table: &Resource,
        seen: &Seen<'_>,
    ) -> Result<(), Unseen> {
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
            let Some(place) = table.map(|table| Place::of(table, resource)) else {
                continue;
            };
            if !place.account.is_empty() && self.scope.covers_account(&place.account) {
                let known = places.entry(resource.workspace).or_default();
                known.insert((place.account, place.region));
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
    ) -> Result<Option<Deviation>, Unseen> {
        let parent = self.prepared.index.parent(number).filter(|parent| {
            let parent = self.resource(*parent);
            parent.is_some_and(|parent| parent.unapproved().is_none())
        });
        let Some(parent) = parent else {
            return Ok(self.missing(number, resource, seen));
        };
        match seen.of(parent).map(|newest| newest.presence) {
            Some(Presence::Ambiguous) if seen.twice.contains_key(&parent) => Err((
                GapReason::PartNotRecorded,
                "its parent was seen, and this part of it was not read".to_owned(),
            )),
            None | Some(Presence::Absent) => Ok(None),
            Some(Presence::Ambiguous | Presence::Secret) => Err((
                GapReason::Ambiguous,
                "it is not known which live item its parent is".to_owned(),
            )),
            Some(Presence::Present | Presence::NotRecorded | Presence::Unnamed) => Err((
                GapReason::PartNotRecorded,
                "its parent was seen, and this part of it was not read".to_owned(),
            )),
        }
    }
}

fn why_unmapped(resource: &ApprovedResource) -> String {
    let rare = resource.rare.as_ref();
    let type_name = rare.and_then(|rare| rare.unmapped_type.as_deref());
    let provider = type_name.and_then(|name| name.split_once('_'));
    match provider {
        Some((provider, _)) if provider != "aws" => {
            format!("no source observes what the provider `{provider}` makes")
        }
        Some(_) | None => "no mapping table knows the type yet".to_owned(),
    }
}
