//! Whether an item that was read again still shows just what a finding says: what a fix by somebody else
//! goes by, who asks nobody what it would change.

use std::collections::BTreeMap;

use crate::decide::compare::Lacking;
use crate::decide::confirm::confirm;
use crate::ingest::config_item::{Item, Status};
use crate::model::{AttributePath, DeviationKind, FixSubject, ProviderId, Value};
use crate::normalise::catalogue::{Catalogue, Config, Resource};
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::Side;
use crate::normalise::path::WHOLE;
use crate::normalise::project::Slots;
use crate::normalise::table::{AttributeRow, Member};

/// What an item says of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fresh {
    AsFound,
    AsApproved,
    /// In words, what is otherwise now. No value is in it.
    Otherwise(String),
    /// Items cannot tell, whenever they are read.
    Untold(String),
}

/// Where AWS Config has what a finding is about: the type of the item.
pub fn config_type<'c>(catalogue: &'c Catalogue, subject: &FixSubject) -> Option<&'c str> {
    let (_, config) = table(catalogue, subject)?;
    Some(&config.config_type)
}

fn table<'c>(catalogue: &'c Catalogue, subject: &FixSubject) -> Option<(&'c Resource, &'c Config)> {
    let resource = catalogue.resource(catalogue.find(subject.type_name.as_str())?)?;
    Some((resource, catalogue.config(resource.config)?))
}

/// Whether an item is the one in which the finding was made.
pub fn is_of(catalogue: &Catalogue, subject: &FixSubject, item: &Item<'_>) -> bool {
    let same = |own: Option<&str>, item: Option<&str>| own.zip(item).is_none_or(|(a, b)| a == b);
    let account = subject.account.as_ref().map(|own| own.as_str());
    let region = subject.region.as_ref().map(|own| own.as_str());
    let names = [
        Some(&*item.resource_id),
        item.arn.as_deref(),
        item.resource_name.as_deref(),
    ];
    let id = subject.provider_id.as_ref().map(ProviderId::as_str);
    config_type(catalogue, subject) == Some(&*item.resource_type)
        && same(account, item.account.as_deref())
        && same(region, item.region.as_deref())
        && id.is_some()
        && names.contains(&id)
}

/// Holds an item against a finding. `approved` is the whole resource as its plan approves it, in the words
/// of Terraform.
pub fn fresh(
    catalogue: &Catalogue,
    subject: &FixSubject,
    approved: &Value,
    item: &Item<'_>,
) -> Fresh {
    match item.status {
        Status::Present => {}
        Status::Deleted => return otherwise("what it is about is deleted"),
        Status::NotRecorded => return otherwise("AWS Config recorded nothing of it"),
    }
    let Some((resource, config)) = table(catalogue, subject) else {
        return Fresh::Untold("no table has its type".to_owned());
    };
    let mut slots = config.projection.empty_slots();
    for (name, raw) in &item.members {
        if let Err(error) = config.projection.read_member(name, raw, &mut slots) {
            return Fresh::Otherwise(format!("its item cannot be read: {error}"));
        }
    }
    let side = Side::Live {
        own_id: &item.resource_id,
        own_account: item.account.as_deref().unwrap_or_default(),
    };
    let shown = Lacking {
        config,
        item,
        slots: &slots,
        side,
    };
    match subject.kind {
        DeviationKind::Changed => changed(catalogue, (subject, approved), resource, shown),
        DeviationKind::Missing => missing(approved, resource, shown),
        DeviationKind::Unmanaged
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => {
            Fresh::Untold("it is neither set back nor put back".to_owned())
        }
    }
}

fn otherwise(what: &str) -> Fresh {
    Fresh::Otherwise(what.to_owned())
}

/// Of a part of an item alone can be told that it is gone while its owner is there.
fn missing(approved: &Value, resource: &Resource, shown: Lacking<'_>) -> Fresh {
    match &resource.table.member {
        Member::Part { at, absent } => match part(resource, shown.slots) {
            None if shown.has_lost(at, *absent) => Fresh::AsFound,
            None => otherwise("its item does not carry it"),
            Some(_) if is_as_approved(approved, resource, shown) => Fresh::AsApproved,
            Some(_) => otherwise("it is there again"),
        },
        Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => {
            Fresh::Untold("it is no part of something that is there".to_owned())
        }
    }
}

/// The part that is the resource, where it is there.
fn part<'s>(resource: &Resource, slots: &'s Slots<'_>) -> Option<&'s str> {
    let raw = slots.get(resource.member_slot?)?.as_deref()?;
    (!matches!(raw, "null" | "\"\"" | "[]")).then_some(raw)
}

fn changed(
    catalogue: &Catalogue,
    (subject, approved): (&FixSubject, &Value),
    resource: &Resource,
    shown: Lacking<'_>,
) -> Fresh {
    let is_part = matches!(resource.table.member, Member::Part { .. });
    if is_part && part(resource, shown.slots).is_none() {
        return otherwise("it is gone as a whole");
    }
    let Some(attribute) = &subject.attribute else {
        return Fresh::Untold("it names no attribute".to_owned());
    };
    let rows = resource.table.attributes.iter().enumerate();
    let mut rows = rows.filter(|(_, row)| row.pointer == *attribute);
    let Some((at, row)) = rows.next() else {
        return Fresh::Untold(format!(
            "the table of its type has no row for `{attribute}`"
        ));
    };
    let live = match live(resource, at, row, shown) {
        Ok(live) => live,
        Err(why) => return Fresh::Otherwise(why),
    };
    if is_equal(row, approved, &live) {
        return Fresh::AsApproved;
    }
    match confirm(catalogue, subject, &at_place(&row.pointer, live), approved) {
        Ok(()) => Fresh::AsFound,
        Err(why) => Fresh::Otherwise(why),
    }
}

/// Whether all that is approved of it is so.
fn is_as_approved(approved: &Value, resource: &Resource, shown: Lacking<'_>) -> bool {
    let rows = resource.table.attributes.iter().enumerate();
    let mut set = rows
        .filter(|(_, row)| {
            let own = approved.at(row.pointer.tokens());
            own.is_some_and(|own| *own != Value::Null)
        })
        .peekable();
    set.peek().is_some()
        && set.all(|(at, row)| {
            live(resource, at, row, shown).is_ok_and(|live| is_equal(row, approved, &live))
        })
}

fn is_equal(row: &AttributeRow, approved: &Value, live: &Value) -> bool {
    let own = approved.at(row.pointer.tokens()).unwrap_or(&Value::Null);
    let text = serde_json::to_string(own).unwrap_or_default();
    let own = row.form.value(&text, &WHOLE, Side::Approved);
    own.is_ok_and(|own| {
        let compared = compare(row.form, &row.values, &row.pointer, &own, live);
        matches!(compared, Outcome::Equal(_))
    })
}

/// What the item shows for a row, in the row's form.
fn live(
    resource: &Resource,
    at: usize,
    row: &AttributeRow,
    shown: Lacking<'_>,
) -> Result<Value, String> {
    let alternatives = resource.live_slots.get(at).into_iter().flatten();
    let mut found = alternatives
        .zip(&row.live)
        .filter_map(|(slot, path)| Some((shown.slots.get(*slot)?.as_deref()?, path)));
    let (raw, path) = match found.next() {
        Some(found) => found,
        None if shown.sets_nothing(row) => ("null", &WHOLE),
        None => return Err(format!("its item does not carry `{}`", row.pointer)),
    };
    let read = row.form.value(raw, path, shown.side);
    read.map_err(|error| format!("`{}` cannot be read: {error}", row.pointer))
}

/// A resource that has nothing but this value.
fn at_place(pointer: &AttributePath, value: Value) -> Value {
    let tokens: Vec<_> = pointer.tokens().collect();
    let within = tokens.into_iter().rev();
    within.fold(value, |value, token| {
        Value::Map(BTreeMap::from([(token.to_string(), value)]))
    })
}

#[cfg(test)]
mod tests;
