//! Attributes that no row of a table tells: as the provider writes them, against the plan where its
//! values are known, else against what the state said before.

use std::collections::BTreeSet;

use super::attributes::{Own, There};
use super::same::{is_left_open, same};
use super::{Looking, Told, Unclear};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::compare::{Fate, Found, millis};
use crate::ingest::plan::{Drift, PlannedAction, Values};
use crate::model::{AttributePath, Deviation, PendingView, Relation, Value};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::nothing;
use crate::normalise::form::Form;

const NO_SCHEMA: &str = "it is not what the state said before, and nothing tells whether anybody but \
    the provider sets it: the configuration does not write it by name, and no schema of the provider \
    is given";
const OTHER_VALUE: &str = "it is not what the plan approves, the state said so before, and no mapping \
    table tells whether the two values are the same";
const BY_STATE: &str = "the approved value is what the state said before it was refreshed";

/// One attribute of the top level, by its name, and how it stands.
#[derive(Clone, Debug)]
pub struct NamedSight {
    pub name: Box<str>,
    pub approved: Value,
    /// Whether a plan says what is approved; else the state as it was before.
    pub by_plan: bool,
    pub live: Value,
    /// Whether the state was behind.
    pub is_moved: bool,
    /// Whether anybody but the provider sets it, as a schema has it.
    pub is_settable: Option<bool>,
    /// Whether the configuration writes it by its name.
    pub is_written: bool,
}

/// What comes of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedSays {
    Same,
    /// Nobody wrote it, and the provider shows that it is off.
    LeftOpen,
    /// Only the provider sets it.
    Providers,
    Differs,
    /// Nothing tells, for this reason.
    Unclear(&'static str),
}

impl NamedSight {
    pub fn says(&self) -> NamedSays {
        let is_settable = self.is_settable.or(self.is_written.then_some(true));
        match (self.is_moved, self.is_settable) {
            _ if same(&self.approved, &self.live) => NamedSays::Same,
            (false, Some(false)) => NamedSays::Providers,
            (false, _) if is_left_open(&self.approved, &self.live) => NamedSays::LeftOpen,
            (false, _) => NamedSays::Unclear(OTHER_VALUE),
            (true, _) => match is_settable {
                Some(true) => NamedSays::Differs,
                Some(false) => NamedSays::Providers,
                None => NamedSays::Unclear(NO_SCHEMA),
            },
        }
    }

    fn attribute(&self) -> AttributePath {
        AttributePath::root().child(&self.name)
    }
}

impl Looking<'_> {
    /// Each attribute that the rows did not tell, by its name: where the state was behind, and what the
    /// plan says where it knows the values.
    pub(super) fn named(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, handled): (Option<&Resource>, &BTreeSet<usize>),
    ) -> Vec<NamedSight> {
        let planned = self.seen.approved.get(&own.1.address);
        let moved = match self.seen.refresh.drift.get(there.0) {
            Some(Drift::Changed(moved)) => Some(moved),
            Some(Drift::Gone) | None => None,
        };
        let is_told = |name: &str| table.is_some_and(|table| is_told(table, handled, name));
        let drifted = moved.into_iter().flatten();
        let drifted = drifted.filter(|(name, _)| !is_told(name));
        let drifted = drifted.map(|(name, (before, now))| {
            let planned = planned.and_then(|planned| planned.get(name));
            let sides = (planned.unwrap_or(before), now);
            self.one(there, name, sides, (planned.is_some(), true))
        });
        // A type that a table knows is held against its rows.
        let all = planned.filter(|_| table.is_none()).into_iter().flatten();
        let others = all.filter(|(name, _)| !moved.is_some_and(|moved| moved.contains_key(*name)));
        let others = others.map(|(name, planned)| {
            let live = there.1.values.get(name).unwrap_or(&Value::Null);
            self.one(there, name, (planned, live), (true, false))
        });
        drifted.chain(others).collect()
    }

    fn one(
        &self,
        there: There<'_>,
        name: &str,
        (approved, live): (&Value, &Value),
        (by_plan, is_moved): (bool, bool),
    ) -> NamedSight {
        let (approved, live) = self.alike(approved, live);
        NamedSight {
            name: name.into(),
            approved,
            by_plan,
            live,
            is_moved,
            is_settable: (self.seen.is_settable)(&there.1.type_name, name),
            is_written: self.seen.refresh.writes(there.0, name),
        }
    }

    /// What they tell of the resource.
    pub(super) fn by_name(
        &self,
        own: Own<'_>,
        there: There<'_>,
        all: Vec<NamedSight>,
        told: &mut Told,
    ) {
        for sight in all {
            match sight.says() {
                NamedSays::Same | NamedSays::LeftOpen | NamedSays::Providers => {}
                NamedSays::Unclear(why) => told.unclear.push(Unclear {
                    resource: own.0,
                    attribute: sight.attribute(),
                    why: why.to_owned(),
                }),
                NamedSays::Differs => {
                    let mut base = self.base(own, there);
                    if !sight.by_plan {
                        base.notes.push(BY_STATE.to_owned());
                    }
                    told.differences.push(Found {
                        resource: own.0,
                        time: millis(Some(self.seen.now)),
                        deviation: Deviation {
                            attribute: Some(sight.attribute()),
                            approved: sight.approved,
                            live: sight.live,
                            pending: pending(own.1),
                            ..base
                        },
                    });
                }
            }
        }
    }

    /// What is approved of a type that no reviewed table knows was compared, but for what is unclear.
    pub(super) fn note_named(&self, number: u32, approved: &Values, told: &mut Told) {
        if !self.watches {
            return;
        }
        for name in approved.keys() {
            let attribute = AttributePath::root().child(name);
            let unclear = told.unclear.iter().rev();
            let mut unclear = unclear.take_while(|own| own.resource == number);
            let is_unclear = unclear.any(|own| own.attribute == attribute);
            let fate = match is_unclear {
                true => Fate::NotComparable,
                false => Fate::Equal,
            };
            told.named.push((number, name.clone(), fate));
        }
    }

    /// Two values, both as digests where one of them is a secret.
    fn alike(&self, one: &Value, other: &Value) -> (Value, Value) {
        let redactor = self.comparer.redactor;
        let secret = |value: &Value| redactor.secret(Form::Json, value);
        // What is set to nothing is no secret.
        let open = |value: &Value| match value {
            Value::Sensitive(digest) if nothing().iter().any(|one| secret(one) == *digest) => {
                Value::Null
            }
            other => other.clone(),
        };
        let (one, other) = (&open(one), &open(other));
        let hidden = |value: &Value, other: &Value| match (value, other) {
            (Value::Sensitive(_) | Value::Null, _) => value.clone(),
            (_, Value::Sensitive(_)) => Value::Sensitive(secret(value)),
            (_, _) => value.clone(),
        };
        (hidden(one, other), hidden(other, one))
    }
}

/// Whether a row of the table told of the attribute, or something else tells of it.
fn is_told(table: &Resource, handled: &BTreeSet<usize>, name: &str) -> bool {
    let name = match name {
        "tags" => "tags_all",
        other => other,
    };
    let rows = table.table.attributes.iter().enumerate();
    let mut rows = rows.filter(|(slot, _)| handled.contains(slot));
    rows.any(|(_, row)| row.pointer.tokens().next().as_deref() == Some(name))
}

/// How the value stands to plans whose values nobody keeps: it is not the baseline's.
fn pending(resource: &ApprovedResource) -> Vec<PendingView> {
    let pending = resource.rare.iter().flat_map(|rare| &rare.pending);
    let views = pending.filter_map(|plan: &Pending| {
        let relation = match plan.action {
            PlannedAction::Create => Relation::Neither,
            PlannedAction::Update | PlannedAction::Replace => Relation::Unknown,
            PlannedAction::NoOp | PlannedAction::Delete | PlannedAction::Forget => return None,
        };
        let plan = plan.plan;
        Some(PendingView { plan, relation })
    });
    views.collect()
}
