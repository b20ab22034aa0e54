//! Ranges, entries of network ACLs, routes, and blocks with the same names.

use super::{Equivalence, Outcome, different, equal, outcome};
use crate::normalise::form::Form;

#[test]
fn ranges_of_addresses() {
    equal(
        Form::Cidr,
        Equivalence::Cidr,
        &[
            (r#""10.1.2.3/16""#, r#""10.1.0.0/16""#),
            (r#""2001:DB8:0::/56""#, r#""2001:db8::/56""#),
        ],
    );
    equal(Form::Cidr, Equivalence::Unset, &[("null", r#""""#)]);
    different(
        Form::Cidr,
        &[
            (r#""10.1.0.0/16""#, r#""10.1.0.0/17""#),
            (r#""10.1.0.0/24""#, r#""10.1.1.0/24""#),
            (r#""10.1.0.1""#, r#""10.1.0.1/32""#),
            (r#""10.1.0.0/16""#, "null"),
        ],
    );
}

#[test]
fn a_set_given_as_one_text_with_commas() {
    let approved = r#"["subnet-b","subnet-a"]"#;
    equal(
        Form::Set,
        Equivalence::Order,
        &[
            (approved, r#""subnet-a, subnet-b""#),
            (approved, r#""subnet-a,subnet-b,""#),
        ],
    );
    equal(Form::Set, Equivalence::Unset, &[("[]", r#""""#)]);
    different(
        Form::Set,
        &[
            (approved, r#""subnet-a""#),
            (approved, r#""subnet-a,subnet-b,subnet-c""#),
            (r#"["a,b"]"#, r#""a,b""#),
        ],
    );
}

const APPROVED_ENTRY: &str = r#"[{"action":"allow","cidr_block":"10.0.0.0/8","from_port":443,
    "to_port":443,"icmp_code":null,"icmp_type":null,"ipv6_cidr_block":"","protocol":"tcp","rule_no":100}]"#;
const LIVE_ENTRIES: &str = r#"[
    {"ruleNumber":100,"protocol":"6","ruleAction":"allow","egress":false,"cidrBlock":"10.0.0.0/8",
     "portRange":{"from":443,"to":443}},
    {"ruleNumber":100,"protocol":"-1","ruleAction":"allow","egress":true,"cidrBlock":"0.0.0.0/0"},
    {"ruleNumber":32767,"protocol":"-1","ruleAction":"deny","egress":false,"cidrBlock":"0.0.0.0/0"},
    {"ruleNumber":32768,"protocol":"-1","ruleAction":"deny","egress":false,"ipv6CidrBlock":"::/0"}]"#;

#[test]
fn entries_of_a_network_acl() {
    let own = Equivalence::Shape;
    equal(Form::IngressEntries, own, &[(APPROVED_ENTRY, LIVE_ENTRIES)]);
    let all = r#"[{"action":"ALLOW","cidr_block":"0.0.0.0/0","from_port":0,"to_port":0,"protocol":"all","rule_no":"100"}]"#;
    equal(Form::EgressEntries, own, &[(all, LIVE_ENTRIES)]);
    for (from, to) in [
        (
            "\"ruleNumber\":100,\"protocol\":\"6\"",
            "\"ruleNumber\":90,\"protocol\":\"6\"",
        ),
        (
            "\"6\",\"ruleAction\":\"allow\"",
            "\"6\",\"ruleAction\":\"deny\"",
        ),
        ("\"6\"", "\"17\""),
        ("\"6\"", "\"-1\""),
        (
            "\"6\",\"ruleAction\":\"allow\",\"egress\":false",
            "\"6\",\"ruleAction\":\"allow\",\"egress\":true",
        ),
        ("10.0.0.0/8", "10.0.0.0/7"),
        ("\"from\":443", "\"from\":22"),
        ("\"to\":443", "\"to\":444"),
        ("32767", "32766"),
        ("32768", "200"),
    ] {
        let other = LIVE_ENTRIES.replacen(from, to, 1);
        assert_ne!(other, LIVE_ENTRIES, "{from} is not there");
        different(Form::IngressEntries, &[(APPROVED_ENTRY, &other)]);
    }
    let icmp = r#"[{"ruleNumber":1,"protocol":"1","ruleAction":"allow","egress":false,
        "cidrBlock":"10.0.0.0/8","icmpTypeCode":{"type":-1,"code":-1}}]"#;
    let approved = r#"[{"rule_no":1,"action":"allow","protocol":"icmp","cidr_block":"10.0.0.0/8",
        "icmp_type":-1,"icmp_code":-1,"from_port":0,"to_port":0}]"#;
    equal(Form::IngressEntries, own, &[(approved, icmp)]);
    different(
        Form::IngressEntries,
        &[(approved, &icmp.replace("\"type\":-1", "\"type\":8"))],
    );
}

#[test]
fn a_difference_shows_the_entries_that_only_one_side_has() {
    let more = LIVE_ENTRIES.replacen(
        '[',
        r#"[{"ruleNumber":90,"protocol":"6","ruleAction":"allow",
        "egress":false,"cidrBlock":"0.0.0.0/0","portRange":{"from":3389,"to":3389}},"#,
        1,
    );
    let found = outcome(Form::IngressEntries, &[], APPROVED_ENTRY, &more);
    let Outcome::Differs(found) = found else {
        panic!("{found:?}")
    };
    assert_eq!(found.len(), 1);
    assert_eq!(serde_json::to_string(&found[0].approved).unwrap(), "[]");
    insta::assert_snapshot!(serde_json::to_string(&found[0].live).unwrap(), @r#"[{"action":"allow","cidr_block":"0.0.0.0/0","from_port":3389,"icmp_code":0,"icmp_type":0,"ipv6_cidr_block":"","protocol":"6","rule_no":90,"to_port":3389}]"#);
}

const APPROVED_ROUTES: &str = r#"[
    {"cidr_block":"0.0.0.0/0","nat_gateway_id":"nat-1","gateway_id":"","ipv6_cidr_block":""},
    {"cidr_block":"","ipv6_cidr_block":"2001:DB8::/32","egress_only_gateway_id":"eigw-1"},
    {"cidr_block":"10.9.0.0/16","vpc_endpoint_id":"vpce-gwlb"},
    {"cidr_block":"10.8.0.0/16","network_interface_id":"eni-1"},
    {"cidr_block":"10.0.0.0/16","gateway_id":"local"}]"#;
const LIVE_ROUTES: &str = r#"[
    {"destinationCidrBlock":"10.0.0.0/16","gatewayId":"local","origin":"CreateRouteTable","state":"active"},
    {"destinationPrefixListId":"pl-1","gatewayId":"vpce-s3","origin":"CreateRoute","state":"active"},
    {"destinationCidrBlock":"10.7.0.0/16","gatewayId":"vgw-1","origin":"EnableVgwRoutePropagation"},
    {"destinationCidrBlock":"10.8.0.0/16","instanceId":"i-1","instanceOwnerId":"1","networkInterfaceId":"eni-1","origin":"CreateRoute"},
    {"destinationCidrBlock":"10.9.0.0/16","gatewayId":"vpce-gwlb","origin":"CreateRoute"},
    {"destinationIpv6CidrBlock":"2001:db8::/32","egressOnlyInternetGatewayId":"eigw-1","origin":"CreateRoute"},
    {"destinationCidrBlock":"0.0.0.0/0","natGatewayId":"nat-1","origin":"CreateRoute","state":"active"}]"#;

#[test]
fn routes_of_a_route_table() {
    equal(
        Form::Routes,
        Equivalence::Order,
        &[(APPROVED_ROUTES, LIVE_ROUTES)],
    );
    let by_instance = APPROVED_ROUTES
        .replace("network_interface_id", "instance_id")
        .replace("eni-1", "i-1");
    equal(
        Form::Routes,
        Equivalence::Order,
        &[(&by_instance, LIVE_ROUTES)],
    );
    for (from, to) in [
        ("0.0.0.0/0", "0.0.0.0/1"),
        ("\"natGatewayId\":\"nat-1\"", "\"gatewayId\":\"igw-1\""),
        ("nat-1", "nat-2"),
        ("eni-1", "eni-2"),
        ("vpce-gwlb", "vpce-other"),
        // A route that AWS makes, turned to somewhere else or made by hand.
        (
            "\"gatewayId\":\"local\"",
            "\"networkInterfaceId\":\"eni-9\"",
        ),
        ("EnableVgwRoutePropagation", "CreateRoute"),
        (
            "\"gatewayId\":\"vpce-s3\"",
            "\"transitGatewayId\":\"tgw-1\"",
        ),
        (
            "\"destinationPrefixListId\":\"pl-1\"",
            "\"destinationCidrBlock\":\"10.1.0.0/16\"",
        ),
    ] {
        let other = LIVE_ROUTES.replacen(from, to, 1);
        assert_ne!(other, LIVE_ROUTES, "{from} is not there");
        different(Form::Routes, &[(APPROVED_ROUTES, &other)]);
    }
}

const APPROVED_DISKS: &str = r#"[{"device_name":"/dev/sda1","no_device":"","virtual_name":"",
    "ebs":[{"delete_on_termination":"true","encrypted":"true","iops":0,"kms_key_id":"","volume_size":50}]}]"#;
const LIVE_DISKS: &str = r#"[{"DeviceName":"/dev/sda1","Unknown":1,
    "Ebs":{"DeleteOnTermination":true,"Encrypted":true,"VolumeSize":50}}]"#;

#[test]
fn blocks_with_the_same_names() {
    for form in [Form::Blocks, Form::BlockSet] {
        let nothing = [("[]", "[]"), ("null", "{\"A\":[]}")];
        equal(form, Equivalence::Unset, &nothing);
        equal(
            form,
            Equivalence::Shape,
            &[
                (APPROVED_DISKS, LIVE_DISKS),
                (r#"[{"groups":["b","a"]}]"#, r#"[{"Groups":["a","b"]}]"#),
            ],
        );
        for (from, to) in [
            ("/dev/sda1", "/dev/sdb"),
            ("\"Encrypted\":true,", ""),
            ("\"Encrypted\":true", "\"Encrypted\":false"),
            ("50", "51"),
            ("\"VolumeSize\"", "\"KmsKeyId\":\"k\",\"VolumeSize\""),
            ("}]", "},\"VirtualName\":\"ephemeral0\"}]"),
            ("}}]", "}},{\"DeviceName\":\"/dev/sdc\"}]"),
        ] {
            let other = LIVE_DISKS.replacen(from, to, 1);
            let other = other
                .replace("}}},\"Virt", "}},\"Virt")
                .replace("}},\"V", "},\"V");
            assert_ne!(other, LIVE_DISKS, "{from} is not there");
            different(form, &[(APPROVED_DISKS, &other)]);
        }
        different(form, &[("[]", LIVE_DISKS), (APPROVED_DISKS, "[]")]);
        different(
            form,
            &[(r#"[{"groups":["b","a"]}]"#, r#"[{"Groups":["a","c"]}]"#)],
        );
    }
    let two = r#"[{"n":1},{"n":2}]"#;
    different(Form::Blocks, &[(two, r#"[{"N":2},{"N":1}]"#)]);
    equal(
        Form::BlockSet,
        Equivalence::Shape,
        &[(two, r#"[{"N":2},{"N":1}]"#)],
    );
}

#[test]
fn the_table_names_fields_that_are_called_otherwise() {
    let words = [("TargetGroupArn", "arn")];
    let (approved, live) = (r#"[{"arn":"a"}]"#, r#"[{"targetGroupArn":"a"}]"#);
    let found = outcome(Form::Blocks, &words, approved, live);
    assert_eq!(found, Outcome::Equal(Equivalence::Shape));
    different(Form::Blocks, &[(approved, live)]);
}

#[test]
fn a_difference_names_the_field() {
    let live = LIVE_DISKS.replace("50", "51");
    let Outcome::Differs(found) = outcome(Form::Blocks, &[], APPROVED_DISKS, &live) else {
        panic!("equal")
    };
    let pointers: Vec<_> = found
        .iter()
        .map(|found| found.pointer.to_string())
        .collect();
    assert_eq!(pointers, ["/0/ebs/0/volume_size"]);
}
