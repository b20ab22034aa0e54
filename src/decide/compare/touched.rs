//! A look at few resources: what an event was about is read again and compared, at a cost that does
//! not grow with what is approved. Whatever only a look at everything can tell is left to the next scan.

use std::collections::BTreeSet;

use super::earlier::Earlier;
use super::{Comparer, Comparison, Findings, Presence, UnmanagedKey};
use crate::ingest::config_item::{Item, Status};
use crate::model::{Address, EarlierFinding, FindingKey, WorkspaceName};

/// Hands out every item of a look, as often as it is asked to.
pub type Items<'i> = dyn Fn(&mut dyn FnMut(&Item<'_>)) + 'i;

/// What a look was about.
#[derive(Debug, Default)]
pub struct Touched {
    /// Approved resources of which an item told.
    pub addresses: BTreeSet<(WorkspaceName, Address)>,
    /// What nobody approves and is there, by type, account and provider id.
    strangers: BTreeSet<UnmanagedKey>,
    /// Config type, account and each name of the items.
    items: BTreeSet<(Box<str>, Box<str>, Box<str>)>,
    parts_not_carried: BTreeSet<UnmanagedKey>,
}

/// What a first look shows of what some items are about.
pub struct Glance {
    /// Approved resources.
    pub addresses: BTreeSet<(WorkspaceName, Address)>,
    /// Names and ids of what is there.
    pub names: BTreeSet<Box<str>>,
    numbers: BTreeSet<u32>,
    findings: Findings,
}

pub struct TouchedComparison {
    pub comparison: Comparison,
    pub touched: Touched,
    /// Open findings that the items do not tell of, though they tell of their resource.
    pub not_seen: BTreeSet<FindingKey>,
    /// Only a scan can tell the rest.
    pub needs_scan: bool,
}

impl<'a> Comparer<'a> {
    /// What some items are about.
    pub fn glance_at(&self, items: &Items<'_>) -> Glance {
        let findings = self.observe_all(items);
        let numbers: BTreeSet<u32> = findings.seen.iter().map(|(number, ..)| *number).collect();
        let mut names: BTreeSet<Box<str>> = findings
            .unmanaged
            .keys()
            .map(|(.., id)| id.clone())
            .collect();
        items(&mut |item| names.extend(names_of(item).map(Box::from)));
        Glance {
            addresses: self.addresses(numbers.iter().copied()),
            names,
            numbers,
            findings,
        }
    }

    /// Compares some items alone. `earlier`: the findings that are open about what they are about.
    pub fn look_at(
        mut self,
        items: &Items<'_>,
        glance: Glance,
        earlier: &'a [EarlierFinding],
    ) -> TouchedComparison {
        let Glance {
            findings, numbers, ..
        } = glance;
        self.earlier = Earlier::of(earlier, self.approved, numbers.iter().copied());
        // What an item does not carry is noted only of resources with open findings.
        let findings = match self.earlier.is_empty() {
            true => findings,
            false => self.observe_all(items),
        };
        let touched = self.touched(items, &findings);
        let needs_scan = findings.asks_for_principals || !findings.also.is_empty();
        let mut comparison = self.joined(findings, Some(&numbers));
        let not_seen = std::mem::take(&mut comparison.not_seen);
        let not_seen = self.of_attributes(not_seen);
        let needs_scan = needs_scan || !comparison.applied.is_empty();
        TouchedComparison {
            comparison,
            touched,
            not_seen,
            needs_scan,
        }
    }

    /// Whether an unapproved resource was looked for, `was_told` says.
    fn of_attributes(&self, not_seen: BTreeSet<FindingKey>) -> BTreeSet<FindingKey> {
        let strangers = self.earlier.strangers();
        let strangers: BTreeSet<&FindingKey> = strangers.map(|own| &own.finding).collect();
        let not_seen = not_seen.into_iter();
        not_seen.filter(|key| !strangers.contains(key)).collect()
    }

    fn observe_all(&self, items: &Items<'_>) -> Findings {
        let mut findings = Findings::default();
        items(&mut |item| self.observe(item, &mut findings));
        findings
    }

    fn addresses(&self, numbers: impl Iterator<Item = u32>) -> BTreeSet<(WorkspaceName, Address)> {
        let addresses = numbers.filter_map(|number| {
            let resource = self.resource(number)?;
            let workspace = self.approved.workspace(resource.workspace)?;
            Some((workspace.clone(), Address::from(&*resource.address)))
        });
        addresses.collect()
    }

    fn touched(&self, items: &Items<'_>, findings: &Findings) -> Touched {
        let told = findings
            .seen
            .iter()
            .filter(|(_, _, presence)| matches!(presence, Presence::Present | Presence::Absent));
        let addresses = self.addresses(told.map(|(number, ..)| *number));
        let strangers = findings.unmanaged.keys();
        let mut names = BTreeSet::new();
        items(&mut |item| {
            if item.status == Status::NotRecorded {
                return;
            }
            let account = item.account.as_deref().unwrap_or_default();
            for name in names_of(item) {
                let config_type = Box::from(&*item.resource_type);
                names.insert((config_type, account.into(), Box::from(name)));
            }
        });
        Touched {
            addresses,
            strangers: strangers.cloned().collect(),
            items: names,
            parts_not_carried: findings.parts_not_carried.clone(),
        }
    }

    /// Whether the look told whether the finding still is. No gap says so in its own right.
    pub fn was_told(&self, touched: &Touched, finding: &EarlierFinding) -> bool {
        if let (Some(workspace), Some(address)) = (&finding.workspace, &finding.address) {
            return touched
                .addresses
                .contains(&(workspace.clone(), address.clone()));
        }
        let text = |id: Option<&str>| -> Box<str> { id.unwrap_or_default().into() };
        let account = text(finding.account.as_ref().map(|id| id.as_str()));
        let id = text(finding.provider_id.as_ref().map(|id| id.as_str()));
        let key: UnmanagedKey = (finding.type_name.as_str().into(), account, id);
        if touched.parts_not_carried.contains(&key) {
            return false;
        }
        if touched.strangers.contains(&key) {
            return true;
        }
        // It lay within an item, or was it, under one of its names.
        let table = self.catalogue.find(finding.type_name.as_str());
        let table = table.and_then(|at| self.catalogue.resource(at));
        let config = table.and_then(|table| self.catalogue.config(table.config));
        let (_, account, id) = key;
        config.is_some_and(|config| {
            let cuts = id.match_indices(['/', ':']);
            let cuts = cuts.filter_map(|(at, _)| id.get(..at));
            let mut names = cuts.chain([&*id]);
            names.any(|name| {
                let key = (config.config_type.clone(), account.clone(), name.into());
                touched.items.contains(&key)
            })
        })
    }
}

fn names_of<'i>(item: &'i Item<'_>) -> impl Iterator<Item = &'i str> {
    let own = [
        Some(&item.resource_id),
        item.resource_name.as_ref(),
        item.arn.as_ref(),
    ];
    own.into_iter().flatten().map(|name| &**name)
}
