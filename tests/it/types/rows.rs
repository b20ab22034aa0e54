//! Mutations of single rows.

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::catalogue::Resource;
use driftwarden::normalise::form::Form;
use driftwarden::normalise::path::Path;
use driftwarden::normalise::table::{Absent, AttributeRow, Member};
use serde_json::{Value, json};

use super::compare::Found;
use super::fixture::{Fixture, key_of, type_of};
use super::mutate::{Change, changes};
use super::{Mutation, edit};

/// Every row of one type, as each resource of the fixture that has a value for it shows it. A row
/// that none shows is wrong.
pub fn mutations(
    fixture: &Fixture,
    table: &Resource,
    catalogue: &Catalogue,
    wrong: &mut Vec<String>,
) -> Vec<Mutation> {
    let name = table.table.type_name.as_str();
    let mut all = Vec::new();
    for row in &table.table.attributes {
        let shown = format!("{name}.{}", dotted(row));
        let is_special = fixture.special.not_alone.contains_key(&shown)
            || fixture
                .special
                .mutation
                .iter()
                .any(|explicit| explicit.rows.contains(&shown));
        if is_special {
            continue;
        }
        let before = all.len();
        for (address, attributes) in &fixture.approved {
            if type_of(address) == name {
                let one = One {
                    fixture,
                    catalogue,
                    table,
                    row,
                    address,
                    attributes,
                };
                all.extend(one.mutations());
            }
        }
        if !all[before..]
            .iter()
            .any(|mutation| !mutation.expected.is_empty())
        {
            wrong.push(format!(
                "{shown} is not shown: give it a value in approved.json and items.json, or say in \
                 mutations.toml what shows it or why nothing can"
            ));
        }
    }
    all
}

/// The name of a row as the table writes it.
pub fn dotted(row: &AttributeRow) -> String {
    row.approved.captured.join(".")
}

/// One row of one approved resource.
struct One<'f> {
    fixture: &'f Fixture,
    catalogue: &'f Catalogue,
    table: &'f Resource,
    row: &'f AttributeRow,
    address: &'f str,
    attributes: &'f Value,
}

impl One<'_> {
    fn mutations(&self) -> Vec<Mutation> {
        let approved = edit::get(self.attributes, &self.row.approved.captured);
        let Some(approved) = approved.filter(|value| !is_trivial(value)) else {
            return Vec::new();
        };
        let Some(at) = self.fixture.item_of(self.table, self.attributes) else {
            return Vec::new();
        };
        if self.stands_back(at) {
            return Vec::new();
        }
        let item = &self.fixture.items[at];
        let within = self.within(item);
        let place = |path: &Path| -> Vec<Box<str>> {
            within.iter().chain(&path.captured).cloned().collect()
        };
        let there = self.row.live.iter().find_map(|path| {
            let live = edit::get(item, &place(path))?;
            Some((path, live))
        });
        let Some((path, live)) = there else {
            return Vec::new();
        };
        let mut all: Vec<Mutation> = changes(self.row.form, &self.row.values, path, &live)
            .into_iter()
            .map(|change| self.mutation(at, &place(path), change))
            .collect();
        all.extend(self.unset(at, &place(path), &approved));
        all.extend(self.nothing_approved(&live));
        for further in self.row.live.iter().filter(|further| *further != path) {
            all.extend(self.elsewhere(at, &place(path), path, &place(further), further, &live));
        }
        all
    }

    /// Whether a resource of its own owns the value in this item.
    fn stands_back(&self, item: usize) -> bool {
        let others = self.fixture.resources(self.catalogue);
        others.into_iter().any(|(_, table, attributes)| {
            table.is_some_and(|table| {
                self.row.separate.contains(&table.table.type_name)
                    && self.fixture.item_of(table, attributes) == Some(item)
            })
        })
    }

    /// Where the elements of a list are resources: the place of this one.
    fn within(&self, item: &Value) -> Vec<Box<str>> {
        let Member::Each { at, element } = &self.table.table.member else {
            return Vec::new();
        };
        let list = edit::get(item, &at.captured).unwrap_or_default();
        let index = list.as_array().into_iter().flatten().position(|found| {
            key_of(element, self.attributes).iter().all(|pair| {
                edit::text(found, &pair.live.captured)
                    == edit::text(self.attributes, &pair.approved.captured)
            })
        });
        let index = index.map(|index| index.to_string().into_boxed_str());
        at.captured.iter().cloned().chain(index).collect()
    }

    fn mutation(&self, at: usize, place: &[Box<str>], change: Change) -> Mutation {
        let mut items = self.fixture.items.clone();
        assert!(edit::set(&mut items[at], place, Some(&change.new)));
        self.expecting(items, &change.what, change.counts)
    }

    fn expecting(&self, items: Vec<Value>, what: &str, counts: bool) -> Mutation {
        let expected = Found {
            kind: "changed",
            resource: self.address.to_owned(),
            attribute: self.row.pointer.to_string(),
        };
        Mutation {
            what: format!("{}.{}: {what}", self.address, dotted(self.row)),
            approved: None,
            items,
            expected: counts.then_some(expected).into_iter().collect(),
            changes: Some((
                self.address.to_owned(),
                self.row.approved.captured[0].to_string(),
            )),
        }
    }

    /// Something was approved, and nothing is set any more.
    fn unset(&self, at: usize, place: &[Box<str>], approved: &Value) -> Vec<Mutation> {
        let is_whole_part = match &self.table.table.member {
            Member::Part { at, .. } => *at.captured == *place,
            Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => false,
        };
        // A map has a deviation for each key that is gone.
        let is_many = approved.as_object().is_some_and(|map| map.len() > 1);
        if says_nothing(approved) || is_whole_part || is_many {
            return Vec::new();
        }
        let mut all = Vec::new();
        let is_scalar = !approved.is_array() && !approved.is_object();
        if is_scalar {
            let mut items = self.fixture.items.clone();
            edit::set(&mut items[at], place, Some(&Value::Null));
            all.push(self.expecting(items, "nothing set", true));
        }
        if self.row.live.len() == 1 {
            let mut items = self.fixture.items.clone();
            edit::set(&mut items[at], place, None);
            let counts = match self.row.absent {
                // The items of a pair are whole.
                Absent::Unset | Absent::UnsetInWhole => true,
                Absent::Unseen => false,
            };
            all.push(self.expecting(items, "left out", counts));
        }
        all
    }

    /// Nothing was approved, and something is set: a deviation, unless the choice is the provider's.
    fn nothing_approved(&self, live: &Value) -> Option<Mutation> {
        let is_by_key = matches!(self.row.form, Form::Map | Form::Tags);
        let word = live.as_str().and_then(|word| self.row.values.get(word));
        let meant = word.map_or_else(|| live.clone(), |word| Value::from(word.as_str()));
        let is_set = !is_trivial(&meant) && !says_nothing(&meant);
        // A row that stands back for others says by its null that they manage it.
        if is_by_key || !is_set || !self.row.separate.is_empty() {
            return None;
        }
        let mut approved = self.fixture.approved.clone();
        let attributes = approved.get_mut(self.address)?;
        edit::set(attributes, &self.row.approved.captured, Some(&Value::Null));
        let items = self.fixture.items.clone();
        let default = self.row.default.as_ref();
        let is_default = default.is_some_and(|default| json!(default) == *live);
        let leaves_open = self.row.null_is_any || self.row.form == Form::Subset;
        let counts = !leaves_open && !is_default;
        Some(Mutation {
            approved: Some(approved),
            ..self.expecting(items, "nothing approved", counts)
        })
    }

    /// The same value where the table's other live path has it: equal there, and its change seen.
    fn elsewhere(
        &self,
        at: usize,
        place: &[Box<str>],
        path: &Path,
        other_place: &[Box<str>],
        other: &Path,
        live: &Value,
    ) -> Vec<Mutation> {
        let moved = |new: &Value| {
            let mut items = self.fixture.items.clone();
            for known in &self.row.live {
                edit::set(&mut items[at], &known.captured, None);
            }
            edit::set(&mut items[at], place, None);
            edit::put(&mut items[at], other_place, new);
            items
        };
        if path.each != other.each {
            return Vec::new();
        }
        let name = other.captured.join(".");
        let mut all = vec![self.expecting(moved(live), &format!("at `{name}`"), false)];
        let mut changes = changes(self.row.form, &self.row.values, other, live).into_iter();
        if let Some(change) = changes.find(|change| change.counts) {
            let what = format!("at `{name}`, {}", change.what);
            all.push(self.expecting(moved(&change.new), &what, true));
        }
        all
    }
}

/// What shows nothing: nothing set.
fn is_trivial(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What is the same as nothing where the other side has nothing.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => matches!(text.as_str(), "0" | "false"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}
