//! What is wrong is kept out, what was in force stays, and both are recorded.

use std::sync::Arc;

use driftwarden::adapters::store::EvidenceLog;
use driftwarden::engine::service::{Cycle, Halt, Scanned};
use driftwarden::evidence::record::{InputKind, Record, ServiceEvent, digest_in_force};
use driftwarden::model::Sha256Digest;

use super::{Estate, config, now, scanned};

#[test]
fn a_start_is_recorded_with_what_it_rests_on() {
    let estate = Estate::new("");
    let cycle = estate.begin();
    cycle.end().unwrap();
    assert_eq!(
        estate.service(),
        [
            "started",
            "configuration_accepted configuration,rules,changes,identity,waivers,plans payments",
            "stopped",
        ]
    );
    let records = estate.records();
    let Record::Service(accepted) = &records[1] else {
        panic!("{records:?}");
    };
    let mut names: Vec<&str> = accepted
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "changes/one.json",
            "driftwarden.hcl",
            "people.json",
            "plan.json"
        ]
    );
    estate.assert_whole();
}

#[test]
fn each_area_that_is_wrong_is_kept_out_once_and_taken_when_it_is_good() {
    let estate = Estate::new("rules { dirs = [\"rules\"] }");
    let rule = "rule \"r\" {\n  description = \"any\"\n  match { types = [\"*\"] }\n  severity = \"low\"\n  action = \"alert\"\n}\n";
    estate.put("rules/r.hcl", rule);
    let mut cycle = estate.begin();
    assert_eq!(scanned(&mut cycle), 1);
    for (file, area) in [
        ("rules/r.hcl", "rules"),
        ("changes/one.json", "changes"),
        ("people.json", "identity"),
        ("plan.json", "plans payments"),
        ("driftwarden.hcl", "configuration"),
    ] {
        let good = estate.read(file);
        let before = estate.service().len();
        estate.put(file, good.get(..good.len() / 2).unwrap());
        assert!(!cycle.reload().unwrap(), "{file}");
        // The same mistake is told once.
        assert!(!cycle.reload().unwrap(), "{file}");
        assert_eq!(scanned(&mut cycle), 1, "{file}");
        estate.put(file, &good);
        assert!(!cycle.reload().unwrap(), "{file}");
        assert_eq!(
            estate.service()[before..],
            [
                format!("configuration_rejected {area}"),
                format!("configuration_rejected {area} opened"),
                format!("configuration_rejected {area} resolved"),
            ],
            "{file}"
        );
    }
    estate.assert_whole();
}

#[test]
fn a_mistake_in_one_area_leaves_the_others_to_go_on() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    estate.put("people.json", "{");
    let plan = estate.read("plan.json");
    estate.put(
        "plan.json",
        &plan.replace("\"timestamp\": \"2026", "\"timestamp\": \"2025"),
    );
    assert!(cycle.reload().unwrap());
    let service = estate.service();
    assert!(service.contains(&"configuration_accepted plans payments".to_owned()));
    assert!(service.contains(&"configuration_rejected identity".to_owned()));
}

#[test]
fn what_names_people_is_not_told_to_the_log() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    let twice = super::PEOPLE.replace("ben@bank", "ana@bank");
    estate.put("people.json", &twice);
    cycle.reload().unwrap();
    let records = estate.records().into_iter();
    let refused: Vec<_> = records
        .filter_map(|record| match record {
            Record::Service(record) => Some(record),
            _ => None,
        })
        .filter(|record| record.event == ServiceEvent::ConfigurationRejected)
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].problem_count, 1);
    assert_eq!(refused[0].problems, Vec::<String>::new());
    assert_eq!(refused[0].files[0].name, "people.json");
}

#[test]
fn a_plan_that_is_taken_is_what_the_next_scan_goes_by() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    assert_eq!(scanned(&mut cycle), 1);
    let plan = estate.read("plan.json");
    estate.put("plan.json", &plan.replace("\"Payments\"", "\"Eve\""));
    // Not before it is read and checked.
    assert_eq!(scanned(&mut cycle), 1);
    assert!(cycle.reload().unwrap());
    assert_eq!(scanned(&mut cycle), 0);
}

#[test]
fn the_log_cannot_move_under_a_running_engine() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    let moved = config("").replace("\"evidence\"", "\"elsewhere\"");
    estate.put("driftwarden.hcl", &moved);
    assert!(!cycle.reload().unwrap());
    let service = estate.service();
    assert!(service.contains(&"configuration_rejected configuration".to_owned()));
    assert!(!estate.path().join("elsewhere").exists());
}

#[test]
fn a_start_needs_everything_to_be_good() {
    let estate = Estate::new("");
    estate.put("changes/two.json", "{ \"number\": ");
    estate.put("plan.json", "{");
    let refused = estate.try_begin(&Arc::new(Halt::default()));
    let told = format!("{:#}", refused.err().unwrap());
    assert!(told.contains("changes/two.json"), "{told}");
    estate.put("changes/two.json", &super::CHANGE.replace('9', "8"));
    let refused = estate.try_begin(&Arc::new(Halt::default()));
    let told = format!("{:#}", refused.err().unwrap());
    assert!(told.contains("plan.json"), "{told}");
}

/// Plans that are broken, and a log that says that some version took them as good.
fn start_after_being_taken_by(version: &str) -> (Estate, anyhow::Result<Cycle>) {
    let estate = Estate::new("");
    estate.begin().end().unwrap();
    estate.put("plan.json", "{");
    let records = estate.records();
    let accepted = records.into_iter().find_map(|record| match record {
        Record::Service(record) if !record.files.is_empty() => Some(*record),
        _ => None,
    });
    let mut accepted = accepted.unwrap();
    let plan = accepted
        .files
        .iter_mut()
        .find(|file| file.name == "plan.json");
    plan.unwrap().sha256 = Sha256Digest::of(b"{");
    let of = |kind| {
        let files = accepted.files.iter().filter(move |file| file.kind == kind);
        files.cloned().collect::<Vec<_>>()
    };
    let areas = [
        ("configuration", of(InputKind::Configuration)),
        ("rules", Vec::new()),
        ("changes", of(InputKind::Change)),
        ("identity", of(InputKind::Identity)),
        ("waivers", Vec::new()),
        ("plans payments", of(InputKind::Plan)),
    ];
    let areas = areas
        .iter()
        .map(|(name, files)| ((*name).to_owned(), &**files));
    accepted.in_force = Some(digest_in_force(areas));
    version.clone_into(&mut accepted.program.version);
    let evidence = estate.path().join("evidence");
    let keys = estate.path().join("evidence.keys");
    let mut log = EvidenceLog::open(&evidence, &keys, "driftwarden.local/evidence").unwrap();
    log.append(vec![accepted.encode().unwrap().entry], now())
        .unwrap();
    drop(log);
    let cycle = estate.try_begin(&Arc::new(Halt::default()));
    (estate, cycle)
}

#[test]
fn what_this_version_took_as_good_is_not_checked_again_and_the_first_scan_reads_it() {
    let (estate, cycle) = start_after_being_taken_by(env!("CARGO_PKG_VERSION"));
    let mut cycle = cycle.unwrap();
    assert!(matches!(cycle.scan().unwrap(), Scanned::Failed));
    assert!(estate.service().contains(&"scan_failed".to_owned()));
    estate.assert_whole();
}

#[test]
fn what_another_version_took_as_good_is_checked_again() {
    let (_estate, cycle) = start_after_being_taken_by("0.0.1");
    let told = format!("{:#}", cycle.err().unwrap());
    assert!(told.contains("plan.json"), "{told}");
}

#[test]
fn a_scan_that_is_given_up_records_nothing() {
    let estate = Estate::new("");
    let halt = Arc::new(Halt::default());
    let mut cycle = estate.try_begin(&halt).unwrap();
    let before = estate.records().len();
    halt.stop();
    assert!(matches!(cycle.scan().unwrap(), Scanned::Interrupted));
    assert!(!cycle.reload().unwrap());
    assert_eq!(estate.records().len(), before);
    cycle.end().unwrap();
    assert_eq!(estate.service().last().unwrap(), "stopped");
    estate.assert_whole();
}

#[test]
fn a_scan_that_fails_says_so_once_and_the_next_one_goes_on() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    let live = estate.read("live/snapshot.json");
    estate.put("live/snapshot.json", live.get(..live.len() / 2).unwrap());
    for _ in 0..3 {
        assert!(matches!(cycle.scan().unwrap(), Scanned::Failed));
    }
    estate.put("live/snapshot.json", &live);
    assert_eq!(scanned(&mut cycle), 1);
    let service = estate.service();
    let failed = service.iter().filter(|line| *line == "scan_failed");
    assert_eq!(failed.count(), 1);
}

#[test]
fn a_second_engine_does_not_start_on_the_same_log() {
    let estate = Estate::new("");
    let _first = estate.begin();
    let second = estate.try_begin(&Arc::new(Halt::default()));
    assert!(second.is_err());
}
