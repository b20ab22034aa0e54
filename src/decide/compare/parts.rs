//! Resources that lie within another's item: a bucket's policy, a role's attachments.

use std::collections::BTreeMap;

use super::item::{Live, parsed_list};
use super::{Comparer, Findings, Found, Presence, made};
use crate::decide::baseline::{ApprovedResource, row_value};
use crate::model::{Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::cidr;
use crate::normalise::equal::Outcome;
use crate::normalise::path::{Path, find};
use crate::normalise::table::{Absent, AbsentPart, Member};

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
            Member::Part { absent, .. } => {
                self.single_part(part, table, *absent, owners, live, findings)
            }
            Member::Each { .. } => self.each_part(part, table, owners, live, findings),
        }
    }

    fn single_part(
        &self,
        part: ResourceIx,
        table: &Resource,
        absent: AbsentPart,
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let raw = table.member_slot.and_then(|slot| live.raw(slot));
        let presence = match (raw, absent) {
            (None, AbsentPart::Unseen) => Presence::NotRecorded,
            (None, AbsentPart::Missing) | (Some("null" | "\"\"" | "[]"), _) => Presence::Absent,
            (Some(_), _) => Presence::Present,
        };
        let approved = self.approved_within(part, table, owners, live);
        for number in &approved {
            findings.seen.push((*number, live.time, presence));
            if presence == Presence::Present {
                let Some(resource) = self.resource(*number) else {
                    continue;
                };
                self.compare_rows(*number, resource, table, live, findings)?;
            }
        }
        let unclaimed = approved.is_empty() && !owners.is_empty() && table.table.reports_unmanaged;
        if unclaimed
            && presence == Presence::Present
            && !made::of_part(table, live)
            && !self.is_inline(&table.table.type_name, owners)
        {
            self.note_unmanaged(
                &table.table.type_name,
                &live.item.resource_id,
                live,
                false,
                findings,
            );
        }
        Ok(())
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
                findings
                    .seen
                    .push((number, live.time, Presence::NotRecorded));
            }
            return Ok(());
        };
        let approved = self.approved_within(part, table, owners, live);
        let reports = table.table.reports_unmanaged
            && !owners.is_empty()
            && !(table.table.only_beside_others && approved.is_empty());
        // Mostly there is nothing of the kind on either side.
        if approved.is_empty()
            && (raw == "[]" || !reports || self.is_inline(&table.table.type_name, owners))
        {
            return Ok(());
        }
        let mut expected: BTreeMap<ElementKey, u32> = BTreeMap::new();
        for number in approved {
            let Some(resource) = self.resource(number) else {
                continue;
            };
            match element_key(table, resource) {
                Some(key) => {
                    expected.insert(key, number);
                }
                None => findings
                    .seen
                    .push((number, live.time, Presence::NotRecorded)),
            }
        }
        for element in parsed_list(Some(raw))? {
            let alternatives = table.element_slots.iter().enumerate();
            let mut keys = alternatives.filter_map(|(kind, pairs)| {
                let parts = pairs.iter().map(|(_, path)| text_of(&element, path));
                Some((kind, parts.collect::<Option<Vec<_>>>()?))
            });
            let Some(key) = keys.next() else {
                continue;
            };
            match expected.remove(&key) {
                Some(number) => {
                    findings.seen.push((number, live.time, Presence::Present));
                    let Some(resource) = self.resource(number) else {
                        continue;
                    };
                    self.compare_element(number, resource, table, &element, live, findings)?;
                }
                None if !reports => {}
                None if made::of_element(table, &element, live) => {}
                None => {
                    let id = self.element_id(table, live, &key.1);
                    self.note_unmanaged(&table.table.type_name, &id, live, false, findings);
                }
            }
        }
        for number in expected.into_values() {
            findings.seen.push((number, live.time, Presence::Absent));
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
    ) -> Result<(), String> {
        for value in approved.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let paths = row.live.iter();
            let mut seen = paths.filter_map(|path| Some((path, find(element, &path.captured)?)));
            let (path, found) = match (seen.next(), row.absent, row.live.first()) {
                (Some(seen), ..) => seen,
                (None, Absent::Unset, Some(path)) => (path, &Value::Null),
                (None, ..) => continue,
            };
            let in_row =
                |what: String| format!("`{}`, {}: {what}", live.item.resource_id, row.pointer);
            let raw = serde_json::to_string(found).map_err(|error| in_row(error.to_string()))?;
            let seen = row.form.value(&raw, path, live.side());
            let seen = seen.map_err(|error| in_row(error.to_string()))?;
            let wanted = row_value(row, value).map_err(|error| in_row(error.to_string()))?;
            let outcome = row.compare(&wanted, &seen);
            let Outcome::Differs(differences) = outcome else {
                continue;
            };
            for difference in differences {
                let base = self.deviation_of(DeviationKind::Changed, approved, table, live);
                let deviation = Deviation {
                    attribute: Some(difference.pointer),
                    approved: difference.approved,
                    live: difference.live,
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

    /// Whether the owner's own plan writes this inline, so that a difference is the owner's.
    pub(super) fn is_inline(&self, type_name: &TypeName, owners: &[u32]) -> bool {
        owners
            .iter()
            .filter_map(|number| self.resource(*number))
            .any(|owner| {
                let Some(table) = owner.resource.and_then(|at| self.catalogue.resource(at)) else {
                    return false;
                };
                owner.stored.iter().any(|value| {
                    let row = table.table.attributes.get(value.slot);
                    row.is_some_and(|row| row.separate.contains(type_name))
                        && !value.from_state
                        && value.text != "null"
                })
            })
    }

    /// The id by which Terraform would import the element.
    fn element_id(&self, table: &Resource, live: &Live<'_>, key: &[String]) -> String {
        let owner = table.key_slots.first().and_then(|pairs| pairs.first());
        let owner = owner
            .and_then(|(_, slot)| live.text(*slot))
            .unwrap_or_default();
        let separator = if table.table.type_name.as_str().ends_with("_attachment") {
            '/'
        } else {
            ':'
        };
        format!("{owner}{separator}{}", key.join(":"))
    }
}

/// Which of the alternative keys an element of a list has, and its parts.
type ElementKey = (usize, Vec<String>);

pub(super) fn element_key(table: &Resource, resource: &ApprovedResource) -> Option<ElementKey> {
    let mut keys = table
        .element_slots
        .iter()
        .enumerate()
        .filter_map(|(kind, pairs)| {
            let parts = pairs.iter().map(|(slot, _)| {
                let value = resource
                    .stored
                    .get(*slot)
                    .filter(|value| !value.sensitive)?;
                let text = made::scalar_text(value.text);
                (!text.is_empty()).then(|| cidr::canonical(&text))
            });
            Some((kind, parts.collect::<Option<Vec<_>>>()?))
        });
    keys.next()
}

fn text_of(element: &Value, path: &Path) -> Option<String> {
    let text = made::text_of(find(element, &path.captured)?)?;
    Some(cidr::canonical(&text))
}
