//! Configurations and rules that cannot be used. `check` says the same as `scan`.

use insta::assert_snapshot;

use super::{Place, stderr, stdout};

const EVIDENCE: &str = "evidence { dir = \"evidence\" }\n";

/// What `scan` and `check` both say of a configuration.
fn refused(text: &str) -> String {
    let place = Place::scanned("pending-authorised");
    place.write("driftwarden.hcl", text);
    let message = place.refuses();
    let checked = place.driftwarden(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{}", stdout(&checked));
    let checked = stderr(&checked);
    let (problems, _) = checked.rsplit_once("\n\n").unwrap();
    assert_eq!(problems, message.trim_end());
    assert!(message.matches("error: ").count() == message.matches("  help: ").count());
    message
}

#[test]
fn values_of_the_wrong_type() {
    let text = format!(
        "{EVIDENCE}{}",
        r#"
baseline "payments" {
  plan     = ["plans"]
  approval = true
}
live "aws_config_snapshot" "prod" { files = "live/*.json" }
scope { accounts = [111122223333] }
approvals { clock_tolerance = 60 }
changes "files" { dir = env("CHANGES") }
identity = "people.json"
"#
    );
    assert_snapshot!(refused(&text), @r#"
    error: driftwarden.hcl:4:14: `plan` holds a list where a quoted text belongs
      help: this attribute takes one value
    error: driftwarden.hcl:5:14: `approval` holds a truth value where a quoted text belongs
      help: put it in double quotes
    error: driftwarden.hcl:7:45: `files` is a text, not a list
      help: write `files = ["…"]`
    error: driftwarden.hcl:8:21: `accounts` holds a number where a quoted text belongs
      help: put it in double quotes
    error: driftwarden.hcl:9:31: `clock_tolerance` holds a number where a quoted text belongs
      help: put it in double quotes
    error: driftwarden.hcl:10:25: `dir` holds a function call where a quoted text belongs
      help: the configuration is not evaluated; write the value out
    error: driftwarden.hcl:11:1: `identity` stands outside every block
      help: `identity` is a block: write `identity { … }`
    "#);
}

#[test]
fn a_block_that_is_not_closed() {
    let text = format!("{EVIDENCE}baseline \"payments\" {{\n  plan = \"plans\"\n");
    assert_snapshot!(refused(&text), @"
    error: driftwarden.hcl:3:17: this is not valid HCL: invalid block body; expected `}`, newline or identifier
      help: look here and in the lines above for a quote, bracket or brace without its pair
    ");
}

#[test]
fn no_text_at_all() {
    assert_snapshot!(refused(""), @r#"
    error: driftwarden.hcl:1:1: the block `evidence` is missing
      help: add `evidence { dir = "evidence" }`
    "#);
}

#[test]
fn nested_too_deep() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let text = format!("{EVIDENCE}scope {{ types = {deep} }}\n");
    assert_snapshot!(refused(&text), @"
    error: driftwarden.hcl:2:81: this is not valid HCL: invalid nesting depth; expected at most 64 nested levels
      help: look here and in the lines above for a quote, bracket or brace without its pair
    ");
}

#[test]
fn not_utf_8() {
    let place = Place::scanned("pending-authorised");
    let mut bytes = place.read("driftwarden.hcl").into_bytes();
    let at = bytes.windows(5).position(|window| window == b"plans");
    bytes[at.unwrap()] = 0xff;
    place.write("driftwarden.hcl", bytes);
    assert_snapshot!(place.refuses(), @"
    error: driftwarden.hcl:3:11: this is not UTF-8
      help: save it as UTF-8
    ");
}

#[test]
fn two_baselines_with_one_name_or_one_plan() {
    let text = format!(
        "{EVIDENCE}{}",
        r#"
baseline "a" { plan = "plans/1-first.json" }
baseline "a" { plan = "plans/2-rename.json" }
"#
    );
    assert_snapshot!(refused(&text), @"
    error: driftwarden.hcl:4:1: `baseline` has the name `a` twice
      help: the first is at driftwarden.hcl:3:1; give each its own name
    ");
    let text = text.replace(
        "\"a\" { plan = \"plans/2-rename",
        "\"b\" { plan = \"plans/1-first",
    );
    assert_snapshot!(refused(&text), @"
    error: driftwarden.hcl:4:1: the plan `plans/1-first.json` belongs to two baselines
      help: the first is at driftwarden.hcl:3:1; each workspace has one baseline, each plan one workspace
    ");
}

#[test]
fn two_baselines_that_claim_one_resource() {
    let text = format!(
        "{EVIDENCE}{}",
        r#"
baseline "a" {
  plan     = "plans/1-first.json"
  approval = "assumed"
}
baseline "b" {
  plan     = "plans/2-rename.json"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["live/*.json"] }
"#
    );
    let place = Place::scanned("pending-authorised");
    place.write("driftwarden.hcl", text);
    assert_snapshot!(place.refuses(), @"
    error: `aws_sns_topic.alerts` of workspace `a` and `aws_sns_topic.alerts` of workspace `b` are the same resource, `arn:aws:sns:eu-west-1:111122223333:alerts`
      help: one resource has one owner: take it out of one of the two plans, or one of the two baselines out of the configuration
    ");
}

#[test]
fn rules_that_are_no_rules() {
    let place = Place::scanned("pending-authorised");
    let text = place.read("driftwarden.hcl") + "rules { dirs = [\"rules\"] }\n";
    place.write("rules/a.hcl", "rule \"a\" {\n");
    let deep = format!("{}{}", "(".repeat(5000), ")".repeat(5000));
    place.write(
        "rules/b.hcl",
        format!("rule \"b\" {{\n  when = {deep}\n}}\n"),
    );
    place.write("driftwarden.hcl", &text);
    assert_snapshot!(place.refuses(), @"
    error: rules/a.hcl:1:12: not valid HCL: invalid block body; expected `}`, newline or identifier
      help: look here and in the lines above for a quote, bracket or brace without its pair
    error: rules/b.hcl:2:74: not valid HCL: invalid nesting depth; expected at most 64 nested levels
      help: look here and in the lines above for a quote, bracket or brace without its pair
    ");
    let checked = place.driftwarden(&["check"]);
    assert_snapshot!(stderr(&checked), @"
    error: rules/a.hcl:1:12: not valid HCL: invalid block body; expected `}`, newline or identifier
      help: look here and in the lines above for a quote, bracket or brace without its pair
    error: rules/b.hcl:2:74: not valid HCL: invalid nesting depth; expected at most 64 nested levels
      help: look here and in the lines above for a quote, bracket or brace without its pair

    2 problems; no scan starts before they are mended.
    ");
    place.write("rules/a.hcl", [0x72, 0xff]);
    place.write("rules/b.hcl", "");
    assert_snapshot!(place.refuses(), @"
    error: rules/a.hcl:1:2: this is not UTF-8
      help: save it as UTF-8
    ");
    place.write("rules/a.hcl", "# none yet\n");
    assert_snapshot!(place.refuses(), @"
    error: rules/a.hcl:1:1: the rule files hold no rule
      help: write one, or name no rule files: the shipped rules hold then
    ");
}
