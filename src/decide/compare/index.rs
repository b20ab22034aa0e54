//! Finds approved resources by what the cloud calls them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::place::is_in_region;
use crate::decide::baseline::{Approved, ApprovedResource, text_of};
use crate::ingest::json::decode_string;
use crate::normalise::catalogue::{Catalogue, Resource, ResourceIx};
use crate::normalise::table::Member;

/// A map whose keys are hashes already.
type HashedMap<V> = HashMap<u64, V, BuildHasherDefault<Identity>>;

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Resources that are items, by each of their keys.
    whole: HashedMap<Few>,
    /// Resources that lie within items, by the key of the item.
    within: HashedMap<Few>,
    /// The approved resource that is the item within which another lies.
    parents: HashMap<u32, u32>,
    /// Types of which resources lie within items.
    parts: BTreeSet<ResourceIx>,
    /// Types of which resources have keys that are secrets: they are found by digest.
    secret: BTreeSet<ResourceIx>,
}

/// Mostly one; two workspaces may claim one, and accounts may share a name.
#[derive(Debug)]
enum Few {
    One(u32),
    Many(Vec<u32>),
}

impl Few {
    fn push(&mut self, index: u32) {
        match self {
            Self::One(known) if *known == index => {}
            Self::One(known) => *self = Self::Many(vec![*known, index]),
            Self::Many(known) if known.contains(&index) => {}
            Self::Many(known) => known.push(index),
        }
    }

    fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(index) => std::slice::from_ref(index),
            Self::Many(known) => known,
        }
    }
}

#[derive(Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// `kind` tells alternatives apart, so that a name never answers to a lookup by id.
fn hash(resource: ResourceIx, kind: usize, parts: &[impl AsRef<str>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (resource.0, kind).hash(&mut hasher);
    for part in parts {
        part.as_ref().hash(&mut hasher);
    }
    hasher.finish()
}

/// Parts of items answer to any of their keys alike.
const WITHIN: usize = usize::MAX;

impl Index {
    pub(super) fn new(catalogue: &Catalogue, approved: &Approved) -> Self {
        let mut index = Self::default();
        index.whole.reserve(approved.resources.len());
        for (number, resource) in (0u32..).zip(&approved.resources) {
            let Some((at, table)) = lookup(catalogue, resource) else {
                continue;
            };
            let secret = secret_keys(table, resource).inspect(|_| {
                index.secret.insert(at);
            });
            let secret =
                secret.map(|(kind, parts)| (kind, parts.into_iter().map(Cow::Owned).collect()));
            for (kind, parts) in keys(table, resource).chain(secret) {
                let (map, kind) = match &table.table.member {
                    Member::Whole => (&mut index.whole, kind),
                    Member::Part { .. } | Member::Each { .. } | Member::SecurityGroupRule => {
                        index.parts.insert(at);
                        (&mut index.within, WITHIN)
                    }
                };
                map.entry(hash(at, kind, &parts))
                    .and_modify(|few| few.push(number))
                    .or_insert(Few::One(number));
            }
        }
        index.find_parents(catalogue, approved);
        index
    }

    /// Candidates for a live item of this type, by its alternative keys in order.
    pub(super) fn whole(
        &self,
        resource: ResourceIx,
        kind: usize,
        parts: &[impl AsRef<str>],
    ) -> &[u32] {
        self.whole
            .get(&hash(resource, kind, parts))
            .map_or(&[], Few::as_slice)
    }

    /// Resources that lie within the item of this key.
    pub(super) fn within(&self, resource: ResourceIx, parts: &[impl AsRef<str>]) -> &[u32] {
        self.within
            .get(&hash(resource, WITHIN, parts))
            .map_or(&[], Few::as_slice)
    }

    /// Whether any resource of the type lies within an item.
    pub(super) fn has_within(&self, resource: ResourceIx) -> bool {
        self.parts.contains(&resource)
    }

    pub(super) fn has_secret_keys(&self, resource: ResourceIx) -> bool {
        self.secret.contains(&resource)
    }

    /// Resources that share a key.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[u32]> {
        let groups = self.whole.values().chain(self.within.values());
        groups.map(Few::as_slice).filter(|group| group.len() > 1)
    }

    pub(super) fn parent(&self, child: u32) -> Option<u32> {
        self.parents.get(&child).copied()
    }

    /// A resource within another belongs to the nearest one that has its name: of its own workspace, in its
    /// Region, of its provider's configuration.
    fn find_parents(&mut self, catalogue: &Catalogue, approved: &Approved) {
        for (number, resource) in (0u32..).zip(&approved.resources) {
            let Some((_, table)) = lookup(catalogue, resource) else {
                continue;
            };
            if matches!(table.table.member, Member::Whole) {
                continue;
            }
            let Some(config) = catalogue.config(table.config) else {
                continue;
            };
            let parts: Vec<_> = keys(table, resource).map(|(_, parts)| parts).collect();
            let kinds = config.resources.iter().take(config.own).flat_map(|item| {
                let kinds = catalogue
                    .resource(*item)
                    .map_or(0, |table| table.key_slots.len());
                (0..kinds).map(|kind| (*item, kind))
            });
            let candidates = kinds
                .flat_map(|(item, kind)| parts.iter().map(move |parts| (item, kind, parts)))
                .flat_map(|(item, kind, parts)| self.whole(item, kind, parts).iter().copied());
            let region = text_of(&resource.stored, table.region_slot);
            let distance = |candidate: &u32| {
                let parent = approved.resources.get(usize::try_from(*candidate).ok()?);
                let (parent, (_, table)) =
                    parent.and_then(|own| Some((own, lookup(catalogue, own)?)))?;
                let is_own = parent.workspace == resource.workspace;
                let region = region.as_deref();
                let is_there = region.is_none_or(|region| is_in_region(table, parent, region));
                // Who names its owner by name alone lies in the account of its provider's configuration.
                let is_alike = is_own && parent.provider == resource.provider;
                Some((!is_own, !is_there, !is_alike))
            };
            if let Some(parent) = candidates.min_by_key(distance) {
                self.parents.insert(number, parent);
            }
        }
    }
}

fn lookup<'c>(
    catalogue: &'c Catalogue,
    resource: &ApprovedResource,
) -> Option<(ResourceIx, &'c Resource)> {
    let at = resource.resource?;
    Some((at, catalogue.resource(at)?))
}

/// The approved keys of a resource, by number of the alternative.
pub(super) fn keys<'r>(
    table: &'r Resource,
    resource: &'r ApprovedResource,
) -> impl Iterator<Item = (usize, Vec<Cow<'r, str>>)> + 'r {
    table
        .key_slots
        .iter()
        .enumerate()
        .filter_map(|(kind, pairs)| {
            let parts = pairs
                .iter()
                .map(|(approved, _)| text_of(&resource.stored, *approved));
            Some((kind, parts.collect::<Option<Vec<_>>>()?))
        })
}

/// The approved keys that are secrets, as digests. One in the open beside one that is a secret is none:
/// no table has such keys.
pub(super) fn secret_keys<'r>(
    table: &'r Resource,
    resource: &'r ApprovedResource,
) -> impl Iterator<Item = (usize, Vec<String>)> + 'r {
    let kinds = table.key_slots.iter().enumerate();
    kinds.filter_map(|(kind, pairs)| {
        let parts = pairs.iter().map(|(slot, _)| {
            let value = resource.stored.get(*slot)?;
            value.sensitive.then(|| value.text.to_owned())
        });
        Some((kind, parts.collect::<Option<Vec<_>>>()?))
    })
}

/// Whether the resource has this key, compared without copying.
pub(super) fn has_key(
    table: &Resource,
    resource: &ApprovedResource,
    kind: usize,
    parts: &[impl AsRef<str>],
) -> bool {
    table.key_slots.get(kind).is_some_and(|pairs| {
        pairs.len() == parts.len()
            && pairs.iter().zip(parts).all(|((slot, _), part)| {
                let value = resource.stored.get(*slot).filter(|value| !value.sensitive);
                let text = value.and_then(|value| decode_string(value.text).ok());
                text.is_some_and(|text| text == part.as_ref())
            })
    })
}
