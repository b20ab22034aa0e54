//! The configuration file as a user meets it: what parses, and what each mistake is told.

use std::path::Path;

use driftwarden::config::{self, BaselineName, Config};
use driftwarden::model::{AccountId, TypeName, WorkspaceName};
use insta::assert_snapshot;
use jiff::SignedDuration;

const SMALLEST: &str = r#"
evidence  { dir = "evidence" }
baseline "payments" {
  plan   = "plan.json"            # a file, or a folder whose newest approved plan wins
  state  = "state.json"
  schema = "schema.json"
}
live "aws_config_snapshot" "prod" { files = ["live/*.json"] }
changes "files" { dir = "changes" }
identity { file = "people.json" }
rules   { dirs = ["rules"] }
"#;

const WHOLE: &str = r#"
evidence {
  dir    = "/var/lib/driftwarden/evidence"
  keys   = "/etc/driftwarden/keys"
  origin = "bank.example/driftwarden/prod"
}
baseline "*" {
  plan     = "plans/stack-*.json"
  state    = "states/*.json"
  schema   = "schema.json"
  source   = "terraform/*"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["live/**/*.json", "live/*.json.gz"] }
changes "files" { dir = "changes" }
activity "cloudtrail_files" "trail" {
  files     = ["trail/*.json.gz"]
  pipelines = ["arn:aws:iam::111122223333:role/ci/deploy"]
  networks  = ["10.20.0.0/16", "2001:db8::/32"]
}
identity { file = "people.json" }
rules { dirs = ["rules", "/etc/driftwarden/rules"] }
scope {
  accounts = ["111122223333"]
  regions  = ["eu-west-1"]
  types    = ["aws_iam_*", "aws_s3_bucket"]
}
approvals {
  clock_tolerance       = "5m"
  emergency_acknowledge = "12h"
  emergency_complete    = "2d"
}
"#;

fn parse(text: &str) -> Config {
    config::parse("etc/driftwarden.hcl", text).unwrap()
}

/// What is told about a text that is wrong.
fn told(text: &str) -> String {
    let errors = config::parse("driftwarden.hcl", text).unwrap_err();
    assert!(!errors.errors.is_empty());
    errors.to_string()
}

/// What is told about one more block beside a good `evidence`, which stands on line one.
fn told_of(block: &str) -> String {
    told(&format!("evidence {{ dir = \"evidence\" }}\n{block}\n"))
}

#[test]
fn the_smallest_configuration_has_every_default() {
    let config = parse(SMALLEST);
    assert_eq!(config.evidence.keys, Path::new("evidence.keys"));
    assert_eq!(config.evidence.origin, "driftwarden.local/evidence");
    let baseline = &config.baselines[0];
    let payments = WorkspaceName::from("payments");
    assert_eq!(baseline.name, BaselineName::Workspace(payments));
    assert!(!baseline.assumed);
    assert_eq!(baseline.source, None);
    assert_eq!((baseline.at.line, baseline.at.column), (3, 1));
    assert_eq!(config.scope, config::ScopeConfig::default());
    assert_eq!(
        config.approvals.clock_tolerance,
        SignedDuration::from_secs(60)
    );
    assert_eq!(
        config.approvals.emergency_acknowledge,
        SignedDuration::from_hours(24)
    );
    assert_eq!(
        config.approvals.emergency_complete,
        SignedDuration::from_hours(72)
    );
    assert!(config.activity.is_empty());
}

#[test]
fn every_attribute_is_taken_over() {
    let config = parse(WHOLE);
    assert_eq!(config.evidence.keys, Path::new("/etc/driftwarden/keys"));
    assert_eq!(config.evidence.origin, "bank.example/driftwarden/prod");
    let baseline = &config.baselines[0];
    assert_eq!(baseline.name, BaselineName::EachPlan);
    assert!(baseline.assumed);
    assert_eq!(baseline.source.as_deref(), Some(Path::new("terraform/*")));
    assert_eq!(config.live[0].name, "prod");
    assert_eq!(config.live[0].files, ["live/**/*.json", "live/*.json.gz"]);
    let activity = &config.activity[0];
    assert_eq!(
        activity.pipelines,
        ["arn:aws:iam::111122223333:role/ci/deploy"]
    );
    assert!(activity.networks[0].contains([10, 20, 3, 4].into()));
    assert!(!activity.networks[0].contains([10, 21, 3, 4].into()));
    assert_eq!(
        config.rules.unwrap().dirs[1],
        Path::new("/etc/driftwarden/rules")
    );
    assert!(config.scope.admits_type(&TypeName::from("aws_iam_role")));
    assert!(!config.scope.admits_type(&TypeName::from("aws_instance")));
    assert!(
        !config
            .scope
            .admits_account(&AccountId::from("444455556666"))
    );
    assert_eq!(
        config.approvals.clock_tolerance,
        SignedDuration::from_mins(5)
    );
    assert_eq!(
        config.approvals.emergency_acknowledge,
        SignedDuration::from_hours(12)
    );
    assert_eq!(
        config.approvals.emergency_complete,
        SignedDuration::from_hours(48)
    );
}

#[test]
fn relative_paths_start_at_the_file_and_absolute_ones_stay() {
    let config = parse(SMALLEST);
    assert_eq!(config.resolve("plan.json"), Path::new("etc/plan.json"));
    assert_eq!(
        config.resolve("/srv/plan.json"),
        Path::new("/srv/plan.json")
    );
    let here = config::parse("driftwarden.hcl", SMALLEST).unwrap();
    assert_eq!(here.resolve("plan.json"), Path::new("plan.json"));
}

#[test]
fn the_keys_lie_beside_the_log() {
    let keys = |dir: &str| {
        parse(&format!("evidence {{ dir = \"{dir}\" }}"))
            .evidence
            .keys
    };
    assert_eq!(keys("evidence/"), Path::new("evidence.keys"));
    assert_eq!(
        keys("/var/log/evidence"),
        Path::new("/var/log/evidence.keys")
    );
    assert_eq!(keys("../evidence"), Path::new("../evidence.keys"));
}

#[test]
fn all_mistakes_are_told_at_once_in_order() {
    assert_snapshot!(told(r#"
evidence {
  dirr   = "evidence"
  origin = "a b"
}
baselin "payments" { plan = "plan.json" }
baseline "payments" {
  plan = 7
  approval = "assume"
}
"#), @r#"
    driftwarden.hcl:2:1: `evidence` lacks the attribute `dir`
      help: add `dir = "…"`
    driftwarden.hcl:3:3: unknown attribute `dirr` in `evidence`
      help: did you mean `dir`?
    driftwarden.hcl:4:12: the origin `a b` holds white space or `+`
      help: write a name such as `bank.example/driftwarden/prod`
    driftwarden.hcl:6:1: unknown block `baselin`
      help: did you mean `baseline`?
    driftwarden.hcl:8:10: `plan` holds a number where a quoted text belongs
      help: put it in double quotes
    driftwarden.hcl:9:14: unknown approval `assume`
      help: the only word is `assumed`; leave it out for approval by change record
    "#);
}

#[test]
fn a_missing_evidence_block_is_told() {
    assert_snapshot!(told(""), @r#"
    driftwarden.hcl:1:1: the block `evidence` is missing
      help: add `evidence { dir = "evidence" }`
    "#);
}

#[test]
fn unknown_words_come_with_the_nearest_known_one() {
    assert_snapshot!(told_of("lives \"x\" \"y\" {}"), @r"
    driftwarden.hcl:2:1: unknown block `lives`
      help: did you mean `live`?
    ");
    assert_snapshot!(told_of("password = \"x\""), @r"
    driftwarden.hcl:2:1: `password` stands outside every block
      help: known here: `activity`, `approvals`, `baseline`, `changes`, `channel`, `config_remediation`, `evidence`, `findings`, `handover`, `heartbeat`, `identity`, `live`, `paging`, `providers`, `remediation`, `route`, `rules`, `run`, `scope` and `waivers`
    ");
    assert_snapshot!(told_of("live \"azure_graph\" \"prod\" { files = [\"a\"] }"), @r"
    driftwarden.hcl:2:6: unknown kind `azure_graph` of `live`
      help: known here: `aws_config`, `aws_config_snapshot` and `terraform_refresh`
    ");
    assert_snapshot!(told_of("changes \"servicenow\" { dir = \"changes\" }"), @r"
    driftwarden.hcl:2:9: unknown kind `servicenow` of `changes`
      help: known here: `files`
    ");
    assert_snapshot!(told_of("scope {\n  account = [\"111122223333\"]\n}"), @r"
    driftwarden.hcl:3:3: unknown attribute `account` in `scope`
      help: did you mean `accounts`?
    ");
    assert_snapshot!(told_of("scope {\n  accounts {}\n}"), @r#"
    driftwarden.hcl:3:3: unknown block `accounts` in `scope`
      help: it is an attribute: `accounts = ["…"]`
    "#);
}

#[test]
fn labels_are_counted() {
    assert_snapshot!(told_of("live \"prod\" { files = [\"a\"] }"), @r#"
    driftwarden.hcl:2:1: `live` has 1 label, not 2
      help: write `live "aws_config_snapshot" "NAME"`, `live "aws_config" "NAME"` and `live "terraform_refresh" "NAME"`
    "#);
    assert_snapshot!(told_of("baseline { plan = \"a\" }"), @r#"
    driftwarden.hcl:2:1: `baseline` has no label, not 1
      help: write `baseline "NAME"`
    "#);
    assert_snapshot!(told_of("identity \"a\" \"b\" { file = \"a\" }"), @r"
    driftwarden.hcl:2:1: `identity` has 2 labels, not 0
      help: write `identity`
    ");
    assert_snapshot!(told_of("baseline \"\" { plan = \"a\" }"), @r"
    driftwarden.hcl:2:10: a `baseline` has an empty name
      help: choose a short, plain name
    ");
    assert_snapshot!(told_of("baseline \"a*\" { plan = \"a\" }"), @r"
    driftwarden.hcl:2:10: the name `a*` of a `baseline` holds a `*`
      help: choose a short, plain name
    ");
}

#[test]
fn duplicates_name_both_places() {
    assert_snapshot!(told_of("evidence { dir = \"other\" }"), @r"
    driftwarden.hcl:2:1: `evidence` is given twice
      help: the first is at driftwarden.hcl:1:1; make one of the two
    ");
    assert_snapshot!(told_of(r#"baseline "a" { plan = "a" }
baseline "b" { plan = "b" }
  baseline "a" { plan = "c" }"#), @r"
    driftwarden.hcl:4:3: `baseline` has the name `a` twice
      help: the first is at driftwarden.hcl:2:1; give each its own name
    ");
    assert_snapshot!(told_of(r#"baseline "a" {
  plan  = "é"
  state = "a"
  plan  = "b"
  state = "b"
  plan  = "c"
}
scopes {}"#), @r"
    driftwarden.hcl:5:3: `plan` is given twice in `baseline`
      help: the first is at driftwarden.hcl:3:3; keep one
    driftwarden.hcl:6:3: `state` is given twice in `baseline`
      help: the first is at driftwarden.hcl:4:3; keep one
    driftwarden.hcl:7:3: `plan` is given twice in `baseline`
      help: the first is at driftwarden.hcl:3:3; keep one
    driftwarden.hcl:9:1: unknown block `scopes`
      help: did you mean `scope`?
    ");
}

#[test]
fn only_literals_are_values() {
    assert_snapshot!(told_of("identity { file = var.people }"), @r"
    driftwarden.hcl:2:19: `file` holds a variable where a quoted text belongs
      help: the configuration is not evaluated; write the value out
    ");
    assert_snapshot!(told_of("identity { file = people }"), @r"
    driftwarden.hcl:2:19: `file` holds a variable where a quoted text belongs
      help: put it in double quotes
    ");
    assert_snapshot!(told_of("identity { file = \"${env}/people.json\" }"), @r"
    driftwarden.hcl:2:19: `file` holds a text with `${…}` or `%{…}` where a quoted text belongs
      help: the configuration is not evaluated; write the text out, with `$${` for a real `${`
    ");
    assert_snapshot!(told_of("identity { file = file(\"x\") }"), @r"
    driftwarden.hcl:2:19: `file` holds a function call where a quoted text belongs
      help: the configuration is not evaluated; write the value out
    ");
    assert_snapshot!(told_of("identity { file = \"a\" == \"b\" ? \"a\" : \"b\" }"), @r"
    driftwarden.hcl:2:19: `file` holds an expression where a quoted text belongs
      help: the configuration is not evaluated; write the value out
    ");
    assert_snapshot!(told_of("scope { accounts = [111122223333] }"), @r"
    driftwarden.hcl:2:21: `accounts` holds a number where a quoted text belongs
      help: put it in double quotes
    ");
    assert_snapshot!(told_of("scope { accounts = \"111122223333\" }"), @r#"
    driftwarden.hcl:2:20: `accounts` is a text, not a list
      help: write `accounts = ["…"]`
    "#);
    assert_snapshot!(told_of("identity { file = [\"people.json\"] }"), @r"
    driftwarden.hcl:2:19: `file` holds a list where a quoted text belongs
      help: this attribute takes one value
    ");
    assert_snapshot!(told_of("identity { file = null }"), @r"
    driftwarden.hcl:2:19: `file` holds null where a quoted text belongs
      help: leave the attribute out instead
    ");
    assert_snapshot!(told_of("rules { dirs = [] }"), @r"
    driftwarden.hcl:2:16: `dirs` is an empty list
      help: name at least one, or leave the attribute out where it is optional
    ");
    assert_snapshot!(told_of("identity { file = \" \" }"), @"driftwarden.hcl:2:19: `file` is empty");
    assert_snapshot!(told_of("identity { file = \"a\\u0000b\" }"), @r#"driftwarden.hcl:2:19: `file` holds the control character `\u{0}`"#);
}

#[test]
fn values_are_checked_where_they_stand() {
    assert_snapshot!(told("evidence {\n  dir = \"e\"\n  origin = \"a+b\"\n}"), @r"
    driftwarden.hcl:3:12: the origin `a+b` holds white space or `+`
      help: write a name such as `bank.example/driftwarden/prod`
    ");
    assert_snapshot!(told("evidence { dir = \"..\" }"), @r"
    driftwarden.hcl:1:18: `..` does not name a folder of its own
      help: end it in the name of a folder that holds nothing but the log
    ");
    assert_snapshot!(told("evidence {\n  dir = \"e\"\n  keys = \"./x/../e/keys\"\n}"), @r"
    driftwarden.hcl:3:10: the keys in `./x/../e/keys` lie inside the evidence folder
      help: who is handed the evidence would be handed the keys; name a folder outside it
    ");
    assert_snapshot!(told_of("baseline \"*\" { plan = \"plans\" }"), @r"
    driftwarden.hcl:2:23: `plan` holds no `*` in the baseline that is labelled `*`
      help: write a pattern such as `plans/*.json`, or give the baseline a name
    ");
    assert_snapshot!(told_of("baseline \"a\" { plan = \"plans/*.json\" }"), @r"
    driftwarden.hcl:2:23: `plan` holds a `*` in a baseline that is one workspace
      help: label the baseline `*` for a workspace per plan file, or name a file or folder
    ");
    assert_snapshot!(told_of("live \"aws_config_snapshot\" \"p\" { files = [\"a/***\"] }"), @r"
    driftwarden.hcl:2:43: `a/***` is no pattern: wildcards are either regular `*` or recursive `**`
      help: `*` stands for a part of a name, `**` for any folders, `?` for one character
    ");
    assert_snapshot!(told_of(r#"activity "cloudtrail_files" "t" {
  files     = ["a"]
  pipelines = ["deploy", "arn:aws:iam::111122223333:role/*"]
  networks  = ["10.1.2.3/8", "office"]
}
activity "cloudtrail_files" "u" {
  files    = ["a"]
  networks = ["10.0.0.0/8"]
}
activity "cloudtrail_files" "v" {
  files     = ["a"]
  pipelines = ["arn:aws:iam::111122223333:role/deploy"]
}"#), @r#"
    driftwarden.hcl:4:16: `deploy` is not the ARN of an IAM role
      help: write `arn:aws:iam::ACCOUNT:role/NAME`, the role itself and not a session of it
    driftwarden.hcl:4:26: `arn:aws:iam::111122223333:role/*` holds a wildcard; a pipeline is one role
      help: write `arn:aws:iam::ACCOUNT:role/NAME`, the role itself and not a session of it
    driftwarden.hcl:5:16: `10.1.2.3/8` has bits set beyond its prefix; the network is `10.0.0.0/8`
      help: write a network such as `10.20.0.0/16` or `2001:db8::/32`
    driftwarden.hcl:5:30: `office` is no network in CIDR form
      help: write a network such as `10.20.0.0/16` or `2001:db8::/32`
    driftwarden.hcl:9:14: `networks` has no effect without `pipelines`
      help: name the roles that may act from these networks, or leave `networks` out
    driftwarden.hcl:13:15: `pipelines` has no effect without `networks`
      help: name the networks that the pipelines act from; anybody may be in `["0.0.0.0/0", "::/0"]`
    "#);
    assert_snapshot!(told_of("scope {\n  accounts = [\"12\"]\n  types = [\"aws instance\"]\n}"), @r"
    driftwarden.hcl:3:15: `12` is no account
      help: write twelve digits, or the id of an Azure subscription
    driftwarden.hcl:4:12: `aws instance` is no Terraform resource type
      help: write a type such as `aws_s3_bucket`, or a pattern such as `aws_iam_*`
    ");
    assert_snapshot!(told_of(r#"approvals {
  clock_tolerance       = "2h"
  emergency_acknowledge = "3 days"
}
"#), @r"
    driftwarden.hcl:3:27: `clock_tolerance` is `2h`, which is too long
      help: at most `1h`
    driftwarden.hcl:4:27: `3 days` is no duration
      help: write a whole number with its unit, such as `90s`, `15m`, `24h` or `3d`
    ");
    assert_snapshot!(told_of("approvals { emergency_complete = \"1h\" }"), @r"
    driftwarden.hcl:2:1: an emergency would be due for full approval before it is acknowledged
      help: make `emergency_complete` at least as long as `emergency_acknowledge`
    ");
}

#[test]
fn a_message_is_one_short_line_of_plain_characters() {
    assert_snapshot!(told_of("baseline \"a\\n\\u001b[2J\" { plan = \"a\" }"), @r"
    driftwarden.hcl:2:10: the name `a\n\u{1b}[2J` begins or ends with a space, or holds a control character
      help: choose a short, plain name
    ");
    let long = told_of(&format!(
        "baseline \"*{}\" {{ plan = \"a\" }}",
        "x".repeat(5_000)
    ));
    assert!(
        long.lines().all(|line| line.chars().count() < 600),
        "{long}"
    );
}

#[test]
fn text_that_is_no_hcl_says_where() {
    assert_snapshot!(told("evidence { dir = \"a\""), @r"
    driftwarden.hcl:1:20: this is not valid HCL: invalid block body; expected `}`, newline or identifier
      help: a block on one line holds one attribute at most; else put each on its own line
    ");
    assert_snapshot!(told("evidence { dir = \"a\", keys = \"b\" }"), @r"
    driftwarden.hcl:1:21: this is not valid HCL: invalid block body; expected `}`, newline or identifier
      help: a block on one line holds one attribute at most; else put each on its own line
    ");
    assert_snapshot!(told("evidence {\n  dir = \"a\n}"), @r"
    driftwarden.hcl:2:3: this is not valid HCL: invalid block body; expected `}`, newline or identifier
      help: look here and in the lines above for a quote, bracket or brace without its pair
    ");
    let deep = format!("{}{}", "a {\n".repeat(5_000), "}\n".repeat(5_000));
    assert_snapshot!(told(&deep), @r"
    driftwarden.hcl:65:3: this is not valid HCL: invalid nesting depth; expected at most 64 nested levels
      help: look here and in the lines above for a quote, bracket or brace without its pair
    ");
    assert_snapshot!(told(&" ".repeat(config::MAX_BYTES + 1)), @r"
    driftwarden.hcl:1:1: the file is larger than 1024 KiB
      help: a baseline labelled `*` covers any number of workspaces in one block
    ");
}

#[test]
fn a_flood_of_mistakes_is_cut_off_and_says_so() {
    let text = told(&"nonsense {}\n".repeat(150));
    assert_snapshot!(text.lines().last().unwrap(), @"  help: mend the ones above first");
    assert_eq!(text.matches("unknown block").count(), 100);
}

#[test]
fn two_patterns_may_make_workspaces() {
    let config = parse(
        "evidence { dir = \"e\" }\nbaseline \"*\" { plan = \"a/*.json\" }\n\
         baseline \"*\" { plan = \"b/*.json\" }",
    );
    assert_eq!(config.baselines.len(), 2);
}

#[test]
fn queues_and_event_histories_are_read_or_refused_with_their_place() {
    let parse = |block: &str| {
        let text = format!("evidence {{ dir = \"e\" }}\n{block}\n");
        config::parse("driftwarden.hcl", &text)
    };
    let queue = |body: &str| {
        parse(&format!(
            "activity \"aws_cloudtrail_queue\" \"q\" {{\n{body}\n}}"
        ))
    };
    let good = queue("queue = \"arn:aws:sqs:eu-west-1:111122223333:events\"").unwrap();
    assert_eq!(
        good.queues[0].url,
        "https://sqs.eu-west-1.amazonaws.com/111122223333/events"
    );
    assert_eq!(good.queues[0].region, "eu-west-1");
    let here = queue(
        "queue = \"arn:aws:sqs:eu-west-1:111122223333:events\"\nendpoint = \"http://127.0.0.1:5000\"",
    );
    assert_eq!(
        here.unwrap().queues[0].url,
        "http://127.0.0.1:5000/111122223333/events"
    );
    for (body, what) in [
        ("queue = \"http://sqs.example/1/q\"", "in the clear"),
        (
            "queue = \"https://q.example/1/q\"",
            "does not tell its Region",
        ),
        ("queue = \"arn:aws:sns:eu-west-1:1:q\"", "no ARN of a queue"),
        (
            "queue = \"arn:aws:sqs:eu-west-1:1:q\"\nvisibility = \"1s\"",
            "too short",
        ),
        (
            "queue = \"arn:aws:sqs:eu-west-1:1:q\"\nrole = \"deploy\"",
            "no",
        ),
    ] {
        let errors = queue(body).unwrap_err().to_string();
        assert!(errors.contains(what), "{body}: {errors}");
    }
    let history =
        "activity \"aws_cloudtrail_lookup\" \"h\" {\nregion = \"eu-west-1\"\ncalls = 0\n}";
    assert!(parse(history).unwrap_err().to_string().contains("`0`"));
}
