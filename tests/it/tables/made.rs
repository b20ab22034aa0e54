//! What AWS makes by itself is no deviation, told by its values; what differs from that is one.

use std::collections::BTreeSet;

use driftwarden::decide::baseline::Approved;
use driftwarden::decide::compare::{Comparer, Findings, Scope};
use driftwarden::ingest::config_item;
use driftwarden::ingest::redact::Redactor;
use driftwarden::normalise::Catalogue;
use serde_json::{Value, json};

fn item(kind: &str, id: &str, configuration: &Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-11-02T09:00:00.000Z",
        "resourceType": format!("AWS::EC2::{kind}"), "resourceId": id,
        "awsAccountId": "111122223333", "awsRegion": "eu-west-1", "relationships": [],
        "tags": {}, "configuration": configuration, "supplementaryConfiguration": {}
    })
}

fn entries(number: u32, network: &str) -> Value {
    let entry = |number: u32, action: &str, egress: bool| {
        json!({ "ruleNumber": number, "protocol": "-1", "ruleAction": action, "egress": egress,
            "cidrBlock": network })
    };
    json!([
        entry(number, "allow", true),
        entry(number, "allow", false),
        entry(32767, "deny", true),
        entry(32767, "deny", false),
    ])
}

/// A default VPC with all that is in it, another VPC's own parts, and what came with instances.
fn made_by_aws() -> Vec<Value> {
    let main = |routes: Value, vpc: &str| {
        json!({ "vpcId": vpc, "routes": routes, "propagatingVgws": [],
            "associations": [{ "routeTableAssociationId": "rtbassoc-1", "main": true }] })
    };
    let local = json!({ "destinationCidrBlock": "172.31.0.0/16", "gatewayId": "local",
        "origin": "CreateRouteTable" });
    let out = json!({ "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1",
        "origin": "CreateRoute" });
    let endpoint = json!({ "destinationPrefixListId": "pl-1", "gatewayId": "vpce-1",
        "origin": "CreateRoute" });
    let group = json!({ "groupName": "default", "vpcId": "vpc-2",
        "ipPermissions": [{ "ipProtocol": "-1",
            "userIdGroupPairs": [{ "groupId": "sg-1", "userId": "111122223333" }] }],
        "ipPermissionsEgress": [{ "ipProtocol": "-1", "ipv4Ranges": [{ "cidrIp": "0.0.0.0/0" }] }] });
    let mut instance = item("Instance", "i-1", &json!({ "imageId": "ami-1" }));
    instance["tags"] = json!({ "aws:autoscaling:groupName": "app" });
    let own = json!([{ "groupId": "sg-2", "userId": "111122223333",
        "description": "Allows EFA traffic, which is not matched by CIDR rules." }]);
    let mut cluster = item(
        "SecurityGroup",
        "sg-2",
        &json!({ "groupName": "eks-cluster-sg-pay-1", "vpcId": "vpc-2",
            "ipPermissions": [{ "ipProtocol": "-1", "userIdGroupPairs": own }],
            "ipPermissionsEgress": [{ "ipProtocol": "-1", "userIdGroupPairs": own,
                "ipv4Ranges": [{ "cidrIp": "0.0.0.0/0" }] }] }),
    );
    cluster["tags"] = json!({ "aws:eks:cluster-name": "pay" });
    vec![
        // What hangs on the VPC comes before it: the order of items means nothing.
        item(
            "InternetGateway",
            "igw-1",
            &json!({ "attachments": [{ "vpcId": "vpc-1" }] }),
        ),
        item("RouteTable", "rtb-1", &main(json!([local, out]), "vpc-1")),
        item(
            "VPC",
            "vpc-1",
            &json!({ "cidrBlock": "172.31.0.0/16", "isDefault": true }),
        ),
        item(
            "Subnet",
            "subnet-1",
            &json!({ "vpcId": "vpc-1", "defaultForAz": true }),
        ),
        item(
            "NetworkAcl",
            "acl-1",
            &json!({ "vpcId": "vpc-1", "isDefault": true,
            "entries": entries(100, "0.0.0.0/0"), "associations": [] }),
        ),
        item("SecurityGroup", "sg-1", &group),
        item(
            "RouteTable",
            "rtb-2",
            &main(json!([local, endpoint]), "vpc-2"),
        ),
        item(
            "Volume",
            "vol-1",
            &json!({ "size": 8,
            "attachments": [{ "instanceId": "i-1", "deleteOnTermination": true }] }),
        ),
        instance,
        item(
            "VPCEndpoint",
            "vpce-9",
            &json!({ "requesterManaged": true }),
        ),
        cluster,
    ]
}

fn unmanaged(items: &[Value]) -> BTreeSet<String> {
    let catalogue = Catalogue::builtin().unwrap();
    let (approved, scope) = (Approved::default(), Scope::default());
    let redactor = Redactor::new(&[7; 32]);
    let comparer = Comparer::new(&catalogue, &approved, &scope, &redactor);
    let snapshot = json!({ "fileVersion": "1.0", "configurationItems": items }).to_string();
    let (mut one, mut other) = (Findings::default(), Findings::default());
    let mut count = 0;
    config_item::read(snapshot.as_bytes(), &mut |item| {
        count += 1;
        comparer.observe(&item, if count % 2 == 0 { &mut one } else { &mut other });
        Ok(())
    })
    .unwrap();
    one.absorb(other);
    let found = comparer.finish(one).deviations.into_iter();
    found
        .filter_map(|deviation| Some(deviation.provider_id?.to_string()))
        .collect()
}

#[test]
fn what_aws_makes_by_itself_is_no_deviation() {
    assert_eq!(unmanaged(&made_by_aws()), BTreeSet::new());
}

#[test]
fn what_somebody_changed_in_it_is_one() {
    let changed = |at: usize, pointer: &str, new: Value, wanted: &[&str]| {
        let mut items = made_by_aws();
        let place = items[at].pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("{pointer} of {at}")) = new;
        let wanted: BTreeSet<String> = wanted.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(unmanaged(&items), wanted, "{at} {pointer}");
    };
    let c = "/configuration";
    // Without its VPC's being AWS's, nothing says that the gateway and the route are.
    changed(
        2,
        &format!("{c}/isDefault"),
        json!(false),
        &["igw-1", "rtb-1", "vpc-1"],
    );
    changed(
        0,
        &format!("{c}/attachments/0/vpcId"),
        json!("vpc-2"),
        &["igw-1"],
    );
    changed(
        1,
        &format!("{c}/associations/0/main"),
        json!(false),
        &["rtb-1"],
    );
    changed(3, &format!("{c}/defaultForAz"), json!(false), &["subnet-1"]);
    changed(
        4,
        &format!("{c}/entries"),
        entries(100, "10.0.0.0/8"),
        &["acl-1"],
    );
    changed(
        4,
        &format!("{c}/entries"),
        entries(99, "0.0.0.0/0"),
        &["acl-1"],
    );
    changed(
        4,
        &format!("{c}/entries/0/ruleAction"),
        json!("deny"),
        &["acl-1"],
    );
    changed(4, &format!("{c}/isDefault"), json!(false), &["acl-1"]);
    let open = json!([{ "ipProtocol": "-1", "ipv4Ranges": [{ "cidrIp": "0.0.0.0/0" }] }]);
    changed(5, &format!("{c}/ipPermissions"), open.clone(), &["sg-1"]);
    changed(10, &format!("{c}/ipPermissions"), open, &["sg-2"]);
    changed(10, "/tags", json!({ "Name": "pay" }), &["sg-2"]);
    changed(5, &format!("{c}/groupName"), json!("web"), &["sg-1"]);
    changed(
        6,
        &format!("{c}/routes/1/destinationPrefixListId"),
        Value::Null,
        &["rtb-2"],
    );
    changed(
        6,
        &format!("{c}/routes/1/gatewayId"),
        json!("igw-2"),
        &["rtb-2"],
    );
    changed(
        7,
        &format!("{c}/attachments/0/deleteOnTermination"),
        json!(false),
        &["vol-1"],
    );
    changed(7, &format!("{c}/attachments"), json!([]), &["vol-1"]);
    changed(
        8,
        "/tags",
        json!({ "autoscaling:groupName": "app" }),
        &["i-1"],
    );
    changed(
        9,
        &format!("{c}/requesterManaged"),
        json!(false),
        &["vpce-9"],
    );
}

#[test]
fn a_vpc_that_is_gone_speaks_for_nothing() {
    let mut items = made_by_aws();
    items[2]["configurationItemStatus"] = json!("ResourceDeleted");
    let wanted = ["igw-1", "rtb-1"].map(str::to_owned);
    assert_eq!(unmanaged(&items), BTreeSet::from(wanted));
}
