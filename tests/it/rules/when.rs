//! Conditions: what they see, and what happens when they have no answer.

use std::time::{Duration, Instant};

use driftwarden::model::{Action, Severity, Sha256Digest, Value};

use super::case::{Case, rules};

fn ruling(when: &str, case: &Case) -> driftwarden::model::Ruling {
    let text = format!(
        "rule \"it\" {{\n  severity = \"high\"\n  action = \"remediate\"\n  when = {when}\n}}\n"
    );
    case.ruling(&rules(&text))
}

#[track_caller]
fn holds(when: &str, line: &str, expected: bool) {
    let ruling = ruling(when, &Case::new(line));
    assert_eq!(ruling.notes, Vec::<String>::new(), "{when}");
    assert_eq!(ruling.rule.is_some(), expected, "{when}");
}

/// The note of a condition without an answer; the rule then decides with the action `alert`.
#[track_caller]
fn failure(when: &str, case: &Case) -> String {
    let ruling = ruling(when, case);
    assert_eq!(ruling.rule.unwrap().as_str(), "it", "{when}");
    assert_eq!(
        (ruling.severity, ruling.action),
        (Severity::High, Action::Alert),
        "{when}"
    );
    let [note] = ruling.notes.try_into().unwrap();
    let (_, why) = note.split_once("`alert`: ").unwrap();
    why.to_owned()
}

const LINE: &str = r#"changed aws_security_group /ingress approved=[] live=[{"from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}] by=arn:aws:iam::1:user/maria"#;

#[test]
fn a_condition_sees_the_whole_deviation() {
    for when in [
        r#"kind == "changed" && attribute == "/ingress" && verdict == "unauthorised""#,
        "length(approved) == 0 && live[0].from_port == 22",
        r#"resource.type == "aws_security_group" && resource.account == "111122223333""#,
        r#"resource.workspace == "payments" && resource.region == "eu-west-1""#,
        r#"resource.address == "aws_x.this" && resource.provider_id == "x-0abc""#,
        r#"tags.DataClass == "confidential" && tags["DataClass"] != "public""#,
        r#"attribution.means == "console" && endswith(attribution.actor, "/maria")"#,
        r#"attribution.from == "203.0.113.9" && attribution.person == null"#,
        r#"startswith(attribution.at, "2026-11-02T09:14")"#,
    ] {
        holds(when, LINE, true);
    }
    holds("attribution == null", "missing aws_x", true);
}

#[test]
fn functions_and_operators() {
    for (when, expected) in [
        (r#"contains(live[*].from_port, 22)"#, true),
        (
            r#"contains(flatten(live[*].cidr_blocks), "10.0.0.0/8")"#,
            false,
        ),
        (r#"alltrue([for r in live : r.to_port < 1024])"#, true),
        (r#"anytrue([])"#, false),
        (r#"alltrue([])"#, true),
        (r#"can(live[0].protocol)"#, false),
        (r#"try(live[0].protocol, "tcp") == "tcp""#, true),
        (r#"coalesce(null, "", "x") == "x""#, true),
        (r#"lookup(tags, "Owner", "none") == "none""#, true),
        (
            r#"keys({ b = 1, a = 2 }) == ["a", "b"] && values({ b = 1, a = 2 }) == [2, 1]"#,
            true,
        ),
        (r#"concat([1], [2, 3]) == [1, 2, 3]"#, true),
        (
            r#"distinct([2, 1, 2]) == [2, 1] && toset([2, 1, 2]) == [1, 2]"#,
            true,
        ),
        (r#"tostring(22) == "22" && tonumber("22") == 22"#, true),
        (
            r#"upper("é") == "É" && lower("AB") == "ab" && length("éé") == 2"#,
            true,
        ),
        (
            r#"strcontains("abc", "bc") && !startswith("abc", "b") && endswith("abc", "c")"#,
            true,
        ),
        (r#"jsondecode("{\"a\":[1]}").a[0] == 1"#, true),
        (
            r#"cidrcontains("10.0.0.0/8", "10.1.2.3") && !cidrcontains("10.0.0.0/8", "::1")"#,
            true,
        ),
        (r#"{ for k, v in { a = 1 } : v => k }["1"] == "a""#, true),
        (
            r#"{ for v in ["a", "b"] : "k" => v... }.k == ["a", "b"]"#,
            true,
        ),
        (
            r#"[for i, v in ["a", "b"] : "${i}${v}" if v != "a"] == ["1b"]"#,
            true,
        ),
        (
            r#"7 / 2 == 3.5 && 7 % 4 == 3 && -(2) + 5 * 2 == 8 && 6 / 2 == 3"#,
            true,
        ),
        (r#"true || live.nothing"#, true),
        (r#"false && live.nothing"#, false),
        (r#"length(live) > 5 ? live.nothing : true"#, true),
        (r#"concat([[1], [2]]...) == [1, 2]"#, true),
    ] {
        holds(when, LINE, expected);
    }
}

#[test]
fn a_condition_without_an_answer_alerts_and_says_why() {
    let case = Case::new(LINE);
    let missing = Case::new("missing aws_security_group");
    let shown = [
        failure("anytrue([for r in live : r.from_prot == 22])", &case),
        failure("live[0].from_port", &case),
        failure("contains(live, 1) ? 1 : 2", &case),
        failure("live[7] == 1", &case),
        failure("anytrue([for r in live : true])", &missing),
        failure("live.x == 1", &missing),
        failure("attribution.means == \"console\"", &missing),
        failure("1 / 0 == 1", &case),
        failure("5 % 0 == 1", &case),
        failure("jsondecode(\"{\") == 1", &case),
        failure("lower(live) == \"x\"", &case),
        failure("tonumber(\"x\") == 1", &case),
        failure("cidrcontains(\"x\", \"y\")", &case),
        failure("live[0] && true", &case),
        failure("try(live.x, live.y)", &case),
    ];
    insta::assert_snapshot!(shown.join("\n"), @r#"
    rules.hcl:4:36: there is no attribute `from_prot`
    rules.hcl:4:17: expected true or false, got a number
    rules.hcl:4:10: expected true or false, got a number
    rules.hcl:4:14: there is no such element
    rules.hcl:4:28: cannot go through null
    rules.hcl:4:14: cannot take attribute `x` of null
    rules.hcl:4:21: cannot take attribute `means` of null
    rules.hcl:4:10: the operation has no finite result
    rules.hcl:4:10: the operation has no finite result
    rules.hcl:4:10: `jsondecode`: the text is not valid JSON
    rules.hcl:4:10: `lower`: argument 1 must be a string, not a list
    rules.hcl:4:10: `tonumber`: the text is no number
    rules.hcl:4:10: `cidrcontains`: argument 1 is no address range
    rules.hcl:4:14: expected true or false, got an object
    rules.hcl:4:10: no argument of `try` could be evaluated
    "#);
    let note = &ruling("live.x", &missing).notes[0];
    insta::assert_snapshot!(note, @r#"
    `when` of rule `it` could not be evaluated, so it counts as matched with the action `alert`: rules.hcl:4:14: cannot take attribute `x` of null
    "#);
}

#[test]
fn a_sensitive_value_shows_only_that_it_is_one() {
    let mut case = Case::new("changed aws_ssm_parameter /value");
    case.deviation.live = Value::List(vec![Value::Sensitive(Sha256Digest([7; 32]))]);
    case.deviation.approved = Value::Sensitive(Sha256Digest([8; 32]));
    for when in [
        "live[0].sensitive == true",
        "live[0] == approved",
        "approved == { sensitive = true }",
        "!can(approved.digest)",
    ] {
        let ruling = ruling(when, &case);
        assert!(ruling.rule.is_some() && ruling.notes.is_empty(), "{when}");
    }
    let why = failure("startswith(approved, \"x\")", &case);
    assert!(!why.contains("0808") && !why.contains("0707"), "{why}");
}

fn hostile_list(length: i64) -> Value {
    let rule = |port: i64| {
        let ranges = Value::List(vec!["10.0.0.0/8".into(), "0.0.0.0/8".into()]);
        Value::Map(
            [
                ("from_port".to_owned(), port.into()),
                ("to_port".to_owned(), port.into()),
                ("cidr_blocks".to_owned(), ranges),
            ]
            .into(),
        )
    };
    Value::List((0..length).map(rule).collect())
}

#[test]
fn ten_thousand_rules_are_looked_through() {
    let mut case = Case::new("changed aws_security_group /ingress");
    case.deviation.live = hostile_list(10_000);
    let shipped = driftwarden::decide::rules::RuleSet::shipped().unwrap();
    assert_eq!(case.decided_by(&shipped), "sg-rules-changed");
}

#[test]
fn hostile_values_end_in_bounded_time() {
    let mut case = Case::new("changed aws_security_group /ingress");
    case.deviation.live = hostile_list(10_000);
    let begun = Instant::now();
    for when in [
        "anytrue([for a in live : anytrue([for b in live : a == b && a != b])])",
        "anytrue([for a in live : contains(live, { x = 1 })])",
        "length([for a in live : [for b in live : live]]) == 1",
        "length([for a in live : jsondecode(\"[]\")]) == 10000 && length([for a in live : live]) == 1",
        "can([for a in live : [for b in live : [for c in live : c]]])",
        "try([for a in live : [for b in live : b]], true)",
    ] {
        let why = failure(when, &case);
        assert!(
            why.ends_with("needs more than 3000000 steps"),
            "{when}: {why}"
        );
    }
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_deeply_nested_or_huge_value_is_not_looked_into() {
    let mut case = Case::new("changed aws_x /a");
    for _ in 0..2_000 {
        let inner = std::mem::take(&mut case.deviation.live);
        case.deviation.live = Value::List(vec![inner]);
    }
    insta::assert_snapshot!(failure("length(flatten(live)) == 0", &case), @r#"
    rules.hcl:4:25: `live` is nested too deeply to be looked into
    "#);
    case.deviation.live = hostile_list(60_000);
    insta::assert_snapshot!(failure("length(live) == 0", &case), @r#"
    rules.hcl:4:17: `live` holds too many values to be looked into
    "#);
    // What does not look at the value is not in its way.
    assert!(ruling("kind == \"changed\"", &case).notes.is_empty());
}
