//! What is approved of the rules of a security group, each as resource of its own or by the group.

use std::collections::BTreeMap;

use super::Comparer;
use super::live::Live;
use super::secrets::is_secret;
use crate::decide::baseline::ApprovedResource;
use crate::decide::value::{is_null, stored_value};
use crate::ingest::stored::StoredValue;
use crate::model::Value;
use crate::normalise::catalogue::{Resource, ResourceIx};
use crate::normalise::security_group::{Atom, Direction, Rules};
use crate::normalise::table::AttributeRow;

/// An approved rule that is a resource of its own.
pub(super) struct OneRule<'a> {
    pub(super) number: u32,
    pub(super) resource: &'a ApprovedResource,
    pub(super) table: &'a Resource,
    /// What it admits, as far as that is known.
    pub(super) rules: Rules,
    /// Part of what it admits is a secret: which live rule it is cannot be told.
    pub(super) secret: Option<SecretRule>,
}

/// What is known of a rule of which some is a secret.
pub(super) enum SecretRule {
    Anything,
    /// Protocol and ports are those of the atom; the sources are not known.
    LikeIn(Atom),
}

/// The rules that a group's own plan writes inline.
pub(super) struct Inline<'a> {
    pub(super) owner: u32,
    pub(super) row: &'a AttributeRow,
    pub(super) value: StoredValue<'a>,
    pub(super) is_secret: bool,
}

impl SecretRule {
    pub(super) fn may_be(&self, live: &Atom) -> bool {
        match self {
            Self::Anything => true,
            Self::LikeIn(atom) => {
                let way = |atom: &Atom| (atom.protocol.clone(), atom.from_port, atom.to_port);
                way(atom) == way(live)
            }
        }
    }
}

impl Comparer<'_> {
    /// Approved rule resources of this group and direction.
    pub(super) fn approved_rules(
        &self,
        direction: Direction,
        parts: &[ResourceIx],
        owners: &[u32],
        live: &Live<'_>,
    ) -> Result<Vec<OneRule<'_>>, String> {
        let mut found = Vec::new();
        for part in parts {
            let Some(table) = self.catalogue.resource(*part) else {
                continue;
            };
            for number in self.approved_within(*part, table, owners, live) {
                let Some(resource) = self.resource(number) else {
                    continue;
                };
                let (values, secret) = self.attributes(resource, table)?;
                let way = direction_of(table, &values);
                if way.is_some_and(|way| way != direction) || way.is_none() && secret.is_empty() {
                    continue;
                }
                let (rules, secret) = match secret.is_empty() {
                    true => (Rules::from_resource(&values, &live.item.resource_id), None),
                    false => known_of(values, &secret, &live.item.resource_id),
                };
                let rules = rules.map_err(|error| format!("`{}`: {error}", resource.address))?;
                found.push(OneRule {
                    number,
                    resource,
                    table,
                    rules,
                    secret,
                });
            }
        }
        Ok(found)
    }

    /// The values by name, and the names of those that tell the rule from others and are secrets.
    pub(super) fn attributes(
        &self,
        resource: &ApprovedResource,
        table: &Resource,
    ) -> Result<(BTreeMap<String, Value>, Vec<String>), String> {
        let (mut values, mut secret) = (BTreeMap::new(), Vec::new());
        for value in resource.stored.iter() {
            let Some(row) = table.table.attributes.get(value.slot) else {
                break;
            };
            let name = row.pointer.as_str().trim_start_matches('/').to_owned();
            let hides = is_secret(table, resource, value.slot) && name != "description";
            if hides && !is_null(value, row.form, self.redactor) {
                secret.push(name);
            } else if !value.sensitive {
                let read = stored_value(row, value, false, self.redactor);
                let read =
                    read.map_err(|error| format!("`{}`, {name}: {error}", resource.address))?;
                values.insert(name, read);
            }
        }
        Ok((values, secret))
    }

    /// What the group's own plan writes inline; `None` if it leaves the rules to others.
    pub(super) fn inline_row(&self, direction: Direction, owners: &[u32]) -> Option<Inline<'_>> {
        let form = direction.form();
        owners.iter().find_map(|owner| {
            let resource = self.resource(*owner)?;
            let table = self.catalogue.resource(resource.resource?)?;
            let rows = resource.stored.iter().map_while(|value| {
                let row = table.table.attributes.get(value.slot)?;
                Some(Inline {
                    owner: *owner,
                    row,
                    value,
                    is_secret: false,
                })
            });
            let mut inline = rows.filter(|inline| {
                inline.row.form == form && !is_null(inline.value, form, self.redactor)
            });
            inline.next().map(|inline| Inline {
                is_secret: is_secret(table, resource, inline.value.slot),
                ..inline
            })
        })
    }
}

/// The part of a rule that is no secret.
fn known_of(
    values: BTreeMap<String, Value>,
    secret: &[String],
    own_id: &str,
) -> (
    Result<Rules, crate::normalise::FormError>,
    Option<SecretRule>,
) {
    let is_source = |name: &String| {
        !matches!(
            name.as_str(),
            "protocol" | "ip_protocol" | "from_port" | "to_port"
        )
    };
    if !secret.iter().all(is_source) {
        return (Ok(Rules::default()), Some(SecretRule::Anything));
    }
    let rules = Rules::from_resource(&values, own_id);
    let mut like = values;
    like.insert("self".to_owned(), Value::Bool(true));
    let like = Rules::from_resource(&like, own_id).unwrap_or_default();
    let like = like.0.into_iter().next().map(|(atom, _)| atom);
    let known = like.map_or(SecretRule::Anything, SecretRule::LikeIn);
    (rules, Some(known))
}

pub(in crate::decide) fn direction_of(
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
