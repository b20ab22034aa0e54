//! The attributes of one approved resource against one live item, row by row of the table.

use std::collections::BTreeSet;

use super::against::Against;
use super::live::Live;
use super::parts::is_blank;
use super::quick::{certainly_equal, memo_key};
use super::secrets::{hidden_tags, is_secret};
use super::{Comparer, Fate, Findings, Found, Lacking, NotCompared, made};
use crate::decide::baseline::ApprovedResource;
use crate::decide::value::{Other, Why, stands_back, unreadable};
use crate::ingest::stored::StoredValue;
use crate::model::DeviationKind;
use crate::normalise::catalogue::Resource;
use crate::normalise::equal::UNKNOWN_PRINCIPAL;
use crate::normalise::path::Path;
use crate::normalise::table::{AttributeRow, Member};

/// One attribute of one approved resource, and the raw text of what is live there.
struct Cell<'a> {
    number: u32,
    approved: &'a ApprovedResource,
    table: &'a Resource,
    row: &'a AttributeRow,
    value: StoredValue<'a>,
    raw: &'a str,
    is_secret: bool,
    /// Tags that are secrets each by itself.
    hidden: BTreeSet<String>,
}

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
                self.note_not_carried(number, live, value.slot, findings);
                if self.leaves_in_doubt(row, value, number, live)
                    && says_something(table, value.slot, live)
                    && !stands_back(table, value.slot, &approved.stored, self.redactor)
                {
                    findings.note_in_doubt(number, live, value.slot);
                }
                continue;
            };
            if !says_something(table, value.slot, live) {
                findings.note_fate(number, live, value.slot, Fate::Silent);
                continue;
            }
            let has_pending = touches(approved, value.slot);
            let may_be_quick = !has_pending && !value.sensitive;
            if may_be_quick && certainly_equal(row, value.text, raw, live.side()) {
                findings.note_fate(number, live, value.slot, Fate::Equal);
                continue;
            }
            if self.is_owned_apart(row, (value, raw), number, live)
                || stands_back(table, value.slot, &approved.stored, self.redactor)
            {
                findings.note_fate(number, live, value.slot, Fate::OwnedApart);
                continue;
            }
            let memo = match may_be_quick {
                true => memo_key(row, value.text, raw, live.account),
                false => None,
            };
            if memo.is_some_and(|key| findings.memo.knows(&key)) {
                findings.note_fate(number, live, value.slot, Fate::Equal);
                continue;
            }
            let cell = Cell {
                number,
                approved,
                table,
                row,
                value,
                raw,
                is_secret: is_secret(table, approved, value.slot),
                hidden: hidden_tags(table, approved, value.slot),
            };
            let fate = self.compare_cell(&cell, live, findings);
            findings.note_fate(number, live, value.slot, fate);
            if let (Some(key), Fate::Equal) = (memo, fate) {
                findings.memo.learn(key);
            }
        }
    }

    /// Parses and compares both sides.
    fn compare_cell(&self, cell: &Cell<'_>, live: &Live<'_>, findings: &mut Findings) -> Fate {
        let compared = self.live_value(cell, live).and_then(|seen| {
            let against = Against {
                approved: cell.approved,
                row: cell.row,
                live: &seen,
                is_secret: cell.is_secret,
                hidden: &cell.hidden,
                redactor: self.redactor,
                principals: &self.principals,
            };
            against.placed(cell.value)
        });
        match compared {
            Ok(found) if found.is_empty() => Fate::Equal,
            Ok(found) => {
                let found = found.into_iter().map(|found| {
                    let kind = DeviationKind::Changed;
                    let base = self.deviation_of(kind, cell.approved, cell.table, live);
                    Found {
                        resource: cell.number,
                        time: live.time,
                        deviation: found.deviation(base, notes(cell.value)),
                    }
                });
                findings.differences.extend(found);
                Fate::Differs
            }
            Err(why) => {
                findings.asks_for_principals |= why == UNKNOWN_PRINCIPAL;
                findings.not_compared.push(NotCompared {
                    resource: cell.number,
                    time: live.time,
                    slot: cell.value.slot,
                    why,
                });
                Fate::NotComparable
            }
        }
    }

    /// The live value in the row's canonical form.
    fn live_value(&self, cell: &Cell<'_>, live: &Live<'_>) -> Result<Other, Why> {
        let Cell {
            table, row, value, ..
        } = cell;
        let path = path_of(table, row, value.slot, live).ok_or("the table names no such path")?;
        let secret_under = cell.is_secret.then_some(self.redactor);
        let read = Other::read(row, cell.raw, path, live.side(), secret_under);
        let read = read.map_err(|error| unreadable("live", &error))?;
        Ok(read.hiding(&cell.hidden, self.redactor))
    }

    /// Whether a resource of its own owns what this row shows inline.
    pub(super) fn is_owned_apart(
        &self,
        row: &AttributeRow,
        (value, raw): (StoredValue<'_>, &str),
        number: u32,
        live: &Live<'_>,
    ) -> bool {
        !row.separate.is_empty()
            && live.config.resources.iter().skip(1).any(|part| {
                let Some(table) = self.catalogue.resource(*part) else {
                    return false;
                };
                row.separate.contains(&table.table.type_name)
                    && (is_nobodys(table, value, raw)
                        && (self.is_told_by_parts(value, table)
                            || self.is_told_as_part(table, number, live))
                        || !self
                            .approved_within(*part, table, &[number], live)
                            .is_empty()
                        || !self.also_within(*part, table, &[number], live).is_empty())
            })
    }
}

impl Comparer<'_> {
    /// Whether the elements of the list that this row shows are reported one by one.
    fn is_told_by_parts(&self, value: StoredValue<'_>, part: &Resource) -> bool {
        let is_reported = || self.scope.covers_type(part.table.type_name.as_str());
        is_list_of_parts(part) && (value.is_read_back() || value.text != "null" && is_reported())
    }

    /// Whether the part that this row shows is reported by itself where nobody approved it: what no
    /// author wrote inline is then one finding and not two.
    fn is_told_as_part(&self, part: &Resource, owner: u32, live: &Live<'_>) -> bool {
        let own = &part.table;
        matches!(own.member, Member::Part { .. })
            && own.reports_unmanaged
            && !own.only_beside_others
            && self.scope.covers_type(own.type_name.as_str())
            && !made::of_part(part, live)
            && !self.is_inline(&own.type_name, &[owner])
    }
}

/// Whether no author wrote the value, and there is one or may have been.
fn is_nobodys(part: &Resource, value: StoredValue<'_>, raw: &str) -> bool {
    let is_there = || !matches!(raw, "null" | "[]" | "\"\"");
    value.is_read_back() || is_blank(part, value.text) && is_there()
}

/// Single elements of a list are watched one by one, which says more than the list that the state
/// happened to hold when it was written.
fn is_list_of_parts(table: &Resource) -> bool {
    let is_watched = table.table.reports_unmanaged && !table.table.only_beside_others;
    is_watched && matches!(table.table.member, Member::Each { .. })
}

/// Whether the conditions hold under which the table lets the row speak.
fn says_something(table: &Resource, row: usize, live: &Live<'_>) -> bool {
    let conditions = table.only_where.iter().filter(|(at, _)| *at == row);
    let mut gates = conditions.flat_map(|(_, gates)| gates);
    gates.all(|gate| made::holds(gate, live))
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
pub(super) fn live_raw<'l>(
    table: &Resource,
    row: &AttributeRow,
    slot: usize,
    live: &'l Live<'_>,
) -> Option<&'l str> {
    let slots = table.live_slots.get(slot)?;
    match slots.iter().find_map(|slot| live.raw(*slot)) {
        Some(raw) => Some(raw),
        None => Lacking::of(live).sets_nothing(row).then_some("null"),
    }
}

pub(super) fn path_of<'t>(
    table: &Resource,
    row: &'t AttributeRow,
    slot: usize,
    live: &Live<'_>,
) -> Option<&'t Path> {
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
