//! What a resource shows of others that lie within it, where these are approved as resources of their
//! own. A refresh reads what is approved and nothing else: what was added by hand beside that shows at
//! the owner alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Looking;
use super::attributes::Own;
use crate::decide::approved_values::values;
use crate::decide::baseline::ApprovedResource;
use crate::decide::compare::also::Element;
use crate::decide::compare::approved_rules::direction_of;
use crate::decide::compare::elements::element_key;
use crate::decide::compare::index::keys;
use crate::decide::compare::secrets::is_secret;
use crate::decide::shows::{Each, is_same_element};
use crate::decide::value::stored_value;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{Address, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::Difference;
use crate::normalise::form::Form;
use crate::normalise::security_group::{Direction, Rules};
use crate::normalise::table::AttributeRow;

/// An approved resource within another, and its table.
type Within<'a> = (&'a ApprovedResource, &'a Resource);

/// The resources within each of all workspaces; under none those of which nobody knows in what they lie.
pub(super) type Children = BTreeMap<Option<u32>, Vec<u32>>;

impl Looking<'_> {
    /// Whether resources of their own, within this one, own what the row shows inline.
    pub(super) fn is_owned_apart(&self, number: u32, row: &AttributeRow) -> bool {
        let mut separate = row.separate.iter();
        separate.any(|name| {
            let found = self.comparer.catalogue.find(name.as_str());
            let is_apart = |at| {
                let owners = [Some(number), None].into_iter();
                owners
                    .map(|owner| (owner, at))
                    .any(|one| self.apart.contains(&one))
            };
            found.is_some_and(is_apart)
        }) || self
            .named_by_others(number, row)
            .is_none_or(|named| !named.is_empty())
    }

    /// Of what others own, what is there and nobody approved; `None` where that cannot be told.
    pub(super) fn added_beside(
        &self,
        (number, resource): Own<'_>,
        (table, row): (&Resource, &AttributeRow),
        (value, live): (StoredValue<'_>, StoredValue<'_>),
    ) -> Option<Option<Difference>> {
        let redactor = self.comparer.redactor;
        if is_secret(table, resource, value.slot) || live.sensitive {
            return None;
        }
        let read = |value| stored_value(row, value, false, redactor).ok();
        let (approved, live) = (read(value)?, read(live)?);
        self.beside(number, row, (&approved, &live))
    }

    /// The addresses of those that own what the row shows of this one.
    pub(super) fn owners(&self, number: u32, row: &AttributeRow) -> Vec<Address> {
        let within = self.within(row, Some(number)).map(|(own, _)| own);
        let others = self.elements_by_others(number, row).into_iter().flatten();
        let others = others.filter_map(|element| self.comparer.resource(element.by()));
        let all = within.chain(others).map(|own| Address::from(&*own.address));
        let all: BTreeSet<Address> = all.collect();
        all.into_iter().collect()
    }

    /// What is there and nobody approved, of what others own. `None` where that cannot be told: where
    /// it is no list of them, or one of them is not wholly known.
    fn beside(
        &self,
        number: u32,
        row: &AttributeRow,
        (approved, live): (&Value, &Value),
    ) -> Option<Option<Difference>> {
        if self.within(row, None).next().is_some() {
            return None;
        }
        let also = self.named_by_others(number, row)?;
        if !also.is_empty() && row.form != Form::Set {
            return None;
        }
        let within: Vec<Within<'_>> = self.within(row, Some(number)).collect();
        let added = match Direction::of(row.form) {
            Some(direction) => self.rules(direction, &within, (approved, live))?,
            None => self.elements(row, &within, (approved, also), live)?,
        };
        let is_none = added.as_list().is_none_or(<[Value]>::is_empty);
        Some((!is_none).then(|| Difference {
            pointer: row.pointer.clone(),
            approved: Value::List(Vec::new()),
            live: added,
        }))
    }

    /// Those that own what the row shows. Under none only such as may lie anywhere.
    fn within(&self, row: &AttributeRow, owner: Option<u32>) -> impl Iterator<Item = Within<'_>> {
        let all = self.children.get(&owner).into_iter().flatten();
        let all = all.filter_map(|at| self.comparer.resource(*at));
        all.filter_map(move |resource| {
            let table = self.comparer.catalogue.resource(resource.resource?)?;
            let is_owner = row.separate.contains(&table.table.type_name);
            let is_of = owner.is_some() || keys(table, resource).next().is_none();
            (is_owner && is_of).then_some((resource, table))
        })
    }

    /// Keys of elements that resources without an item of their own approve in this one; `None` if
    /// nothing tells what one of them approves.
    pub(super) fn named_by_others(&self, number: u32, row: &AttributeRow) -> Option<Vec<&str>> {
        let found = self.elements_by_others(number, row)?.into_iter();
        Some(found.map(|element| &*element.key).collect())
    }

    fn elements_by_others(&self, number: u32, row: &AttributeRow) -> Option<Vec<&Element>> {
        let prepared = &self.comparer.prepared;
        if prepared.also.is_empty() && prepared.also_open.is_empty() {
            return Some(Vec::new());
        }
        let resource = self.comparer.resource(number)?;
        let table = self.comparer.catalogue.resource(resource.resource?)?;
        let names = keys(table, resource).flat_map(|(_, own)| own);
        let names: BTreeSet<String> = names.map(Cow::into_owned).collect();
        let mut found = Vec::new();
        for part in &row.separate {
            let Some(part) = self.comparer.catalogue.find(part.as_str()) else {
                continue;
            };
            let mut open = prepared.also_open.iter();
            if open.any(|(of, _, owner)| {
                *of == part && owner.as_ref().is_none_or(|owner| names.contains(owner))
            }) {
                return None;
            }
            let named = names
                .iter()
                .filter_map(|name| prepared.also.get(&(part, name.clone())));
            found.extend(named.flatten());
        }
        Some(found)
    }

    fn elements(
        &self,
        row: &AttributeRow,
        within: &[Within<'_>],
        (approved, also): (&Value, Vec<&str>),
        live: &Value,
    ) -> Option<Value> {
        let mut known = approved
            .as_list()
            .map(<[Value]>::to_vec)
            .unwrap_or_default();
        known.extend(also.into_iter().map(Value::from));
        for (resource, table) in within {
            let each = Each::of(row, table)?;
            element_key(table, resource)?;
            let stored = self.stored(resource);
            known.extend(stored.flat_map(|stored| each.element(&values(table, stored))));
        }
        let live = live.as_list().unwrap_or_default().iter();
        let added = live.filter(|own| !known.iter().any(|known| is_same_element(row, known, own)));
        Some(Value::List(added.cloned().collect()))
    }

    fn rules(
        &self,
        direction: Direction,
        within: &[Within<'_>],
        (approved, live): (&Value, &Value),
    ) -> Option<Value> {
        let inline = |own: &Value| match own {
            Value::Null => Some(Rules::default()),
            other => Rules::from_inline(other).ok(),
        };
        let mut known = inline(approved)?;
        for (resource, table) in within {
            let (_, group) = keys(table, resource).next()?;
            for stored in self.stored(resource) {
                let secret = stored.iter().any(|own| own.sensitive);
                let values = values(table, stored);
                let values = values.as_map().filter(|_| !secret)?;
                if direction_of(table, values)? == direction {
                    known
                        .0
                        .extend(Rules::from_resource(values, group.first()?).ok()?.0);
                }
            }
        }
        Some(inline(live)?.without(&known).to_value())
    }

    /// One as it is approved, and as the refresh read it: what differs there is told there.
    fn stored<'s>(&'s self, resource: &'s ApprovedResource) -> impl Iterator<Item = &'s Stored> {
        let address = self.seen.refresh.address(&resource.address);
        let read = self.seen.refresh.resources.get(address);
        let read = read.and_then(|read| read.mapped.as_ref());
        let read = read.filter(|(at, _)| Some(*at) == resource.resource);
        std::iter::once(&resource.stored).chain(read.map(|(_, read)| &read.stored))
    }
}
