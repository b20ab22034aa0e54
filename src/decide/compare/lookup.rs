//! Which approved resources a live item is, and which lie within it.

use super::Comparer;
use super::by_name::is_namesake;
use super::index::{has_key, secret_keys};
use super::live::Live;
use super::place::{agrees, arn_place, is_in_region};
use crate::decide::baseline::{ApprovedResource, text_of};
use crate::normalise::catalogue::{Resource, ResourceIx};

impl Comparer<'_> {
    /// The approved resources that are this item: mostly one.
    pub(super) fn find_approved(
        &self,
        at: ResourceIx,
        own: &Resource,
        live: &Live<'_>,
    ) -> Vec<u32> {
        for (kind, pairs) in own.key_slots.iter().enumerate() {
            let parts = pairs
                .iter()
                .map(|(_, slot)| live.text_of(*slot))
                .collect::<Option<Vec<_>>>();
            let Some(parts) = parts else { continue };
            let found: Vec<u32> = self
                .prepared
                .index
                .whole(at, kind, &parts)
                .iter()
                .copied()
                .filter(|number| {
                    self.resource(*number).is_some_and(|approved| {
                        has_key(own, approved, kind, &parts)
                            && is_in_place(own, approved, live)
                            && !is_namesake(own, approved, kind, &live.item.resource_id)
                    })
                })
                .collect();
            if !found.is_empty() {
                return self.in_region(own, found, live.region);
            }
        }
        match self.prepared.index.has_secret_keys(at) {
            true => self.find_by_digest(at, own, live),
            false => Vec::new(),
        }
    }

    /// Of several that the item may be, those that are approved in its Region, if there are any.
    fn in_region(&self, own: &Resource, found: Vec<u32>, region: &str) -> Vec<u32> {
        if found.len() < 2 {
            return found;
        }
        let is_there = |number: &&u32| {
            let approved = self.resource(**number);
            approved.is_some_and(|approved| is_in_region(own, approved, region))
        };
        let there: Vec<u32> = found.iter().filter(is_there).copied().collect();
        if there.is_empty() { found } else { there }
    }

    fn find_by_digest(&self, at: ResourceIx, own: &Resource, live: &Live<'_>) -> Vec<u32> {
        for (kind, parts) in self.digests(own, live) {
            let found = self.prepared.index.whole(at, kind, &parts).iter().copied();
            let found = found.filter(|number| {
                self.resource(*number).is_some_and(|approved| {
                    secret_keys(own, approved).any(|key| key == (kind, parts.clone()))
                        && is_in_place(own, approved, live)
                })
            });
            let found: Vec<u32> = found.collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The live keys of an item as approved ones that are secrets are stored.
    fn digests<'k>(
        &'k self,
        table: &'k Resource,
        live: &'k Live<'_>,
    ) -> impl Iterator<Item = (usize, Vec<String>)> + 'k {
        let kinds = table.key_slots.iter().enumerate();
        kinds.filter_map(|(kind, pairs)| {
            let parts = pairs.iter().map(|(approved, slot)| {
                Some(self.secret_key(table, *approved, &live.text_of(*slot)?))
            });
            Some((kind, parts.collect::<Option<Vec<_>>>()?))
        })
    }

    /// Resources within this item that are approved, of one type.
    pub(super) fn approved_within(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
    ) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        if !self.prepared.index.has_within(part) {
            return found;
        }
        // A name can be the same in two accounts: the resource goes with the item of its own
        // workspace.
        let is_ours = |number: u32| match self.prepared.index.parent(number) {
            Some(parent) => owners.contains(&parent) || owners.is_empty(),
            None => true,
        };
        for pairs in &table.key_slots {
            let parts = pairs
                .iter()
                .map(|(_, slot)| live.text_of(*slot))
                .collect::<Option<Vec<_>>>();
            let Some(parts) = parts else { continue };
            for number in self.prepared.index.within(part, &parts) {
                let same_key = self.resource(*number).is_some_and(|approved| {
                    (0..table.key_slots.len()).any(|kind| has_key(table, approved, kind, &parts))
                });
                if is_ours(*number) && same_key && !found.contains(number) {
                    found.push(*number);
                }
            }
        }
        if self.prepared.index.has_secret_keys(part) {
            for (_, parts) in self.digests(table, live) {
                for number in self.prepared.index.within(part, &parts) {
                    let resource = self.resource(*number);
                    let same_key = resource.is_some_and(|approved| {
                        secret_keys(table, approved).any(|(_, key)| key == parts)
                    });
                    if is_ours(*number) && same_key && !found.contains(number) {
                        found.push(*number);
                    }
                }
            }
        }
        found
    }
}

/// Whether the account and Region of an approved resource, where its ARN tells them, are the item's.
fn is_in_place(own: &Resource, approved: &ApprovedResource, live: &Live<'_>) -> bool {
    let Some(arn) = text_of(&approved.stored, own.arn_slot) else {
        return true;
    };
    let (account, region) = arn_place(&arn);
    agrees(account, live.account) && agrees(region, live.region)
}
