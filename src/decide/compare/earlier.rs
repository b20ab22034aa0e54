//! Findings that earlier scans left open. That one is not found again resolves it only where this
//! scan looked at its subject: an item that no longer carries the value says nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::live::Live;
use super::seen::Seen;
use super::{Comparer, Findings, Presence, Unmanaged, UnmanagedKey, millis};
use crate::decide::baseline::Approved;
use crate::model::{DeviationKind, EarlierFinding, FindingKey, TypeName, WorkspaceName};
use crate::normalise::catalogue::Resource;
use crate::normalise::table::AttributeRow;

#[derive(Default)]
pub(super) struct Earlier<'a> {
    all: &'a [EarlierFinding],
    /// Approved resources with a finding about an attribute, by place in the list.
    attributes: BTreeMap<u32, Vec<usize>>,
    /// Ids of what nobody approved, by type.
    unmanaged: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Earlier<'a> {
    pub(super) fn new(all: &'a [EarlierFinding], approved: &Approved) -> Self {
        let numbers = 0..u32::try_from(approved.resources.len()).unwrap_or(u32::MAX);
        Self::of(all, approved, numbers)
    }

    /// Of these resources alone.
    pub(super) fn of(
        all: &'a [EarlierFinding],
        approved: &Approved,
        numbers: impl Iterator<Item = u32>,
    ) -> Self {
        let mut earlier = Self {
            all,
            ..Self::default()
        };
        let mut by_address: BTreeMap<(&WorkspaceName, &str), Vec<usize>> = BTreeMap::new();
        for (at, finding) in all.iter().enumerate() {
            match (&finding.workspace, &finding.address, &finding.attribute) {
                (Some(workspace), Some(address), Some(_)) => {
                    let known = by_address.entry((workspace, address.as_str())).or_default();
                    known.push(at);
                }
                (_, None, None) => {
                    let id = finding.provider_id.as_ref().map_or("", |id| id.as_str());
                    let known = earlier.unmanaged.entry(finding.type_name.as_str());
                    known.or_default().push(id);
                }
                _ => {}
            }
        }
        if by_address.is_empty() {
            return earlier;
        }
        for number in numbers {
            let resource = usize::try_from(number).ok();
            let resource = resource.and_then(|at| approved.resources.get(at));
            let workspace = resource.and_then(|own| approved.workspace(own.workspace));
            let (Some(resource), Some(workspace)) = (resource, workspace) else {
                continue;
            };
            let found = by_address.remove(&(workspace, &*resource.address));
            found.map(|found| earlier.attributes.insert(number, found));
        }
        earlier
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.unmanaged.is_empty()
    }

    /// Of what nobody approved.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &EarlierFinding> {
        let all = self.all.iter();
        all.filter(|own| own.kind == DeviationKind::Unmanaged && own.address.is_none())
    }

    /// Of resources that plans name.
    pub(super) fn of_resources(&self) -> impl Iterator<Item = &EarlierFinding> {
        self.all.iter().filter(|own| own.address.is_some())
    }

    pub(super) fn asks_of(&self, number: u32) -> bool {
        self.attributes.contains_key(&number)
    }
}

impl Comparer<'_> {
    /// Notes that an item does not carry the value of a row, where that matters.
    pub(super) fn note_not_carried(
        &self,
        number: u32,
        live: &Live<'_>,
        slot: usize,
        findings: &mut Findings,
    ) {
        if self.earlier.asks_of(number) {
            findings.not_carried.push((number, live.time, slot));
        }
    }

    /// Notes that an item does not carry the part in which unapproved resources of the type lie.
    pub(super) fn note_part_not_carried(
        &self,
        type_name: &TypeName,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let known = self.earlier.unmanaged.get(type_name.as_str());
        let names = live.subjects();
        let is_within = |id: &&&str| {
            names.iter().any(|name| {
                let rest = id.strip_prefix(name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
            })
        };
        for id in known.into_iter().flatten().filter(is_within) {
            let key = (type_name.as_str().into(), live.account.into(), (*id).into());
            findings.parts_not_carried.insert(key);
        }
    }

    /// The findings whose subjects this scan did not look at, although no gap says so.
    pub(super) fn not_seen(
        &self,
        findings: &Findings,
        unmanaged: &BTreeMap<UnmanagedKey, Unmanaged>,
        seen: &Seen<'_>,
    ) -> BTreeSet<FindingKey> {
        let newest = findings.not_carried.iter();
        let newest = newest.filter(|(number, time, _)| seen.is_newest(*number, *time));
        let lost: BTreeSet<(u32, usize)> = newest.map(|(at, _, slot)| (*at, *slot)).collect();
        let mut not_seen = BTreeSet::new();
        for (number, asked) in &self.earlier.attributes {
            let newest = seen.of(*number);
            if seen.refreshed.is_there(*number) {
                let asked = asked.iter().filter_map(|at| self.earlier.all.get(*at));
                let lost = asked.filter(|own| {
                    let is_told = self.refresh_tells_of(*number, own, seen);
                    let is_shown = newest.is_some_and(|newest| {
                        newest.presence == Presence::Present && !is_older(newest.time, own)
                    });
                    !(is_told || is_shown && self.was_compared(*number, own, &lost))
                });
                not_seen.extend(lost.map(|own| own.finding.clone()));
                continue;
            }
            if let Some(newest) = newest.filter(|newest| newest.presence == Presence::Present) {
                let asked = asked.iter().filter_map(|at| self.earlier.all.get(*at));
                let lost = asked.filter(|own| {
                    is_older(newest.time, own) || !self.was_compared(*number, own, &lost)
                });
                not_seen.extend(lost.map(|own| own.finding.clone()));
            }
        }
        let strangers = self
            .earlier
            .strangers()
            .filter(|own| !self.was_looked_for(own, findings, unmanaged, seen));
        not_seen.extend(strangers.map(|own| own.finding.clone()));
        not_seen
    }

    /// Whether a row that tells of the attribute was compared.
    fn was_compared(
        &self,
        number: u32,
        finding: &EarlierFinding,
        lost: &BTreeSet<(u32, usize)>,
    ) -> bool {
        let mut rows = self.rows_of(number, finding);
        rows.any(|(slot, _)| !lost.contains(&(number, slot)))
    }

    /// Whether a refresh told of the attribute: by its values, or row by row where there are any.
    pub(super) fn refresh_tells_of(
        &self,
        number: u32,
        finding: &EarlierFinding,
        seen: &Seen<'_>,
    ) -> bool {
        let resource = self.resource(number);
        let is_judged = |slot: usize| {
            resource
                .is_some_and(|own| self.reviewed(own).is_some() && own.stored.get(slot).is_some())
        };
        let rows = self.rows_of(number, finding).map(|(slot, _)| slot);
        let rows = rows.filter(|slot| is_judged(*slot));
        seen.refreshed.tells_of(number, finding, rows)
    }

    /// The rows of the resource's table that tell of the attribute.
    fn rows_of<'f>(
        &'f self,
        number: u32,
        finding: &'f EarlierFinding,
    ) -> impl Iterator<Item = (usize, &'f AttributeRow)> {
        let resource = self.resource(number);
        let table = resource.and_then(|own| self.catalogue.resource(own.resource?));
        let attribute = finding.attribute.as_ref();
        let rows = table.into_iter().flat_map(|table| &table.table.attributes);
        rows.enumerate().filter(move |(_, row)| {
            attribute.is_some_and(|own| row.pointer.holds(own) || own.holds(&row.pointer))
        })
    }

    /// Whether what nobody approved would have been found again: its type was looked at where it
    /// was, and the item carried the part in which it lay.
    fn was_looked_for(
        &self,
        finding: &EarlierFinding,
        findings: &Findings,
        unmanaged: &BTreeMap<UnmanagedKey, Unmanaged>,
        seen: &Seen<'_>,
    ) -> bool {
        let text = |id: Option<&str>| -> Box<str> { id.unwrap_or_default().into() };
        let key: UnmanagedKey = (
            finding.type_name.as_str().into(),
            text(finding.account.as_ref().map(|id| id.as_str())),
            text(finding.provider_id.as_ref().map(|id| id.as_str())),
        );
        if findings.parts_not_carried.contains(&key) {
            return false;
        }
        let is_told = unmanaged.contains_key(&key);
        let at = self.catalogue.find(finding.type_name.as_str());
        let Some(table) = at.and_then(|at| self.catalogue.resource(at)) else {
            return false;
        };
        let region = text(finding.region.as_ref().map(|id| id.as_str()));
        is_told || self.is_covered(&key.1, &region, table, seen)
    }

    /// Whether the type is recorded and was looked at there: by its items, or as the recorder says.
    fn is_covered(&self, account: &str, region: &str, table: &Resource, seen: &Seen<'_>) -> bool {
        let config = self.catalogue.config(table.config);
        let name = config.map_or("", |config| &config.config_type);
        self.must_cover(account, region, table, seen).is_ok()
            || (seen.records(account, region, name)
                && seen.not_read(account, region, name).is_none())
    }
}

/// An item from before what was found takes nothing back.
fn is_older(item: i64, finding: &EarlierFinding) -> bool {
    finding.observed_at.is_some() && item < millis(finding.observed_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::baseline::ApprovedResource;
    use crate::ingest::stored::Stored;
    use crate::model::{Address, ProviderId};

    fn finding(workspace: &str, address: Option<&str>, attribute: Option<&str>) -> EarlierFinding {
        EarlierFinding {
            finding: FindingKey::from(format!("{address:?} {attribute:?}").as_str()),
            kind: DeviationKind::Changed,
            workspace: Some(WorkspaceName::from(workspace)),
            address: address.map(Address::from),
            type_name: TypeName::from("aws_s3_bucket_policy"),
            provider_id: Some(ProviderId::from("ledger")),
            account: None,
            region: None,
            attribute: attribute.map(Into::into),
            observed_at: None,
        }
    }

    fn approved(addresses: &[&str]) -> Approved {
        let resource = |address: &&str| ApprovedResource {
            workspace: 0,
            plan: 0,
            address: (*address).into(),
            resource: None,
            provider: 0,
            stored: Stored::default(),
            rare: None,
        };
        Approved {
            workspaces: vec![WorkspaceName::from("payments")],
            resources: addresses.iter().map(resource).collect(),
            ..Approved::default()
        }
    }

    #[test]
    fn it_asks_of_attributes_of_the_approved_resource_alone() {
        let all = [
            finding("payments", Some("a.b"), Some("/tags_all/Owner")),
            finding("payments", Some("a.b"), Some("/policy")),
            finding("ledger", Some("a.c"), Some("/policy")),
            finding("payments", Some("a.d"), None),
        ];
        let approved = approved(&["a.c", "a.b", "a.d"]);
        let earlier = Earlier::new(&all, &approved);
        assert!(earlier.asks_of(1), "its findings are two");
        assert_eq!(earlier.attributes.get(&1), Some(&vec![0, 1]));
        assert!(!earlier.asks_of(0), "another workspace has that address");
        assert!(!earlier.asks_of(2), "a whole resource has no attribute");
        assert!(earlier.unmanaged.is_empty());
    }

    #[test]
    fn what_nobody_approved_is_kept_by_type() {
        let all = [finding("payments", None, None)];
        let earlier = Earlier::new(&all, &approved(&["a.b"]));
        let known = earlier.unmanaged.get("aws_s3_bucket_policy");
        assert_eq!(known, Some(&vec!["ledger"]));
        assert!(!earlier.asks_of(0));
    }
}
