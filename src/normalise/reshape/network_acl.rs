//! Entries of a network ACL.

use std::collections::BTreeMap;

use super::{blocks, get};
use crate::model::{Number, Value};
use crate::normalise::cidr;
use crate::normalise::form::{FormError, Side};
use crate::normalise::security_group::Direction;

/// The entries that deny what no other entry admits. Each list has them, and nobody can change them.
const LAST: Number = Number::Int(32766);

/// `ingress` or `egress` of `aws_network_acl`, sorted. Ports count for TCP and UDP only, types and
/// codes for ICMP only, whatever one side writes for them.
pub fn acl_entries(value: Value, direction: Direction, side: Side<'_>) -> Result<Value, FormError> {
    let mut entries = Vec::new();
    for entry in blocks(value)? {
        let is_live = match side {
            Side::Approved => false,
            Side::Live { .. } => {
                let is_egress = get(&entry, "egress") == Value::Bool(true);
                let is_last = number(get(&entry, "ruleNumber")).is_none_or(|rule| rule > LAST);
                if is_egress != (direction == Direction::Egress) || is_last {
                    continue;
                }
                true
            }
        };
        let at = |approved: &str, live: &str| get(&entry, if is_live { live } else { approved });
        let protocol = protocol_number(at("protocol", "protocol"));
        let has_ports = matches!(protocol.as_str(), "6" | "17");
        let has_types = matches!(protocol.as_str(), "1" | "58");
        let counted = |counts: bool, value: Value| match number(value) {
            Some(number) if counts => Value::Number(number),
            _ => Value::from(0i64),
        };
        let text = |value: Value| match value {
            Value::String(text) => cidr::canonical(&text),
            _ => String::new(),
        };
        let action = at("action", "ruleAction");
        let action = action.as_str().unwrap_or_default().to_ascii_lowercase();
        let rule = number(at("rule_no", "ruleNumber"));
        let rule = rule.ok_or(FormError::Shape("an entry with a number"))?;
        let fields = [
            ("action", Value::String(action)),
            (
                "cidr_block",
                Value::String(text(at("cidr_block", "cidrBlock"))),
            ),
            (
                "from_port",
                counted(has_ports, at("from_port", "portRange.from")),
            ),
            (
                "icmp_code",
                counted(has_types, at("icmp_code", "icmpTypeCode.code")),
            ),
            (
                "icmp_type",
                counted(has_types, at("icmp_type", "icmpTypeCode.type")),
            ),
            (
                "ipv6_cidr_block",
                Value::String(text(at("ipv6_cidr_block", "ipv6CidrBlock"))),
            ),
            ("protocol", Value::String(protocol)),
            ("rule_no", Value::Number(rule)),
            ("to_port", counted(has_ports, at("to_port", "portRange.to"))),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        entries.push(Value::Map(BTreeMap::from(fields)));
    }
    entries.sort();
    entries.dedup();
    Ok(Value::List(entries))
}

fn number(value: Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number),
        Value::String(text) => Number::parse(&text),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}

/// As AWS gives it. Terraform also knows the names of the common ones.
fn protocol_number(value: Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => {
            String::new()
        }
    };
    match text.as_str() {
        "all" => "-1".to_owned(),
        "tcp" => "6".to_owned(),
        "udp" => "17".to_owned(),
        "icmp" => "1".to_owned(),
        "icmpv6" | "ipv6-icmp" => "58".to_owned(),
        _ => text,
    }
}
