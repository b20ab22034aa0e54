//! Mistakes in rule files: all of them at once, each at its place, with help.

use driftwarden::decide::rules::RuleSet;
use proptest::prelude::*;

#[track_caller]
fn errors(text: &str) -> String {
    RuleSet::parse(&[("rules.hcl", text)])
        .unwrap_err()
        .to_string()
}

#[test]
fn unknown_words() {
    let text = r#"
rule "a" {
  match {
    type  = ["aws_instance"]
    kinds = ["chnaged"]
    verdicts = ["unauthorized", "purple"]
  }
  sevrity  = "high"
  severity = "hihg"
  action   = "page"
}
rules "b" {}
severity = "low"
"#;
    insta::assert_snapshot!(errors(text), @r#"
    rules.hcl:4:5: unknown attribute `type` in `match` of rule `a`
      help: did you mean `types`?
    rules.hcl:5:14: unknown kind `chnaged`
      help: did you mean `changed`?
    rules.hcl:6:17: unknown verdict `unauthorized`
      help: did you mean `unauthorised`?
    rules.hcl:6:33: unknown verdict `purple`
      help: known are `authorised`, `awaiting_apply`, `not_applied`, `out_of_window`, `late`, `emergency_pending`, `unauthorised`, `indeterminate`
    rules.hcl:8:3: unknown attribute `sevrity` in rule `a`
      help: did you mean `severity`?
    rules.hcl:9:14: unknown severity `hihg`
      help: did you mean `high`?
    rules.hcl:10:14: unknown action `page`
      help: known are `ignore`, `record`, `alert`, `remediate`
    rules.hcl:12:1: unknown block `rules`
      help: a rule file holds `rule` blocks only
    rules.hcl:13:1: unknown attribute `severity`
      help: a rule file holds `rule` blocks only
    "#);
}

#[test]
fn bad_values() {
    let text = r#"
rule "a b" {
  severity = "high"
  action   = "alert"
}
rule "b" {
  description = "${live}"
  sla         = "4 hours"
  runbook     = "http://wiki/x"
  controls    = ["", 7]
  owner       = " "
  severity    = "high"
  action      = "alert"
  match {
    types      = ["aws_[sg]", "AWS::EC2::Instance"]
    attributes = ["ingress", "/a//b", "/a~2"]
    accounts   = []
    tags       = ["Owner"]
  }
}
rule "c" {
  match {}
}
rule "d" "e" {
  severity = "low"
  action   = "record"
  match = {}
  when {}
}
rule "f" {
  severity = "low"
  action   = "record"
  match {
    kinds      = ["missing"]
    attributes = ["/x"]
  }
  match {}
}
"#;
    insta::assert_snapshot!(errors(text), @r#"
    rules.hcl:2:6: `a b` is no rule id
      help: use letters, digits, `-`, `_` and `.`, at most 80 of them
    rules.hcl:7:17: `description` must hold plain strings only
      help: write `description = "..."`
    rules.hcl:8:17: `4 hours` is no duration
      help: write a whole number and a unit: `15m`, `4h`, `2d`
    rules.hcl:9:17: `http://wiki/x` is no runbook address
      help: write a whole URL that begins with `https://`
    rules.hcl:10:18: an empty string in `controls`
      help: write `controls = ["..."]`
    rules.hcl:10:22: `controls` must hold plain strings only
      help: write `controls = ["..."]`
    rules.hcl:11:17: an empty string in `owner`
      help: write `owner = "..."`
    rules.hcl:15:19: `aws_[sg]` is no type or pattern of types
      help: use small letters, digits, `_`, `*` and `?`, as in `aws_s3_bucket_*`
    rules.hcl:15:31: `AWS::EC2::Instance` is no type or pattern of types
      help: use small letters, digits, `_`, `*` and `?`, as in `aws_s3_bucket_*`
    rules.hcl:16:19: `ingress` is no attribute pointer: it must begin with `/`
      help: write it as in `/ingress` or `/tags_all/Owner`
    rules.hcl:16:30: `/a//b` is no attribute pointer: it has an empty segment
      help: write it as in `/ingress` or `/tags_all/Owner`
    rules.hcl:16:39: `/a~2` is no attribute pointer: it has a `~` that is neither `~0` nor `~1`
      help: write it as in `/ingress` or `/tags_all/Owner`
    rules.hcl:17:18: `accounts` is an empty list
      help: name something, or remove the attribute
    rules.hcl:18:18: `tags` must be an object of strings
      help: write `tags = { DataClass = "confidential" }`
    rules.hcl:21:1: rule `c` has no `action`
      help: add `action = ...`, one of `ignore`, `record`, `alert`, `remediate`
    rules.hcl:21:1: rule `c` has no `severity`
      help: add `severity = ...`, one of `info`, `low`, `medium`, `high`, `critical`
    rules.hcl:22:3: `match` of rule `c` is empty
      help: name what the rule is about, or remove the block to match everything
    rules.hcl:24:1: a rule has one label, its id, not 2
      help: write `rule "my-rule" { ... }`
    rules.hcl:27:3: `match` is a block, not an attribute
      help: write `match { ... }`
    rules.hcl:28:3: `when` is an attribute, not a block
      help: write `when = ...`
    rules.hcl:37:3: `match` of rule `f` is empty
      help: name what the rule is about, or remove the block to match everything
    rules.hcl:37:3: a second `match` in rule `f`
      help: put everything into one block
    "#);
}

#[test]
fn mistakes_in_when() {
    let text = r#"
rule "a" {
  severity = "low"
  action   = "record"
  when = anytrue([for r in lives : r.x == 1]) && contian(live, 1) && resource.provider == "x"
}
rule "b" {
  severity = "low"
  action   = "record"
  when     = "yes"
}
rule "c" {
  severity = "low"
  action   = "record"
  when     = contains(live) || live.*.x == [] || lower(r)
}
rule "d" {
  severity = "low"
  action   = "record"
  when     = "%{ if true }x%{ endif }" == "x" || core::lower("x") == "x"
}
"#;
    insta::assert_snapshot!(errors(text), @r#"
    rules.hcl:5:28: unknown variable `lives` in `when`
      help: did you mean `live`?
    rules.hcl:5:50: unknown function `contian` in `when`
      help: did you mean `contains`?
    rules.hcl:5:78: `resource` has no attribute `provider`
      help: did you mean `provider_id`?
    rules.hcl:10:14: `when` is always a string
      help: write an expression that yields true or false
    rules.hcl:15:14: `contains` has 1 arguments
      help: it is used as `contains(list, value)`
    rules.hcl:15:36: `.*` cannot be used in `when`
      help: write `[*]`
    rules.hcl:15:56: unknown variable `r` in `when`
      help: known are `kind`, `attribute`, `approved`, `live`, `resource`, `verdict`, `attribution`, `tags`
    rules.hcl:20:14: a template directive cannot be used in `when`
      help: write a `for` expression or a conditional
    rules.hcl:20:56: a function name has no namespace
      help: write the function's own name alone
    "#);
}

#[test]
fn a_file_that_is_no_hcl_hides_no_mistake_in_another() {
    let broken = "rule \"a\" {\n  when = live ==\n}\n";
    let other = "rule \"b\" {\n  severity = \"low\"\n}\n";
    let errors = RuleSet::parse(&[("a.hcl", broken), ("b.hcl", other)]).unwrap_err();
    insta::assert_snapshot!(errors, @r#"
    a.hcl:2:17: not valid HCL: invalid expression; expected `"`, `[`, `{`, `-`, `!`, `(`, `_`, `<`, letter or digit
      help: look here and in the lines above for a quote, bracket or brace without its pair
    b.hcl:1:1: rule `b` has no `action`
      help: add `action = ...`, one of `ignore`, `record`, `alert`, `remediate`
    "#);
}

#[test]
fn a_rule_defined_twice_names_both_places() {
    let rule = "rule \"a\" {\n  severity = \"low\"\n  action = \"record\"\n}\n";
    let errors = RuleSet::parse(&[("a.hcl", rule), ("dir/b.hcl", rule)]).unwrap_err();
    insta::assert_snapshot!(errors, @r#"
    dir/b.hcl:1:1: rule `a` is defined twice
      help: it is first at a.hcl:1:1; rename or remove one of them
    "#);
}

#[test]
fn columns_count_characters() {
    let text =
        "rule \"a\" {\n  severity = \"low\"\n  action = \"record\"\n  when = \"éé\" == nope\n}\n";
    insta::assert_snapshot!(errors(text), @r#"
    rules.hcl:4:18: unknown variable `nope` in `when`
      help: known are `kind`, `attribute`, `approved`, `live`, `resource`, `verdict`, `attribution`, `tags`
    "#);
}

#[test]
fn nesting_is_bounded() {
    for deep in [
        format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{}true", "!".repeat(5_000)),
        format!("true{}", " || true".repeat(5_000)),
        format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("live{}", ".a".repeat(20_000)),
        format!("live{}", "[*]".repeat(20_000)),
        format!(
            "{}live{}",
            "(".repeat(60),
            format!("{})", ".a".repeat(60)).repeat(60)
        ),
        format!("{}true", "true ? true : ".repeat(5_000)),
        format!("{}1{}", "\"${".repeat(3_000), "}\"".repeat(3_000)),
    ] {
        let text =
            format!("rule \"a\" {{\nseverity=\"low\"\naction=\"record\"\nwhen = {deep}\n}}\n");
        assert!(
            RuleSet::parse(&[("a.hcl", text)]).is_err(),
            "{}",
            deep.chars().take(20).collect::<String>()
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        let _ = RuleSet::parse(&[("a.hcl", text)]);
    }

    #[test]
    fn any_soup_of_words_is_read_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "rule", "\"a\"", "{", "}", "\n", "match", "when", "=", "severity", "\"low\"", "[",
                "]", "for", "in", ":", "live", ".", "*", "(", ")", "anytrue", "try", ",", "\"${",
                "}\"", "<<EOT\n", "EOT\n", "?", "&&", "-", "1", "tags", "é", "#", "/*",
            ]),
            0..60,
        ),
    ) {
        let _ = RuleSet::parse(&[("a.hcl", words.concat()), ("b.hcl", words.join(" "))]);
    }

    #[test]
    fn any_when_is_read_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "live", "approved", "[*]", ".a", "[0]", "(", ")", "[", "]", "for x in live : x",
                "anytrue", "try", "can", ",", "==", "&&", "!", "-", "1", "0", "/", "%", "\"s\"",
                "null", "?", ":", "true", "{", "}", "a = 1", "...",
            ]),
            1..25,
        ),
    ) {
        let when = words.join(" ");
        let text = format!("rule \"a\" {{\nseverity=\"low\"\naction=\"record\"\nwhen = {when}\n}}\n");
        if let Ok(rules) = RuleSet::parse(&[("a.hcl", text)]) {
            let case = super::case::Case::new("changed aws_x /a live=[{\"a\":1},2] approved=[]");
            let _ = case.ruling(&rules);
        }
    }
}
