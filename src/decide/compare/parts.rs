//! Resources that lie within another's item: a bucket's policy, a role's attachments.

use std::collections::BTreeMap;

use super::live::{Live, parsed_list};
use super::{Comparer, Fate, Findings, Found, NotCompared, Presence};
use crate::decide::baseline::{ApprovedResource, text_at};
use crate::decide::value::{WHOLE, Why, differences, stored_value, unreadable};
use crate::ingest::redact::canonical_text;
use crate::ingest::stored::StoredValue;
use crate::model::{Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::equal::Difference;
use crate::normalise::path::{Path, find};
use crate::normalise::table::{AbsentPart, AttributeRow, Member};

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
                self.single_part(part, table, *absent, owners, live, findings);
                Ok(())
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
    ) {
        let raw = table.member_slot.and_then(|slot| live.raw(slot));
        let presence = match (raw, absent) {
            (None, AbsentPart::Unseen) => Presence::NotRecorded,
            (None, AbsentPart::Missing) | (Some("null" | "\"\"" | "[]"), _) => Presence::Absent,
            (Some(_), _) => Presence::Present,
        };
        let approved = self.approved_within(part, table, owners, live);
        for number in &approved {
            self.note(*number, presence, live, findings);
            if presence == Presence::Present {
                let Some(resource) = self.resource(*number) else {
                    continue;
                };
                self.compare_rows(*number, resource, table, live, findings);
            }
        }
        let unclaimed = approved.is_empty() && !owners.is_empty() && table.table.reports_unmanaged;
        if unclaimed
            && presence == Presence::Present
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
            return Ok(());
        };
        let approved = self.approved_within(part, table, owners, live);
        // Mostly there is nothing of the kind on either side.
        if approved.is_empty()
            && (raw == "[]" || owners.is_empty() || self.is_inline(&table.table.type_name, owners))
        {
            return Ok(());
        }
        let mut expected: BTreeMap<Vec<String>, u32> = BTreeMap::new();
        for number in approved {
            let Some(resource) = self.resource(number) else {
                continue;
            };
            match element_key(table, resource) {
                Some(key) => {
                    expected.insert(key, number);
                }
                None => self.note(number, Presence::NotRecorded, live, findings),
            }
        }
        // An element without its key may be any of those that are not found.
        let mut absence = Presence::Absent;
        for element in parsed_list(Some(raw))? {
            let key = table
                .element_slots
                .iter()
                .map(|(_, path)| text_of(&element, path));
            let Some(key) = key.collect::<Option<Vec<_>>>() else {
                absence = Presence::NotRecorded;
                continue;
            };
            match expected.remove(&key) {
                Some(number) => {
                    self.note(number, Presence::Present, live, findings);
                    let Some(resource) = self.resource(number) else {
                        continue;
                    };
                    self.compare_element(number, resource, table, &element, live, findings);
                }
                None if owners.is_empty() || !table.table.reports_unmanaged => {}
                None => {
                    let id = self.element_id(table, live, &key);
                    self.note_unmanaged(&table.table.type_name, &id, live, false, findings);
                }
            }
        }
        for number in expected.into_values() {
            self.note(number, absence, live, findings);
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
            let found = row.live.first();
            let Some(found) = found.and_then(|path| find(element, &path.captured)) else {
                continue;
            };
            let compared = self.in_element(row, value, found, live);
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
        found: &Value,
        live: &Live<'_>,
    ) -> Result<Vec<Difference>, Why> {
        let raw = serde_json::to_string(found).map_err(|_| "the live value is no JSON")?;
        let secret = value.sensitive;
        let seen = match secret {
            true => canonical_text(row.form, &raw, &WHOLE, live.side())
                .map(|text| Value::Sensitive(self.redactor.digest(&text))),
            false => row.form.value(&raw, &WHOLE, live.side()),
        };
        let seen = seen.map_err(|error| unreadable("live", &error))?;
        let wanted = stored_value(row, value, secret, self.redactor);
        let wanted = wanted.map_err(|error| unreadable("approved", &error))?;
        differences(row, &wanted, &seen, self.redactor)
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

pub(super) fn element_key(table: &Resource, resource: &ApprovedResource) -> Option<Vec<String>> {
    table
        .element_slots
        .iter()
        .map(|(slot, _)| text_at(&resource.stored, *slot))
        .collect()
}

fn text_of(element: &Value, path: &Path) -> Option<String> {
    find(element, &path.captured)?.as_str().map(str::to_owned)
}
