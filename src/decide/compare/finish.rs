//! Joins what the readers found: what is missing, what was never seen, and how much was covered.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::refreshed::Known;
use super::seen::Seen;
use super::unplaced::Unplaced;
use super::watch::{Standing, Watched};
use super::{Comparer, Findings, Found, NotCompared, Presence};
use crate::decide::baseline::{AppliedBefore, ApprovedResource};
use crate::ingest::plan::PlannedAction;
use crate::model::{Address, Coverage, Deviation, FindingKey, Gap, GapReason};

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
    /// Findings left open by earlier scans whose subjects were not looked at, although no gap says
    /// so.
    pub not_seen: BTreeSet<FindingKey>,
    /// Those of which a refresh told whether they still hold.
    pub told_by_refresh: BTreeSet<FindingKey>,
    /// Approved resources that any live one of their type may be.
    pub unplaced: Unplaced,
    /// What became of each attribute, where that was asked.
    pub watched: Option<Watched>,
}

impl Comparison {
    pub(super) fn stands(&mut self, resource: u32, standing: Standing) {
        if let Some(watched) = &mut self.watched {
            watched.stands(resource, standing);
        }
    }
}

impl Comparer<'_> {
    /// Joins the findings of all readers.
    pub fn finish(&self, findings: Findings) -> Comparison {
        self.joined(findings, None)
    }

    /// `touched`: the only resources that were looked for. What only a look at everything can tell is
    /// then left out.
    pub(super) fn joined(
        &self,
        mut findings: Findings,
        touched: Option<&BTreeSet<u32>>,
    ) -> Comparison {
        let mut unmapped = std::mem::take(&mut findings.unmapped);
        let mut comparison = Comparison {
            gaps: std::mem::take(&mut findings.gaps),
            items: findings.items,
            ..Comparison::default()
        };
        let differences = std::mem::take(&mut findings.differences);
        let not_compared = std::mem::take(&mut findings.not_compared);
        let unmanaged = std::mem::take(&mut findings.unmanaged);
        let watch = findings.watch.take();
        let refreshed = findings.refreshed.take_differences();
        // Of types that are matched by name no gap says that a value is unclear.
        let unclear = not_compared.iter();
        let unclear = unclear.filter(|one| self.earlier.asks_of(one.resource));
        let unclear = unclear.map(|one| (one.resource, one.time, one.slot));
        findings.not_carried.extend(unclear);
        let gone = match touched {
            None => Self::gone_elements(&mut findings),
            Some(_) => Vec::new(),
        };
        comparison.unplaced.within = std::mem::take(&mut findings.unnamed);
        let all = self.approved.resources.len();
        let twice = self.prepared.twice.get_or_init(|| self.claimed_twice());
        let seen = Seen::new(&findings, touched.is_none().then_some(all), twice);
        comparison.not_seen = self.not_seen(&findings, &unmanaged, &seen);
        comparison.told_by_refresh = self.told_by_refresh(&seen);
        comparison.watched = watch.map(|watch| Watched::new(*watch, &seen));
        for number in self.numbers(touched) {
            if let Some(resource) = self.resource(number) {
                self.account_for(number, resource, &seen, &mut comparison);
            }
        }
        let known = self.differences(differences, &seen, &mut comparison);
        let mut differing = self.refreshed_differences(refreshed, known, &seen, &mut comparison);
        self.refreshed_unclear(&seen, &mut comparison);
        differing.extend(seen.refreshed.unclear());
        differing.extend(self.not_comparable(not_compared, &seen, &mut comparison));
        self.note_applied(self.numbers(touched), &seen, &differing, &mut comparison);
        comparison.deviations.extend(self.also_gone(gone));
        let before = comparison.deviations.len();
        let of_made = findings.unless_made.iter();
        // That the other one was not seen says nothing where few were looked at.
        let is_made = |other: &str| touched.is_some() || findings.made.contains(other);
        let of_made = of_made.filter(|(other, _)| is_made(other));
        let of_made: BTreeSet<&str> = of_made.map(|(_, id)| &**id).collect();
        let unmanaged = unmanaged.into_iter();
        let unmanaged = unmanaged.filter(|((_, _, id), _)| !of_made.contains(&**id));
        let unmanaged = unmanaged.filter_map(|(_, found)| found.deviation);
        let unmanaged = unmanaged.filter(|found| match self.generic_config(found) {
            Some(config_type) if !self.is_place_proven(found, seen.by_name) => {
                *unmapped.entry(config_type.into()).or_default() += 1;
                false
            }
            Some(_) | None => true,
        });
        comparison.deviations.extend(unmanaged);
        comparison.coverage.unmanaged += (comparison.deviations.len() - before) as u64;
        comparison.unmapped = unmapped;
        comparison
    }

    fn numbers<'n>(
        &self,
        touched: Option<&'n BTreeSet<u32>>,
    ) -> Box<dyn Iterator<Item = u32> + 'n> {
        match touched {
            Some(touched) => Box::new(touched.iter().copied()),
            None => Box::new(0..u32::try_from(self.approved.resources.len()).unwrap_or(u32::MAX)),
        }
    }

    /// What the newest item of each resource shows. Gives what differs.
    fn differences(
        &self,
        mut found: Vec<Found>,
        seen: &Seen<'_>,
        comparison: &mut Comparison,
    ) -> Known {
        let mut known = HashSet::new();
        found.sort_by(|a, b| {
            let (one, other) = (&a.deviation, &b.deviation);
            (a.resource, &one.region, &one.attribute).cmp(&(
                b.resource,
                &other.region,
                &other.attribute,
            ))
        });
        for found in found {
            let resource = self.resource(found.resource);
            let Some(resource) = resource.filter(|own| own.unapproved().is_none()) else {
                continue;
            };
            if !seen.is_newest(found.resource, found.time)
                || seen.refreshed.is_gone(found.resource)
                || seen.twice.contains_key(&found.resource)
            {
                continue;
            }
            let Some(found) = self.not_set_aside(found, resource) else {
                continue;
            };
            let Deviation {
                kind, attribute, ..
            } = &found.deviation;
            let key = (found.resource, *kind, attribute.clone());
            if known.insert(key) {
                comparison.deviations.push(found.deviation);
            }
        }
        known
    }

    /// One gap for each attribute of which the newest item does not tell whether it is as approved.
    /// Gives the resources of which it therefore does not tell whether their plan was carried out.
    fn not_comparable(
        &self,
        mut found: Vec<NotCompared>,
        seen: &Seen<'_>,
        comparison: &mut Comparison,
    ) -> HashSet<u32> {
        let mut unproven = HashSet::new();
        found.retain(|one| {
            seen.is_newest(one.resource, one.time) && !seen.twice.contains_key(&one.resource)
        });
        found.sort_by(|a, b| (a.resource, a.slot, &a.why).cmp(&(b.resource, b.slot, &b.why)));
        found.dedup_by_key(|one| (one.resource, one.slot));
        for one in found {
            let resource = self.resource(one.resource);
            let Some(resource) = resource.filter(|own| own.unapproved().is_none()) else {
                continue;
            };
            let table = resource.resource.and_then(|at| self.catalogue.resource(at));
            let row = table.and_then(|table| table.table.attributes.get(one.slot));
            if row.is_some_and(|row| self.is_ignored(resource, &row.pointer)) {
                continue;
            }
            let told = seen.refreshed;
            if told.is_gone(one.resource) || told.compared(one.resource, one.slot) {
                continue;
            }
            if is_updated(resource, one.slot) {
                unproven.insert(one.resource);
            }
            if row.is_some_and(|row| row.by_name) {
                comparison.coverage.unclear_by_name += 1;
                continue;
            }
            let place = self.place(one.resource, resource);
            let detail = one.why.into_owned();
            comparison.coverage.not_comparable += 1;
            comparison.gaps.push(Gap {
                attribute: row.map(|row| row.pointer.clone()),
                ..self.gap(resource, &place, GapReason::NotComparable, detail)
            });
        }
        unproven
    }

    /// A plan that was never seen applied, and a resource that is as the plan wants it.
    fn note_applied(
        &self,
        numbers: impl Iterator<Item = u32>,
        seen: &Seen<'_>,
        differing: &HashSet<u32>,
        comparison: &mut Comparison,
    ) {
        for number in numbers {
            let Some(resource) = self.resource(number) else {
                continue;
            };
            let newest = seen.of(number);
            let is_shown = newest.is_some_and(|newest| newest.presence == Presence::Present);
            let is_refreshed =
                || seen.refreshed.is_there(number) && self.reviewed(resource).is_some();
            let is_there = (is_shown || is_refreshed())
                && !seen.refreshed.is_gone(number)
                && !seen.twice.contains_key(&number);
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
}

/// Whether the baseline's own plan, not seen applied yet, gives the attribute another value.
fn is_updated(resource: &ApprovedResource, slot: usize) -> bool {
    let pending = resource.rare.iter().flat_map(|rare| &rare.pending);
    let mut own = pending.filter(|plan| plan.is_baseline);
    own.any(|plan| {
        let before = plan.before.as_ref().and_then(|before| before.get(slot));
        let after = plan.after.get(slot);
        before.is_some_and(|before| after.is_none_or(|after| before.text != after.text))
    })
}
