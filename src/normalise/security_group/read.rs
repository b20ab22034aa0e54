//! The forms in which rules are written, read into atoms.

use std::collections::BTreeMap;

use super::{Atom, Rules, Source};
use crate::model::{Number, Value};
use crate::normalise::cidr;
use crate::normalise::form::FormError;
use crate::normalise::path::folded_eq;

impl Rules {
    /// Reads Terraform's inline form: a list of objects with lists of sources.
    pub fn from_inline(value: &Value) -> Result<Self, FormError> {
        let mut rules = Self::default();
        for rule in value.as_list().ok_or(FormError::Shape("a list of rules"))? {
            let ports = Ports::of(rule, "protocol", "from_port", "to_port")?;
            let description = text(rule.at(["description"])).unwrap_or_default();
            let mut add = |source| rules.add(&ports, source, &description);
            strings(rule, "cidr_blocks").for_each(|cidr| add(Source::Cidr(cidr::canonical(&cidr))));
            strings(rule, "ipv6_cidr_blocks")
                .for_each(|cidr| add(Source::Cidr6(cidr::canonical(&cidr))));
            strings(rule, "prefix_list_ids").for_each(|list| add(Source::PrefixList(list)));
            strings(rule, "security_groups").for_each(|group| add(Source::Group(group)));
            if rule.at(["self"]) == Some(&Value::Bool(true)) {
                add(Source::Own);
            }
        }
        Ok(rules)
    }

    /// Reads the form of AWS Config, old items among it: there the ranges are plain strings.
    pub fn from_config(value: &Value, own_id: &str, own_account: &str) -> Result<Self, FormError> {
        let mut rules = Self::default();
        let list = match value {
            Value::Null => return Ok(rules),
            other => other
                .as_list()
                .ok_or(FormError::Shape("a list of permissions"))?,
        };
        for permission in list {
            let ports = Ports::of(permission, "ipProtocol", "fromPort", "toPort")?;
            rules.add_ranges(&ports, permission)?;
            for pair in list_at(permission, "userIdGroupPairs")? {
                let source = group_of(pair, own_id, own_account)?;
                let description = text(field(pair, "description")).unwrap_or_default();
                rules.add(&ports, source, &description);
            }
        }
        Ok(rules)
    }

    fn add_ranges(&mut self, ports: &Ports, permission: &Value) -> Result<(), FormError> {
        let ranges = |key: &str, field: &str| -> Result<Vec<(String, String)>, FormError> {
            let list = list_at(permission, key)?.iter();
            list.map(|range| described(range, field)).collect()
        };
        let v4 = ranges("ipv4Ranges", "cidrIp")?;
        // The older of the two lists has the same ranges without descriptions.
        let old = ranges("ipRanges", "cidrIp")?.into_iter();
        let only_old = old.filter(|(cidr, _)| !v4.iter().any(|(known, _)| known == cidr));
        for (cidr, description) in only_old.collect::<Vec<_>>().iter().chain(&v4) {
            self.add(ports, Source::Cidr(cidr::canonical(cidr)), description);
        }
        for (cidr, description) in ranges("ipv6Ranges", "cidrIpv6")? {
            self.add(ports, Source::Cidr6(cidr::canonical(&cidr)), &description);
        }
        for (list, description) in ranges("prefixListIds", "prefixListId")? {
            self.add(ports, Source::PrefixList(list), &description);
        }
        Ok(())
    }

    /// Reads one `aws_security_group_rule` or `aws_vpc_security_group_*_rule`.
    pub fn from_resource(
        values: &BTreeMap<String, Value>,
        own_id: &str,
    ) -> Result<Self, FormError> {
        let rule = Value::Map(values.clone());
        let mut rules = Self::default();
        let protocol = if values.contains_key("ip_protocol") {
            "ip_protocol"
        } else {
            "protocol"
        };
        let ports = Ports::of(&rule, protocol, "from_port", "to_port")?;
        let description = text(rule.at(["description"])).unwrap_or_default();
        let mut add = |source| rules.add(&ports, source, &description);
        let one = |key: &str| text(rule.at([key])).filter(|text| !text.is_empty());
        strings(&rule, "cidr_blocks")
            .chain(one("cidr_ipv4"))
            .for_each(|cidr| add(Source::Cidr(cidr::canonical(&cidr))));
        strings(&rule, "ipv6_cidr_blocks")
            .chain(one("cidr_ipv6"))
            .for_each(|cidr| add(Source::Cidr6(cidr::canonical(&cidr))));
        strings(&rule, "prefix_list_ids")
            .chain(one("prefix_list_id"))
            .for_each(|list| add(Source::PrefixList(list)));
        one("source_security_group_id")
            .into_iter()
            .chain(one("referenced_security_group_id"))
            .for_each(|group| {
                add(if group == own_id {
                    Source::Own
                } else {
                    Source::Group(group)
                })
            });
        if rule.at(["self"]) == Some(&Value::Bool(true)) {
            add(Source::Own);
        }
        Ok(rules)
    }

    fn add(&mut self, ports: &Ports, source: Source, description: &str) {
        let atom = Atom {
            protocol: ports.protocol.clone(),
            from_port: ports.from,
            to_port: ports.to,
            source,
        };
        self.0.insert((atom, description.to_owned()));
    }
}

/// A group as source, with its account where that is another one.
fn group_of(pair: &Value, own_id: &str, own_account: &str) -> Result<Source, FormError> {
    // Groups outside any VPC had names only.
    let group = text(field(pair, "groupId")).or_else(|| text(field(pair, "groupName")));
    let group = group.ok_or(FormError::Shape("a group with an id"))?;
    let owner = text(field(pair, "userId")).unwrap_or_default();
    Ok(if group == own_id {
        Source::Own
    } else if owner.is_empty() || owner == own_account {
        Source::Group(group)
    } else {
        Source::Group(format!("{owner}/{group}"))
    })
}

struct Ports {
    protocol: String,
    from: i64,
    to: i64,
}

impl Ports {
    fn of(rule: &Value, protocol: &str, from: &str, to: &str) -> Result<Self, FormError> {
        let name = text(field(rule, protocol)).ok_or(FormError::Shape("a rule with a protocol"))?;
        let protocol = protocol_name(&name);
        // EC2 looks at ports, or ICMP types and codes, with these protocols only: with any other
        // the rule holds for all traffic, whatever one side writes for them.
        let (from, to) = match protocol.as_str() {
            "tcp" | "udp" | "icmp" | "icmpv6" => (port(rule, from)?, port(rule, to)?),
            _ => (0, 0),
        };
        Ok(Self { protocol, from, to })
    }
}

/// Nothing and -1 stand for all; no port has that number.
fn port(rule: &Value, key: &str) -> Result<i64, FormError> {
    match field(rule, key) {
        None | Some(Value::Null) => Ok(-1),
        Some(value) => number(value).ok_or(FormError::Shape("a port number")),
    }
}

fn protocol_name(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    match text.as_str() {
        "all" => "-1".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        _ => text,
    }
}

/// The address and the description of one range; old items have the bare address.
fn described(range: &Value, name: &str) -> Result<(String, String), FormError> {
    let address = match range {
        Value::String(address) => return Ok((address.clone(), String::new())),
        other => text(field(other, name)),
    };
    let address = address.ok_or(FormError::Shape("a range with an address"))?;
    Ok((
        address,
        text(field(range, "description")).unwrap_or_default(),
    ))
}

fn list_at<'v>(rule: &'v Value, key: &str) -> Result<&'v [Value], FormError> {
    match field(rule, key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(value) => value.as_list().ok_or(FormError::Shape("a list of sources")),
    }
}

/// A field by its name, whatever its case: AWS changes that of whole types.
fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = value.as_map()?;
    let folded = || fields.iter().find(|(known, _)| folded_eq(known, name));
    fields
        .get(name)
        .or_else(|| folded().map(|(_, value)| value))
}

fn strings<'v>(rule: &'v Value, key: &str) -> impl Iterator<Item = String> + 'v {
    let list = rule.at([key]).and_then(Value::as_list).unwrap_or_default();
    list.iter().filter_map(|element| text(Some(element)))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::Int(int)) => i64::try_from(*int).ok(),
        Value::String(text) => text.parse().ok(),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Sensitive(_) => None,
    }
}
