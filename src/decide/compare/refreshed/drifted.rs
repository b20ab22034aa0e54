//! What moved since the state was written, and what the state said all along and no plan approves:
//! of attributes that no row compares.

use super::attributes::{Own, There};
use super::moved::{Handled, Moved, tags, untold};
use super::readings::{has_shadow, read_back};
use super::same::{filled, is_left_open, same};
use super::{Looking, Told, Unclear};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::compare::{Found, millis};
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

impl Looking<'_> {
    /// Where the state was behind, but for what the rows told.
    pub(super) fn drifted(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, handled): (Option<&Resource>, &Handled),
        approved: Option<&Values>,
        told: &mut Told,
    ) {
        let Some(Drift::Changed(moved)) = self.seen.refresh.drift.get(there.0) else {
            return;
        };
        for (name, (before, now)) in moved {
            if self.is_echo(there, name, (before, now)) {
                continue;
            }
            if let Some(table) = table {
                for moved in untold(table, handled, name, (before, now)) {
                    self.differs(own, there, moved, true, told);
                }
                continue;
            }
            let planned = approved.and_then(|approved| approved.get(name));
            if has_shadow(there.1, name)
                || planned
                    .is_some_and(|planned| self.has_stayed((there, name), planned, before, now))
            {
                continue;
            }
            let (before, now) = self.alike(planned.unwrap_or(before), now);
            let moved = match &**name {
                "tags" | "tags_all" => tags(name, &before, &now),
                other => vec![(AttributePath::root().child(other), before, now)],
            };
            for moved in moved {
                self.differs(own, there, moved, planned.is_none(), told);
            }
        }
    }

    /// One place that is not as it was. Whether what is approved of it is known from the state alone.
    fn differs(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (attribute, before, now): Moved,
        is_by_state: bool,
        told: &mut Told,
    ) {
        let (before, now) = self.alike(&before, &now);
        if same(&before, &now) {
            return;
        }
        let tokens: Vec<_> = attribute.tokens().collect();
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let Some(name) = tokens.first() else { return };
        let place = match *name {
            "tags" | "tags_all" => tokens.get(..1).unwrap_or_default(),
            _ => &tokens,
        };
        let is_settable = (self.seen.is_settable)(&there.1.type_name, place);
        let writes = || self.seen.refresh.writes(there.0, name).then_some(true);
        match is_settable.or_else(writes) {
            Some(false) => {}
            None => told.unclear.push(Unclear {
                resource: own.0,
                attribute,
                why: NO_SCHEMA.to_owned(),
            }),
            Some(true) => {
                let mut base = self.base(own, there);
                if is_by_state {
                    base.notes.push(BY_STATE.to_owned());
                }
                told.differences.push(Found {
                    resource: own.0,
                    time: millis(Some(self.seen.now)),
                    deviation: Deviation {
                        attribute: Some(attribute),
                        approved: before,
                        live: now,
                        pending: pending(own.1),
                        ..base
                    },
                });
            }
        }
    }

    /// What the state said all along, and is not what the plan approves.
    pub(super) fn against_plan(
        &self,
        own: Own<'_>,
        there: There<'_>,
        approved: &Values,
        told: &mut Told,
    ) {
        let drift = self.seen.refresh.drift.get(there.0);
        let moved = match drift {
            Some(Drift::Changed(moved)) => Some(moved),
            Some(Drift::Gone) | None => None,
        };
        // What moved was told as such, unless only the writing did.
        let is_drifted = |name: &str, approved: &Value| {
            let moved = moved.and_then(|moved| moved.get(name));
            moved
                .is_some_and(|(before, now)| !self.has_stayed((there, name), approved, before, now))
        };
        for (name, approved) in approved {
            let is_drifted = is_drifted(name, approved);
            let live = there.1.values.get(name).unwrap_or(&Value::Null);
            let approved = match self.seen.left_open.contains(&own.1.address) {
                true => &filled(approved, live),
                false => approved,
            };
            let [approved, live] = [approved, live].map(|own| read_back(there.1, name, own));
            let (approved, live) = self.alike(&approved, &live);
            let is_own = (self.seen.is_settable)(&there.1.type_name, &[name]) == Some(false)
                || has_shadow(there.1, name);
            if is_drifted || is_own || is_left_open(&approved, &live) {
                continue;
            }
            // Tags have one writing.
            if let ("tags" | "tags_all", Value::Map(_), Value::Map(_)) = (&**name, &approved, &live)
            {
                for moved in tags(name, &approved, &live) {
                    self.differs(own, there, moved, false, told);
                }
                continue;
            }
            told.unclear.push(Unclear {
                resource: own.0,
                attribute: AttributePath::root().child(name),
                why: OTHER_VALUE.to_owned(),
            });
        }
    }

    /// Whether all that the plan says is there, and the rest is what the state said before: the
    /// provider writes it otherwise now, and nothing moved.
    fn has_stayed(
        &self,
        (there, name): (There<'_>, &str),
        planned: &Value,
        before: &Value,
        now: &Value,
    ) -> bool {
        let [planned, now] =
            [&filled(planned, before), now].map(|own| read_back(there.1, name, own));
        let (before, now) = self.alike(&planned, &now);
        is_left_open(&before, &now)
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
