//! Rules of a security group that are resources of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::approved_rules::OneRule;
use super::live::{Live, parsed_list};
use super::secrets::is_secret;
use super::{Comparer, Fate, Findings, Found, NotCompared, Presence};
use crate::decide::value::{Other, differences, stored_value, unreadable};
use crate::ingest::stored::StoredValue;
use crate::model::{AttributePath, Deviation, DeviationKind, TypeName, Value};
use crate::normalise::catalogue::ResourceIx;
use crate::normalise::equal::Difference;
use crate::normalise::security_group::{Atom, Direction, Rules};
use crate::normalise::table::AttributeRow;

const SECRET_RULES: &str = "the group's own rules are a secret, and others are resources of their own: \
    which live rule is whose cannot be told";

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
        let row = AttributePath::root().child(direction.as_str());
        let mut groups = owners.iter().filter_map(|owner| self.resource(*owner));
        if approved.is_empty() && groups.any(|group| self.is_ignored(group, &row)) {
            return Ok(());
        }
        let Some(raw) = self.live_rules(direction, live) else {
            for rule in approved {
                self.note(rule.number, Presence::NotRecorded, live, findings);
            }
            self.note_part_not_carried(&rule_type(direction), live, findings);
            return Ok(());
        };
        let list = Value::List(parsed_list(Some(raw))?);
        let unreadable = |error| format!("`{}`: {error}", live.item.resource_id);
        let seen = Rules::from_config(&list, &live.item.resource_id, live.account);
        let seen = seen.map_err(unreadable)?;
        let by_atom: BTreeMap<&Atom, &str> = seen
            .0
            .iter()
            .map(|(atom, description)| (atom, description.as_str()))
            .collect();
        let inline_rules = match &inline {
            Some(inline) if !inline.is_secret => {
                let read = stored_value(inline.row, inline.value, false, self.redactor);
                let rules = read.and_then(|value| Rules::from_inline(&value));
                rules.map_err(unreadable)?
            }
            Some(_) | None => Rules::default(),
        };
        let mut claimed: BTreeSet<&Atom> = inline_rules.0.iter().map(|(atom, _)| atom).collect();
        for rule in &approved {
            self.one_rule(rule, &by_atom, live, findings);
            claimed.extend(rule.rules.0.iter().map(|(atom, _)| atom));
        }
        if let Some(inline) = inline.filter(|inline| inline.is_secret) {
            // Which of the live rules are the group's own cannot be told.
            findings.not_compared.push(NotCompared {
                resource: inline.owner,
                time: live.time,
                slot: inline.value.slot,
                why: SECRET_RULES.into(),
            });
            return Ok(());
        }
        if owners.is_empty() {
            return Ok(());
        }
        let secret: Vec<_> = approved
            .iter()
            .filter_map(|rule| rule.secret.as_ref())
            .collect();
        for rule in seen.0.iter().filter(|(atom, _)| !claimed.contains(atom)) {
            if !secret.iter().any(|secret| secret.may_be(&rule.0)) {
                self.unmanaged_rule(direction, rule, live, findings);
            }
        }
        Ok(())
    }

    fn unmanaged_rule(
        &self,
        direction: Direction,
        (atom, description): &(Atom, String),
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let type_name = rule_type(direction);
        let group = &live.item.resource_id;
        let id = atom.id(group, direction);
        let value = atom.rule_value(group, description);
        self.note_unmanaged(&type_name, &id, value, live, false, findings);
    }

    fn one_rule(
        &self,
        rule: &OneRule<'_>,
        live_rules: &BTreeMap<&Atom, &str>,
        live: &Live<'_>,
        findings: &mut Findings,
    ) {
        let mut atoms = rule.rules.0.iter();
        let is_there = atoms.any(|(atom, _)| live_rules.contains_key(atom));
        let presence = match (&rule.secret, is_there) {
            (Some(_), _) => Presence::Secret,
            (None, true) => Presence::Present,
            (None, false) => Presence::Absent,
        };
        self.note(rule.number, presence, live, findings);
        if presence != Presence::Present {
            return;
        }
        let described = self.described(rule, live_rules, live, findings);
        let found: Vec<Difference> = gone(rule, live_rules)
            .into_iter()
            .chain(described)
            .collect();
        for value in rule.resource.stored.iter() {
            // A rule is taken apart and compared whole: each of its attributes is a part of it.
            let row = rule.table.table.attributes.get(value.slot);
            let differs = |row: &AttributeRow| found.iter().any(|own| own.pointer == row.pointer);
            let fate = match row.is_some_and(differs) {
                true => Fate::Differs,
                false => Fate::Equal,
            };
            findings.note_fate(rule.number, live, value.slot, fate);
        }
        for difference in found {
            let base = self.deviation_of(DeviationKind::Changed, rule.resource, rule.table, live);
            findings.differences.push(Found {
                resource: rule.number,
                time: live.time,
                deviation: Deviation {
                    attribute: Some(difference.pointer),
                    approved: difference.approved,
                    live: difference.live,
                    ..base
                },
            });
        }
    }

    /// Where the description differs.
    fn described(
        &self,
        rule: &OneRule<'_>,
        live_rules: &BTreeMap<&Atom, &str>,
        live: &Live<'_>,
        findings: &mut Findings,
    ) -> Vec<Difference> {
        let mut rows = rule.table.table.attributes.iter().enumerate();
        let row = rows.find(|(_, row)| row.pointer.as_str() == "/description");
        let Some((slot, row)) = row else {
            return Vec::new();
        };
        let value = rule.resource.stored.get(slot).unwrap_or(StoredValue {
            slot,
            text: "null",
            sensitive: false,
            from_state: false,
            is_written: false,
        });
        let secret_under = is_secret(rule.table, rule.resource, slot).then_some(self.redactor);
        let there = rule.rules.0.iter().find_map(|(atom, _)| {
            let seen = Value::from(*live_rules.get(atom)?);
            let approved = stored_value(row, value, secret_under.is_some(), self.redactor);
            let approved = approved.map_err(|error| unreadable("approved", &error));
            let told = approved.and_then(|approved| {
                let seen = Other::of(row, seen, secret_under);
                differences(row, &approved, &seen, self.redactor)
            });
            (told != Ok(Vec::new())).then_some(told)
        });
        match there {
            Some(Ok(found)) => return found,
            Some(Err(why)) => findings.not_compared.push(NotCompared {
                resource: rule.number,
                time: live.time,
                slot,
                why,
            }),
            None => {}
        }
        Vec::new()
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

/// The type by which to call a rule that nobody approved.
pub(super) fn rule_type(direction: Direction) -> TypeName {
    TypeName::from(direction.rule_type())
}

/// The sources of a rule that are gone. Only a rule with lists of them can be there in part.
fn gone(rule: &OneRule<'_>, live_rules: &BTreeMap<&Atom, &str>) -> Vec<Difference> {
    let missing = rule.rules.0.iter();
    let missing = missing.filter(|(atom, _)| !live_rules.contains_key(atom));
    let missing = Rules(missing.cloned().collect()).to_value();
    let mut found = Vec::new();
    for gone in missing.as_list().unwrap_or_default() {
        for list in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"] {
            let approved = gone.at([list]).cloned().unwrap_or_default();
            if approved.as_list().is_some_and(|values| !values.is_empty()) {
                found.push(Difference {
                    pointer: AttributePath::root().child(list),
                    approved,
                    live: Value::List(Vec::new()),
                });
            }
        }
    }
    found
}
