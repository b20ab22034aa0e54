//! The forms in which rules are written, read into atoms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::node::Node;
use super::{Atom, Rules, Source};
use crate::model::Value;
use crate::normalise::cidr;
use crate::normalise::form::FormError;

impl Rules {
    /// Reads Terraform's inline form: a list of objects with lists of sources.
    pub fn from_inline(value: &impl Node) -> Result<Self, FormError> {
        let mut rules = Self::default();
        let list = value.elements();
        for rule in list.ok_or(FormError::Shape("a list of rules"))? {
            let ports = Ports::of(rule, "protocol", "from_port", "to_port")?;
            let description = text(rule.member("description")).unwrap_or_default();
            let mut add = |source| rules.add(&ports, source, &description);
            strings(rule, "cidr_blocks").for_each(|cidr| add(Source::Cidr(cidr::canonical(&cidr))));
            strings(rule, "ipv6_cidr_blocks")
                .for_each(|cidr| add(Source::Cidr6(cidr::canonical(&cidr))));
            strings(rule, "prefix_list_ids")
                .for_each(|list| add(Source::PrefixList(list.into_owned())));
            strings(rule, "security_groups")
                .for_each(|group| add(Source::Group(group.into_owned())));
            if rule.member("self").is_some_and(Node::is_true) {
                add(Source::Own);
            }
        }
        Ok(rules)
    }

    /// Reads the form of AWS Config, old items among it: there the ranges are plain strings.
    pub fn from_config(
        value: &impl Node,
        own_id: &str,
        own_account: &str,
    ) -> Result<Self, FormError> {
        let mut rules = Self::default();
        if value.is_null() {
            return Ok(rules);
        }
        let list = value.elements();
        for permission in list.ok_or(FormError::Shape("a list of permissions"))? {
            let ports = Ports::of(permission, "ipProtocol", "fromPort", "toPort")?;
            rules.add_ranges(&ports, permission)?;
            for pair in list_at(permission, "userIdGroupPairs")? {
                let source = group_of(pair, own_id, own_account)?;
                let description = text(pair.field("description")).unwrap_or_default();
                rules.add(&ports, source, &description);
            }
        }
        Ok(rules)
    }

    fn add_ranges<N: Node>(&mut self, ports: &Ports, permission: &N) -> Result<(), FormError> {
        type Ranges<'r> = Vec<(Cow<'r, str>, Cow<'r, str>)>;
        let ranges = |key: &str, field: &str| -> Result<Ranges<'_>, FormError> {
            let list = list_at(permission, key)?.iter();
            list.map(|range| described(range, field)).collect()
        };
        let v4 = ranges("ipv4Ranges", "cidrIp")?;
        // The older of the two lists has the same ranges without descriptions.
        let old = ranges("ipRanges", "cidrIp")?;
        let is_only_old =
            |(cidr, _): &&(Cow<'_, str>, Cow<'_, str>)| !v4.iter().any(|(known, _)| known == cidr);
        for (cidr, description) in old.iter().filter(is_only_old).chain(&v4) {
            self.add(ports, Source::Cidr(cidr::canonical(cidr)), description);
        }
        for (cidr, description) in ranges("ipv6Ranges", "cidrIpv6")? {
            self.add(ports, Source::Cidr6(cidr::canonical(&cidr)), &description);
        }
        for (list, description) in ranges("prefixListIds", "prefixListId")? {
            self.add(ports, Source::PrefixList(list.into_owned()), &description);
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
        let description = text(rule.member("description")).unwrap_or_default();
        let mut add = |source| rules.add(&ports, source, &description);
        let one = |key: &str| text(rule.member(key)).filter(|text| !text.is_empty());
        strings(&rule, "cidr_blocks")
            .chain(one("cidr_ipv4"))
            .for_each(|cidr| add(Source::Cidr(cidr::canonical(&cidr))));
        strings(&rule, "ipv6_cidr_blocks")
            .chain(one("cidr_ipv6"))
            .for_each(|cidr| add(Source::Cidr6(cidr::canonical(&cidr))));
        strings(&rule, "prefix_list_ids")
            .chain(one("prefix_list_id"))
            .for_each(|list| add(Source::PrefixList(list.into_owned())));
        one("source_security_group_id")
            .into_iter()
            .chain(one("referenced_security_group_id"))
            .for_each(|group| {
                add(if group == own_id {
                    Source::Own
                } else {
                    Source::Group(group.into_owned())
                })
            });
        if rule.member("self").is_some_and(Node::is_true) {
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
fn group_of(pair: &impl Node, own_id: &str, own_account: &str) -> Result<Source, FormError> {
    // Groups outside any VPC had names only.
    let group = text(pair.field("groupId")).or_else(|| text(pair.field("groupName")));
    let group = group.ok_or(FormError::Shape("a group with an id"))?;
    let owner = text(pair.field("userId")).unwrap_or_default();
    Ok(if group == own_id {
        Source::Own
    } else if owner.is_empty() || owner == own_account {
        Source::Group(group.into_owned())
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
    fn of(rule: &impl Node, protocol: &str, from: &str, to: &str) -> Result<Self, FormError> {
        let name = text(rule.field(protocol)).ok_or(FormError::Shape("a rule with a protocol"))?;
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
fn port(rule: &impl Node, key: &str) -> Result<i64, FormError> {
    match rule.field(key).filter(|value| !value.is_null()) {
        None => Ok(-1),
        Some(value) => value.integer().ok_or(FormError::Shape("a port number")),
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
fn described<'r>(
    range: &'r impl Node,
    name: &str,
) -> Result<(Cow<'r, str>, Cow<'r, str>), FormError> {
    if let Some(address) = range.string() {
        return Ok((Cow::Borrowed(address), Cow::default()));
    }
    let address = text(range.field(name));
    let address = address.ok_or(FormError::Shape("a range with an address"))?;
    let description = text(range.field("description")).unwrap_or_default();
    Ok((address, description))
}

fn list_at<'v, N: Node>(rule: &'v N, key: &str) -> Result<&'v [N], FormError> {
    match rule.field(key).filter(|value| !value.is_null()) {
        None => Ok(&[]),
        Some(value) => value
            .elements()
            .ok_or(FormError::Shape("a list of sources")),
    }
}

fn strings<'v, N: Node>(rule: &'v N, key: &str) -> impl Iterator<Item = Cow<'v, str>> + use<'v, N> {
    let list = rule
        .member(key)
        .and_then(Node::elements)
        .unwrap_or_default();
    list.iter().filter_map(Node::text)
}

fn text(value: Option<&impl Node>) -> Option<Cow<'_, str>> {
    value?.text()
}
