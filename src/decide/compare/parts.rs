//! Resources that lie within another's item: a bucket's policy, a role's attachments.

use std::collections::BTreeSet;

use super::Lacking;
use super::also::Element;
use super::elements::{Expected, element_key, live_key};
use super::live::{Live, parsed_list};
use super::secrets::is_secret;
use super::{Comparer, Fate, Findings, Found, NotCompared, Presence, made};
use crate::decide::baseline::ApprovedResource;
use crate::decide::value::{Other, Why, differences, stands_back, stored_value, unreadable};
use crate::ingest::redact::Redactor;
use crate::ingest::stored::StoredValue;
use crate::model::{Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::equal::Difference;
use crate::normalise::path::{Path, find};
use crate::normalise::table::{Absent, AttributeRow, Member};

impl Comparer<'_> {
    pub(super) fn compare_part(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        match &table.table.member {
            Member::Whole | Member::SecurityGroupRule => Ok(()),
            Member::Part { at, absent } => {
                let is_lost = || Lacking::of(live).has_lost(at, *absent);
                self.single_part(part, table, is_lost, owners, live, findings);
                Ok(())
            }
            Member::Each { .. } => self.each_part(part, table, owners, live, findings),
        }
    }

    fn single_part(
        &self,
        part: ResourceIx,
        table: &Resource,
        is_lost: impl Fn() -> bool,
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let raw = table.member_slot.and_then(|slot| live.raw(slot));
        let presence = match raw {
            None if is_lost() => Presence::Absent,
            None => Presence::NotRecorded,
            Some("null" | "\"\"" | "[]") => Presence::Absent,
            Some(_) => Presence::Present,
        };
        if presence == Presence::NotRecorded {
            self.note_part_not_carried(&table.table.type_name, live, findings);
        }
        let approved = self.approved_within(part, table, owners, live);
        for number in &approved {
            let resource = self.resource(*number);
            let is_nothing = resource.is_some_and(|own| says_nothing(table, own));
            let presence = match presence {
                Presence::Absent if is_nothing => Presence::Present,
                other => other,
            };
            self.note(*number, presence, live, findings);
            if presence == Presence::Present {
                let Some(resource) = resource else {
                    continue;
                };
                self.compare_rows(*number, resource, table, live, findings);
            }
        }
        let unclaimed = approved.is_empty() && !owners.is_empty() && table.table.reports_unmanaged;
        if unclaimed
            && presence == Presence::Present
            && !made::of_part(table, live)
            && !self.is_inline(&table.table.type_name, owners)
            && !self.leaves_alone(&table.table.type_name, owners)
        {
            self.note_unmanaged(
                &table.table.type_name,
                &live.item.resource_id,
                self.part_shown(table, live),
                live,
                false,
                findings,
            );
        }
    }

    fn each_part(
        &self,
        part: ResourceIx,
        table: &Resource,
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let Some(raw) = table.member_slot.and_then(|slot| live.raw(slot)) else {
            for number in self.approved_within(part, table, owners, live) {
                self.note(number, Presence::NotRecorded, live, findings);
            }
            self.note_part_not_carried(&table.table.type_name, live, findings);
            return Ok(());
        };
        let approved = self.approved_within(part, table, owners, live);
        let reports = table.table.reports_unmanaged
            && !owners.is_empty()
            && !(table.table.only_beside_others && approved.is_empty());
        // Mostly there is nothing of the kind on either side.
        let type_name = &table.table.type_name;
        let also = self.also_within(part, table, owners, live);
        let is_nobodys = approved.is_empty() && also.is_empty();
        if is_nobodys && (raw == "[]" || !reports || self.is_inline(type_name, owners)) {
            return Ok(());
        }
        let is_left_alone = is_nobodys && self.leaves_alone(type_name, owners);
        let mut expected = Expected::default();
        // What is approved as a resource of its own, too, is missed by that one.
        let mut own = BTreeSet::new();
        let mut unnamed = self.also_open(part, table, owners, live);
        for number in approved {
            let Some(resource) = self.resource(number) else {
                continue;
            };
            own.extend(element_key(table, resource).and_then(|key| key.1.into_iter().next()));
            if !expected.add(table, resource, number) {
                unnamed += 1;
                self.note(number, Presence::Unnamed, live, findings);
            }
        }
        // An element without its key may be any of those that are not found.
        let mut absence = Presence::Absent;
        let mut strangers = Vec::new();
        let mut there = BTreeSet::new();
        for element in parsed_list(Some(raw))? {
            let is_made = || made::of_element(table, &element, live);
            let Some(key) = live_key(table, &element) else {
                if !is_made() {
                    absence = Presence::NotRecorded;
                }
                continue;
            };
            there.extend(key.1.first().cloned());
            let is_also = |own: &&Element| key.1 == [own.key.as_str()];
            match expected.take(table, &key, &element, self.redactor) {
                Some(number) => {
                    self.note(number, Presence::Present, live, findings);
                    let Some(resource) = self.resource(number) else {
                        continue;
                    };
                    self.compare_element(number, resource, table, &element, live, findings);
                }
                None if !reports || is_made() || also.iter().any(is_also) => {}
                None => strangers.push((key.1, self.element_shown(table, &element, live))),
            }
        }
        let is_silent = expected.has_secret() || is_left_alone;
        for (key, value) in strangers.into_iter().filter(|_| !is_silent) {
            let id = self.element_id(table, live, &key);
            self.note_unmanaged(&table.table.type_name, &id, value, live, false, findings);
            if unnamed > 0 {
                let type_name = table.table.type_name.as_str();
                let key = (type_name.into(), live.account.into(), id.into());
                findings.unnamed.insert(key, unnamed);
            }
        }
        for element in also {
            let is_there = there.contains(&element.key);
            let is_own = own.contains(&element.key);
            if is_there || absence == Presence::Absent && !is_own {
                self.note_also(element, is_there, live, findings);
            }
        }
        let (open, secret) = expected.rest();
        for (number, presence) in open
            .map(|number| (number, absence))
            .chain(secret.map(|number| (number, Presence::Secret)))
        {
            self.note(number, presence, live, findings);
        }
        Ok(())
    }

    fn compare_element(
        &self,
        number: u32,
        approved: &ApprovedResource,
        table: &Resource,
        element: &Value,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        for value in approved.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let Some((path, found)) = at_row(row, element) else {
                self.note_not_carried(number, live, value.slot, findings);
                continue;
            };
            if stands_back(table, value.slot, &approved.stored, self.redactor) {
                continue;
            }
            let secret_under = is_secret(table, approved, value.slot).then_some(self.redactor);
            let compared = self.in_element(row, value, (path, found), secret_under, live);
            let fate = match &compared {
                Ok(found) if found.is_empty() => Fate::Equal,
                Ok(_) => Fate::Differs,
                Err(_) => Fate::NotComparable,
            };
            findings.note_fate(number, live, value.slot, fate);
            match compared {
                Ok(differences) => {
                    findings
                        .differences
                        .extend(differences.into_iter().map(|difference| Found {
                            resource: number,
                            time: live.time,
                            deviation: Deviation {
                                attribute: Some(difference.pointer),
                                approved: difference.approved,
                                live: difference.live,
                                ..self.deviation_of(DeviationKind::Changed, approved, table, live)
                            },
                        }))
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

    fn in_element(
        &self,
        row: &AttributeRow,
        value: StoredValue<'_>,
        (path, found): (&Path, &Value),
        secret_under: Option<&Redactor>,
        live: &Live<'_>,
    ) -> Result<Vec<Difference>, Why> {
        let raw = serde_json::to_string(found).map_err(|_| "the live value is no JSON")?;
        let seen = Other::read(row, &raw, path, live.side(), secret_under);
        let seen = seen.map_err(|error| unreadable("live", &error))?;
        let wanted = stored_value(row, value, secret_under.is_some(), self.redactor);
        let wanted = wanted.map_err(|error| unreadable("approved", &error))?;
        differences(row, &wanted, &seen, self.redactor)
    }

    /// Whether the owner's own plan writes this inline, so that a difference is the owner's.
    pub(super) fn is_inline(&self, type_name: &TypeName, owners: &[u32]) -> bool {
        owners
            .iter()
            .filter_map(|number| self.resource(*number))
            .any(|owner| {
                let part = self.catalogue.find(type_name.as_str());
                let part = part.and_then(|at| self.catalogue.resource(at));
                let Some(table) = owner.resource.and_then(|at| self.catalogue.resource(at)) else {
                    return false;
                };
                let writes = |slot: usize| {
                    let row = table.table.attributes.get(slot);
                    row.is_some_and(|row| row.separate.contains(type_name))
                };
                let mut open = owner.rare.iter().flat_map(|rare| &rare.open);
                if open.any(|slot| writes(usize::from(*slot))) {
                    return true;
                }
                owner.stored.iter().any(|value| {
                    writes(value.slot)
                        && !value.is_read_back()
                        && !part.is_some_and(|part| is_blank(part, value.text))
                })
            })
    }
}

/// Whether all that is approved of a part is that nothing is set: then it is there as long as nothing is.
fn says_nothing(table: &Resource, resource: &ApprovedResource) -> bool {
    let rows = table.table.attributes.len();
    let values = resource.stored.iter().take_while(|own| own.slot < rows);
    let is_nothing = |own: StoredValue<'_>| !own.sensitive && is_blank(table, own.text);
    let mut values = values.map(is_nothing).peekable();
    values.peek().is_some() && values.all(|own| own)
}

/// Whether an owner's value says nothing of the part: of what an author may leave to the provider,
/// plans hold the empty value that was read back.
pub(super) fn is_blank(part: &Resource, text: &str) -> bool {
    match part.table.member {
        Member::Part { .. } => matches!(text, "null" | "[]" | "\"\""),
        Member::Each { .. } => matches!(text, "null" | "[]"),
        Member::Whole | Member::SecurityGroupRule => text == "null",
    }
}

/// Where the element has what the row wants.
pub(super) fn at_row<'r, 'e>(
    row: &'r AttributeRow,
    element: &'e Value,
) -> Option<(&'r Path, &'e Value)> {
    let paths = row.live.iter();
    let mut found = paths.filter_map(|path| Some((path, find(element, &path.captured)?)));
    match (found.next(), row.absent) {
        (Some(found), _) => Some(found),
        (None, Absent::Unset) => Some((row.live.first()?, &Value::Null)),
        (None, Absent::Unseen | Absent::UnsetInWhole) => None,
    }
}
