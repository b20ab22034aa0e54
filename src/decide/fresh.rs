//! Whether an item that was read again still shows just what a finding says: what a fix by somebody else
//! goes by, who asks nobody what it would change.

use std::collections::BTreeMap;

use crate::decide::confirm::confirm;
use crate::ingest::config_item::{Item, Status};
use crate::model::{AttributePath, DeviationKind, FixSubject, ProviderId, Value};
use crate::normalise::catalogue::{Catalogue, Config, Resource};
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::Side;
use crate::normalise::path::WHOLE;
use crate::normalise::project::Slots;
use crate::normalise::table::{Absent, AbsentPart, AttributeRow, Member};

/// What an item says of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fresh {
    AsFound,
    AsApproved,
    /// In words, what is otherwise now. No value is in it.
    Otherwise(String),
    /// Items cannot tell, whenever they are read.
    Untold(String),
}

/// Where AWS Config has what a finding is about: the type of the item.
pub fn config_type<'c>(catalogue: &'c Catalogue, subject: &FixSubject) -> Option<&'c str> {
    let (_, config) = table(catalogue, subject)?;
    Some(&config.config_type)
}

fn table<'c>(catalogue: &'c Catalogue, subject: &FixSubject) -> Option<(&'c Resource, &'c Config)> {
    let resource = catalogue.resource(catalogue.find(subject.type_name.as_str())?)?;
    Some((resource, catalogue.config(resource.config)?))
}

/// Whether an item is the one in which the finding was made.
pub fn is_of(catalogue: &Catalogue, subject: &FixSubject, item: &Item<'_>) -> bool {
    let same = |own: Option<&str>, item: Option<&str>| own.zip(item).is_none_or(|(a, b)| a == b);
    let account = subject.account.as_ref().map(|own| own.as_str());
    let region = subject.region.as_ref().map(|own| own.as_str());
    let names = [
        Some(&*item.resource_id),
        item.arn.as_deref(),
        item.resource_name.as_deref(),
    ];
    let id = subject.provider_id.as_ref().map(ProviderId::as_str);
    config_type(catalogue, subject) == Some(&*item.resource_type)
        && same(account, item.account.as_deref())
        && same(region, item.region.as_deref())
        && id.is_some()
        && names.contains(&id)
}

/// Holds an item against a finding. `approved` is the whole resource as its plan approves it, in the words
/// of Terraform.
pub fn fresh(
    catalogue: &Catalogue,
    subject: &FixSubject,
    approved: &Value,
    item: &Item<'_>,
) -> Fresh {
    match item.status {
        Status::Present => {}
        Status::Deleted => return otherwise("what it is about is deleted"),
        Status::NotRecorded => return otherwise("AWS Config recorded nothing of it"),
    }
    let Some((resource, config)) = table(catalogue, subject) else {
        return Fresh::Untold("no table has its type".to_owned());
    };
    let mut slots = config.projection.empty_slots();
    for (name, raw) in &item.members {
        if let Err(error) = config.projection.read_member(name, raw, &mut slots) {
            return Fresh::Otherwise(format!("its item cannot be read: {error}"));
        }
    }
    match subject.kind {
        DeviationKind::Changed => changed(catalogue, (subject, approved), resource, &slots, item),
        DeviationKind::Missing => missing(approved, resource, &slots, item),
        DeviationKind::Unmanaged
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => {
            Fresh::Untold("it is neither set back nor put back".to_owned())
        }
    }
}

fn otherwise(what: &str) -> Fresh {
    Fresh::Otherwise(what.to_owned())
}

/// Of a part of an item alone can be told that it is gone while its owner is there.
fn missing(approved: &Value, resource: &Resource, slots: &Slots<'_>, item: &Item<'_>) -> Fresh {
    match resource.table.member {
        Member::Part { absent, .. } => match (part(resource, slots), absent) {
            (None, AbsentPart::Unseen) => otherwise("its item does not carry it"),
            (None, AbsentPart::Missing) => Fresh::AsFound,
            (Some(_), _) if is_as_approved(approved, resource, slots, item) => Fresh::AsApproved,
            (Some(_), _) => otherwise("it is there again"),
        },
        Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => {
            Fresh::Untold("it is no part of something that is there".to_owned())
        }
    }
}

/// The part that is the resource, where it is there.
fn part<'s>(resource: &Resource, slots: &'s Slots<'_>) -> Option<&'s str> {
    let raw = slots.get(resource.member_slot?)?.as_deref()?;
    (!matches!(raw, "null" | "\"\"" | "[]")).then_some(raw)
}

fn changed(
    catalogue: &Catalogue,
    (subject, approved): (&FixSubject, &Value),
    resource: &Resource,
    slots: &Slots<'_>,
    item: &Item<'_>,
) -> Fresh {
    let is_part = matches!(resource.table.member, Member::Part { .. });
    if is_part && part(resource, slots).is_none() {
        return otherwise("it is gone as a whole");
    }
    let Some(attribute) = &subject.attribute else {
        return Fresh::Untold("it names no attribute".to_owned());
    };
    let rows = resource.table.attributes.iter().enumerate();
    let mut rows = rows.filter(|(_, row)| row.pointer == *attribute);
    let Some((at, row)) = rows.next() else {
        return Fresh::Untold(format!(
            "the table of its type has no row for `{attribute}`"
        ));
    };
    let live = match live(resource, at, row, slots, item) {
        Ok(live) => live,
        Err(why) => return Fresh::Otherwise(why),
    };
    if is_equal(row, approved, &live) {
        return Fresh::AsApproved;
    }
    match confirm(catalogue, subject, &at_place(&row.pointer, live), approved) {
        Ok(()) => Fresh::AsFound,
        Err(why) => Fresh::Otherwise(why),
    }
}

/// Whether all that is approved of it is so.
fn is_as_approved(
    approved: &Value,
    resource: &Resource,
    slots: &Slots<'_>,
    item: &Item<'_>,
) -> bool {
    let rows = resource.table.attributes.iter().enumerate();
    let mut set = rows
        .filter(|(_, row)| {
            let own = approved.at(row.pointer.tokens());
            own.is_some_and(|own| *own != Value::Null)
        })
        .peekable();
    set.peek().is_some()
        && set.all(|(at, row)| {
            live(resource, at, row, slots, item).is_ok_and(|live| is_equal(row, approved, &live))
        })
}

fn is_equal(row: &AttributeRow, approved: &Value, live: &Value) -> bool {
    let own = approved.at(row.pointer.tokens()).unwrap_or(&Value::Null);
    let text = serde_json::to_string(own).unwrap_or_default();
    let own = row.form.value(&text, &WHOLE, Side::Approved);
    own.is_ok_and(|own| {
        let compared = compare(row.form, &row.values, &row.pointer, &own, live);
        matches!(compared, Outcome::Equal(_))
    })
}

/// What the item shows for a row, in the row's form.
fn live(
    resource: &Resource,
    at: usize,
    row: &AttributeRow,
    slots: &Slots<'_>,
    item: &Item<'_>,
) -> Result<Value, String> {
    let alternatives = resource.live_slots.get(at).into_iter().flatten();
    let mut found = alternatives
        .zip(&row.live)
        .filter_map(|(slot, path)| Some((slots.get(*slot)?.as_deref()?, path)));
    let (raw, path) = match (found.next(), row.absent) {
        (Some(found), _) => found,
        (None, Absent::Unset) => ("null", &WHOLE),
        (None, Absent::Unseen) => {
            return Err(format!("its item does not carry `{}`", row.pointer));
        }
    };
    let side = Side::Live {
        own_id: &item.resource_id,
        own_account: item.account.as_deref().unwrap_or_default(),
    };
    let read = row.form.value(raw, path, side);
    read.map_err(|error| format!("`{}` cannot be read: {error}", row.pointer))
}

/// A resource that has nothing but this value.
fn at_place(pointer: &AttributePath, value: Value) -> Value {
    let tokens: Vec<_> = pointer.tokens().collect();
    let within = tokens.into_iter().rev();
    within.fold(value, |value, token| {
        Value::Map(BTreeMap::from([(token.to_string(), value)]))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::decide::guards::test_support::subject;
    use crate::model::TypeName;

    fn value(given: Json) -> Value {
        serde_json::from_value(given).unwrap()
    }

    /// A group into which somebody put a rule, and what its item admits now.
    fn group(permissions: &Json) -> String {
        json!({"resourceType": "AWS::EC2::SecurityGroup", "resourceId": "sg-0a1b",
            "resourceName": "front", "accountId": "111122223333", "awsRegion": "eu-west-1",
            "arn": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b",
            "configurationItemStatus": "OK",
            "configuration": {"groupId": "sg-0a1b", "ipPermissions": permissions}})
        .to_string()
    }

    fn permission(port: u16, cidr: &str) -> Json {
        json!({"ipProtocol": "tcp", "fromPort": port, "toPort": port, "userIdGroupPairs": [],
            "ipv6Ranges": [], "prefixListIds": [], "ipv4Ranges": [{"cidrIp": cidr}],
            "ipRanges": [cidr]})
    }

    fn rule(port: u16, cidr: &str) -> Json {
        json!({"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": [cidr],
            "description": "", "ipv6_cidr_blocks": [], "prefix_list_ids": [],
            "security_groups": [], "self": false})
    }

    fn finding() -> FixSubject {
        let mut finding = subject();
        finding.provider_id = Some(ProviderId::from("sg-0a1b"));
        finding.account = Some("111122223333".into());
        finding.region = Some("eu-west-1".into());
        finding.live = value(json!([rule(22, "0.0.0.0/0")]));
        finding.approved = value(json!([]));
        finding
    }

    fn said(item: &str) -> Fresh {
        let catalogue = Catalogue::reviewed().unwrap();
        let approved = value(json!({"id": "sg-0a1b", "ingress": [rule(443, "10.0.0.0/8")]}));
        let item = Item::read(item).unwrap();
        assert!(is_of(&catalogue, &finding(), &item));
        fresh(&catalogue, &finding(), &approved, &item)
    }

    #[test]
    fn an_item_has_to_show_just_what_was_found() {
        let own = permission(443, "10.0.0.0/8");
        let rogue = permission(22, "0.0.0.0/0");
        assert_eq!(said(&group(&json!([own, rogue]))), Fresh::AsFound);
        assert_eq!(said(&group(&json!([rogue, own]))), Fresh::AsFound);
        assert_eq!(said(&group(&json!([own]))), Fresh::AsApproved);
        let moved = "`/ingress` is not as the finding saw it".to_owned();
        for other in [
            json!([own, permission(22, "203.0.113.0/24")]),
            json!([own, rogue, permission(3389, "0.0.0.0/0")]),
        ] {
            assert_eq!(said(&group(&other)), Fresh::Otherwise(moved.clone()));
        }
        // What was approved is gone as well: a document would not bring it back.
        let less = said(&group(&json!([rogue])));
        assert!(matches!(less, Fresh::Otherwise(_)), "{less:?}");
    }

    #[test]
    fn an_item_of_something_else_or_without_it_says_nothing() {
        let catalogue = Catalogue::reviewed().unwrap();
        let text = group(&json!([]));
        let is_it = |text: &str, finding: &FixSubject| {
            is_of(&catalogue, finding, &Item::read(text).unwrap())
        };
        assert!(is_it(&text, &finding()));
        for (from, to) in [
            ("sg-0a1b", "sg-0a1c"),
            ("\"111122223333\"", "\"444455556666\""),
            ("\"eu-west-1\"", "\"eu-west-2\""),
            ("AWS::EC2::SecurityGroup", "AWS::EC2::VPC"),
        ] {
            assert!(!is_it(&text.replace(from, to), &finding()), "{to}");
        }
        let mut nameless = finding();
        nameless.provider_id = None;
        assert!(!is_it(&text, &nameless));
        let mut unheard = finding();
        unheard.type_name = TypeName::from("aws_unheard_of");
        assert!(!is_it(&text, &unheard));
        let bare = text.replace("ipPermissions", "other");
        let says = said(&bare);
        assert!(matches!(says, Fresh::Otherwise(_)), "{says:?}");
    }
}
