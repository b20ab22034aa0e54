//! Rules of a security group that are resources of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::live::{Live, parsed_list};
use super::{Comparer, Fate, Findings, Found, Presence};
use crate::decide::baseline::ApprovedResource;
use crate::decide::value::stored_value;
use crate::ingest::stored::StoredValue;
use crate::model::{AttributePath, Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::security_group::{Atom, Direction, Rules};
use crate::normalise::table::AttributeRow;

impl Comparer<'_> {
    pub(super) fn compare_security_group_rules(
        &self,
        parts: &[ResourceIx],
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        for direction in [Direction::Ingress, Direction::Egress] {
            self.one_direction(direction, parts, owners, live, findings)?;
        }
        Ok(())
    }

    fn one_direction(
        &self,
        direction: Direction,
        parts: &[ResourceIx],
        owners: &[u32],
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let approved = self.approved_rules(direction, parts, owners, live)?;
        let inline = self.inline_row(direction, owners);
        if approved.is_empty() && (inline.is_some() || owners.is_empty()) {
            return Ok(());
        }
        let inline = inline.map(|(row, value)| {
            let inline = stored_value(row, value, false, self.redactor)?;
            Rules::from_inline(&inline)
        });
        let inline = inline.transpose().map_err(|error| error.to_string())?;
        let Some(raw) = self.live_rules(direction, live) else {
            for (number, ..) in approved {
                self.note(number, Presence::NotRecorded, live, findings);
            }
            return Ok(());
        };
        let list = Value::List(parsed_list(Some(raw))?);
        let seen = Rules::from_config(&list, &live.item.resource_id, live.account)
            .map_err(|error| format!("`{}`: {error}", live.item.resource_id))?;
        let mut claimed: BTreeSet<&Atom> = BTreeSet::new();
        let by_atom: BTreeMap<&Atom, &str> = seen
            .0
            .iter()
            .map(|(atom, description)| (atom, description.as_str()))
            .collect();
        if let Some(inline) = &inline {
            claimed.extend(inline.0.iter().map(|(atom, _)| atom));
        }
        for (number, resource, table, rules) in &approved {
            let there: Vec<_> = rules
                .0
                .iter()
                .filter(|(atom, _)| by_atom.contains_key(atom))
                .collect();
            let presence = if there.is_empty() {
                Presence::Absent
            } else {
                Presence::Present
            };
            self.note(*number, presence, live, findings);
            if presence == Presence::Present {
                let rule = OneRule {
                    number: *number,
                    resource,
                    table,
                    rules,
                };
                self.compare_rule(&rule, &by_atom, live, findings);
            }
            claimed.extend(rules.0.iter().map(|(atom, _)| atom));
        }
        if owners.is_empty() {
            return Ok(());
        }
        let type_name = TypeName::from(match direction {
            Direction::Ingress => "aws_vpc_security_group_ingress_rule",
            Direction::Egress => "aws_vpc_security_group_egress_rule",
        });
        for (atom, _) in seen.0.iter().filter(|(atom, _)| !claimed.contains(atom)) {
            let id = format!(
                "{}/{}/{}",
                live.item.resource_id,
                direction.as_str(),
                atom.name()
            );
            self.note_unmanaged(&type_name, &id, live, false, findings);
        }
        Ok(())
    }

    fn compare_rule(
        &self,
        rule: &OneRule<'_>,
        live_rules: &BTreeMap<&Atom, &str>,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        for value in rule.resource.stored.iter() {
            // A rule is taken apart and compared whole: each of its attributes is a part of it.
            findings.note_fate(rule.number, live, value.slot, Fate::Equal);
        }
        let mut add = |attribute: AttributePath, approved: Value, seen: Value| {
            let base = self.deviation_of(DeviationKind::Changed, rule.resource, rule.table, live);
            let deviation = Deviation {
                attribute: Some(attribute),
                approved,
                live: seen,
                ..base
            };
            findings.differences.push(Found {
                resource: rule.number,
                time: live.time,
                deviation,
            });
        };
        let missing: BTreeSet<(Atom, String)> = rule
            .rules
            .0
            .iter()
            .filter(|(atom, _)| !live_rules.contains_key(atom))
            .cloned()
            .collect();
        if !missing.is_empty() {
            // Only a rule with lists of sources can be there in part; the list names what is gone.
            if let Value::List(list) = Rules(missing).to_value() {
                for gone in list {
                    for list in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"] {
                        let values = gone.at([list]).cloned().unwrap_or_default();
                        if values.as_list().is_some_and(|values| !values.is_empty()) {
                            let pointer = AttributePath::root().child(list);
                            add(pointer, values, Value::List(Vec::new()));
                        }
                    }
                }
            }
        }
        let renamed = rule.rules.0.iter().find_map(|(atom, description)| {
            let seen = live_rules.get(atom)?;
            (description != seen).then(|| (description.clone(), (*seen).to_owned()))
        });
        if let Some((approved, seen)) = renamed {
            let pointer = AttributePath::root().child("description");
            add(pointer, Value::String(approved), Value::String(seen));
        }
    }

    /// Approved rule resources of this group and direction.
    fn approved_rules(
        &self,
        direction: Direction,
        parts: &[ResourceIx],
        owners: &[u32],
        live: &Live<'_>,
    ) -> Result<Vec<(u32, &ApprovedResource, &Resource, Rules)>, String> {
        let mut found = Vec::new();
        for part in parts {
            let Some(table) = self.catalogue.resource(*part) else {
                continue;
            };
            for number in self.approved_within(*part, table, owners, live) {
                let Some(resource) = self.resource(number) else {
                    continue;
                };
                let values = self.attribute_map(resource, table)?;
                if direction_of(table, &values) != Some(direction) {
                    continue;
                }
                let rules = Rules::from_resource(&values, &live.item.resource_id);
                let rules = rules.map_err(|error| format!("`{}`: {error}", resource.address))?;
                found.push((number, resource, table, rules));
            }
        }
        Ok(found)
    }

    pub(super) fn attribute_map(
        &self,
        resource: &ApprovedResource,
        table: &Resource,
    ) -> Result<BTreeMap<String, Value>, String> {
        let mut values = BTreeMap::new();
        for value in resource.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let name = row.pointer.as_str().trim_start_matches('/').to_owned();
            let read = stored_value(row, value, false, self.redactor);
            let read = read.map_err(|error| format!("`{}`, {name}: {error}", resource.address))?;
            values.insert(name, read);
        }
        Ok(values)
    }

    /// What the group's own plan writes inline; `None` if it leaves the rules to others.
    fn inline_row(
        &self,
        direction: Direction,
        owners: &[u32],
    ) -> Option<(&AttributeRow, StoredValue<'_>)> {
        let form = direction.form();
        owners.iter().find_map(|number| {
            let owner = self.resource(*number)?;
            let table = self.catalogue.resource(owner.resource?)?;
            let rows = owner.stored.iter().map_while(|value| {
                let row = table.table.attributes.get(value.slot)?;
                Some((row, value))
            });
            let mut inline = rows.filter(|(row, value)| {
                row.form == form && !value.sensitive && value.text != "null"
            });
            inline.next()
        })
    }

    pub(super) fn live_rules<'l>(
        &self,
        direction: Direction,
        live: &'l Live<'_>,
    ) -> Option<&'l str> {
        let own = self.catalogue.resource(*live.config.resources.first()?)?;
        let form = direction.form();
        let row = own
            .table
            .attributes
            .iter()
            .position(|row| row.form == form)?;
        own.live_slots
            .get(row)?
            .iter()
            .find_map(|slot| live.raw(*slot))
    }
}

struct OneRule<'a> {
    number: u32,
    resource: &'a ApprovedResource,
    table: &'a Resource,
    rules: &'a Rules,
}

pub(super) fn direction_of(
    table: &Resource,
    values: &BTreeMap<String, Value>,
) -> Option<Direction> {
    match table.table.type_name.as_str() {
        "aws_vpc_security_group_ingress_rule" => Some(Direction::Ingress),
        "aws_vpc_security_group_egress_rule" => Some(Direction::Egress),
        _ => match values.get("type")?.as_str()? {
            "ingress" => Some(Direction::Ingress),
            "egress" => Some(Direction::Egress),
            _ => None,
        },
    }
}
