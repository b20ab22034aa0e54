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
    let is_it =
        |text: &str, finding: &FixSubject| is_of(&catalogue, finding, &Item::read(text).unwrap());
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

#[test]
fn a_part_is_gone_from_a_whole_item_alone() {
    let catalogue = Catalogue::reviewed().unwrap();
    let mut finding = subject();
    finding.kind = DeviationKind::Missing;
    finding.attribute = None;
    finding.type_name = TypeName::from("aws_s3_bucket_website_configuration");
    finding.provider_id = Some(ProviderId::from("statements"));
    let approved = value(json!({"index_document": [{"suffix": "index.html"}]}));
    let said = |supplement: Json| {
        let text = json!({"resourceType": "AWS::S3::Bucket", "resourceId": "statements",
            "configurationItemStatus": "OK", "configuration": {"name": "statements"},
            "supplementaryConfiguration": supplement})
        .to_string();
        fresh(&catalogue, &finding, &approved, &Item::read(&text).unwrap())
    };
    let versioning = json!({"status": "Off", "isMfaDeleteEnabled": null});
    let payer = json!(false);
    let there = json!({"indexDocumentSuffix": "index.html"});
    let untold = otherwise("its item does not carry it");
    for (supplement, says) in [
        (
            json!({"BucketVersioningConfiguration": versioning, "IsRequesterPaysEnabled": payer}),
            Fresh::AsFound,
        ),
        (json!({"IsRequesterPaysEnabled": payer}), untold.clone()),
        (
            json!({"BucketVersioningConfiguration": versioning}),
            untold.clone(),
        ),
        (json!(null), untold),
        (
            json!({"BucketWebsiteConfiguration": there}),
            Fresh::AsApproved,
        ),
    ] {
        assert_eq!(said(supplement.clone()), says, "{supplement}");
    }
}
