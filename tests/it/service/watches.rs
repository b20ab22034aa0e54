//! The detector about itself.

use driftwarden::decide::rules::RuleSet;
use jiff::{SignedDuration, Timestamp};

use super::{Estate, config, now, pass, scanned};

#[test]
fn a_source_without_a_new_file_is_stale_once_and_fresh_again() {
    let estate = Estate::new("run {\n  live_stale_after = \"30d\"\n}");
    let mut cycle = estate.begin();
    // The files are written by the real clock, and the test's stands elsewhere.
    let file = std::fs::metadata(estate.path().join("live/snapshot.json")).unwrap();
    let written = Timestamp::try_from(file.modified().unwrap()).unwrap();
    pass(written.duration_since(now()) + SignedDuration::from_hours(24));
    scanned(&mut cycle);
    assert_eq!(
        estate.service().last().unwrap().split(' ').next(),
        Some("configuration_accepted")
    );
    pass(SignedDuration::from_hours(24 * 30));
    scanned(&mut cycle);
    scanned(&mut cycle);
    let path = estate.path().join("live/snapshot.json");
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_modified(now().into()).unwrap();
    scanned(&mut cycle);
    let service = estate.service();
    assert_eq!(
        service[2..],
        ["live_stale prod opened", "live_stale prod resolved"]
    );
    estate.assert_whole();
}

#[test]
fn rules_that_nobody_approved_are_told() {
    let approved = RuleSet::shipped().unwrap().digest();
    let good = format!("  approved_sha256 = \"{approved}\"\n");
    let rules = |line: &str| format!("rules {{\n  dirs = [\"rules\"]\n{line}}}");
    let estate = Estate::new(&rules(&good));
    for (name, text) in driftwarden::decide::rules::SHIPPED_FILES {
        estate.put(&format!("rules/{name}"), text);
    }
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    assert_eq!(estate.service().len(), 2, "{:?}", estate.service());
    let own = "rule \"own\" {\n  description = \"any\"\n  match { types = [\"*\"] }\n  severity = \"low\"\n  action = \"alert\"\n}\n";
    estate.put("rules/own.hcl", own);
    assert!(cycle.reload().unwrap());
    scanned(&mut cycle);
    let service = estate.service();
    assert_eq!(service.last().unwrap(), "rules_not_approved rules opened");
    // No longer watched is no longer wrong.
    estate.put("driftwarden.hcl", &config(&rules("")));
    cycle.reload().unwrap();
    let service = estate.service();
    assert_eq!(service.last().unwrap(), "rules_not_approved rules resolved");
}

#[test]
fn a_log_that_takes_no_scan_is_too_old() {
    let estate = Estate::new("run {\n  every = \"10m\"\n  evidence_stale_after = \"1h\"\n}");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    pass(SignedDuration::from_mins(59));
    cycle.watch().unwrap();
    assert_eq!(estate.service().len(), 2);
    pass(SignedDuration::from_mins(2));
    cycle.watch().unwrap();
    assert_eq!(estate.service()[2], "evidence_stale evidence opened");
    scanned(&mut cycle);
    assert_eq!(estate.service()[3], "evidence_stale evidence resolved");
}
