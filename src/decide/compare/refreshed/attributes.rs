//! The attributes of one resource that is there: against its approved values, row by row where a
//! reviewed table knows its type, else by what the state was behind in.

use std::collections::BTreeSet;

use super::moved::{Handled, Moved, tags, untold};
use super::same::{filled, is_left_open, same};
use super::{Looking, Told, Unclear};
use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::compare::against::Against;
use crate::decide::compare::secrets::{hidden_tags, is_secret};
use crate::decide::compare::{Fate, Found, live::arn_place, millis};
use crate::decide::value::{Other, Why, stands_back, unreadable};
use crate::ingest::attributes::Attributes;
use crate::ingest::plan::{Drift, PlannedAction, RefreshedResource, Values};
use crate::ingest::stored::StoredValue;
use crate::model::{
    AccountId, Address, AttributePath, Deviation, DeviationKind, Fidelity, PendingView, ProviderId,
    Region, Relation, TypeName, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::nothing;
use crate::normalise::form::Form;
use crate::normalise::table::AttributeRow;

const NO_SCHEMA: &str = "it is not what the state said before, and nothing tells whether anybody but \
    the provider sets it: the configuration does not write it by name, and no schema of the provider \
    is given";
const OTHER_VALUE: &str = "it is not what the plan approves, the state said so before, and no mapping \
    table tells whether the two values are the same";
const BY_STATE: &str = "the approved value is what the state said before it was refreshed";

/// A resource as it is approved, by number, and as it is there, by address.
pub(super) type Own<'o> = (u32, &'o ApprovedResource);
pub(super) type There<'o> = (&'o str, &'o RefreshedResource);

impl Looking<'_> {
    pub(super) fn attributes(&self, own: Own<'_>, there: There<'_>, told: &mut Told) {
        let (_, resource) = own;
        let mapped = there.1.mapped.as_ref();
        let mapped = mapped.filter(|(at, _)| Some(*at) == resource.resource);
        let table = mapped.and_then(|(at, _)| self.comparer.catalogue.resource(*at));
        let mut handled = Handled::default();
        if let (Some((_, attributes)), Some(table)) = (mapped, table) {
            self.rows(own, there, (table, attributes), &mut handled, told);
        }
        let approved = self.seen.approved.get(&resource.address);
        self.drifted(own, there, (table, &handled), approved, told);
        if let (None, Some(approved)) = (mapped, approved) {
            self.against_plan(own, there, approved, told);
            self.note_named(own.0, approved, told);
        }
    }

    /// Row by row. Notes which rows need no other judgement.
    fn rows(
        &self,
        own: Own<'_>,
        there: There<'_>,
        (table, attributes): (&Resource, &Attributes),
        handled: &mut Handled,
        told: &mut Told,
    ) {
        let (number, resource) = own;
        for value in resource.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let Some(live) = attributes.stored.get(value.slot) else {
                continue;
            };
            handled.rows.insert(value.slot);
            let redactor = self.comparer.redactor;
            if self.is_owned_apart(number, row) {
                handled.apart.extend(row.pointer.tokens().next());
                self.added_beside(own, there, (table, row), (value, live), told);
                continue;
            }
            if stands_back(table, value.slot, &resource.stored, redactor) {
                continue;
            }
            match self.row(resource, (table, row), value, live) {
                Ok(found) => {
                    told.compared.insert((number, value.slot));
                    let found = found.into_iter().map(|placed| Found {
                        resource: number,
                        time: millis(Some(self.seen.now)),
                        deviation: placed.deviation(self.base(own, there), Vec::new()),
                    });
                    told.differences.extend(found);
                }
                Err(why) => {
                    self.note_fate(number, value.slot, Fate::NotComparable, told);
                    told.unclear.push(Unclear {
                        resource: number,
                        attribute: row.pointer.clone(),
                        why: why.into_owned(),
                    });
                }
            }
        }
    }

    pub(super) fn note_fate(&self, number: u32, slot: usize, fate: Fate, told: &mut Told) {
        if self.watches {
            told.fates.push((number, slot, fate));
        }
    }

    /// What is approved of a type that no reviewed table knows was compared, but for what is unclear.
    fn note_named(&self, number: u32, approved: &Values, told: &mut Told) {
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

    fn row(
        &self,
        approved: &ApprovedResource,
        (table, row): (&Resource, &AttributeRow),
        value: StoredValue<'_>,
        live: StoredValue<'_>,
    ) -> Result<Vec<crate::decide::compare::against::Placed>, Why> {
        let redactor = self.comparer.redactor;
        let is_secret = is_secret(table, approved, value.slot) || live.sensitive;
        let hidden = hidden_tags(table, approved, value.slot);
        let live = Other::stored(row, live, is_secret, redactor);
        let live = live.map_err(|error| unreadable("live", &error))?;
        let against = Against {
            approved,
            row,
            live: &live.hiding(&hidden, redactor),
            is_secret,
            hidden: &hidden,
            redactor,
            principals: &self.comparer.principals,
        };
        against.placed(value)
    }

    /// Where the state was behind, but for what the rows told.
    fn drifted(
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
                || planned.is_some_and(|planned| self.has_stayed(planned, before, now))
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
    fn against_plan(&self, own: Own<'_>, there: There<'_>, approved: &Values, told: &mut Told) {
        let drift = self.seen.refresh.drift.get(there.0);
        let moved = match drift {
            Some(Drift::Changed(moved)) => Some(moved),
            Some(Drift::Gone) | None => None,
        };
        // What moved was told as such, unless only the writing did.
        let is_drifted = |name: &str, approved: &Value| {
            let moved = moved.and_then(|moved| moved.get(name));
            moved.is_some_and(|(before, now)| !self.has_stayed(approved, before, now))
        };
        for (name, approved) in approved {
            let is_drifted = is_drifted(name, approved);
            let live = there.1.values.get(name).unwrap_or(&Value::Null);
            let (approved, live) = self.alike(approved, live);
            let is_own = (self.seen.is_settable)(&there.1.type_name, &[name]) == Some(false)
                || has_shadow(there.1, name);
            if is_drifted || is_own || is_left_open(&approved, &live) {
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
    fn has_stayed(&self, planned: &Value, before: &Value, now: &Value) -> bool {
        let (before, now) = self.alike(&filled(planned, before), now);
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

    /// A deviation of the resource, without what makes it one.
    pub(super) fn base(&self, (_, resource): Own<'_>, (_, there): There<'_>) -> Deviation {
        let text = |name: &str| there.values.get(name).and_then(Value::as_str);
        let arn = text("arn").unwrap_or_default();
        let (account, region) = arn_place(arn);
        let names = ["id", "arn", "name"];
        let subjects: BTreeSet<&str> = names.into_iter().filter_map(text).collect();
        let tags = there.values.get("tags_all").or(there.values.get("tags"));
        let tags = tags.and_then(Value::as_map).into_iter().flatten();
        let tags = tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        Deviation {
            kind: DeviationKind::Changed,
            workspace: Some(self.seen.workspace.clone()),
            address: Some(Address::from(&*resource.address)),
            type_name: TypeName::from(&*there.type_name),
            provider_id: text("id").map(ProviderId::from),
            account: (!account.is_empty()).then(|| AccountId::from(account)),
            region: (!region.is_empty()).then(|| Region::from(region)),
            attribute: None,
            approved: Value::Null,
            live: Value::Null,
            fidelity: Fidelity::Exact,
            observed_at: Some(self.seen.now),
            tags: tags.collect(),
            subjects: subjects.into_iter().map(str::to_owned).collect(),
            source: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            within: None,
            notes: Vec::new(),
        }
    }
}

/// Attributes of which another one of the type says the same, under a newer name or in full.
const SHADOWS: [(&str, &str, &str); 1] = [("aws_cloudwatch_event_rule", "is_enabled", "state")];

/// Whether what an attribute says is said by another one that is there.
fn has_shadow(there: &RefreshedResource, name: &str) -> bool {
    let of = SHADOWS.iter();
    let mut of = of.filter(|(of, old, _)| **of == *there.type_name && *old == name);
    let full = match name {
        "tags" => Some("tags_all"),
        _ => of.next().map(|(_, _, new)| *new),
    };
    full.is_some_and(|full| there.values.get(full).is_some_and(|value| !value.is_null()))
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
