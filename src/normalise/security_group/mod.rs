//! Security group rules, taken apart: one protocol, one range of ports, one source each.
//!
//! AWS merges and splits rules as it likes, and Terraform writes them in three ways: inline blocks,
//! `aws_security_group_rule` with lists, one `aws_vpc_security_group_*_rule` each. Taken apart, they
//! are all the same set.

mod node;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use node::Node;

use super::form::Form;
use crate::model::Value;

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

    /// The type by which to call a rule that nobody approved.
    pub fn rule_type(self) -> &'static str {
        match self {
            Self::Ingress => "aws_vpc_security_group_ingress_rule",
            Self::Egress => "aws_vpc_security_group_egress_rule",
        }
    }

    /// The form of a group's inline rules.
    pub fn form(self) -> Form {
        match self {
            Self::Ingress => Form::IngressRules,
            Self::Egress => Form::EgressRules,
        }
    }

    /// The way of the rules that are in this form.
    pub fn of(form: Form) -> Option<Self> {
        [Self::Ingress, Self::Egress]
            .into_iter()
            .find(|way| way.form() == form)
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
    /// As a rule of its own has it, in the group of that id.
    pub fn rule_value(&self, group: &str, description: &str) -> Value {
        let (name, source) = match &self.source {
            Source::Cidr(text) => ("cidr_ipv4", text.as_str()),
            Source::Cidr6(text) => ("cidr_ipv6", text.as_str()),
            Source::PrefixList(text) => ("prefix_list_id", text.as_str()),
            Source::Group(text) => ("referenced_security_group_id", text.as_str()),
            Source::Own => ("referenced_security_group_id", group),
        };
        let mut rule = BTreeMap::from([
            (
                "ip_protocol".to_owned(),
                Value::from(self.protocol.as_str()),
            ),
            (name.to_owned(), Value::from(source)),
        ]);
        if self.protocol != "-1" {
            rule.insert("from_port".to_owned(), Value::from(self.from_port));
            rule.insert("to_port".to_owned(), Value::from(self.to_port));
        }
        if !description.is_empty() {
            rule.insert("description".to_owned(), Value::from(description));
        }
        Value::Map(rule)
    }

    /// An id for a live rule of which none is known, in the group of that id.
    pub fn id(&self, group: &str, direction: Direction) -> String {
        format!("{group}/{}/{}", direction.as_str(), self.name())
    }

    fn name(&self) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    fn inline(text: &str) -> Rules {
        Rules::from_inline(&parse(text).unwrap()).unwrap()
    }

    fn config(text: &str) -> Rules {
        Rules::from_config(&parse(text).unwrap(), "sg-own", "1").unwrap()
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
    fn names_of_fields_have_any_case() {
        let text = r#"[{"ipProtocol":"tcp","fromPort":22,"toPort":23,"prefixListIds":[{"prefixListId":"pl-1"}],
            "ipv4Ranges":[{"cidrIp":"10.0.0.0/8","description":"x"}],"userIdGroupPairs":[{"groupId":"sg-2","userId":"9"}]}]"#;
        let names = [
            "ipProtocol",
            "fromPort",
            "toPort",
            "prefixListId",
            "ipv4Ranges",
            "cidrIp",
        ];
        let rest = ["description", "userIdGroupPairs", "groupId", "userId"];
        for name in names.into_iter().chain(rest) {
            let mut pascal = name.to_owned();
            pascal.get_mut(..1).unwrap().make_ascii_uppercase();
            let other = text.replace(&format!("\"{name}\":"), &format!("\"{pascal}\":"));
            assert_ne!(other, text, "{name}");
            assert_eq!(config(&other), config(text), "{name}");
        }
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
