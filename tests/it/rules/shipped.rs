//! The shipped set: each rule is hit by a deviation of its own and missed by a near one.

use std::collections::BTreeSet;
use std::path::Path;

use driftwarden::decide::rules::{RuleSet, SHIPPED_FILES, without_rule};
use driftwarden::model::{Action, DeviationKind, Verdict};
use driftwarden::normalise::Catalogue;

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
        "aws_default_security_group",
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

/// One act, as a source tells it that sees the part, and as one that sees the owner alone.
const TOLD_TWICE: &[(&str, &str)] = &[
    (
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws:iam::aws:policy/AdministratorAccess",
        r#"changed aws_iam_role /managed_policy_arns approved=[] live=["arn:aws:iam::aws:policy/AdministratorAccess"]"#,
    ),
    (
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws:iam::aws:policy/ReadOnlyAccess",
        r#"changed aws_iam_role /managed_policy_arns approved=[] live=["arn:aws:iam::aws:policy/ReadOnlyAccess"]"#,
    ),
    (
        "missing aws_iam_role_policy_attachment",
        r#"changed aws_iam_role /managed_policy_arns approved=["arn:aws:iam::aws:policy/ReadOnlyAccess"] live=[]"#,
    ),
    (
        "unmanaged aws_iam_group_policy_attachment id=all/arn:aws-cn:iam::aws:policy/AdministratorAccess",
        r#"changed aws_iam_group_policy_attachments_exclusive /policy_arns live=["arn:aws-cn:iam::aws:policy/AdministratorAccess"]"#,
    ),
    (
        r#"unmanaged aws_iam_role_policy live={"policy":{"Statement":[{"Effect":"Allow","Action":"*"}]}}"#,
        r#"changed aws_iam_role /inline_policy approved=[] live=[{"name":"x","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\"}]}"}]"#,
    ),
    (
        r#"unmanaged aws_iam_role_policy live={"policy":{"Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}}"#,
        r#"changed aws_iam_role /inline_policy approved=[] live=[{"name":"x","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\"}]}"}]"#,
    ),
    (
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"tcp","from_port":22,"to_port":22,"cidr_ipv4":"0.0.0.0/0"}"#,
        r#"changed aws_security_group /ingress live=[{"protocol":"tcp","from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}]"#,
    ),
    (
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"tcp","from_port":5432,"to_port":5432,"cidr_ipv6":"::/0"}"#,
        r#"changed aws_security_group /ingress live=[{"protocol":"tcp","from_port":5432,"to_port":5432,"ipv6_cidr_blocks":["::/0"]}]"#,
    ),
    (
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"tcp","from_port":443,"to_port":443,"cidr_ipv4":"0.0.0.0/0"}"#,
        r#"changed aws_default_security_group /ingress live=[{"protocol":"tcp","from_port":443,"to_port":443,"cidr_blocks":["0.0.0.0/0"]}]"#,
    ),
    (
        r#"unmanaged aws_vpc_security_group_egress_rule live={"ip_protocol":"-1","cidr_ipv4":"0.0.0.0/0"}"#,
        r#"changed aws_security_group /egress live=[{"protocol":"-1","from_port":0,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}]"#,
    ),
    (
        r#"unmanaged aws_s3_bucket_policy live={"policy":{"Statement":[{"Effect":"Allow","Principal":"*"}]}}"#,
        r#"changed aws_s3_bucket /policy live="{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\"}]}""#,
    ),
    (
        r#"unmanaged aws_s3_bucket_acl live={"access_control_policy":{"grants":[{"grantee":"AllUsers","permission":"READ"}]}}"#,
        r#"changed aws_s3_bucket /grant live=[{"grantee":"AllUsers","permission":"READ"}]"#,
    ),
    (
        r#"unmanaged aws_sqs_queue_policy live={"policy":{"Statement":[{"Effect":"Allow","Principal":"*"}]}}"#,
        r#"changed aws_sqs_queue /policy live={"Statement":[{"Effect":"Allow","Principal":"*"}]}"#,
    ),
];

#[test]
fn one_act_is_as_grave_whichever_source_tells_it() {
    let rules = shipped();
    for (part, owner) in TOLD_TWICE {
        let [one, other] = [part, owner].map(|line| Case::new(line).ruling(&rules));
        assert_eq!(one.notes, Vec::<String>::new(), "{part}");
        assert_eq!(other.notes, Vec::<String>::new(), "{owner}");
        assert_eq!(one.severity, other.severity, "{part}\n{owner}");
        // What is fixed by taking the part away is not fixed by taking the owner apart.
        let is_fixed = other.action == Action::Remediate;
        assert!(!is_fixed || owner.contains("security_group"), "{owner}");
    }
}

/// Whatever a table says that resources of their own own of another one: without a look at values it is
/// no graver at the one than at the other.
#[test]
fn what_an_owner_shows_is_as_grave_as_the_part_that_owns_it() {
    let (rules, catalogue) = (shipped(), Catalogue::reviewed().unwrap());
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for (_, table) in catalogue.resources() {
        let (owner, rows) = (&table.table.type_name, &table.table.attributes);
        for (row, part) in rows
            .iter()
            .flat_map(|row| row.separate.iter().map(move |own| (row, own)))
        {
            let at = &row.pointer;
            // A policy has statements, and there always is one; everything else may be an empty list.
            let (live, gone) = match at.as_str() {
                "/policy" => (
                    r#"{"Statement":[]}"#,
                    format!("changed {part} {at} live={{\"Statement\":[]}}"),
                ),
                _ => ("[]", format!("missing {part}")),
            };
            let own = Case::new(&format!("changed {owner} {at} live={live}")).ruling(&rules);
            let gone = Case::new(&gone).ruling(&rules);
            if own.severity != gone.severity {
                wrong.push(format!(
                    "{owner} {at} {:?}, {part} {:?}",
                    own.rule, gone.rule
                ));
            }
            pairs += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(pairs > 50, "{pairs}");
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
