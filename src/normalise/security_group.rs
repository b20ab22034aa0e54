//! Security group rules, taken apart: one protocol, one range of ports, one source each.
//!
//! AWS merges and splits rules as it likes, and Terraform writes them in three ways: inline blocks,
//! `aws_security_group_rule` with lists, one `aws_vpc_security_group_*_rule` each. Taken apart, they
//! are all the same set.

use std::collections::{BTreeMap, BTreeSet};

use super::cidr;
use super::form::FormError;
use crate::model::{Number, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// What one rule admits, its description apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Atom {
    pub protocol: String,
    pub from_port: i64,
    pub to_port: i64,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Cidr(String),
    Cidr6(String),
    PrefixList(String),
    Group(String),
    /// The group itself.
    Own,
}

/// A set of atoms with their descriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(pub BTreeSet<(Atom, String)>);

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
    pub fn from_config(
        value: &Value,
        _direction: Direction,
        own_id: &str,
        own_account: &str,
    ) -> Result<Self, FormError> {
        let mut rules = Self::default();
        let list = match value {
            Value::Null => return Ok(rules),
            other => other
                .as_list()
                .ok_or(FormError::Shape("a list of permissions"))?,
        };
        for permission in list {
            let ports = Ports::of(permission, "ipProtocol", "fromPort", "toPort")?;
            let ranges = |key: &str, field: &str| -> Vec<(String, String)> {
                let list = permission
                    .at([key])
                    .and_then(Value::as_list)
                    .unwrap_or_default();
                list.iter()
                    .filter_map(|range| described(range, field))
                    .collect()
            };
            let mut v4 = ranges("ipv4Ranges", "cidrIp");
            if v4.is_empty() {
                v4 = ranges("ipRanges", "cidrIp");
            }
            for (cidr, description) in v4 {
                rules.add(&ports, Source::Cidr(cidr::canonical(&cidr)), &description);
            }
            for (cidr, description) in ranges("ipv6Ranges", "cidrIpv6") {
                rules.add(&ports, Source::Cidr6(cidr::canonical(&cidr)), &description);
            }
            for (list, description) in ranges("prefixListIds", "prefixListId") {
                rules.add(&ports, Source::PrefixList(list), &description);
            }
            let pairs = permission.at(["userIdGroupPairs"]).and_then(Value::as_list);
            for pair in pairs.unwrap_or_default() {
                let Some(group) = text(pair.at(["groupId"])) else {
                    continue;
                };
                let owner = text(pair.at(["userId"])).unwrap_or_default();
                let source = if group == own_id {
                    Source::Own
                } else if owner.is_empty() || owner == own_account {
                    Source::Group(group)
                } else {
                    Source::Group(format!("{owner}/{group}"))
                };
                rules.add(
                    &ports,
                    source,
                    &text(pair.at(["description"])).unwrap_or_default(),
                );
            }
        }
        Ok(rules)
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

    /// In Terraform's inline form, rules that differ only in their source put together.
    pub fn to_value(&self) -> Value {
        let mut merged: BTreeMap<(&str, i64, i64, &str), Vec<&Source>> = BTreeMap::new();
        for (atom, description) in &self.0 {
            let key = (
                atom.protocol.as_str(),
                atom.from_port,
                atom.to_port,
                description.as_str(),
            );
            merged.entry(key).or_default().push(&atom.source);
        }
        let rules = merged
            .into_iter()
            .map(|((protocol, from, to, description), sources)| {
                let pick = |which: fn(&Source) -> Option<&str>| {
                    Value::List(
                        sources
                            .iter()
                            .filter_map(|source| which(source))
                            .map(Value::from)
                            .collect(),
                    )
                };
                Value::Map(BTreeMap::from([
                    ("cidr_blocks".to_owned(), pick(cidr_of)),
                    ("description".to_owned(), Value::from(description)),
                    ("from_port".to_owned(), Value::from(from)),
                    ("ipv6_cidr_blocks".to_owned(), pick(cidr6_of)),
                    ("prefix_list_ids".to_owned(), pick(prefix_list_of)),
                    ("protocol".to_owned(), Value::from(protocol)),
                    ("security_groups".to_owned(), pick(group_of)),
                    (
                        "self".to_owned(),
                        Value::Bool(sources.contains(&&Source::Own)),
                    ),
                    ("to_port".to_owned(), Value::from(to)),
                ]))
            });
        Value::List(rules.collect())
    }

    /// The rules only in `self`.
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }
}

impl Atom {
    /// A name for a live rule of which no id is known.
    pub fn name(&self) -> String {
        let source = match &self.source {
            Source::Cidr(text)
            | Source::Cidr6(text)
            | Source::PrefixList(text)
            | Source::Group(text) => text,
            Source::Own => "self",
        };
        format!(
            "{}/{}-{}/{source}",
            self.protocol, self.from_port, self.to_port
        )
    }
}

fn cidr_of(source: &Source) -> Option<&str> {
    match source {
        Source::Cidr(text) => Some(text),
        Source::Cidr6(_) | Source::PrefixList(_) | Source::Group(_) | Source::Own => None,
    }
}

fn cidr6_of(source: &Source) -> Option<&str> {
    match source {
        Source::Cidr6(text) => Some(text),
        Source::Cidr(_) | Source::PrefixList(_) | Source::Group(_) | Source::Own => None,
    }
}

fn prefix_list_of(source: &Source) -> Option<&str> {
    match source {
        Source::PrefixList(text) => Some(text),
        Source::Cidr(_) | Source::Cidr6(_) | Source::Group(_) | Source::Own => None,
    }
}

fn group_of(source: &Source) -> Option<&str> {
    match source {
        Source::Group(text) => Some(text),
        Source::Cidr(_) | Source::Cidr6(_) | Source::PrefixList(_) | Source::Own => None,
    }
}

struct Ports {
    protocol: String,
    from: i64,
    to: i64,
}

impl Ports {
    fn of(rule: &Value, protocol: &str, from: &str, to: &str) -> Result<Self, FormError> {
        let name = text(rule.at([protocol])).ok_or(FormError::Shape("a rule with a protocol"))?;
        let protocol = protocol_name(&name);
        let port = |key: &str| number(rule.at([key]));
        // With all protocols there are no ports, whatever one side writes for them.
        let (from, to) = match protocol.as_str() {
            "-1" => (0, 0),
            _ => (port(from).unwrap_or(0), port(to).unwrap_or(0)),
        };
        Ok(Self { protocol, from, to })
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

fn described(range: &Value, field: &str) -> Option<(String, String)> {
    match range {
        Value::String(text) => Some((text.clone(), String::new())),
        other => {
            let description = text(other.at(["description"])).unwrap_or_default();
            Some((text(other.at([field]))?, description))
        }
    }
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

fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    fn inline(text: &str) -> Rules {
        Rules::from_inline(&parse(text).unwrap()).unwrap()
    }

    fn config(text: &str) -> Rules {
        Rules::from_config(&parse(text).unwrap(), Direction::Ingress, "sg-own", "1").unwrap()
    }

    #[test]
    fn the_same_rules_however_they_are_written() {
        let terraform = inline(
            r#"[{"protocol":"6","from_port":443,"to_port":443,"description":"",
                 "cidr_blocks":["10.0.0.1/8","10.9.0.0/16"],"security_groups":["sg-2"],"self":true}]"#,
        );
        let live = config(
            r#"[{"ipProtocol":"tcp","fromPort":443,"toPort":443,
                 "ipv4Ranges":[{"cidrIp":"10.9.0.0/16"}],"ipRanges":["10.9.0.0/16"],
                 "userIdGroupPairs":[{"groupId":"sg-own"},{"groupId":"sg-2","userId":"1"}]},
                {"ipProtocol":"tcp","fromPort":443,"toPort":443,"ipRanges":["10.0.0.0/8"]}]"#,
        );
        assert_eq!(terraform, live);
        assert_eq!(
            Rules::from_inline(&terraform.to_value()).unwrap(),
            terraform
        );
    }

    #[test]
    fn near_misses_differ() {
        let base =
            r#"[{"protocol":"tcp","from_port":22,"to_port":22,"cidr_blocks":["10.0.0.0/8"]}]"#;
        for (from, to) in [
            ("\"tcp\"", "\"udp\""),
            ("\"from_port\":22", "\"from_port\":21"),
            ("10.0.0.0/8", "10.0.0.0/9"),
            ("\"cidr_blocks\"", "\"prefix_list_ids\""),
            ("22,\"cidr", "22,\"description\":\"x\",\"cidr"),
        ] {
            let other = base.replace(from, to);
            assert_ne!(other, base);
            assert_ne!(inline(base), inline(&other), "{from} -> {to}");
        }
    }

    #[test]
    fn all_protocols_have_no_ports() {
        let one = config(r#"[{"ipProtocol":"-1","ipRanges":[{"cidrIp":"0.0.0.0/0"}]}]"#);
        let two = inline(
            r#"[{"protocol":"all","from_port":0,"to_port":65535,"cidr_blocks":["0.0.0.0/0"]}]"#,
        );
        assert_eq!(one, two);
        let tcp = inline(
            r#"[{"protocol":"tcp","from_port":0,"to_port":65535,"cidr_blocks":["0.0.0.0/0"]}]"#,
        );
        assert_ne!(one, tcp);
    }
}
