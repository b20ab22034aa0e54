//! The text as a whole: its order, its first and last lines, what it leaves out and says so.

use driftwarden::model::{
    Action, ApprovalStatus, Assessment, Coverage, GapReason, Severity, Verdict,
};
use driftwarden::report::Style;
use insta::assert_snapshot;

use super::estate::{as_text, assessment, changed, gap, judged, report, ssh_open, status, text_of};

#[test]
fn shows_one_deviation_with_everything_known() {
    let assessment = assessment(vec![ssh_open()]);
    assert_snapshot!(text_of(&assessment), @r#"
    1 deviation: 1 critical; 1 needs a person.

    CRITICAL  module.web.aws_security_group.front[0]
              aws_security_group sg-0abc, account 111122223333, eu-west-1, workspace payments,
              modules/web/main.tf:12:1
      changed /ingress: unauthorised
        because no change record covers /ingress
        + cidr_blocks = ["0.0.0.0/0"], from_port = 22, to_port = 22
      who      arn:aws:iam::111122223333:user/maria (p7) by console from 203.0.113.9 at
               2026-11-02T09:14:00Z: ec2:AuthorizeSecurityGroupIngress, event e-1, confidence high
      change   none
      rule     sg-open-to-world: remediate, owner network-platform, within 15m
               A security group admits the whole internet
      controls PCI-DSS 1.2.1, NIST 800-53 CM-6
      runbook  https://runbooks.bank.example/sg-open
      next     driftwarden explain a148df6f6a07
               driftwarden rules explain sg-open-to-world
               driftwarden evidence show --finding a148df6f6a07

    COVERAGE  120 approved = 120 observed + 0 unknown + 0 excluded; 0 unmanaged
    READ      1 plan (1.2 MB), 2 live files (900 bytes) with 1,234 items
    SCANNED   2026-11-02T09:30:00Z to 2026-11-02T09:30:01Z
    EVIDENCE  evidence: 13 records in log driftwarden.bank.example/log, root
              BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
    VERIFY    driftwarden-verify evidence
    NEXT      driftwarden findings
    "#);
}

#[test]
fn a_clean_scan_says_what_it_rests_on() {
    assert_snapshot!(text_of(&assessment(Vec::new())), @"
    Nothing deviates: all 120 approved resources were seen.
    This rests on 1 plan (change CHG0030001) and 1,234 live items.

    COVERAGE  120 approved = 120 observed + 0 unknown + 0 excluded; 0 unmanaged
    READ      1 plan (1.2 MB), 2 live files (900 bytes) with 1,234 items
    SCANNED   2026-11-02T09:30:00Z to 2026-11-02T09:30:01Z
    EVIDENCE  evidence: 13 records in log driftwarden.bank.example/log, root
              BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
    VERIFY    driftwarden-verify evidence
    ");
}

#[test]
fn nothing_approved_is_not_praised() {
    let assessment = Assessment::default();
    assert_snapshot!(text_of(&assessment).lines().next().unwrap(), @"Nothing deviates, because no resource is approved: nothing was compared.");
}

#[test]
fn says_first_what_weakens_the_rest() {
    let mut unapproved = status("ledger", ApprovalStatus::Unapproved);
    unapproved.reasons = vec!["no change record names its plan".to_owned()];
    let mut open = status("cards", ApprovalStatus::Indeterminate);
    open.reasons = vec!["`ben@bank.example` is not in the identity map".to_owned()];
    let mut assessment = assessment(Vec::new());
    assessment.baselines = vec![unapproved, open];
    for number in 1..=9 {
        let name = format!("stack-{number}");
        assessment
            .baselines
            .push(status(&name, ApprovalStatus::Assumed));
    }
    let text = text_of(&assessment);
    let first: Vec<&str> = text.lines().take(5).collect();
    assert_snapshot!(first.join("\n"), @"
    ASSUMED        approval assumed, no change record behind the plan: stack-1, stack-2, stack-3,
                   stack-4, stack-5, stack-6 and 3 more
    UNAPPROVED     workspace ledger: no change record names its plan
    INDETERMINATE  workspace cards: `ben@bank.example` is not in the identity map
    No deviation among what was seen.
    ");
}

#[test]
fn says_once_what_several_attributes_share() {
    let mut second = ssh_open();
    second.deviation.attribute = Some("/egress".into());
    let text = text_of(&assessment(vec![second, ssh_open()]));
    assert_eq!(text.matches("203.0.113.9").count(), 1);
    assert_eq!(text.matches("CRITICAL").count(), 1);
    assert!(text.contains("changed /egress: unauthorised"), "{text}");
    assert!(text.contains("changed /ingress: unauthorised"), "{text}");
}

#[test]
fn groups_gaps_by_reason_and_type() {
    let mut assessment = assessment(Vec::new());
    for number in 0..100 {
        let address = format!("aws_route53_record.r[{number}]");
        let kind = Some("aws_route53_record");
        assessment
            .gaps
            .push(gap(kind, Some(&address), GapReason::TypeNotMapped));
    }
    for number in 0..19 {
        let kind = format!("aws_type_{number:02}");
        assessment
            .gaps
            .push(gap(Some(&kind), None, GapReason::TypeNotRecorded));
    }
    let mut unreadable = gap(None, None, GapReason::SourceUnreadable);
    unreadable.workspace = None;
    unreadable.detail = "`live/b.json.gz` ends early".to_owned();
    assessment.gaps.push(unreadable);
    assessment.coverage = Coverage {
        approved: 120,
        observed: 1,
        unknown: 119,
        ..Coverage::default()
    };
    assert_snapshot!(text_of(&assessment), @"
    No deviation among what was seen; 120 gaps.

    GAPS      120: not seen, so not known to be equal
      type_not_mapped: no reviewed mapping table covers the type
          100  aws_route53_record, for example aws_route53_record.r[0]
      type_not_recorded: no source holds any item of the type
            1  aws_type_00: workspace payments
            1  aws_type_01: workspace payments
            1  aws_type_02: workspace payments
            1  aws_type_03: workspace payments
            1  aws_type_04: workspace payments
            1  aws_type_05: workspace payments
            1  aws_type_06: workspace payments
            1  aws_type_07: workspace payments
        and 11 in 11 more types
      source_unreadable: what a file or a source holds could not be read
            1  `live/b.json.gz` ends early
      Each one: driftwarden scan --format json

    COVERAGE  120 approved = 1 observed + 119 unknown + 0 excluded; 0 unmanaged
    READ      1 plan (1.2 MB), 2 live files (900 bytes) with 1,234 items
    SCANNED   2026-11-02T09:30:00Z to 2026-11-02T09:30:01Z
    EVIDENCE  evidence: 13 records in log driftwarden.bank.example/log, root
              BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=
    VERIFY    driftwarden-verify evidence
    ");
}

#[test]
fn says_how_many_it_does_not_show_and_how_to_see_them() {
    let mut deviations = Vec::new();
    for number in 0..7 {
        let address = format!("aws_instance.app[{number}]");
        let deviation = changed(&address, "/monitoring", "true", "false");
        deviations.push(judged(
            deviation,
            Severity::Low,
            Verdict::Unauthorised,
            "by hand",
        ));
    }
    let mut ignored = judged(
        changed("aws_instance.dev", "/monitoring", "true", "false"),
        Severity::Info,
        Verdict::Unauthorised,
        "by hand",
    );
    ignored.ruling.action = Action::Ignore;
    deviations.push(ignored);
    let assessment = assessment(deviations);
    let mut report = report(&assessment, &[]);
    report.config_file = "my estate.hcl";
    let style = Style {
        max_details: 2,
        ..Style::default()
    };
    let text = as_text(&report, &style);
    assert!(text.contains("aws_instance.app[1]") && !text.contains("aws_instance.app[2]"));
    let tail: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("not shown"))
        .collect();
    assert_snapshot!(tail.join("\n"), @"
    5 more deviations not shown here: 5 low. All of them: driftwarden scan --format json --config 'my
    1 deviation that rules say to ignore, not shown here: driftwarden scan --format json --config 'my
    ");
}

#[test]
fn an_ignored_deviation_that_nobody_could_judge_is_shown() {
    let deviation = changed("aws_instance.dev", "/monitoring", "true", "false");
    let mut open = judged(
        deviation,
        Severity::Info,
        Verdict::Indeterminate,
        "actor unknown",
    );
    open.ruling.action = Action::Ignore;
    let text = text_of(&assessment(vec![open]));
    assert!(
        text.contains("changed /monitoring: indeterminate"),
        "{text}"
    );
}

#[test]
fn colours_only_if_asked() {
    let assessment = assessment(vec![ssh_open()]);
    let style = Style {
        color: true,
        ..Style::default()
    };
    let report = report(&assessment, &[]);
    let coloured = as_text(&report, &style);
    assert!(coloured.contains("\x1b[1;31mCRITICAL\x1b[0m"), "{coloured}");
    let mut plain = coloured;
    for code in ["0", "1", "2", "1;31", "31", "32", "33", "36"] {
        plain = plain.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(plain, text_of(&assessment));
}
