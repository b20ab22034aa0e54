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
    assert_snapshot!(refused(&text), @"");
}

#[test]
fn a_block_that_is_not_closed() {
    let text = format!("{EVIDENCE}baseline \"payments\" {{\n  plan = \"plans\"\n");
    assert_snapshot!(refused(&text), @"");
}

#[test]
fn no_text_at_all() {
    assert_snapshot!(refused(""), @"");
}

#[test]
fn nested_too_deep() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let text = format!("{EVIDENCE}scope {{ types = {deep} }}\n");
    assert_snapshot!(refused(&text), @"");
}

#[test]
fn not_utf_8() {
    let place = Place::scanned("pending-authorised");
    let mut bytes = place.read("driftwarden.hcl").into_bytes();
    let at = bytes.windows(5).position(|window| window == b"plans");
    bytes[at.unwrap()] = 0xff;
    place.write("driftwarden.hcl", bytes);
    assert_snapshot!(place.refuses(), @"");
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
    assert_snapshot!(refused(&text), @"");
    let text = text.replace(
        "\"a\" { plan = \"plans/2-rename",
        "\"b\" { plan = \"plans/1-first",
    );
    assert_snapshot!(refused(&text), @"");
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
    assert_snapshot!(place.refuses(), @"");
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
    assert_snapshot!(place.refuses(), @"");
    let checked = place.driftwarden(&["check"]);
    assert_snapshot!(stderr(&checked), @"");
    place.write("rules/a.hcl", [0x72, 0xff]);
    place.write("rules/b.hcl", "");
    assert_snapshot!(place.refuses(), @"");
    place.write("rules/a.hcl", "# none yet\n");
    assert_snapshot!(place.refuses(), @"");
}
