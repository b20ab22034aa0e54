//! The shipped set: each rule is hit by a deviation of its own and missed by a near one.

use std::collections::BTreeSet;
use std::path::Path;

use driftwarden::decide::rules::{RuleSet, SHIPPED_FILES, without_rule};
use driftwarden::model::{Action, DeviationKind, Verdict};

use super::case::Case;
use super::shipped_table::TABLE;

#[track_caller]
fn shipped() -> RuleSet {
    match RuleSet::shipped() {
        Ok(rules) => rules,
        Err(errors) => panic!("{errors}"),
    }
}

#[test]
fn each_rule_is_hit_and_nearly_missed() {
    let rules = shipped();
    for (id, hit, near_miss) in TABLE {
        let ruling = Case::new(hit).ruling(&rules);
        assert_eq!(ruling.notes, Vec::<String>::new(), "{hit}");
        assert_eq!(ruling.rule.unwrap().as_str(), *id, "{hit}");
        let other = Case::new(near_miss).ruling(&rules);
        assert_eq!(other.notes, Vec::<String>::new(), "{near_miss}");
        assert_ne!(other.rule.unwrap().as_str(), *id, "{near_miss}");
    }
}

#[test]
fn the_table_covers_every_rule() {
    let tested: BTreeSet<&str> = TABLE.iter().map(|(id, _, _)| *id).collect();
    let rules = shipped();
    let shipped: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(tested, shipped);
    assert!(shipped.len() >= 36);
}

#[test]
fn every_rule_names_its_duties() {
    let rules = shipped();
    assert!(rules.len() > 20);
    for rule in rules.iter() {
        let id = &rule.id;
        let duties = &rule.duties;
        assert!(duties.description.is_some(), "{id} has no description");
        assert!(duties.owner.is_some(), "{id} has no owner");
        assert!(duties.sla_seconds.is_some(), "{id} has no sla");
        let runbook = duties.runbook.as_deref().unwrap_or_default();
        assert!(
            runbook.starts_with("https://runbooks.example.com/"),
            "{id} has no runbook"
        );
        assert!(!duties.controls.is_empty(), "{id} has no controls");
        for control in &duties.controls {
            let known = ["PCI-DSS ", "NIST 800-53 ", "SOC2 ", "CIS-AWS@7.0.0:"];
            assert!(
                known.iter().any(|family| control.starts_with(family)),
                "{id}: {control}"
            );
        }
    }
}

/// A fix may only put back pure configuration and take away pure grants, of a change that nobody
/// authorised.
#[test]
fn only_reviewed_types_are_remediated() {
    let reviewed = [
        "aws_iam_group_policy_attachment",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_policy_attachment",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    ];
    let rules = shipped();
    let mut remediated = 0;
    for (_, hit, near_miss) in TABLE {
        for line in [hit, near_miss] {
            let case = Case::new(line);
            let grant_or_setting = reviewed.contains(&case.deviation.type_name.as_str());
            for verdict in Verdict::ALL {
                let mut case = Case::new(line);
                case.judgement.verdict = verdict;
                if case.ruling(&rules).action == Action::Remediate {
                    assert!(grant_or_setting, "{line}");
                    assert_eq!(verdict, Verdict::Unauthorised, "{line}");
                    assert_ne!(case.deviation.kind, DeviationKind::Missing, "{line}");
                    remediated += 1;
                }
            }
        }
    }
    assert!(remediated > 0);
}

#[test]
fn an_approved_change_pages_nobody() {
    let rules = shipped();
    for (_, hit, near_miss) in TABLE {
        for line in [hit, near_miss] {
            for verdict in [Verdict::Authorised, Verdict::AwaitingApply, Verdict::Late] {
                let mut case = Case::new(line);
                case.judgement.verdict = verdict;
                let ruling = case.ruling(&rules);
                let of_a_plan = without_rule(case.deviation.kind, verdict).1 == Action::Alert;
                assert_eq!(
                    ruling.action == Action::Record,
                    !of_a_plan,
                    "{line} {verdict}"
                );
            }
        }
    }
}

/// What is built in for sets without process rules is what the shipped set says.
#[test]
fn the_process_rules_say_what_is_built_in() {
    let rules = shipped();
    let empty = RuleSet::parse::<&str, &str>(&[]).unwrap();
    for kind in DeviationKind::ALL {
        for verdict in Verdict::ALL {
            let mut case = Case::new("changed aws_lb");
            case.deviation.kind = kind;
            case.judgement.verdict = verdict;
            let (shipped, built_in) = (case.ruling(&rules), case.ruling(&empty));
            assert!(shipped.rule.is_some() && built_in.rule.is_none());
            assert_eq!(
                (shipped.severity, shipped.action),
                (built_in.severity, built_in.action),
                "{kind:?} {verdict}"
            );
        }
    }
}

#[test]
fn every_rule_file_is_built_in() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut on_disk = BTreeSet::new();
    for dir in [root.clone(), root.join("aws")] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "hcl") {
                let name = path.strip_prefix(&root).unwrap();
                on_disk.insert(name.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let built_in: BTreeSet<String> = SHIPPED_FILES
        .iter()
        .map(|(name, _)| (*name).into())
        .collect();
    assert_eq!(on_disk, built_in);
}

#[test]
fn the_readme_names_every_function() {
    let readme = include_str!("../../../rules/README.md");
    for usage in driftwarden::decide::rules::function_usages() {
        assert!(readme.contains(usage), "{usage}");
    }
}
