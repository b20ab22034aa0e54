//! Attributes that no row of a table tells: as the provider writes them, against the plan where its
//! values are known, else against what the state said before.

mod sight;

pub use self::sight::{NamedSays, NamedSight};
use super::attributes::{Own, Says, There, both};
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

const BY_STATE: &str = "the approved value is what the state said before it was refreshed";

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
                    found.extend(self.opaque(own, there, (table, handled), (name, sides)));
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

    /// An attribute that is a digest as a whole, because something in it can be a secret, where rows tell
    /// parts of it and none of these is another.
    fn opaque(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, handled): (&Resource, &Handled),
        (name, sides): (&str, (&Value, &Value)),
    ) -> Option<NamedSight> {
        let is_hidden = matches!(sides, (Value::Sensitive(_), _) | (_, Value::Sensitive(_)));
        if !is_hidden || handled.apart.contains(name) {
            return None;
        }
        let (_, attributes) = there.1.mapped.as_ref()?;
        let rows = both(own.1, attributes).filter_map(|(value, live)| {
            let row = table.table.attributes.get(value.slot)?;
            let mut tokens = row.pointer.tokens();
            let is_within = tokens.next()? == name && tokens.next().is_some();
            is_within.then(|| self.says(own, (table, row), value, live))
        });
        let rows: Vec<Says> = rows.collect();
        let tells = |says: &Says| match says {
            Says::Held(placed) => !placed.is_empty(),
            Says::NotComparable(_) => true,
            Says::Beside(_) | Says::NotTold | Says::StandsBack => false,
        };
        let is_opaque = !rows.is_empty() && !rows.iter().any(tells);
        is_opaque.then(|| NamedSight {
            is_opaque,
            ..self.one(
                there,
                AttributePath::root().child(name),
                sides,
                (false, true),
            )
        })
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
            is_opaque: false,
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
