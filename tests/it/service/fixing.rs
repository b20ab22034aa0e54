//! Fixes, where users meet them: scans, the running engine, the handover, the commands.
#![expect(
    clippy::indexing_slicing,
    reason = "an index that is missing is a failure"
)]

mod approving;
mod crash;

use std::fs;
use std::process::Command;

use driftwarden::cli::wire;
use driftwarden::evidence::ledger::Ledger;
use driftwarden::evidence::record::{FixEvent, Record};
use driftwarden::model::FindingState;
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;

use super::{Estate, now, pass, scanned};

const RULE: &str = "rule \"sg\" {\n  severity = \"high\"\n  action = \"remediate\"\n  \
                    owner = \"network\"\n}\n";
pub const ENFORCE: &str = "remediation { mode = \"enforce\" }\nhandover { dir = \"handover\" }";

/// A security group into which somebody put a rule by hand.
pub fn estate(more: &str) -> Estate {
    let estate = Estate::of("changed-set", "");
    estate.put("rules/own.hcl", RULE);
    estate.put("people.json", super::PEOPLE);
    estate.put(
        "source/main.tf",
        "resource \"aws_security_group\" \"front\" {\n}\n",
    );
    configure(&estate, more);
    estate
}

pub fn configure(estate: &Estate, more: &str) {
    let text = format!(
        "evidence {{ dir = \"evidence\" }}\n\
         baseline \"payments\" {{\n  plan = \"plan.json\"\n  source = \"source\"\n  \
         approval = \"assumed\"\n}}\n\
         live \"aws_config_snapshot\" \"prod\" {{ files = [\"live/*.json\"] }}\n\
         identity {{ file = \"people.json\" }}\nrules {{ dirs = [\"rules\"] }}\n{more}\n"
    );
    estate.put("driftwarden.hcl", &text);
}

/// The rule by hand is gone.
fn heal(estate: &Estate) -> String {
    let text = estate.read("live/snapshot.json");
    let mut live: Value = serde_json::from_str(&text).unwrap();
    let rules = &mut live["configurationItems"][0]["configuration"]["ipPermissions"];
    let list = rules.as_array_mut().unwrap();
    let rule = list.pop().unwrap();
    if let Some(first) = list.first_mut() {
        assert_ne!(*first, rule);
    }
    live["configurationItems"][0]["configurationItemCaptureTime"] =
        Value::from("2026-11-02T11:00:00Z");
    estate.put("live/snapshot.json", &live.to_string());
    text
}

pub fn ledger(estate: &Estate) -> Ledger {
    wire::ledger(&estate.path().join("evidence")).unwrap()
}

pub fn state(estate: &Estate) -> FindingState {
    let ledger = ledger(estate);
    let open: Vec<_> = ledger.open_findings().collect();
    assert_eq!(open.len(), 1);
    open[0].standing.state()
}

pub fn steps(estate: &Estate) -> Vec<String> {
    let records = estate.records().into_iter();
    let steps = records.filter_map(|record| match record {
        Record::Fix(own) => Some(match own.event {
            FixEvent::Decided { decision } => decision.word().as_str().to_owned(),
            event => event.as_str().to_owned(),
        }),
        _ => None,
    });
    steps.collect()
}

/// The one file that was handed over.
pub fn handed_over(estate: &Estate) -> (String, String) {
    let entries = fs::read_dir(estate.path().join("handover")).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let name = names[0].to_str().unwrap().to_owned();
    let text = estate.read(&format!("handover/{name}"));
    (name, text)
}

/// What a command prints; every path of the test's own is left out.
fn printed(estate: &Estate, arguments: &[&str]) -> String {
    let mut run = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let output = run.args(arguments).current_dir(estate.path()).output();
    let output = output.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    format!("{}{errors}", String::from_utf8(output.stdout).unwrap())
}

/// How the fix of the only deviation stands, as the scan says it.
fn fix_of(estate: &Estate) -> Value {
    estate.scan().result.unwrap()["deviations"][0]["fix"].clone()
}

#[test]
fn by_default_it_is_recorded_what_would_be_done_and_nothing_is() {
    let estate = estate("handover { dir = \"handover\" }");
    let fix = fix_of(&estate);
    assert_eq!(fix["decision"], "would_fix");
    assert_eq!(fix["way"], "set_back");
    assert_eq!(
        fix["line"],
        "would set it back by handover; the mode is `dry_run`"
    );
    assert_eq!(fix["reasons"][0]["guard"], "mode");
    assert_eq!(steps(&estate), ["would_fix"]);
    // Said once, and not at each scan.
    fix_of(&estate);
    assert_eq!(steps(&estate), ["would_fix"]);
    assert!(!estate.path().join("handover").exists());
    assert_snapshot!("fixes_of_a_trial", printed(&estate, &["fixes"]));
    estate.assert_whole();
}

#[test]
fn what_is_permitted_is_handed_over_once_and_is_fixing_until_it_is_seen_healed() {
    let estate = estate(ENFORCE);
    let fix = fix_of(&estate);
    assert_eq!(fix["decision"], "permitted");
    assert_eq!(fix["state"], "handed_over");
    assert_eq!(steps(&estate), ["permitted", "intended", "handed_over"]);
    assert_eq!(state(&estate), FindingState::Fixing);
    let (_, text) = handed_over(&estate);
    assert_snapshot!("handed_over", text);
    assert_snapshot!("fixes_that_are_handed_over", printed(&estate, &["fixes"]));
    assert_snapshot!(
        "fixes_as_json",
        printed(&estate, &["fixes", "--format", "json"])
    );
    assert_snapshot!("findings_being_fixed", printed(&estate, &["findings"]));
    fix_of(&estate);
    assert_eq!(steps(&estate).len(), 3);

    let before = heal(&estate);
    assert_eq!(estate.scan().exit, 0);
    assert_eq!(ledger(&estate).fixes().all()[0].word(), "healed");
    // Somebody undoes it.
    estate.put(
        "live/snapshot.json",
        &before.replace("T09:00:00Z", "T11:30:00Z"),
    );
    pass(SignedDuration::from_mins(5));
    let fix = fix_of(&estate);
    assert_eq!(fix["decision"], "refused");
    assert_eq!(fix["reasons"][0]["guard"], "fight");
    assert_snapshot!("fixes_after_a_fight", printed(&estate, &["fixes"]));
    estate.assert_whole();
}

#[test]
fn the_configuration_alone_keeps_a_fix_back() {
    let window = format!(
        "{}\"\n until = \"{}",
        now(),
        now() + SignedDuration::from_hours(1)
    );
    let freeze = format!("freeze \"year-end\" {{\n from = \"{window}\"\n }}");
    for (within, guard) in [
        ("mode = \"off\"", "mode"),
        ("allow = [\"aws_iam_*\"]", "reviewed"),
        ("deny_types = [\"aws_security_group\"]", "denied"),
        (
            "deny_attributes = [\"aws_security_group/ingress\"]",
            "denied",
        ),
        ("deny_workspaces = [\"pay*\"]", "denied"),
        ("stop_file = \"plan.json\"", "stop_file"),
        ("stop_file = \"nowhere/STOP\"", "stop_file"),
        ("approval_for = [\"sg\"]", "approval"),
        (freeze.as_str(), "freeze"),
    ] {
        let mode = if within.starts_with("mode") {
            ""
        } else {
            "mode = \"enforce\"\n"
        };
        let estate = estate(&format!(
            "remediation {{\n{mode}{within}\n}}\nhandover {{ dir = \"handover\" }}"
        ));
        let fix = fix_of(&estate);
        assert_eq!(fix["decision"], "refused", "{within}: {fix}");
        assert_eq!(
            fix["reasons"].as_array().unwrap().len(),
            1,
            "{within}: {fix}"
        );
        assert_eq!(fix["reasons"][0]["guard"], guard, "{within}: {fix}");
        assert!(!estate.path().join("handover").exists(), "{within}");
    }
}

#[test]
fn where_nobody_can_carry_it_out_the_decision_says_so() {
    let estate = estate("remediation { mode = \"enforce\" }");
    let fix = fix_of(&estate);
    assert_eq!(fix["decision"], "permitted");
    let line = "permitted to set it back, but no `handover` is configured: nobody does it";
    assert_eq!(fix["line"], line);
    assert_eq!(state(&estate), FindingState::Open);
    // As soon as somebody can, it is.
    configure(&estate, ENFORCE);
    assert_eq!(fix_of(&estate)["state"], "handed_over");
}

#[test]
fn what_the_author_told_terraform_to_ignore_must_be_known() {
    let estate = estate(ENFORCE);
    let text = estate.read("driftwarden.hcl");
    estate.put(
        "driftwarden.hcl",
        &text.replace("  source = \"source\"\n", ""),
    );
    let fix = fix_of(&estate);
    assert_eq!(fix["reasons"][0]["guard"], "authors");
    assert_eq!(fix["reasons"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_written_fails_and_stays_open() {
    let estate = estate(
        "remediation {\nmode = \"enforce\"\npause = \"12h\"\n}\nhandover { dir = \"plan.json\" }",
    );
    let fix = fix_of(&estate);
    assert_eq!(fix["state"], "failed");
    let line = fix["line"].as_str().unwrap();
    assert!(line.starts_with("failed: cannot make `"), "{line}");
    assert_eq!(state(&estate), FindingState::Open);
    // It is tried again, until the breaker opens.
    for _ in 0..3 {
        // One resource is the whole estate, so that one fix an hour is its share.
        pass(SignedDuration::from_mins(61));
        fix_of(&estate);
    }
    assert_eq!(ledger(&estate).fixes().all().len(), 3);
    assert_eq!(fix_of(&estate)["reasons"][0]["guard"], "breaker");
}

#[test]
fn the_running_engine_fixes_and_says_what_went_wrong() {
    let estate = estate(
        "remediation { mode = \"enforce\" }\nhandover {\n dir = \"handover\"\n within = \"30m\"\n}",
    );
    let mut cycle = estate.begin();
    assert_eq!(scanned(&mut cycle), 1);
    assert_eq!(steps(&estate), ["permitted", "intended", "handed_over"]);
    handed_over(&estate);
    pass(SignedDuration::from_mins(31));
    scanned(&mut cycle);
    assert_eq!(steps(&estate)[3..], ["overdue", "refused"]);
    let told = estate.service();
    let trouble = format!("fix_trouble {} opened", estate.key());
    assert!(told.contains(&trouble), "{told:?}");
    assert_eq!(state(&estate), FindingState::Open);
    heal(&estate);
    cycle.reload().unwrap();
    scanned(&mut cycle);
    let told = estate.service();
    assert!(
        told.contains(&trouble.replace("opened", "resolved")),
        "{told:?}"
    );
    drop(cycle);
    estate.assert_whole();
}

#[test]
fn a_rule_says_what_of_it_can_lead_to_a_fix() {
    let estate = estate("");
    let line = |rule: &str| {
        let text = printed(&estate, &["rules", "explain", rule, "--rules", "rules"]);
        let own = text
            .lines()
            .find(|line| line.trim_start().starts_with("fix "))
            .unwrap();
        own.trim().to_owned()
    };
    assert!(
        line("sg").starts_with("fix         set_back aws_security_group, "),
        "{}",
        line("sg")
    );
    let alert = RULE.replace("remediate", "alert");
    estate.put("rules/own.hcl", &alert);
    assert_eq!(
        line("sg"),
        "fix         none: the action `alert` asks for none"
    );
    let other = RULE.replace("  owner", "  match { types = [\"aws_eip\"] }\n  owner");
    estate.put("rules/own.hcl", &other);
    assert_eq!(
        line("sg"),
        "fix         none: nothing that it speaks of is on a reviewed list"
    );
}
