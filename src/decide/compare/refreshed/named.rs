//! Attributes that no row of a table tells: as the provider writes them, against the plan where its
//! values are known, else against what the state said before.

use super::attributes::{Own, There};
use super::moved::{Handled, tags, untold};
use super::readings::{has_shadow, read_back};
use super::same::{filled, is_left_open, same};
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

/// One attribute, or a part of it, and how it stands.
#[derive(Clone, Debug)]
pub struct NamedSight {
    pub attribute: AttributePath,
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
    /// Whether it has one writing: that it is another one says enough.
    pub is_plain: bool,
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
        match (self.is_moved || self.is_plain, self.is_settable) {
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
}

impl Looking<'_> {
    /// What the rows did not tell: where the state was behind, and what the plan says where it knows the
    /// values.
    pub(super) fn named(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, handled): (Option<&Resource>, &Handled),
    ) -> Vec<NamedSight> {
        let moved = match self.seen.refresh.drift.get(there.0) {
            Some(Drift::Changed(moved)) => Some(moved),
            Some(Drift::Gone) | None => None,
        };
        let planned = self.seen.approved.get(&own.1.address);
        let mut found = Vec::new();
        for (name, (before, now)) in moved.into_iter().flatten() {
            let sides = (before, now);
            if self.is_echo(there, name, sides) {
                continue;
            }
            match table {
                Some(table) => {
                    let parts = untold(table, handled, name, sides).into_iter();
                    found.extend(parts.map(|(at, before, now)| {
                        self.one(there, at, (&before, &now), (false, true))
                    }));
                }
                None => found.extend(self.moved(there, name, planned, sides)),
            }
        }
        // A type that a table knows is held against its rows.
        let planned = planned.filter(|_| table.is_none());
        for (name, approved) in planned.into_iter().flatten() {
            let moved = moved.and_then(|moved| moved.get(name));
            // What moved is told as such, unless only the writing did.
            let is_told = moved.is_some_and(|(before, now)| {
                !self.has_stayed((there, name), approved, (before, now))
            });
            if !is_told && !has_shadow(there.1, name) {
                found.extend(self.all_along(own, (there, name), approved));
            }
        }
        found
    }

    /// What is not as the state had it.
    fn moved(
        &self,
        there: There<'_>,
        name: &str,
        planned: Option<&Values>,
        (before, now): (&Value, &Value),
    ) -> Vec<NamedSight> {
        let planned = planned.and_then(|planned| planned.get(name));
        let has_stayed =
            planned.is_some_and(|planned| self.has_stayed((there, name), planned, (before, now)));
        if has_shadow(there.1, name) || has_stayed {
            return Vec::new();
        }
        let (before, now) = self.alike(planned.unwrap_or(before), now);
        let parts = match name {
            "tags" | "tags_all" => tags(name, &before, &now),
            other => vec![(AttributePath::root().child(other), before, now)],
        };
        let how = (planned.is_some(), true);
        let parts = parts.into_iter();
        parts
            .map(|(at, before, now)| self.one(there, at, (&before, &now), how))
            .collect()
    }

    /// What the state said all along, beside what the plan approves.
    fn all_along(
        &self,
        own: Own<'_>,
        (there, name): (There<'_>, &str),
        approved: &Value,
    ) -> Vec<NamedSight> {
        let live = there.1.values.get(name).unwrap_or(&Value::Null);
        let approved = match self.seen.left_open.contains(&own.1.address) {
            true => &filled(approved, live),
            false => approved,
        };
        let [approved, live] = [approved, live].map(|own| read_back(there.1, name, own));
        let (approved, live) = self.alike(&approved, &live);
        let parts = match (name, &approved, &live) {
            ("tags" | "tags_all", Value::Map(_), Value::Map(_)) if !same(&approved, &live) => {
                tags(name, &approved, &live)
            }
            _ => vec![(AttributePath::root().child(name), approved, live)],
        };
        let parts = parts.into_iter();
        parts
            .map(|(at, before, now)| self.one(there, at, (&before, &now), (true, false)))
            .collect()
    }

    fn one(
        &self,
        there: There<'_>,
        attribute: AttributePath,
        (approved, live): (&Value, &Value),
        (by_plan, is_moved): (bool, bool),
    ) -> NamedSight {
        let (approved, live) = self.alike(approved, live);
        let tokens: Vec<String> = attribute.tokens().collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let name = tokens.first().copied().unwrap_or_default();
        let is_tag = matches!(name, "tags" | "tags_all") && tokens.len() > 1;
        let place = match is_tag {
            true => tokens.get(..1).unwrap_or_default(),
            false => &tokens,
        };
        NamedSight {
            approved,
            by_plan,
            live,
            is_moved,
            is_settable: (self.seen.is_settable)(&there.1.type_name, place),
            is_written: self.seen.refresh.writes(there.0, name),
            is_plain: is_tag,
            attribute,
        }
    }

    /// Whether all that the plan says is there, and the rest is what the state said before: the
    /// provider writes it otherwise now, and nothing moved.
    fn has_stayed(
        &self,
        (there, name): (There<'_>, &str),
        planned: &Value,
        (before, now): (&Value, &Value),
    ) -> bool {
        let [planned, now] =
            [&filled(planned, before), now].map(|own| read_back(there.1, name, own));
        let (before, now) = self.alike(&planned, &now);
        is_left_open(&before, &now)
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
                    attribute: sight.attribute,
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
                            attribute: Some(sight.attribute),
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
