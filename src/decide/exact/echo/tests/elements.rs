//! Several who each own an element of what one shows.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

const ROLE: &str = "aws_iam_role.app";

fn arn(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

fn role(approved: &[&str], live: &[&str]) -> Scene {
    let arns = |names: &[&str]| json!(names.iter().map(|name| arn(name)).collect::<Vec<_>>());
    let own = approved.iter().map(|name| {
        let address = format!("aws_iam_role_policy_attachment.{name}");
        held(&address, json!({"role": "app", "policy_arn": arn(name)}))
    });
    let role = held(ROLE, json!({"name": "app", "id": "app"}));
    Scene {
        owner: ROLE,
        top: "/managed_policy_arns",
        sides: (arns(approved), arns(live)),
        places: vec![""],
        held: own.chain([role]).collect(),
    }
}

fn attached(name: &str) -> Deviation {
    let id = format!("app/{}", arn(name));
    added("aws_iam_role_policy_attachment", &id, ROLE, Json::Null)
}

fn detached(name: &str) -> Deviation {
    missing(&format!("aws_iam_role_policy_attachment.{name}"))
}

#[test]
fn elements_are_told_one_by_one_and_all_of_them() {
    let scene = role(&["Read"], &["Admin"]);
    let told = scene.told(&[attached("Admin"), detached("Read")]);
    let admin = format!("aws_iam_role_policy_attachment app/{}", arn("Admin"));
    let read = "aws_iam_role_policy_attachment.Read".to_owned();
    assert_eq!(told, Some(vec![admin, read]));
    assert_eq!(scene.told(&[attached("Admin")]), None);
    assert_eq!(scene.told(&[detached("Read")]), None);
    assert_eq!(scene.told(&[attached("Other"), detached("Read")]), None);
    let mut elsewhere = attached("Admin");
    elsewhere.within.as_mut().unwrap().address = Address::from("aws_iam_role.other");
    assert_eq!(scene.told(&[elsewhere, detached("Read")]), None);
}

#[test]
fn inline_policies_are_told_by_name_and_document() {
    let own = "aws_iam_role_policy.queue";
    let block = |name: &str, action: &str| json!({"name": name, "policy": policy(action)});
    let mut scene = role(&[], &[]);
    scene.top = "/inline_policy";
    scene.sides = (
        json!([block("queue", "sqs:Send")]),
        json!([block("queue", "sqs:*"), block("extra", "*")]),
    );
    let values = json!({"role": "app", "name": "queue", "policy": policy("sqs:Send")});
    scene.held.push(held(own, values));
    let widened = changed(
        own,
        "/policy",
        json!(policy("sqs:Send")),
        json!(policy("sqs:*")),
    );
    let extra = |action: &str| {
        let live = json!({"policy": policy(action)});
        added("aws_iam_role_policy", "app:extra", ROLE, live)
    };
    assert!(scene.told(&[widened.clone(), extra("*")]).is_some());
    assert_eq!(scene.told(std::slice::from_ref(&widened)), None);
    assert_eq!(scene.told(&[widened, extra("s3:*")]), None);
}

#[test]
fn routes_and_rules_are_told_by_what_they_let_through() {
    let table = "aws_route_table.private";
    let out = "aws_route.out";
    let route = |to: &str| {
        json!({"cidr_block": "192.0.2.0/24", "ipv6_cidr_block": "", "gateway_id": to,
            "nat_gateway_id": ""})
    };
    let mut scene = Scene {
        owner: table,
        top: "/route",
        sides: (json!([route("igw-1")]), json!([])),
        places: vec![""],
        held: vec![
            held(table, json!({"id": "rtb-1"})),
            held(
                out,
                json!({"route_table_id": "rtb-1", "destination_cidr_block": "192.0.2.0/24",
                    "gateway_id": "igw-1"}),
            ),
        ],
    };
    assert!(scene.told(&[missing(out)]).is_some());
    scene.sides.0 = json!([route("igw-2")]);
    assert_eq!(scene.told(&[missing(out)]), None);

    let group = "aws_security_group.db";
    let own = "aws_vpc_security_group_ingress_rule.a";
    let inline = |port: u16, cidr: &str| {
        json!({"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": [cidr],
            "description": "", "self": false, "ipv6_cidr_blocks": [], "prefix_list_ids": [],
            "security_groups": []})
    };
    let rule = |port: u16, cidr: &str| json!({"ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr_ipv4": cidr});
    let mut own_rule = rule(5432, "10.0.0.0/8");
    own_rule["security_group_id"] = json!("sg-1");
    let scene = Scene {
        owner: group,
        top: "/ingress",
        sides: (
            json!([inline(5432, "10.0.0.0/8")]),
            json!([inline(5432, "0.0.0.0/0")]),
        ),
        places: vec![""],
        held: vec![held(group, json!({"id": "sg-1"})), held(own, own_rule)],
    };
    let rogue = |cidr: &str| {
        let name = "aws_vpc_security_group_ingress_rule";
        added(name, "sg-1/ingress/x", group, rule(5432, cidr))
    };
    assert!(scene.told(&[missing(own), rogue("0.0.0.0/0")]).is_some());
    assert_eq!(scene.told(&[missing(own)]), None);
    assert_eq!(scene.told(&[missing(own), rogue("10.0.0.0/8")]), None);
}

proptest! {
    /// Whatever is attached and detached: the role is silent if each of these is told, and only then.
    #[test]
    fn nothing_stands_back_that_nobody_tells(
        before in prop::collection::btree_set(0u8..6, 0..5),
        after in prop::collection::btree_set(0u8..6, 0..5),
        silent in prop::collection::btree_set(0u8..6, 0..3),
        also in prop::collection::btree_set(6u8..9, 0..2),
    ) {
        const NAMES: [&str; 9] = ["A", "B", "C", "D", "E", "F", "G", "H", "I"];
        let names = |own: &BTreeSet<u8>| -> Vec<&'static str> {
            own.iter().map(|at| NAMES[usize::from(*at)]).collect()
        };
        prop_assume!(before != after);
        let scene = role(&names(&before), &names(&after));
        let changes: BTreeSet<u8> = before.symmetric_difference(&after).copied().collect();
        let told = changes.difference(&silent).chain(&also);
        let told: Vec<Deviation> = told.map(|at| {
            let name = NAMES[usize::from(*at)];
            match before.contains(at) {
                true => detached(name),
                false => attached(name),
            }
        }).collect();
        prop_assert_eq!(scene.told(&told).is_some(), changes.is_disjoint(&silent));
    }
}
