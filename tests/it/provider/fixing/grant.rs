//! What nobody approved is taken away: a policy that somebody attached to an approved role.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

mod echo;
mod refused;

use std::fs;

use serde_json::{Value as Json, json};

use super::estate::Estate;

pub(super) const ADMIN: &str = "AdministratorAccess";
const READ: &str = "ReadOnlyAccess";

fn arn(policy: &str) -> String {
    format!("arn:aws:iam::aws:policy/{policy}")
}

fn role(account: &str, shows: &[&str]) -> Json {
    let shown: Vec<String> = shows.iter().map(|policy| arn(policy)).collect();
    json!({"id": "app", "name": "app", "arn": format!("arn:aws:iam::{account}:role/app"),
        "managed_policy_arns": shown})
}

fn grant(policy: &str) -> Json {
    json!({"id": format!("app/{}", arn(policy)), "role": "app", "policy_arn": arn(policy)})
}

fn file(policy: &str) -> String {
    format!("store/app+arn:aws:iam::aws:policy+{policy}.json")
}

/// A role with one approved policy.
pub(super) fn grants(more: &str) -> Estate {
    let estate = Estate::new(more);
    estate.put("plan.json", &plan(&estate).to_string());
    let instance = |kind: &str, name: &str, attributes: Json| {
        json!({"mode": "managed", "type": kind, "name": name,
            "provider": "provider[\"registry.example.com/test/fault\"]",
            "instances": [{"schema_version": 1, "attributes": attributes}]})
    };
    let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l",
        "outputs": {}, "resources": [
            instance("aws_iam_role", "app", role("111122223333", &[READ])),
            instance("aws_iam_role_policy_attachment", "read", grant(READ))]});
    estate.put("state.json", &state.to_string());
    estate.put(
        "source/main.tf",
        "resource \"aws_iam_role\" \"app\" {\n}\n\
         resource \"aws_iam_role_policy_attachment\" \"read\" {\n}\n",
    );
    estate.put("store/app.json", &role("111122223333", &[READ]).to_string());
    attach(&estate, READ);
    estate
}

fn plan(estate: &Estate) -> Json {
    let change = |kind: &str, name: &str, after: Json, unknown: Json| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.example.com/test/fault",
            "change": {"actions": ["create"], "before": null, "after": after,
                       "after_unknown": unknown, "after_sensitive": {}}})
    };
    let written = |kind: &str, name: &str, expressions: Json| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_config_key": "fault", "expressions": expressions})
    };
    let attachment = "aws_iam_role_policy_attachment";
    let (name, policy) = (
        json!({"constant_value": "app"}),
        json!({"constant_value": arn(READ)}),
    );
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-01T09:00:00Z",
        "complete": true, "errored": false, "planned_values": {"root_module": {}},
        "variables": {"token": {"value": super::SECRETS[0]}},
        "resource_changes": [
            change("aws_iam_role", "app", json!({"name": "app"}),
                json!({"id": true, "arn": true, "managed_policy_arns": true})),
            change(attachment, "read", json!({"role": "app", "policy_arn": arn(READ)}),
                json!({"id": true})),
        ],
        "configuration": {
            "provider_config": {"fault": {
                "name": "fault", "full_name": "registry.example.com/test/fault",
                "expressions": {"store": {"constant_value": estate.path().join("store")},
                                "token": {"references": ["var.token"]}}}},
            "root_module": {"resources": [
                written("aws_iam_role", "app", json!({"name": name})),
                written(attachment, "read", json!({"role": name, "policy_arn": policy})),
            ]},
        },
    })
}

pub(super) fn is_attached(estate: &Estate, policy: &str) -> bool {
    estate.path().join(file(policy)).exists()
}

/// Somebody does it by hand, and the recorder takes it down.
pub(super) fn attach(estate: &Estate, policy: &str) {
    estate.put(&file(policy), &grant(policy).to_string());
    record(estate);
}

/// AWS Config's item of the role as it is now.
pub(super) fn record(estate: &Estate) {
    let all = [ADMIN, READ].into_iter();
    let attached: Vec<Json> = all
        .filter(|policy| is_attached(estate, policy))
        .map(|policy| json!({"policyName": policy, "policyArn": arn(policy)}))
        .collect();
    let items = json!({"fileVersion": "1.0", "configSnapshotId": "5d3f", "configurationItems": [{
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": jiff::Timestamp::now(),
        "configurationItemStatus": "OK", "resourceType": "AWS::IAM::Role", "resourceId": "AROAX",
        "resourceName": "app", "ARN": "arn:aws:iam::111122223333:role/app",
        "awsAccountId": "111122223333", "awsRegion": "global", "tags": {},
        "configuration": {"roleName": "app", "path": "/", "attachedManagedPolicies": attached,
            "rolePolicyList": [], "instanceProfileList": []},
        "supplementaryConfiguration": {},
    }]});
    estate.put("live/snapshot.json", &items.to_string());
}

#[test]
fn it_is_taken_away_and_nothing_else_is() {
    let estate = grants("");
    attach(&estate, ADMIN);
    let role = fs::read(estate.path().join("store/app.json")).unwrap();
    estate.scan("");
    assert_eq!(
        estate.steps(),
        ["permitted", "intended", "fixed"],
        "{}",
        estate.run(&["fixes"], "")
    );
    assert!(!is_attached(&estate, ADMIN));
    assert!(is_attached(&estate, READ));
    assert_eq!(
        fs::read(estate.path().join("store/app.json")).unwrap(),
        role
    );
    let fix = estate.last();
    assert_eq!(fix["way"], "take_away");
    assert_eq!(fix["remediator"], "provider");
    assert_eq!(fix["workspace"], "shop");
    assert_eq!(fix["address"], Json::Null);
    assert_eq!(fix["within"], "aws_iam_role.app");
    let change = &fix["outcome"]["change"];
    assert_eq!(change["before"], grant(ADMIN));
    assert_eq!(change["after"], Json::Null);
    let provider = change["provider"].as_str().unwrap();
    assert!(provider.contains("test/fault 1.0.0 h1:"), "{provider}");
    // The recorder is behind: nothing is done twice.
    estate.scan("");
    assert_eq!(estate.steps().len(), 3);
    record(&estate);
    estate.scan("");
    assert_eq!(estate.last()["state"], "healed");
    estate.assert_whole();
}

/// It is not believed of the apply, whatever the provider says.
#[test]
fn only_a_read_that_says_gone_is_believed() {
    for (fault, step, is_there, why) in [
        (
            "idle-apply",
            "failed",
            true,
            "reported success, and nothing was changed",
        ),
        (
            "refuses-apply",
            "failed",
            true,
            "nothing was changed: the provider reported: access denied",
        ),
        (
            "dies-before-apply",
            "failed",
            true,
            "nothing was changed: the provider died",
        ),
        ("dies-in-apply", "fixed", false, "though the provider died"),
        (
            "partial-apply",
            "half_done",
            true,
            "shows the whole resource otherwise than planned; the provider reported: half of it",
        ),
    ] {
        let estate = grants("");
        attach(&estate, ADMIN);
        estate.scan(fault);
        assert_eq!(estate.steps(), ["permitted", "intended", step], "{fault}");
        assert_eq!(is_attached(&estate, ADMIN), is_there, "{fault}");
        assert!(is_attached(&estate, READ), "{fault}");
        let detail = estate.detail();
        assert!(detail.contains(why), "{fault}: {detail}");
        for secret in super::SECRETS {
            assert!(!estate.everything().contains(secret), "{fault}");
        }
        estate.assert_whole();
    }
}

/// Killed between intent and outcome: what was done is found done, what was not is done once.
#[test]
fn the_next_start_goes_on_from_what_is_there() {
    for (fault, step) in [
        ("hangs-after-apply", "as_approved"),
        ("hangs-before-apply", "fixed"),
    ] {
        let estate = grants("");
        attach(&estate, ADMIN);
        estate.killed_in_scan(fault);
        estate.scan("");
        assert_eq!(estate.steps()[2..], ["resumed", step], "{fault}");
        assert!(!is_attached(&estate, ADMIN), "{fault}");
        assert_eq!(estate.fixes().len(), 1, "under the same name");
        record(&estate);
        estate.scan("");
        assert_eq!(estate.last()["state"], "healed", "{fault}");
        estate.assert_whole();
    }
    // While the cloud cannot be asked, nobody goes on by guesses.
    let estate = grants("");
    attach(&estate, ADMIN);
    estate.killed_in_scan("hangs-before-apply");
    estate.scan("refuses-import");
    assert_eq!(estate.steps()[2..], ["resumed", "interrupted", "refused"]);
    assert!(is_attached(&estate, ADMIN));
}
