//! `live "aws_config"`: what parses, and what each mistake is told.

use driftwarden::config::{self, AwsConfigConfig, AwsConfigPlaces};
use insta::assert_snapshot;

fn text(inner: &str) -> String {
    format!("evidence {{ dir = \"evidence\" }}\nlive \"aws_config\" \"bank\" {{\n{inner}\n}}\n")
}

fn good(inner: &str) -> AwsConfigConfig {
    let config = config::parse("driftwarden.hcl", &text(inner)).unwrap();
    config.live_aws.into_iter().next().unwrap()
}

fn wrong(inner: &str) -> String {
    config::parse("driftwarden.hcl", &text(inner))
        .unwrap_err()
        .to_string()
}

const TWO: &str = "accounts = [\"111122223333\", \"444455556666\"]\nregions = [\"eu-west-1\"]";

#[test]
fn one_role_serves_all_accounts() {
    let block = good(&format!(
        "{TWO}\nrole = \"audit/read\"\nexternal_id = \"x\""
    ));
    let roles: Vec<&String> = block.roles.values().collect();
    assert_eq!(
        roles,
        [
            "arn:aws:iam::111122223333:role/audit/read",
            "arn:aws:iam::444455556666:role/audit/read"
        ]
    );
    assert_eq!((block.calls_per_minute, block.calls_per_scan), (60, 10_000));
    let china = good("accounts = [\"111122223333\"]\nregions = [\"cn-north-1\"]\nrole = \"read\"");
    let roles: Vec<_> = china.roles.values().collect();
    assert_eq!(roles, ["arn:aws-cn:iam::111122223333:role/read"]);
}

#[test]
fn an_aggregator_says_where_it_is() {
    let block = good(
        "aggregator = \"all\"\naggregator_account = \"111122223333\"\naggregator_region = \"eu-west-1\"",
    );
    let AwsConfigPlaces::Aggregator { name, accounts, .. } = block.places else {
        panic!("{block:?}")
    };
    assert_eq!((name.as_str(), accounts.len()), ("all", 0));
    assert_snapshot!(wrong("aggregator = \"all\""), @r#"
    driftwarden.hcl:3:14: `aggregator` needs `aggregator_account`
      help: say in which account and Region the aggregator is
    driftwarden.hcl:3:14: `aggregator` needs `aggregator_region`
      help: say in which account and Region the aggregator is
    "#);
}

#[test]
fn what_cannot_work_is_told_with_its_place() {
    assert_snapshot!(wrong(""), @r#"
    driftwarden.hcl:2:1: `live` of the kind `aws_config` names no accounts
      help: add `accounts = ["…"]`, or an `aggregator` that gathers them
    driftwarden.hcl:2:1: `live` of the kind `aws_config` names no regions
      help: add `regions = ["…"]`, or an `aggregator` that gathers them
    "#);
    assert_snapshot!(wrong(TWO), @r#"
    driftwarden.hcl:3:12: several accounts need a `role` to assume in each
      help: add `role = "NAME"`; one name serves all accounts
    "#);
    assert_snapshot!(wrong(&format!("{TWO}\nrole = \"arn:aws:iam::111122223333:role/read\"")), @r#"
    driftwarden.hcl:5:8: the role `arn:aws:iam::111122223333:role/read` is none of account `444455556666`
      help: write the role's name alone: it is assumed in each account
    "#);
    assert_snapshot!(wrong("accounts = [\"1\"]\nregions = [\"Frankfurt\"]\nexternal_id = \"x\"\ncalls_per_scan = 0"), @r#"
    driftwarden.hcl:3:13: `1` is no AWS account
      help: write twelve digits
    driftwarden.hcl:4:12: `Frankfurt` is no Region
      help: write a Region such as `eu-central-1`
    driftwarden.hcl:5:15: `external_id` has no effect without `role`
      help: name the role that asks for it, or leave it out
    driftwarden.hcl:6:18: `0` is no whole number from 1 to 1000000
      help: write a whole number from 1 to 1000000
    "#);
    assert_snapshot!(wrong(&format!("{TWO}\nrole = \"a b\"\nendpoint = \"http://config.example\"")), @r#"
    driftwarden.hcl:5:8: `a b` is no name of a role
      help: write the role's name, with its path if it has one
    driftwarden.hcl:6:12: `http://config.example` would be reached in the clear
      help: write `https://HOST/PATH`; plain `http://` goes to this machine alone
    "#);
}
