//! Approved resources by the ids that AWS gave them, for events that name something within an item:
//! a rule of a security group, the association of a route table.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::decide::attribute::is_typed_id;
use crate::decide::baseline::{Approved, ApprovedResource, text_at};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::table::Member;

/// A Config type, and names of one item of it.
pub type ItemNames = (Box<str>, Vec<Box<str>>);

/// What lies within items, by hash of its own id and number, sorted. It holds no text.
#[derive(Debug, Default)]
pub struct PartIndex(Vec<(u64, u32)>);

impl PartIndex {
    pub fn new(catalogue: &Catalogue, approved: &Approved) -> Self {
        let parts = (0u32..).zip(&approved.resources);
        let parts = parts.filter_map(|(number, resource)| {
            let (_, id) = part(catalogue, resource)?;
            Some((hash(&id), number))
        });
        let mut parts: Vec<_> = parts.collect();
        parts.sort_unstable();
        parts.shrink_to_fit();
        Self(parts)
    }
}

/// The index with what it leads to.
#[derive(Clone, Copy)]
pub struct ApprovedParts<'a> {
    pub index: &'a PartIndex,
    pub catalogue: &'a Catalogue,
    pub approved: &'a Approved,
}

impl ApprovedParts<'_> {
    /// The items within which something approved of this id lies.
    pub(super) fn items_of(&self, id: &str) -> Vec<ItemNames> {
        let wanted = hash(id);
        let index = &self.index.0;
        let from = index.partition_point(|(hash, _)| *hash < wanted);
        let same = index.iter().skip(from);
        let same = same.take_while(|(hash, _)| *hash == wanted);
        same.filter_map(|(_, number)| self.item_of(*number, id))
            .collect()
    }

    fn item_of(&self, number: u32, id: &str) -> Option<ItemNames> {
        let number = usize::try_from(number).ok()?;
        let resource = self.approved.resources.get(number)?;
        let (table, own) = part(self.catalogue, resource)?;
        let config = self.catalogue.config(table.config)?;
        let pairs = table.key_slots.iter().filter(|pairs| pairs.len() == 1);
        let names = pairs.flatten();
        let names = names.filter_map(|(slot, _)| text_at(&resource.stored, *slot));
        let names: Vec<Box<str>> = names.filter(|name| name != id).map(Box::from).collect();
        (own == id && !names.is_empty()).then(|| (config.config_type.clone(), names))
    }
}

/// A resource within an item, with its own id, where AWS gave it one.
fn part<'c>(
    catalogue: &'c Catalogue,
    resource: &ApprovedResource,
) -> Option<(&'c Resource, String)> {
    let table = catalogue.resource(resource.resource?)?;
    match table.table.member {
        Member::Whole => None,
        Member::Part { .. } | Member::Each { .. } | Member::SecurityGroupRule => {
            let id = text_at(&resource.stored, table.id_slot)?;
            is_typed_id(&id).then_some((table, id))
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
