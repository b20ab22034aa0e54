//! `driftwarden check` with parsers of its own.

use std::path::Path;

use driftwarden::cli::check::{Hooks, check_with};
use driftwarden::engine::Ownership;
use insta::assert_snapshot;

use super::files::{folder, plain, put};

const CONFIG: &str = r#"
evidence { dir = "evidence" }
baseline "payments" {
  plan     = "plan.json"
  source   = "terraform"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["live/*.json"] }
changes "files" { dir = "changes" }
identity { file = "people.json" }
rules { dirs = ["rules"] }
"#;

const FILES: [&str; 7] = [
    "plan.json",
    "terraform/main.tf",
    "live/a.json",
    "live/b.json",
    "changes/CHG1.yaml",
    "people.json",
    "rules/base.hcl",
];

/// What a user sees, standard output first; `good` and the exit status must agree.
fn check(dir: &Path, good: bool) -> String {
    let refuse = |name: &str, bytes: &[u8], count| match bytes.starts_with(b"bad") {
        true => Err(format!("{name}:1:1: unknown word `bad`")),
        false => Ok(count),
    };
    let hooks = Hooks {
        rules: &|files| {
            let all = files.iter();
            all.map(|(name, text)| refuse(name, text.as_bytes(), 3))
                .sum::<Result<usize, String>>()
                .map_err(|problem| vec![problem])
        },
        changes: &|files| {
            let all = files.iter();
            let read = all.map(|(name, bytes)| refuse(name, bytes, 1));
            let problems: Vec<String> = read.filter_map(Result::err).collect();
            match problems.is_empty() {
                true => Ok(files.len()),
                false => Err(problems),
            }
        },
        identity: &|name, bytes| refuse(name, bytes, 5),
        ownership: &|_| {
            Ok(Ownership {
                approved: 12,
                twice: Vec::new(),
            })
        },
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let config = dir.join("driftwarden.hcl");
    let found = check_with(&hooks, &config, &mut out, &mut err).unwrap();
    assert_eq!(found, good);
    assert_eq!(err.is_empty(), good, "problems go to standard error only");
    let (out, err) = (
        String::from_utf8(out).unwrap(),
        String::from_utf8(err).unwrap(),
    );
    plain(dir, format!("{out}-- stderr --\n{err}"))
}

#[test]
fn what_is_good_is_said_area_by_area() {
    let dir = folder(&FILES);
    put(dir.path(), "driftwarden.hcl", CONFIG);
    assert_snapshot!(check(dir.path(), true), @r"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       good  a new log will begin in `DIR/evidence`
    baselines      good  1 workspace, 1 plan, 1 source file; 1 assumed approved without a change record
    live           good  1 source, 2 files
    activity       none  no deviation is attributed
    changes        good  1 change record in 1 file
    identity       good  5 people
    rules          good  3 rules in 1 file
    ownership      good  12 approved resources, none in two places

    A scan can start.
    -- stderr --
    ");
}

#[test]
fn what_is_not_configured_says_what_follows() {
    let dir = folder(&["evidence/checkpoint"]);
    put(
        dir.path(),
        "driftwarden.hcl",
        "evidence { dir = \"evidence\" }",
    );
    assert_snapshot!(check(dir.path(), true), @r"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       good  the log in `DIR/evidence`
    baselines      none  everything live is unmanaged
    live           none  every approved resource is a gap
    activity       none  no deviation is attributed
    changes        none  no change record authorises anything
    identity       none  approvals are indeterminate unless assumed
    rules          none  the shipped rules hold

    A scan can start.
    -- stderr --
    ");
}

#[test]
fn every_problem_is_told_at_once() {
    let dir = folder(&["terraform/main.tf", "evidence", "live/a.json"]);
    put(dir.path(), "driftwarden.hcl", CONFIG);
    put(dir.path(), "changes/CHG1.json", "good");
    put(dir.path(), "changes/CHG2.json", "bad");
    put(dir.path(), "changes/CHG3.json", "bad");
    put(dir.path(), "people.json", "bad");
    put(dir.path(), "rules/base.hcl", "bad");
    assert_snapshot!(check(dir.path(), false), @"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       bad   1 problem
    baselines      bad   1 problem
    live           good  1 source, 1 file
    activity       none  no deviation is attributed
    changes        bad   2 problems
    identity       bad   1 problem
    rules          bad   1 problem
    -- stderr --
    error: `DIR/evidence` is a file, not a folder
      help: name a folder as `dir` of `evidence`
    error: cannot read `DIR/plan.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    error: DIR/changes/CHG2.json:1:1: unknown word `bad`
    error: DIR/changes/CHG3.json:1:1: unknown word `bad`
    error: DIR/people.json:1:1: unknown word `bad`
    error: rules/base.hcl:1:1: unknown word `bad`

    6 problems; no scan starts before they are mended.
    ");
}

#[test]
fn a_bad_configuration_stops_the_check() {
    let dir = folder(&FILES);
    put(
        dir.path(),
        "driftwarden.hcl",
        "evidence { dri = \"x\" }\nbaselin \"a\" {}\n",
    );
    assert_snapshot!(check(dir.path(), false), @r#"
    configuration  bad   3 problems
    -- stderr --
    error: DIR/driftwarden.hcl:1:1: `evidence` lacks the attribute `dir`
      help: add `dir = "…"`
    error: DIR/driftwarden.hcl:1:12: unknown attribute `dri` in `evidence`
      help: did you mean `dir`?
    error: DIR/driftwarden.hcl:2:1: unknown block `baselin`
      help: did you mean `baseline`?

    3 problems; no scan starts before they are mended.
    "#);
}

#[test]
fn a_missing_configuration_is_told() {
    let dir = folder(&[]);
    assert_snapshot!(check(dir.path(), false), @r"
    configuration  bad   1 problem
    -- stderr --
    error: cannot read `DIR/driftwarden.hcl`: no such file or folder
      help: write one, or name it with `--config FILE`; docs/configuration.md says how

    1 problem; no scan starts before it is mended.
    ");
}

/// What the command itself says, with the real parsers.
fn real_check(dir: &Path, good: bool) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let config = dir.join("driftwarden.hcl");
    let code = driftwarden::cli::check::run(&config, &mut out, &mut err).unwrap();
    assert_eq!(code == std::process::ExitCode::SUCCESS, good);
    let (out, err) = (
        String::from_utf8(out).unwrap(),
        String::from_utf8(err).unwrap(),
    );
    plain(dir, format!("{out}-- stderr --\n{err}"))
}

fn plan_of(addresses: &[&str]) -> String {
    let changes = addresses.iter().map(|address| {
        serde_json::json!({
            "address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "b",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["no-op"], "after_unknown": {},
                "before": { "id": "ledger", "bucket": "ledger", "arn": "arn:aws:s3:::ledger" },
                "after": { "id": "ledger", "bucket": "ledger", "arn": "arn:aws:s3:::ledger" },
            }
        })
    });
    serde_json::json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "complete": true,
        "timestamp": "2026-10-20T08:00:00Z", "errored": false, "planned_values": {},
        "resource_changes": changes.collect::<Vec<_>>(),
    })
    .to_string()
}

#[test]
fn two_workspaces_that_claim_one_resource_are_a_problem() {
    let dir = folder(&[]);
    put(
        dir.path(),
        "driftwarden.hcl",
        "evidence { dir = \"evidence\" }\nbaseline \"*\" {\n  plan = \"plans/*.json\"\n  approval = \"assumed\"\n}\n",
    );
    put(
        dir.path(),
        "plans/ledger.json",
        &plan_of(&["aws_s3_bucket.a"]),
    );
    put(
        dir.path(),
        "plans/payments.json",
        &plan_of(&["aws_s3_bucket.b"]),
    );
    assert_snapshot!(real_check(dir.path(), false),  @r"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       good  a new log will begin in `DIR/evidence`
    baselines      good  2 workspaces, 2 plans; 2 assumed approved without a change record
    live           none  every approved resource is a gap
    activity       none  no deviation is attributed
    changes        none  no change record authorises anything
    identity       none  approvals are indeterminate unless assumed
    rules          none  the shipped rules hold
    ownership      bad   1 problem
    -- stderr --
    error: `aws_s3_bucket.a` of workspace `ledger` and `aws_s3_bucket.b` of workspace `payments` are the same resource, `arn:aws:s3:::ledger`
      help: one resource has one owner: take it out of one of the two plans, or one of the two baselines out of the configuration

    1 problem; no scan starts before it is mended.
    ");
}

#[test]
fn one_workspace_that_claims_a_resource_twice_is_told() {
    let dir = folder(&[]);
    put(
        dir.path(),
        "driftwarden.hcl",
        "evidence { dir = \"evidence\" }\nbaseline \"payments\" {\n  plan = \"plan.json\"\n  approval = \"assumed\"\n}\n",
    );
    put(
        dir.path(),
        "plan.json",
        &plan_of(&["aws_s3_bucket.a", "aws_s3_bucket.b"]),
    );
    assert_snapshot!(real_check(dir.path(), true),  @r"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       good  a new log will begin in `DIR/evidence`
    baselines      good  1 workspace, 1 plan; 1 assumed approved without a change record
    live           none  every approved resource is a gap
    activity       none  no deviation is attributed
    changes        none  no change record authorises anything
    identity       none  approvals are indeterminate unless assumed
    rules          none  the shipped rules hold
    ownership      good  2 approved resources; each a gap until one is taken out: `aws_s3_bucket.a` of workspace `payments` and `aws_s3_bucket.b` of workspace `payments` are the same resource, `arn:aws:s3:::ledger`

    A scan can start.
    -- stderr --
    ");
}

#[test]
fn two_records_of_one_change_must_say_the_same() {
    let dir = folder(&[]);
    put(
        dir.path(),
        "driftwarden.hcl",
        "evidence { dir = \"evidence\" }\nchanges \"files\" { dir = \"changes\" }\n",
    );
    let record = |state: &str| {
        format!(
            r#"{{ "number": "CHG0030001", "system": "servicenow", "state": "{state}", "type": "normal",
              "requested_by": "ana@bank.example", "implemented_by": ["deploy"],
              "plan_sha256": "{}", "workspace": "payments", "approvals": [] }}"#,
            "ab".repeat(32)
        )
    };
    put(dir.path(), "changes/a.json", &record("implement"));
    put(dir.path(), "changes/b.json", &record("cancelled"));
    assert_snapshot!(real_check(dir.path(), false),  @r"
    configuration  good  `DIR/driftwarden.hcl`
    evidence       good  a new log will begin in `DIR/evidence`
    baselines      none  everything live is unmanaged
    live           none  every approved resource is a gap
    activity       none  no deviation is attributed
    changes        bad   1 problem
    identity       none  approvals are indeterminate unless assumed
    rules          none  the shipped rules hold
    -- stderr --
    error: change record `CHG0030001` is in DIR/changes/a.json and in DIR/changes/b.json, with different content
      help: keep the one that the ticket system holds; until then neither has standing

    1 problem; no scan starts before it is mended.
    ");
    put(dir.path(), "changes/b.json", &record("implement"));
    let said = real_check(dir.path(), true);
    assert!(said.contains("A scan can start."), "{said}");
}
