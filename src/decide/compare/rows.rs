//! The attributes of one approved resource against one live item, row by row of the table.

use super::item::Live;
use super::quick::{certainly_equal, memo_key};
use super::{Comparer, Findings, Found, made};
use crate::decide::baseline::{ApprovedResource, Pending, row_value};
use crate::ingest::plan::PlannedAction;
use crate::ingest::redact::canonical_text;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{
    AttributePath, Deviation, DeviationKind, EarlierView, PendingView, Relation, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::{Difference, Outcome};
use crate::normalise::table::{Absent, AttributeRow};

impl Comparer<'_> {
    pub(super) fn compare_rows(
        &self,
        number: u32,
        approved: &ApprovedResource,
        table: &Resource,
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        for value in approved.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let Some(raw) = live_raw(table, row, value.slot, live) else {
                continue;
            };
            if !says_something(table, value.slot, live) {
                continue;
            }
            let has_pending = touches(approved, value.slot);
            let may_be_quick = !has_pending && !value.sensitive;
            if may_be_quick && certainly_equal(row, value.text, raw) {
                continue;
            }
            if self.is_owned_apart(row, value.from_state, number, live) {
                continue;
            }
            let own_id = &live.item.resource_id;
            let memo = memo_key(row, value.text, raw, own_id, live.account);
            let memo = memo.filter(|_| may_be_quick);
            if memo.is_some_and(|key| findings.memo.knows(&key)) {
                continue;
            }
            let in_row =
                |what: String| format!("`{}`, {}: {what}", live.item.resource_id, row.pointer);
            let seen = self.live_value(row, value.sensitive, raw, value.slot, table, live);
            let seen = seen.map_err(in_row)?;
            let against = Against {
                approved,
                row,
                live: &seen,
            };
            let differences = against.differences(value).map_err(in_row)?;
            if let (Some(key), true) = (memo, differences.is_empty()) {
                findings.memo.learn(key);
            }
            for (difference, pending) in differences {
                let earlier = against
                    .earlier(value, &difference.pointer)
                    .map_err(in_row)?;
                let base = self.deviation_of(DeviationKind::Changed, approved, table, live);
                let deviation = Deviation {
                    attribute: Some(difference.pointer),
                    approved: difference.approved,
                    live: difference.live,
                    pending,
                    earlier,
                    notes: notes(value),
                    ..base
                };
                findings.differences.push(Found {
                    resource: number,
                    time: live.time,
                    deviation,
                });
            }
        }
        Ok(())
    }

    /// The live value in the row's canonical form; a digest if the approved one is a secret.
    fn live_value(
        &self,
        row: &AttributeRow,
        sensitive: bool,
        raw: &str,
        slot: usize,
        table: &Resource,
        live: &Live<'_>,
    ) -> Result<Value, String> {
        let path = path_of(table, row, slot, live).ok_or("no such path")?;
        if sensitive {
            let text = canonical_text(row.form, raw, path, live.side());
            let text = text.map_err(|error| error.to_string())?;
            return Ok(Value::Sensitive(self.redactor.digest(&text)));
        }
        row.form
            .value(raw, path, live.side())
            .map_err(|error| error.to_string())
    }

    /// Whether a resource of its own owns what this row shows inline.
    fn is_owned_apart(
        &self,
        row: &AttributeRow,
        from_state: bool,
        number: u32,
        live: &Live<'_>,
    ) -> bool {
        !row.separate.is_empty()
            && live.config.resources.iter().skip(1).any(|part| {
                let Some(table) = self.catalogue.resource(*part) else {
                    return false;
                };
                row.separate.contains(&table.table.type_name)
                    && (from_state && is_list_of_parts(table)
                        || !self
                            .approved_within(*part, table, &[number], live)
                            .is_empty())
            })
    }

    /// An approved plan deletes the resource, and it is still there.
    pub(super) fn still_there(
        &self,
        approved: &ApprovedResource,
        table: &Resource,
        live: &Live<'_>,
    ) -> Deviation {
        let pending = approved.rare.iter().flat_map(|rare| &rare.pending);
        let pending = pending
            .filter(|pending| pending.deletes())
            .map(|pending| PendingView {
                plan: pending.plan,
                relation: Relation::EqualsBefore,
            });
        Deviation {
            pending: pending.collect(),
            ..self.deviation_of(DeviationKind::Unmanaged, approved, table, live)
        }
    }
}

/// Single elements of a list are watched one by one, which says more than the list that the state
/// happened to hold when it was written.
fn is_list_of_parts(table: &Resource) -> bool {
    let is_watched = table.table.reports_unmanaged && !table.table.only_beside_others;
    is_watched && matches!(table.table.member, crate::normalise::Member::Each { .. })
}

fn notes(value: StoredValue<'_>) -> Vec<String> {
    match value.from_state {
        true => vec![
            "the approved value was unknown in the plan and comes from the state after apply"
                .to_owned(),
        ],
        false => Vec::new(),
    }
}

/// The first alternative that the item has.
fn live_raw<'l>(
    table: &Resource,
    row: &AttributeRow,
    slot: usize,
    live: &'l Live<'_>,
) -> Option<&'l str> {
    let slots = table.live_slots.get(slot)?;
    match slots.iter().find_map(|slot| live.raw(*slot)) {
        Some(raw) => Some(raw),
        None => match row.absent {
            Absent::Unset => Some("null"),
            Absent::Unseen => None,
        },
    }
}

/// Whether the conditions hold under which the table lets the row speak.
fn says_something(table: &Resource, row: usize, live: &Live<'_>) -> bool {
    let conditions = table.only_where.iter().filter(|(at, _)| *at == row);
    let mut gates = conditions.flat_map(|(_, gates)| gates);
    gates.all(|gate| made::holds(gate, live))
}

fn path_of<'t>(
    table: &Resource,
    row: &'t AttributeRow,
    slot: usize,
    live: &Live<'_>,
) -> Option<&'t crate::normalise::path::Path> {
    let slots = table.live_slots.get(slot)?;
    let found = slots
        .iter()
        .position(|slot| live.raw(*slot).is_some())
        .unwrap_or(0);
    row.live.get(found)
}

fn touches(approved: &ApprovedResource, slot: usize) -> bool {
    approved.rare.as_ref().is_some_and(|rare| {
        rare.pending
            .iter()
            .any(|pending| pending.after.get(slot).is_some())
    })
}

/// One row of one resource, and what is live there.
struct Against<'a> {
    approved: &'a ApprovedResource,
    row: &'a AttributeRow,
    live: &'a Value,
}

type Differences = Vec<(Difference, Vec<PendingView>)>;

impl Against<'_> {
    /// The differences to report, each with how it stands to the plans that touch it.
    fn differences(&self, base: StoredValue<'_>) -> Result<Differences, String> {
        let from_base = self.against(base)?;
        let pending: Vec<&Pending> = self
            .approved
            .rare
            .iter()
            .flat_map(|rare| &rare.pending)
            .collect();
        if from_base.is_empty() {
            return self.still_as_before(base, &pending);
        }
        let views = |pointer: &AttributePath| {
            pending
                .iter()
                .filter_map(|plan| {
                    let relation = self.relation(plan, base, pointer).ok()??;
                    Some(PendingView {
                        plan: plan.plan,
                        relation,
                    })
                })
                .collect()
        };
        Ok(from_base
            .into_iter()
            .map(|found| {
                let pending = views(&found.pointer);
                (found, pending)
            })
            .collect())
    }

    /// Live is the baseline, and a newer plan wants something else.
    fn still_as_before(
        &self,
        base: StoredValue<'_>,
        pending: &[&Pending],
    ) -> Result<Differences, String> {
        let mut found = Vec::new();
        let Some(newest) = pending
            .iter()
            .rev()
            .find(|plan| !plan.is_baseline && plan.stands)
        else {
            return Ok(found);
        };
        let Some(wanted) = newest.after.get(base.slot) else {
            return Ok(found);
        };
        for difference in self.against(wanted)? {
            if let Some(relation) = self.relation(newest, base, &difference.pointer)? {
                found.push((
                    difference,
                    vec![PendingView {
                        plan: newest.plan,
                        relation,
                    }],
                ));
            }
        }
        Ok(found)
    }

    fn against(&self, value: StoredValue<'_>) -> Result<Vec<Difference>, String> {
        let approved = row_value(self.row, value).map_err(|error| error.to_string())?;
        if let (Value::Sensitive(one), Value::Sensitive(other)) = (&approved, self.live) {
            return Ok(if one == other {
                Vec::new()
            } else {
                vec![self.whole(approved)]
            });
        }
        Ok(match self.row.compare(&approved, self.live) {
            Outcome::Differs(found) => found,
            Outcome::Equal(_) | Outcome::NotComparable(_) => Vec::new(),
        })
    }

    fn whole(&self, approved: Value) -> Difference {
        Difference {
            pointer: self.row.pointer.clone(),
            approved,
            live: self.live.clone(),
        }
    }

    /// The earlier values that live went back to.
    fn earlier(
        &self,
        base: StoredValue<'_>,
        pointer: &AttributePath,
    ) -> Result<Vec<EarlierView>, String> {
        let mut views = Vec::new();
        for earlier in self.approved.rare.iter().flat_map(|rare| &rare.earlier) {
            let Some(value) = earlier.stored.get(base.slot) else {
                continue;
            };
            if value.text != base.text && !self.differs_at(value, pointer)? {
                let (plan, baseline) = (earlier.plan, earlier.baseline);
                views.push(EarlierView {
                    plan,
                    baseline,
                    was_applied: earlier.was_applied,
                });
            }
        }
        Ok(views)
    }

    fn differs_at(&self, value: StoredValue<'_>, pointer: &AttributePath) -> Result<bool, String> {
        Ok(self
            .against(value)?
            .iter()
            .any(|found| found.pointer == *pointer))
    }

    /// How live stands to a plan at one pointer; `None` where the plan does not touch it.
    fn relation(
        &self,
        plan: &Pending,
        base: StoredValue<'_>,
        pointer: &AttributePath,
    ) -> Result<Option<Relation>, String> {
        let Some(after) = plan.after.get(base.slot) else {
            return Ok(None);
        };
        let before = plan
            .before
            .as_ref()
            .and_then(|before: &Stored| before.get(base.slot));
        let changes = match before {
            Some(before) => before.text != after.text,
            None => plan.action == PlannedAction::Create || !plan.is_baseline,
        };
        if !changes {
            return Ok(None);
        }
        if !self.differs_at(after, pointer)? {
            return Ok(Some(Relation::EqualsAfter));
        }
        Ok(Some(match before {
            Some(before) if !self.differs_at(before, pointer)? => Relation::EqualsBefore,
            _ => Relation::Neither,
        }))
    }
}
