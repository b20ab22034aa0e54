//! Which of several rules decides.

use driftwarden::decide::rules::{Outcome, RuleSet};
use driftwarden::model::{Action, Severity, Verdict};
use proptest::prelude::*;

use super::case::{Case, rules};

fn rule(id: &str, parts: &str, severity: &str) -> String {
    format!("rule \"{id}\" {{\n{parts}\nseverity = \"{severity}\"\naction = \"alert\"\n}}\n")
}

/// From the least specific to the most; each decides over all above it.
const LADDER: [(&str, &str); 11] = [
    ("everything", ""),
    ("verdicts", r#"match { verdicts = ["unauthorised"] }"#),
    ("kinds", r#"match { kinds = ["changed"] }"#),
    ("when", "when = true"),
    ("scope", r#"match { accounts = ["1111*"] }"#),
    (
        "scope-two",
        "match {\naccounts = [\"1111*\"]\nregions = [\"eu-*\"]\n}",
    ),
    ("tags", r#"match { tags = { DataClass = "conf*" } }"#),
    ("type-glob", r#"match { types = ["aws_*"] }"#),
    ("type-longer-glob", r#"match { types = ["aws_sec*"] }"#),
    ("type", r#"match { types = ["aws_security_group"] }"#),
    ("attribute", r#"match { attributes = ["/ingress"] }"#),
];

const DEVIATION: &str = "changed aws_security_group /ingress live=[]";

#[test]
fn the_more_specific_rule_decides() {
    for length in 1..=LADDER.len() {
        let rungs = &LADDER[..length];
        let text: String = rungs
            .iter()
            .map(|(id, parts)| rule(id, parts, "low"))
            .collect();
        let expected = rungs.last().unwrap().0;
        assert_eq!(Case::new(DEVIATION).decided_by(&rules(&text)), expected);
    }
}

#[test]
fn a_list_is_as_specific_as_its_widest_entry() {
    let mixed = rule(
        "mixed",
        r#"match { types = ["aws_security_group", "aws_*"] }"#,
        "low",
    );
    let glob = rule("glob", r#"match { types = ["aws_security*"] }"#, "low");
    let decided = Case::new(DEVIATION).decided_by(&rules(&(mixed + &glob)));
    assert_eq!(decided, "glob");
}

#[test]
fn between_equals_the_higher_severity_decides_then_the_id() {
    let text = rule("a", "", "low") + &rule("c", "", "high") + &rule("b", "", "high");
    assert_eq!(Case::new(DEVIATION).decided_by(&rules(&text)), "b");
}

proptest! {
    #[test]
    fn neither_files_nor_their_order_matter(
        order in Just((0..LADDER.len()).collect::<Vec<_>>()).prop_shuffle(),
        cut in 0..LADDER.len(),
        picked in prop::collection::vec(any::<bool>(), LADDER.len()),
    ) {
        let chosen: Vec<usize> = (0..LADDER.len()).filter(|rung| picked[*rung]).collect();
        // A set without any rule is refused.
        prop_assume!(!chosen.is_empty());
        let text = |rungs: &[usize]| -> String {
            rungs
                .iter()
                .filter(|rung| picked[**rung])
                .map(|rung| rule(LADDER[*rung].0, LADDER[*rung].1, "low"))
                .collect()
        };
        let (first, second) = order.split_at(cut);
        let shuffled =
            RuleSet::parse(&[("a.hcl", text(first)), ("b.hcl", text(second))]).unwrap();
        let expected = chosen.last().map_or("-", |rung| LADDER[*rung].0);
        prop_assert_eq!(Case::new(DEVIATION).decided_by(&shuffled), expected);
        let swapped =
            RuleSet::parse(&[("x.hcl", text(second)), ("y.hcl", text(first))]).unwrap();
        prop_assert_eq!(swapped.digest(), shuffled.digest());
    }
}

#[test]
fn the_digest_follows_the_content_only() {
    let set = |name: &str, text: &str| RuleSet::parse(&[(name, text)]).unwrap().digest();
    let text = rule("a", "", "low");
    assert_eq!(
        set("a.hcl", &text),
        set("b.hcl", &text.replace('\n', "\r\n"))
    );
    assert_ne!(set("a.hcl", &text), set("a.hcl", &rule("a", "", "high")));
}

#[test]
fn a_rule_without_verdicts_speaks_of_what_is_left_to_do() {
    let set = rules(&rule("any", "", "critical"));
    let spoken_of: Vec<&str> = Verdict::ALL
        .into_iter()
        .filter(|verdict| {
            Case::new(&format!("{DEVIATION} verdict={verdict}")).decided_by(&set) == "any"
        })
        .map(Verdict::as_str)
        .collect();
    assert_eq!(
        spoken_of,
        [
            "not_applied",
            "out_of_window",
            "emergency_pending",
            "unauthorised",
            "indeterminate"
        ]
    );
    let named = rules(&rule(
        "named",
        r#"match { verdicts = ["authorised"] }"#,
        "high",
    ));
    let case = Case::new(&format!("{DEVIATION} verdict=authorised"));
    assert_eq!(case.decided_by(&named), "named");
}

#[test]
fn what_no_rule_speaks_of_gets_the_default() {
    let other = rules(&rule(
        "other",
        r#"match { types = ["aws_instance"] }"#,
        "low",
    ));
    let ruling = Case::new(DEVIATION).ruling(&other);
    assert_eq!(ruling.rule, None);
    assert_eq!(
        (ruling.severity, ruling.action),
        (Severity::Medium, Action::Alert)
    );
}

#[test]
fn an_unknown_account_is_outside_every_account() {
    let set = rules(&rule("scoped", r#"match { accounts = ["*"] }"#, "low"));
    let mut case = Case::new(DEVIATION);
    assert_eq!(case.decided_by(&set), "scoped");
    case.deviation.account = None;
    assert_eq!(case.decided_by(&set), "-");
}

#[test]
fn a_deviation_is_explained_rule_by_rule() {
    let text = rule(
        "exact",
        "match {\nattributes = [\"/ingress\"]\n}\nwhen = length(live) > 3",
        "high",
    ) + &rule("egress", r#"match { attributes = ["/egress"] }"#, "high")
        + &rule(
            "typed",
            r#"match { types = ["aws_security_group"] }"#,
            "high",
        )
        + &rule("approved", r#"match { verdicts = ["authorised"] }"#, "info")
        + &rule("rest", "", "low");
    let considered = rules(&text).explain_deviation(&Case::new(DEVIATION).context());
    let shown: Vec<String> = considered
        .iter()
        .map(|one| {
            let outcome = match &one.outcome {
                Outcome::Decides => "decides".to_owned(),
                Outcome::DecidesByFailure(why) => format!("failed: {why}"),
                Outcome::Outranked => "outranked".to_owned(),
                Outcome::NotMatched(why) => why.clone(),
                Outcome::WhenFalse => "when is false".to_owned(),
            };
            format!("{}: {outcome}", one.rule)
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    exact: when is false
    egress: the attribute is `/ingress`
    typed: decides
    approved: the verdict is `unauthorised`
    rest: outranked
    "#);
}

#[test]
fn a_rule_is_explained() {
    let text = RuleSet::shipped()
        .unwrap()
        .explain("sg-egress-to-world")
        .unwrap();
    insta::assert_snapshot!(text, @r#"
    rule sg-egress-to-world at aws/network.hcl:73:1
      A security group lets traffic out to the whole internet
    gives
      severity    high
      action      alert
      owner       network-platform
      sla         4h
      runbook     https://runbooks.example.com/network/sg-egress
      controls    PCI-DSS 1.3.2, NIST 800-53 SC-7
      fix         none: the action `alert` asks for none
    matches
      types       aws_security_group, aws_default_security_group
      attributes  /egress
      kinds       changed
      verdicts    not_applied, out_of_window, emergency_pending, unauthorised, indeterminate
      when        anytrue([
        for r in live : anytrue([
          for range in flatten([try(r.cidr_blocks, []), try(r.ipv6_cidr_blocks, [])]) :
          range != null && (endswith(range, "/0") || endswith(range, "/1"))
        ])
      ])
    specificity
      attribute depth 1, exact type, tags 0, scope 0, when, kinds, no verdicts
    goes before
      sg-rules-changed (high, alert) aws/network.hcl:94:1
      change-unauthorised (medium, alert) process.hcl:83:1
      change-emergency-pending (high, alert) process.hcl:70:1
      change-indeterminate (medium, alert) process.hcl:125:1
      change-out-of-window (medium, alert) process.hcl:57:1
      change-not-applied (low, alert) process.hcl:44:1
    "#);
}

#[test]
fn a_rule_in_place_of_a_shipped_one_says_so() {
    let set = rules(&rule(
        "tag-changed",
        r#"match { attributes = ["/tags_all"] }"#,
        "info",
    ));
    insta::assert_snapshot!(set.explain("tag-changed").unwrap(), @r"
    rule tag-changed at rules.hcl:1:1
    gives
      severity    info
      action      alert
      fix         none: the action `alert` asks for none
    matches
      attributes  /tags_all
      verdicts    not_applied, out_of_window, emergency_pending, unauthorised, indeterminate
    specificity
      attribute depth 1, any type, tags 0, scope 0, no when, no kinds, no verdicts
    stands in for the shipped
      tag-changed (low, alert) tags.hcl:50:1
    would go before the shipped
      s3-encryption-changed (high, remediate) aws/storage.hcl:125:1
      db-changed (medium, alert) aws/database.hcl:78:1
      ec2-changed (medium, alert) aws/compute.hcl:48:1
      lambda-changed (medium, alert) aws/compute.hcl:149:1
      s3-account-public-access-block-changed (critical, alert) aws/storage.hcl:60:1
      s3-public-access-block-changed (critical, alert) aws/storage.hcl:25:1
      alarm-changed (high, alert) aws/logging.hcl:71:1
      flow-log-changed (high, alert) aws/logging.hcl:29:1
      iam-membership-changed (high, alert) aws/iam.hcl:330:1
      iam-policy-attachment-changed (high, alert) aws/iam.hcl:47:1
      messaging-policy-changed (high, alert) aws/messaging.hcl:57:1
      nacl-changed (high, alert) aws/network.hcl:184:1
      and 24 more
    ");
    let unknown = set.explain("tag-chnaged").unwrap_err();
    insta::assert_snapshot!(format!("{unknown}; {}", unknown.help), @r#"
    there is no rule `tag-chnaged`; did you mean `tag-changed`?
    "#);
}
