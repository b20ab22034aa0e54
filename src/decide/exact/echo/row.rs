//! What a row of an owner shows, and who tells it: one resource that is a part of the owner, or several
//! of which each is an element of a list.

use std::collections::{BTreeMap, BTreeSet};

use super::held::text;
use super::shared;
use super::visible::{in_form, is_nothing};
use crate::decide::compare::{id_within, put};
use crate::model::{Deviation, ProviderId, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::{Form, Side};
use crate::normalise::path::{Path, find};
use crate::normalise::security_group::Rules;
use crate::normalise::table::{AttributeRow, KeyPair, Member};

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
    if matches!(row.form, Form::IngressRules | Form::EgressRules) {
        return rules(&sides, tellers, called);
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
    let same = |one: &Value, other: &Value| {
        let list = |own: &Value| Value::List(vec![own.clone()]);
        let found = compare(
            row.form,
            &row.values,
            &row.pointer,
            &list(one),
            &list(other),
        );
        matches!(found, Outcome::Equal(_))
    };
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
        let Some(each) = Each::of(row, teller.table, called) else {
            continue;
        };
        let (gone, come) = match &teller.says {
            Says::Missing => (each.element(teller.values), Vec::new()),
            Says::Changed(found) => (
                each.element(teller.values),
                each.element(&changed(teller.values, found)),
            ),
            Says::Unmanaged(found) => (Vec::new(), each.unmanaged(found)),
        };
        left.take(&teller.name, &gone, &come, same);
    }
    left.all_told()
}

/// A type whose resources are elements of what the row shows.
struct Each<'a> {
    row: &'a AttributeRow,
    table: &'a Resource,
    element: &'a [Vec<KeyPair>],
    path: &'a Path,
    called: &'a Called,
}

impl<'a> Each<'a> {
    fn of(row: &'a AttributeRow, table: &'a Resource, called: &'a Called) -> Option<Self> {
        let Member::Each { at, element } = &table.table.member else {
            return None;
        };
        let mut paths = row.live.iter();
        Some(Self {
            row,
            table,
            element,
            path: paths.find(|path| path.captured == at.captured)?,
            called,
        })
    }

    /// What the owner's row shows of such a resource: its values by the names of the cloud, read as
    /// an item's are.
    fn element(&self, values: &Value) -> Vec<Value> {
        let mut item = Value::Null;
        let pairs = self.element.iter().flatten();
        let pairs = pairs.map(|pair| (&pair.approved, &pair.live, None));
        let rows = self.table.table.attributes.iter();
        let rows = rows.filter_map(|own| Some((&own.approved, own.live.first()?, Some(own))));
        for (own, path, row) in pairs.chain(rows) {
            let value = find(values, &own.captured).filter(|own| !is_nothing(own));
            if let Some(value) = value {
                let tokens: Vec<String> = path.captured.iter().map(ToString::to_string).collect();
                put(&mut item, &tokens, in_words(row, value));
            }
        }
        let side = Side::Live {
            own_id: "",
            own_account: "",
        };
        let text = serde_json::to_string(&Value::List(vec![item])).unwrap_or_default();
        let read = self.row.form.value(&text, self.path, side).ok();
        let read = read.as_ref().and_then(Value::as_list);
        read.map(<[Value]>::to_vec).unwrap_or_default()
    }

    /// What nobody approved: its id has its key, in one of the ways in which it may be written.
    fn unmanaged(&self, found: &Deviation) -> Vec<Value> {
        let id = found.provider_id.as_ref().map_or("", ProviderId::as_str);
        let owners = self.called.iter().filter_map(|parts| parts.first());
        let keys = owners.filter_map(|owner| {
            let before = id_within(self.table, owner, &[]);
            id.strip_prefix(before.as_str())
        });
        let keys: Vec<&str> = keys.collect();
        let ways = self.element.iter().filter_map(|pairs| match &**pairs {
            [only] => Some(only),
            [] | [_, _, ..] => None,
        });
        let values = ways.flat_map(|pair| {
            let tokens: Vec<String> = pair
                .approved
                .captured
                .iter()
                .map(ToString::to_string)
                .collect();
            keys.iter().map(move |key| {
                let mut values = found.live.clone();
                put(&mut values, &tokens, Value::from(*key));
                values
            })
        });
        values.flat_map(|values| self.element(&values)).collect()
    }
}

/// Terraform's word by the cloud's, where they have one each.
fn in_words(row: Option<&AttributeRow>, value: &Value) -> Value {
    let own = text(value);
    let words = row.into_iter().flat_map(|row| &row.values);
    let mut words = words.filter(|(_, approved)| Some(*approved) == own.as_ref());
    match words.next() {
        Some((live, _)) => Value::from(live.as_str()),
        None => value.clone(),
    }
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
    for teller in tellers {
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
