//! What refreshes told, joined with what live items show.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Presence, Told, Unclear};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::compare::finish::Comparison;
use crate::decide::compare::seen::Seen;
use crate::decide::compare::{Comparer, Found};
use crate::model::{
    AccountId, AttributePath, Deviation, DeviationKind, EarlierFinding, Fidelity, FindingKey, Gap,
    GapReason, Region, Relation, WorkspaceName,
};

/// Which difference of which resource.
pub(in crate::decide::compare) type Known = HashSet<(u32, DeviationKind, Option<AttributePath>)>;

/// What deviates in a whole resource, or why nothing is known of it.
type Says = Result<Option<Deviation>, (GapReason, String)>;

impl Told {
    pub(in crate::decide::compare) fn is_there(&self, number: u32) -> bool {
        self.resources.get(&number) == Some(&Presence::There)
    }

    pub(in crate::decide::compare) fn is_gone(&self, number: u32) -> bool {
        self.resources.get(&number) == Some(&Presence::Gone)
    }

    /// Resources with an attribute of which nothing is told for certain.
    pub(in crate::decide::compare) fn unclear(&self) -> impl Iterator<Item = u32> {
        self.unclear.iter().map(|one| one.resource)
    }

    pub(in crate::decide::compare) fn compared(&self, number: u32, slot: usize) -> bool {
        self.compared.contains(&(number, slot))
    }

    /// Whether it told if the attribute of a finding is as approved.
    pub(in crate::decide::compare) fn tells_of(
        &self,
        number: u32,
        finding: &EarlierFinding,
        rows: impl Iterator<Item = usize>,
    ) -> bool {
        let is_unclear = self.unclear.iter().any(|unclear| {
            let attribute = finding.attribute.as_ref();
            unclear.resource == number
                && attribute.is_some_and(|own| {
                    unclear.attribute.holds(own) || own.holds(&unclear.attribute)
                })
        });
        let mut rows = rows;
        self.is_there(number) && !is_unclear && rows.all(|slot| self.compared(number, slot))
    }
}

impl Comparer<'_> {
    /// The open findings of which a refresh told for certain whether they still hold.
    pub(in crate::decide::compare) fn told_by_refresh(
        &self,
        seen: &Seen<'_>,
    ) -> BTreeSet<FindingKey> {
        let mut told = BTreeSet::new();
        let known = &seen.refreshed.resources;
        if known.is_empty() {
            return told;
        }
        let mut open: BTreeMap<(&WorkspaceName, &str), Vec<&EarlierFinding>> = BTreeMap::new();
        for own in self.earlier.of_resources() {
            if let (Some(workspace), Some(address)) = (&own.workspace, &own.address) {
                let place = open.entry((workspace, address.as_str())).or_default();
                place.push(own);
            }
        }
        for (number, presence) in known {
            let Some(resource) = self.resource(*number) else {
                continue;
            };
            let workspace = self.approved.workspace(resource.workspace);
            let own = workspace.and_then(|name| open.get(&(name, &*resource.address)));
            let own = own.into_iter().flatten().filter(|own| match presence {
                Presence::There => {
                    own.attribute.is_none() || self.refresh_tells_of(*number, own, seen)
                }
                Presence::Gone => own.attribute.is_some(),
                Presence::NotHeld => false,
            });
            told.extend(own.map(|own| own.finding.clone()));
        }
        told
    }

    /// What a refresh says of a whole resource, over what live items say.
    pub(in crate::decide::compare) fn refreshed_or(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
        items: Says,
    ) -> Says {
        let told = seen.refreshed;
        if seen.twice.contains_key(&number) {
            return items;
        }
        match (told.resources.get(&number), items) {
            (Some(Presence::Gone), _) => Ok(self.gone_by_refresh(number, resource, seen)),
            // It was recorded as deleted before, or nothing was known of it.
            (Some(Presence::There), Err(_)) => {
                let is_new = resource.rare.as_ref().is_some_and(|rare| rare.is_new);
                let found = is_new.then(|| self.is_there(number, resource, None, seen));
                Ok(found.flatten())
            }
            (Some(Presence::There), Ok(found)) => {
                Ok(found.filter(|found| found.kind != DeviationKind::Missing))
            }
            (Some(Presence::NotHeld), Err((reason, detail))) => {
                let source = told.sources.get(&resource.workspace);
                let source = source.map_or("", |name| name.as_str());
                let held = format!("the state that `{source}` refreshed does not hold it");
                Err((reason, format!("{detail}; {held}")))
            }
            (None, Err((reason, detail))) => match told.lost.get(&resource.workspace) {
                Some(lost) => Err((reason, format!("{detail}; {lost}"))),
                None => Err((reason, detail)),
            },
            (Some(Presence::NotHeld) | None, Ok(found)) => Ok(found),
        }
    }

    /// It was in the state, so a plan that creates it was carried out.
    fn gone_by_refresh(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
    ) -> Option<Deviation> {
        let parent = self.prepared.index.parent(number);
        let is_approved = |parent: &u32| {
            let parent = self.resource(*parent);
            parent.is_some_and(|parent| parent.unapproved().is_none())
        };
        if parent.is_some_and(|own| seen.refreshed.is_gone(own) && is_approved(&own)) {
            // What lay within it is no finding of its own.
            return None;
        }
        let created = |plan: &Pending| (!plan.is_baseline).then_some(Relation::EqualsBefore);
        let found = self.gone(number, resource, seen, &created)?;
        Some(Deviation {
            fidelity: Fidelity::Exact,
            ..found
        })
    }

    /// Differences that refreshes show and no item does. Gives the resources that differ.
    pub(in crate::decide::compare) fn refreshed_differences(
        &self,
        found: Vec<Found>,
        mut known: Known,
        seen: &Seen<'_>,
        comparison: &mut Comparison,
    ) -> HashSet<u32> {
        let mut pointers: BTreeMap<u32, Vec<AttributePath>> = BTreeMap::new();
        for (number, _, attribute) in &known {
            let own = pointers.entry(*number).or_default();
            own.extend(attribute.clone());
        }
        for found in found {
            let number = found.resource;
            let Some(resource) = self.judged(number, seen) else {
                continue;
            };
            let Some(found) = self.not_set_aside(found, resource) else {
                continue;
            };
            let Deviation {
                kind, attribute, ..
            } = &found.deviation;
            let is_shown = attribute.as_ref().is_some_and(|attribute| {
                let own = pointers.get(&number).into_iter().flatten();
                let mut own = own.filter(|own| own.holds(attribute) || attribute.holds(own));
                own.next().is_some()
            });
            if !is_shown && known.insert((number, *kind, attribute.clone())) {
                let placed = self.placed_at(number, resource, seen, found.deviation);
                comparison.deviations.push(placed);
            }
        }
        known.into_iter().map(|(resource, ..)| resource).collect()
    }

    /// One gap for each attribute of which no source tells whether it is as approved.
    pub(in crate::decide::compare) fn refreshed_unclear(
        &self,
        seen: &Seen<'_>,
        comparison: &mut Comparison,
    ) {
        for unclear in &seen.refreshed.unclear {
            let Unclear {
                resource: number,
                attribute,
                why,
            } = unclear;
            let Some(resource) = self.judged(*number, seen) else {
                continue;
            };
            if self.is_ignored(resource, attribute) {
                continue;
            }
            let place = self.place(*number, resource);
            comparison.coverage.not_comparable += 1;
            comparison.gaps.push(Gap {
                attribute: Some(attribute.clone()),
                ..self.gap(resource, &place, GapReason::NotComparable, why.clone())
            });
        }
    }

    /// A resource of which differences are told: in scope, and claimed once.
    fn judged(&self, number: u32, seen: &Seen<'_>) -> Option<&ApprovedResource> {
        let resource = self.resource(number)?;
        let (account, region) = self.place(number, resource);
        let is_covered = self.scope.covers_account(&account) && self.scope.covers_region(&region);
        (is_covered && !seen.twice.contains_key(&number)).then_some(resource)
    }

    /// With account and Region, where the values do not tell them.
    fn placed_at(
        &self,
        number: u32,
        resource: &ApprovedResource,
        seen: &Seen<'_>,
        mut found: Deviation,
    ) -> Deviation {
        let (account, region, notes) = self.shown_place(number, resource, seen);
        if found.account.is_none() && !account.is_empty() {
            found.account = Some(AccountId::from(account));
            found.notes.extend(notes);
        }
        if found.region.is_none() && !region.is_empty() {
            found.region = Some(Region::from(region));
        }
        found
    }
}
