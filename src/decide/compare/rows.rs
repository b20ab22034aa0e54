//! The attributes of one approved resource against one live item, row by row of the table.

use std::borrow::Cow;

use super::item::Live;
use super::quick::{certainly_equal, memo_key};
use super::{Comparer, Findings, Found, NotCompared, Why};
use crate::decide::baseline::{ApprovedResource, Pending, row_value};
use crate::ingest::plan::PlannedAction;
use crate::ingest::redact::canonical_text;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{
    AttributePath, Deviation, DeviationKind, EarlierView, PendingView, Relation, Value,
};
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::{Difference, Outcome, compare};
use crate::normalise::form::FormError;
use crate::normalise::table::{Absent, AttributeRow};

impl Comparer<'_> {
    pub(super) fn compare_rows(
        &self,
        number: u32,
        approved: &ApprovedResource,
        table: &Resource,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        for value in approved.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let Some(raw) = live_raw(table, row, value.slot, live) else {
                continue;
            };
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
            let seen = self.live_value(row, value.sensitive, raw, value.slot, table, live);
            let compared = seen.and_then(|seen| {
                let against = Against {
                    approved,
                    row,
                    live: &seen,
                };
                against.placed(value)
            });
            match compared {
                Ok(found) if found.is_empty() => {
                    if let Some(key) = memo {
                        findings.memo.learn(key);
                    }
                }
                Ok(found) => {
                    let base = || self.deviation_of(DeviationKind::Changed, approved, table, live);
                    let notes = || notes(value);
                    findings
                        .differences
                        .extend(found.into_iter().map(|found| Found {
                            resource: number,
                            time: live.time,
                            deviation: found.deviation(base(), notes()),
                        }));
                }
                Err(why) => findings.not_compared.push(NotCompared {
                    resource: number,
                    time: live.time,
                    slot: value.slot,
                    why,
                }),
            }
        }
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
    ) -> Result<Value, Why> {
        let path = path_of(table, row, slot, live).ok_or("the table names no such path")?;
        let read = match sensitive {
            true => canonical_text(row.form, raw, path, live.side())
                .map(|text| Value::Sensitive(self.redactor.digest(&text))),
            false => row.form.value(raw, path, live.side()),
        };
        read.map_err(|error| unreadable("live", &error))
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
    matches!(table.table.member, crate::normalise::Member::Each { .. })
}

pub(super) fn unreadable(side: &str, error: &FormError) -> Why {
    Cow::Owned(format!("the {side} value cannot be read: {error}"))
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

/// One difference, and how it stands to the plans that touch it.
struct Placed {
    difference: Difference,
    pending: Vec<PendingView>,
    earlier: Vec<EarlierView>,
}

impl Placed {
    fn deviation(self, base: Deviation, notes: Vec<String>) -> Deviation {
        Deviation {
            attribute: Some(self.difference.pointer),
            approved: self.difference.approved,
            live: self.difference.live,
            pending: self.pending,
            earlier: self.earlier,
            notes,
            ..base
        }
    }
}

impl Against<'_> {
    /// The differences to report; none if live is as approved.
    fn placed(&self, base: StoredValue<'_>) -> Result<Vec<Placed>, Why> {
        let from_base = self.against(base)?;
        let found = match from_base.is_empty() {
            true => self.still_as_before(base)?,
            false => from_base
                .into_iter()
                .map(|found| (self.views(base, &found.pointer), found))
                .map(|(pending, found)| (found, pending))
                .collect(),
        };
        let placed = found.into_iter().map(|(difference, pending)| Placed {
            earlier: self.earlier(base, &difference.pointer),
            difference,
            pending,
        });
        Ok(placed.collect())
    }

    fn pending(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        let rare = self.approved.rare.as_ref();
        rare.map_or(&[][..], |rare| &rare.pending).iter()
    }

    fn views(&self, base: StoredValue<'_>, pointer: &AttributePath) -> Vec<PendingView> {
        let views = self.pending().filter_map(|plan| {
            Some(PendingView {
                plan: plan.plan,
                relation: self.relation(plan, base, pointer)?,
            })
        });
        views.collect()
    }

    /// Live is the baseline, and a newer plan wants something else.
    fn still_as_before(
        &self,
        base: StoredValue<'_>,
    ) -> Result<Vec<(Difference, Vec<PendingView>)>, Why> {
        let newest = self
            .pending()
            .rev()
            .find(|plan| !plan.is_baseline && plan.stands);
        let wanted = newest.and_then(|newest| Some((newest, newest.after.get(base.slot)?)));
        let Some((newest, wanted)) = wanted else {
            return Ok(Vec::new());
        };
        let found = self.against(wanted)?.into_iter();
        let found = found.filter_map(|difference| {
            let relation = self.relation(newest, base, &difference.pointer)?;
            let plan = newest.plan;
            Some((difference, vec![PendingView { plan, relation }]))
        });
        Ok(found.collect())
    }

    /// # Errors
    /// Why live and the value cannot be told equal or different.
    fn against(&self, value: StoredValue<'_>) -> Result<Vec<Difference>, Why> {
        let row = self.row;
        let approved = row_value(row, value).map_err(|error| unreadable("approved", &error))?;
        if row.leaves_open(&approved) {
            return Ok(Vec::new());
        }
        if let (Value::Sensitive(one), Value::Sensitive(other)) = (&approved, self.live) {
            return Ok(if one == other {
                Vec::new()
            } else {
                vec![self.whole(approved)]
            });
        }
        match compare(row.form, &row.values, &row.pointer, &approved, self.live) {
            Outcome::Differs(found) => Ok(found),
            Outcome::Equal(_) => Ok(Vec::new()),
            Outcome::NotComparable(why) => Err(why.into()),
        }
    }

    fn whole(&self, approved: Value) -> Difference {
        Difference {
            pointer: self.row.pointer.clone(),
            approved,
            live: self.live.clone(),
        }
    }

    /// The earlier values that live went back to. One that cannot be compared proves nothing.
    fn earlier(&self, base: StoredValue<'_>, pointer: &AttributePath) -> Vec<EarlierView> {
        let earlier = self.approved.rare.iter().flat_map(|rare| &rare.earlier);
        let views = earlier.filter_map(|earlier| {
            let value = earlier.stored.get(base.slot)?;
            let is_back = value.text != base.text && self.differs_at(value, pointer) == Ok(false);
            is_back.then_some(EarlierView {
                plan: earlier.plan,
                baseline: earlier.baseline,
                was_applied: earlier.was_applied,
            })
        });
        views.collect()
    }

    fn differs_at(&self, value: StoredValue<'_>, pointer: &AttributePath) -> Result<bool, Why> {
        let found = self.against(value)?;
        Ok(found.iter().any(|found| found.pointer == *pointer))
    }

    /// How live stands to a plan at one pointer; `None` where the plan does not touch it.
    fn relation(
        &self,
        plan: &Pending,
        base: StoredValue<'_>,
        pointer: &AttributePath,
    ) -> Option<Relation> {
        let after = plan.after.get(base.slot)?;
        let before = plan
            .before
            .as_ref()
            .and_then(|before: &Stored| before.get(base.slot));
        let changes = match before {
            Some(before) => before.text != after.text,
            None => plan.action == PlannedAction::Create || !plan.is_baseline,
        };
        if !changes {
            return None;
        }
        let differs = |value| self.differs_at(value, pointer);
        Some(match (differs(after), before.map(differs)) {
            (Ok(false), _) => Relation::EqualsAfter,
            (Ok(true), Some(Ok(false))) => Relation::EqualsBefore,
            (Ok(true), None | Some(Ok(true))) => Relation::Neither,
            (Err(_), _) | (Ok(true), Some(Err(_))) => Relation::Unknown,
        })
    }
}
