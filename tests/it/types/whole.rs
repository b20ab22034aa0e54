//! Mutations of whole resources: gone, or more than were approved.

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::catalogue::Resource;
use driftwarden::normalise::table::{AbsentPart, Member};
use serde_json::{Value, json};

use super::compare::Found;
use super::fixture::{Fixture, key_of};
use super::{Mutation, edit, mutate};

pub fn mutations(fixture: &Fixture, catalogue: &Catalogue) -> Vec<Mutation> {
    let mut all = Vec::new();
    for (address, table, attributes) in fixture.resources(catalogue) {
        let Some(table) = table else { continue };
        let Some(at) = fixture.item_of(table, attributes) else {
            continue;
        };
        let one = One {
            fixture,
            table,
            address,
            attributes,
            at,
            is_first: is_first(table, catalogue),
        };
        all.extend(one.mutations());
    }
    all
}

struct One<'f> {
    fixture: &'f Fixture,
    table: &'f Resource,
    address: &'f str,
    attributes: &'f Value,
    at: usize,
    is_first: bool,
}

/// Whether unmanaged items of the Config type are shown under this type.
fn is_first(table: &Resource, catalogue: &Catalogue) -> bool {
    let config = catalogue.config(table.config);
    let first = config.and_then(|config| catalogue.resource(*config.resources.first()?));
    first.is_some_and(|first| first.table.type_name == table.table.type_name)
}

impl One<'_> {
    fn mutations(&self) -> Vec<Mutation> {
        match &self.table.table.member {
            Member::Whole => match self.is_first {
                true => vec![self.deleted(), self.stranger()],
                // What nobody approved is shown under the first name of the type.
                false => vec![self.deleted()],
            },
            Member::Part { at, absent } => {
                let null = self.with("it is null", &at.captured, Some(&Value::Null));
                let left_out = (*absent != AbsentPart::Unseen)
                    .then(|| self.with("it is left out", &at.captured, None));
                [null].into_iter().chain(left_out).collect()
            }
            Member::Each { .. } => self.elements(),
            // What becomes of a rule depends on its group's other rules: `mutations.toml` has it.
            Member::SecurityGroupRule => Vec::new(),
        }
    }

    fn missing(&self) -> Vec<Found> {
        vec![Found {
            kind: "missing",
            resource: self.address.to_owned(),
            attribute: String::new(),
        }]
    }

    fn unmanaged(&self) -> Vec<Found> {
        let found = Found {
            kind: "unmanaged",
            resource: self.table.table.type_name.to_string(),
            attribute: String::new(),
        };
        let reports = self.table.table.reports_unmanaged;
        reports.then_some(found).into_iter().collect()
    }

    fn mutation(&self, what: &str, items: Vec<Value>, expected: Vec<Found>) -> Mutation {
        Mutation {
            what: format!("{}: {what}", self.address),
            approved: None,
            items,
            expected,
            changes: None,
        }
    }

    fn with(&self, what: &str, path: &[Box<str>], new: Option<&Value>) -> Mutation {
        let mut items = self.fixture.items.clone();
        edit::set(&mut items[self.at], path, new);
        self.mutation(what, items, self.missing())
    }

    fn deleted(&self) -> Mutation {
        let mut items = self.fixture.items.clone();
        items[self.at]["configurationItemStatus"] = json!("ResourceDeleted");
        self.mutation("it was deleted", items, self.missing())
    }

    /// An item like it under another key.
    fn stranger(&self) -> Mutation {
        let mut items = self.fixture.items.clone();
        let mut stranger = items[self.at].clone();
        let mut paths: Vec<_> = self
            .table
            .table
            .keys
            .iter()
            .flatten()
            .map(|pair| &pair.live)
            .collect();
        paths.dedup();
        for path in paths {
            let key = edit::get(&stranger, &path.captured).unwrap_or_default();
            if let Some(key) = mutate::other(&key) {
                edit::set(&mut stranger, &path.captured, Some(&key));
            }
        }
        items.push(stranger);
        self.mutation("another one beside it", items, self.unmanaged())
    }

    /// One element of a list: removed, and another one beside it.
    fn elements(&self) -> Vec<Mutation> {
        let Member::Each { at, element } = &self.table.table.member else {
            return Vec::new();
        };
        let element = key_of(element, self.attributes);
        let list = edit::get(&self.fixture.items[self.at], &at.captured);
        let list = list
            .and_then(|list| list.as_array().cloned())
            .unwrap_or_default();
        let own = list.iter().position(|found| {
            element.iter().all(|pair| {
                edit::text(found, &pair.live.captured)
                    == edit::text(self.attributes, &pair.approved.captured)
            })
        });
        let Some(own) = own else { return Vec::new() };
        let changed = |what: &str, list: Vec<Value>, expected: Vec<Found>| {
            let mut items = self.fixture.items.clone();
            edit::set(&mut items[self.at], &at.captured, Some(&Value::Array(list)));
            self.mutation(what, items, expected)
        };
        let mut without = list.clone();
        let mut twin = without.remove(own);
        for pair in element {
            let key = edit::get(&twin, &pair.live.captured).unwrap_or_default();
            let key = mutate::other(&key).unwrap_or_default();
            match pair.live.captured.is_empty() {
                true => twin = key,
                false => drop(edit::set(&mut twin, &pair.live.captured, Some(&key))),
            }
        }
        let mut more = list;
        more.push(twin);
        vec![
            changed("it was taken away", without, self.missing()),
            changed("another one beside it", more, self.unmanaged()),
        ]
    }
}
