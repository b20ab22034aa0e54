//! Whether what a provider found is just what nobody approved: by the id and the value of the finding,
//! in the words of its table.

use crate::decide::compare::id_within;
use crate::model::{FixSubject, ProviderId, Value};
use crate::normalise::catalogue::{Catalogue, Resource};
use crate::normalise::cidr;
use crate::normalise::form::Form;
use crate::normalise::path::{Path, find};
use crate::normalise::security_group::{Direction, Rules};
use crate::normalise::table::{AttributeRow, KeyPair, Member};

/// Holds what was read of it, in the words of Terraform, against the finding.
///
/// # Errors
/// In words, why it is not what the finding says. No value is in it.
pub fn recognise(catalogue: &Catalogue, subject: &FixSubject, read: &Value) -> Result<(), String> {
    let index = catalogue.find(subject.type_name.as_str());
    let resource = index.and_then(|index| catalogue.resource(index));
    let resource = resource.ok_or("no table has its type")?;
    let (id, value) = match &resource.table.member {
        Member::SecurityGroupRule => rule(subject, read)?,
        Member::Each { element, .. } if resource.table.attributes.is_empty() => {
            (element_id(resource, element, read)?, Value::Null)
        }
        Member::Each { .. } | Member::Part { .. } | Member::Whole => {
            return Err("nothing says how to tell one of its type from others".to_owned());
        }
    };
    if subject.provider_id.as_ref().map(ProviderId::as_str) != Some(&*id) {
        return Err("the provider found another one than the finding names".to_owned());
    }
    match value == subject.live {
        true => Ok(()),
        false => Err("it is not as the finding saw it".to_owned()),
    }
}

/// Whether what it lies within shows it, as a provider read that: then it is not gone, whoever says so.
pub fn is_shown(
    catalogue: &Catalogue,
    subject: &FixSubject,
    (owner_type, name): (&str, &str),
    owner: &Value,
) -> bool {
    let of = |type_name: &str| catalogue.resource(catalogue.find(type_name)?);
    let (Some(table), Some(own)) = (of(owner_type), of(subject.type_name.as_str())) else {
        return false;
    };
    let rows = table.table.attributes.iter();
    let mut rows = rows.filter(|row| row.separate.contains(&subject.type_name));
    let wanted = subject.provider_id.as_ref().map(ProviderId::as_str);
    rows.any(|row| {
        let ids = ids_in(row, own, name, owner);
        ids.iter().any(|id| Some(&**id) == wanted)
    })
}

/// The ids of what an attribute of the owner shows.
fn ids_in(row: &AttributeRow, own: &Resource, name: &str, owner: &Value) -> Vec<String> {
    let none = Value::Null;
    let value = owner.at(row.pointer.tokens()).unwrap_or(&none);
    let direction = match row.form {
        Form::IngressRules => Some(Direction::Ingress),
        Form::EgressRules => Some(Direction::Egress),
        _ => None,
    };
    let Some(direction) = direction else {
        let texts = value.as_list().into_iter().flatten();
        let texts = texts.filter_map(Value::as_str);
        return texts
            .map(|text| id_within(own, name, &[cidr::canonical(text)]))
            .collect();
    };
    let rules = Rules::from_inline(value).unwrap_or_default().0;
    rules
        .iter()
        .map(|(atom, _)| atom.id(name, direction))
        .collect()
}

/// A rule of a security group has no id that an item would carry: it is what it admits.
fn rule(subject: &FixSubject, read: &Value) -> Result<(String, Value), String> {
    let unreadable = || "what the provider found is no rule of a security group".to_owned();
    let values = read.as_map().ok_or_else(unreadable)?;
    let text = |name: &str| values.get(name).and_then(Value::as_str);
    let group = text("security_group_id").ok_or_else(unreadable)?;
    let directions = [Direction::Ingress, Direction::Egress];
    let mut directions = directions.into_iter();
    let direction = directions.find(|own| own.rule_type() == subject.type_name.as_str());
    let direction = direction.ok_or_else(unreadable)?;
    if text("type").is_some_and(|own| own != direction.as_str()) {
        return Err("the provider found a rule of the other direction".to_owned());
    }
    let rules = Rules::from_resource(values, group).map_err(|error| error.to_string())?;
    let mut all = rules.0.iter();
    match (all.next(), all.next()) {
        (Some((atom, description)), None) => Ok((
            atom.id(group, direction),
            atom.rule_value(group, description),
        )),
        (None | Some(_), _) => Err("the provider found more or less than one rule".to_owned()),
    }
}

fn element_id(
    resource: &Resource,
    element: &[Vec<KeyPair>],
    read: &Value,
) -> Result<String, String> {
    let text = |path: &Path| find(read, &path.captured)?.as_str().map(cidr::canonical);
    let owner = resource.table.keys.first().and_then(|pairs| pairs.first());
    let owner = owner.and_then(|pair| text(&pair.approved));
    let mut keys = element.iter();
    let key = keys.find_map(|pairs| {
        let parts = pairs.iter().map(|pair| text(&pair.approved));
        parts.collect::<Option<Vec<String>>>()
    });
    match (owner, key) {
        (Some(owner), Some(key)) => Ok(id_within(resource, &owner, &key)),
        _ => Err("what the provider found does not say what it is".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decide::guards::test_support::subject;
    use crate::model::{DeviationKind, TypeName};

    fn value(given: Json) -> Value {
        serde_json::from_value(given).unwrap()
    }

    fn finding(type_name: &str, id: &str, live: Json) -> FixSubject {
        FixSubject {
            kind: DeviationKind::Unmanaged,
            type_name: TypeName::from(type_name),
            provider_id: Some(ProviderId::from(id)),
            address: None,
            attribute: None,
            live: value(live),
            ..subject()
        }
    }

    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn attachment(read: Json) -> Result<(), String> {
        let catalogue = Catalogue::reviewed().unwrap();
        let id = format!("app/{ADMIN}");
        let own = finding("aws_iam_role_policy_attachment", &id, Json::Null);
        recognise(&catalogue, &own, &value(read))
    }

    #[test]
    fn an_attachment_is_its_role_and_its_policy() {
        let own = json!({"id": "app-x", "role": "app", "policy_arn": ADMIN});
        assert_eq!(attachment(own), Ok(()));
        for other in [
            json!({"id": "app-x", "role": "api", "policy_arn": ADMIN}),
            json!({"id": "app-x", "role": "app", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ] {
            let said = attachment(other).unwrap_err();
            assert!(
                said.contains("another one than the finding names"),
                "{said}"
            );
        }
        assert!(attachment(json!({"id": "app-x", "role": "app"})).is_err());
    }

    fn ssh(change: (&str, Json)) -> Result<(), String> {
        let catalogue = Catalogue::reviewed().unwrap();
        let own = finding(
            "aws_vpc_security_group_ingress_rule",
            "sg-1/ingress/tcp/22-22/0.0.0.0/0",
            json!({"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0",
                "description": "for a moment"}),
        );
        let mut read = json!({"id": "sgrule-1", "security_group_id": "sg-1", "type": "ingress",
            "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"],
            "description": "for a moment", "self": false, "ipv6_cidr_blocks": null,
            "prefix_list_ids": [], "source_security_group_id": null});
        read[change.0] = change.1;
        recognise(&catalogue, &own, &value(read))
    }

    #[test]
    fn a_rule_is_all_that_it_admits() {
        assert_eq!(ssh(("id", json!("sgrule-2"))), Ok(()));
        for change in [
            ("security_group_id", json!("sg-2")),
            ("type", json!("egress")),
            ("protocol", json!("udp")),
            ("to_port", json!(23)),
            ("cidr_blocks", json!(["0.0.0.0/0", "10.0.0.0/8"])),
            ("cidr_blocks", json!(["10.0.0.0/8"])),
            ("ipv6_cidr_blocks", json!(["::/0"])),
            ("self", json!(true)),
            ("description", json!("another")),
        ] {
            let told = format!("{change:?}");
            assert!(ssh(change).is_err(), "{told}");
        }
    }

    #[test]
    fn what_its_owner_shows_is_not_gone() {
        let catalogue = Catalogue::reviewed().unwrap();
        let rule = finding(
            "aws_vpc_security_group_ingress_rule",
            "sg-1/ingress/tcp/22-22/0.0.0.0/0",
            Json::Null,
        );
        let group = |cidr: &str| {
            value(
                json!({"id": "sg-1", "ingress": [{"protocol": "tcp", "from_port": 22,
                "to_port": 22, "cidr_blocks": [cidr], "description": "x", "self": false}]}),
            )
        };
        let shown =
            |owner: &Value| is_shown(&catalogue, &rule, ("aws_security_group", "sg-1"), owner);
        assert!(shown(&group("0.0.0.0/0")));
        assert!(!shown(&group("10.0.0.0/8")));
        let id = format!("app/{ADMIN}");
        let attachment = finding("aws_iam_role_policy_attachment", &id, Json::Null);
        let role = |arns: Json| value(json!({"name": "app", "managed_policy_arns": arns}));
        let shown =
            |owner: &Value| is_shown(&catalogue, &attachment, ("aws_iam_role", "app"), owner);
        assert!(shown(&role(json!(["arn:aws:iam::1:policy/own", ADMIN]))));
        assert!(!shown(&role(json!(["arn:aws:iam::1:policy/own"]))));
    }

    #[test]
    fn of_other_types_nothing_is_recognised() {
        let catalogue = Catalogue::reviewed().unwrap();
        for type_name in [
            "aws_s3_bucket_policy",
            "aws_iam_role",
            "aws_iam_role_policy",
        ] {
            let own = finding(type_name, "x", Json::Null);
            assert!(recognise(&catalogue, &own, &value(json!({}))).is_err());
        }
    }
}
