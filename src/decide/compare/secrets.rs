//! Which approved values are secrets, and what of a live item must therefore not be shown.

use std::collections::{BTreeMap, BTreeSet};

use super::Comparer;
use super::live::Live;
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::ingest::secret_tags;
use crate::ingest::stored::Stored;
use crate::model::Value;
use crate::normalise::catalogue::Resource;
use crate::normalise::form::Form;

/// Whether the value of the row is a secret, or is shown by another row that is one. Plans come and
/// go with different marks: a value that any of them hides stays hidden.
pub(super) fn is_secret(table: &Resource, approved: &ApprovedResource, slot: usize) -> bool {
    let others = table.same_live.get(slot).into_iter().flatten();
    is_marked(approved, slot) || others.into_iter().any(|slot| is_marked(approved, *slot))
}

/// The tags of a row that are secrets each by itself, by the same measure.
pub(super) fn hidden_tags(
    table: &Resource,
    approved: &ApprovedResource,
    slot: usize,
) -> BTreeSet<String> {
    let form = table.form_of(slot);
    if form != Form::Tags {
        return BTreeSet::new();
    }
    let others = table.same_live.get(slot).into_iter().flatten().copied();
    let slots = others.chain([slot]);
    let hidden = slots.flat_map(|slot| {
        let values = everywhere(approved).filter_map(move |stored| stored.get(slot));
        values.flat_map(move |value| secret_tags::hidden(table.form_of(slot), value.text))
    });
    hidden.collect()
}

fn is_marked(approved: &ApprovedResource, slot: usize) -> bool {
    let is_marked = |stored: &Stored| stored.get(slot).is_some_and(|value| value.sensitive);
    everywhere(approved).any(is_marked)
}

/// What is approved, what plans want and were made on, and what was approved before.
fn everywhere(approved: &ApprovedResource) -> impl Iterator<Item = &Stored> {
    let rare = approved.rare.iter();
    let rare = rare.flat_map(|rare| {
        let pending = rare.pending.iter();
        let pending = pending.flat_map(|plan: &Pending| plan.before.iter().chain([&plan.after]));
        pending.chain(rare.earlier.iter().map(|earlier| &earlier.stored))
    });
    [&approved.stored].into_iter().chain(rare)
}

/// What an item tells of the secrets of the resource that it is.
#[derive(Default)]
pub(super) struct Hidden {
    /// Its names that are secrets, each with what is shown instead.
    names: BTreeMap<String, String>,
    pub(super) tags: bool,
    /// Tags that are secrets each by itself.
    pub(super) single_tags: BTreeSet<String>,
}

impl Hidden {
    pub(super) fn hides(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The id without the parts that are secrets.
    pub(super) fn shown(&self, id: &str) -> String {
        let parts = id.split_inclusive(['/', ':']).flat_map(|part| {
            let name = part.trim_end_matches(['/', ':']);
            let separator = part.get(name.len()..).unwrap_or_default();
            let name = self.names.get(name).map_or(name, String::as_str);
            [name, separator]
        });
        parts.collect()
    }
}

impl Comparer<'_> {
    /// An id or an ARN is no secret, even if a name in it is one: Terraform shows them too.
    pub(super) fn hidden(&self, live: &Live<'_>) -> Hidden {
        let mut hidden = Hidden::default();
        for owner in live
            .owners
            .get()
            .into_iter()
            .flatten()
            .filter_map(|number| self.resource(*number))
        {
            let Some(table) = owner.resource.and_then(|at| self.catalogue.resource(at)) else {
                continue;
            };
            let rows = table.live_slots.iter().enumerate();
            let rows = rows.flat_map(|(row, slots)| slots.iter().map(move |slot| (row, *slot)));
            let keys = table.key_slots.iter().flatten().copied();
            for (slot, live_slot) in rows.chain(keys) {
                hidden.single_tags.extend(hidden_tags(table, owner, slot));
                if !is_secret(table, owner, slot) {
                    continue;
                }
                hidden.tags |= table.form_of(slot) == Form::Tags;
                if let Some(name) = live.text(live_slot) {
                    let digest = self
                        .redactor
                        .secret(Form::Scalar, &Value::from(name.as_str()));
                    let digest: String = digest.to_string().chars().take(8).collect();
                    hidden.names.insert(name, format!("(secret {digest})"));
                }
            }
        }
        hidden
    }

    /// The digest under which an approved key of that text is stored.
    pub(super) fn secret_key(&self, table: &Resource, slot: usize, text: &str) -> String {
        let digest = self
            .redactor
            .secret(table.form_of(slot), &Value::from(text));
        digest.to_string()
    }
}
