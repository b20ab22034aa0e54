//! What a row of an owner shows, and who tells it: one resource that is a part of the owner, or several
//! of which each is an element of a list.

use std::collections::{BTreeMap, BTreeSet};

use super::shared;
use super::visible::in_form;
use crate::decide::compare::{direction_of, put};
use crate::decide::shows::{Each, is_same_element};
use crate::model::{Deviation, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::security_group::{Direction, Rules};
use crate::normalise::table::AttributeRow;

/// One who has something to tell.
pub(super) struct Teller<'a> {
    pub(super) name: String,
    pub(super) table: &'a Resource,
    /// As approved; null of what nobody approved.
    pub(super) values: &'a Value,
    pub(super) says: Says<'a>,
}

pub(super) enum Says<'a> {
    Missing,
    Changed(Vec<&'a Deviation>),
    Unmanaged(&'a Deviation),
}

/// What the owner is called.
type Called = BTreeSet<Vec<String>>;

/// Who tells what differs in the row, if all of it is told.
pub(super) fn told(
    row: &AttributeRow,
    (approved, live): (&Value, &Value),
    tellers: &[Teller<'_>],
    called: &Called,
) -> Option<BTreeSet<String>> {
    let sides = (in_form(row, approved)?, in_form(row, live)?);
    if let Some(direction) = Direction::of(row.form) {
        return rules(direction, &sides, tellers, called);
    }
    let mut parts = tellers
        .iter()
        .filter(|own| shared::is_told(row, &sides, own));
    match (parts.next(), parts.next()) {
        (Some(one), None) => Some(BTreeSet::from([one.name.clone()])),
        (Some(_), Some(_)) => None,
        (None, _) => elements(row, &sides, tellers, called),
    }
}

/// What is on one side only, taken off by those who tell it.
struct Left<T> {
    removed: Vec<T>,
    added: Vec<T>,
    by: BTreeSet<String>,
}

impl<T> Left<T> {
    fn take(&mut self, name: &str, gone: &[T], come: &[T], same: impl Fn(&T, &T) -> bool) {
        let before = self.removed.len() + self.added.len();
        self.removed
            .retain(|own| !gone.iter().any(|other| same(own, other)));
        self.added
            .retain(|own| !come.iter().any(|other| same(own, other)));
        if self.removed.len() + self.added.len() < before {
            self.by.insert(name.to_owned());
        }
    }

    fn all_told(self) -> Option<BTreeSet<String>> {
        let is_told = self.removed.is_empty() && self.added.is_empty() && !self.by.is_empty();
        is_told.then_some(self.by)
    }
}

fn elements(
    row: &AttributeRow,
    (approved, live): &(Value, Value),
    tellers: &[Teller<'_>],
    called: &Called,
) -> Option<BTreeSet<String>> {
    let same = |one: &Value, other: &Value| is_same_element(row, one, other);
    let list = |own: &Value| own.as_list().map(<[Value]>::to_vec).unwrap_or_default();
    let only = |one: &Value, other: &Value| {
        let other = list(other);
        let own = list(one).into_iter();
        own.filter(|own| !other.iter().any(|other| same(own, other)))
            .collect()
    };
    let mut left = Left {
        removed: only(approved, live),
        added: only(live, approved),
        by: BTreeSet::new(),
    };
    for teller in tellers {
        let Some(each) = Each::of(row, teller.table) else {
            continue;
        };
        let (gone, come) = match &teller.says {
            Says::Missing => (each.element(teller.values), Vec::new()),
            Says::Changed(found) => (
                each.element(teller.values),
                each.element(&changed(teller.values, found)),
            ),
            Says::Unmanaged(found) => (Vec::new(), each.unmanaged(found, called)),
        };
        left.take(&teller.name, &gone, &come, same);
    }
    left.all_told()
}

/// The values with what is told of them. Of a list only the elements that differ are told.
fn changed(values: &Value, found: &[&Deviation]) -> Value {
    let mut changed = values.clone();
    for own in found {
        let Some(attribute) = &own.attribute else {
            continue;
        };
        let tokens: Vec<String> = attribute.tokens().collect();
        let was = changed.at(&tokens).and_then(Value::as_list);
        let now = match (was, own.approved.as_list(), own.live.as_list()) {
            (Some(was), Some(gone), Some(come)) => {
                let kept = was.iter().filter(|one| !gone.contains(one));
                Value::List(kept.chain(come).cloned().collect())
            }
            _ => own.live.clone(),
        };
        put(&mut changed, &tokens, now);
    }
    changed
}

/// Rules of a security group, each taken apart.
fn rules(
    direction: Direction,
    (approved, live): &(Value, Value),
    tellers: &[Teller<'_>],
    called: &Called,
) -> Option<BTreeSet<String>> {
    let inline = |own: &Value| match own {
        Value::Null => Some(Rules::default()),
        other => Rules::from_inline(other).ok(),
    };
    let (approved, live) = (inline(approved)?, inline(live)?);
    let list = |rules: Rules| rules.0.into_iter().collect::<Vec<_>>();
    let mut left = Left {
        removed: list(approved.without(&live)),
        added: list(live.without(&approved)),
        by: BTreeSet::new(),
    };
    let group = called.iter().find_map(|parts| parts.first())?;
    let of = |values: &Value| {
        let none = BTreeMap::new();
        let values = values.as_map().unwrap_or(&none);
        Rules::from_resource(values, group).unwrap_or_default()
    };
    let is_of = |teller: &&Teller<'_>| {
        let values = match &teller.says {
            Says::Unmanaged(found) => &found.live,
            Says::Missing | Says::Changed(_) => teller.values,
        };
        let values = values.as_map();
        values.is_some_and(|values| direction_of(teller.table, values) == Some(direction))
    };
    for teller in tellers.iter().filter(is_of) {
        let (before, after) = match &teller.says {
            Says::Missing => (of(teller.values), Rules::default()),
            Says::Changed(found) => (of(teller.values), of(&changed(teller.values, found))),
            Says::Unmanaged(found) => (Rules::default(), of(&found.live)),
        };
        let (gone, come) = (before.without(&after), after.without(&before));
        left.take(&teller.name, &list(gone), &list(come), PartialEq::eq);
    }
    left.all_told()
}
