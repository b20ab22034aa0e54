//! Confirmed, acknowledged, flapping.

use driftwarden::cli::wire;
use driftwarden::engine::Acknowledgement;
use driftwarden::evidence::record::Record;
use driftwarden::model::FindingState;
use jiff::SignedDuration;

use super::{Estate, now, pass, scanned};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn ask(finding: &str, by: &str) -> Acknowledgement {
    Acknowledgement {
        finding: finding.to_owned(),
        by: by.to_owned(),
        note: Some("told ana@bank.example".to_owned()),
    }
}

#[test]
fn a_finding_is_suspected_until_enough_scans_saw_it() {
    let estate = Estate::new("findings {\n  confirm_after = 3\n}");
    let mut cycle = estate.begin();
    for _ in 0..4 {
        scanned(&mut cycle);
    }
    cycle.end().unwrap();
    let life = estate.life();
    assert_eq!(life, ["opened", "suspected", "suspected", "confirmed"]);
    let states = estate
        .records()
        .into_iter()
        .filter_map(|record| match record {
            Record::State(record) => Some((record.looks.unwrap(), record.state)),
            _ => None,
        });
    let suspected = FindingState::Suspected;
    let states: Vec<_> = states.collect();
    let expected = [(1, suspected), (2, suspected), (3, FindingState::Open)];
    assert_eq!(states, expected);
}

#[test]
fn a_suspicion_that_is_gone_was_never_announced() {
    let estate = Estate::new("findings {\n  confirm_after = 2\n}");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    estate.heal();
    scanned(&mut cycle);
    assert_eq!(estate.life(), ["opened", "suspected", "resolved"]);
}

#[test]
fn a_restart_forgets_no_look_and_a_scan_by_hand_announces() {
    let estate = Estate::new("findings {\n  confirm_after = 3\n}");
    for _ in 0..2 {
        let mut cycle = estate.begin();
        scanned(&mut cycle);
    }
    assert_eq!(estate.life(), ["opened", "suspected", "suspected"]);
    assert_eq!(estate.scan().exit, 2);
    assert_eq!(estate.life().last().unwrap(), "confirmed");
}

/// The finding opens and closes every hour.
fn flap(estate: &Estate, times: usize) {
    for _ in 0..times {
        estate.deviate();
        pass(HOUR);
        assert_eq!(estate.scan().exit, 2);
        estate.heal();
        pass(HOUR);
        assert_eq!(estate.scan().exit, 0);
    }
}

#[test]
fn flapping_is_said_once_and_ends_once() {
    let estate = Estate::new("findings {\n  flap_count = 2\n  flap_window = \"1d\"\n}");
    flap(&estate, 8);
    let open_close = ["opened", "resolved", "opened", "resolved", "opened"];
    let mut expected: Vec<&str> = open_close.to_vec();
    expected.push("flapping_began");
    assert_eq!(estate.life(), expected);
    // Calm for longer than the window: it ends, and it is gone.
    pass(HOUR * 48);
    assert_eq!(estate.scan().exit, 0);
    expected.extend(["resolved", "flapping_ended"]);
    assert_eq!(estate.life(), expected);
    // What opens later is a finding like any other.
    estate.deviate();
    pass(HOUR * 48);
    estate.scan();
    expected.push("opened");
    assert_eq!(estate.life(), expected);
    estate.assert_whole();
}

#[test]
fn opening_as_often_as_permitted_is_no_flapping() {
    let estate = Estate::new("findings {\n  flap_count = 3\n  flap_window = \"1d\"\n}");
    flap(&estate, 3);
    let life = estate.life();
    assert!(!life.contains(&"flapping_began".to_owned()), "{life:?}");
    assert_eq!(life.len(), 6);
}

#[test]
fn a_flapping_finding_that_stays_is_open_again() {
    let estate = Estate::new("findings {\n  flap_count = 1\n  flap_window = \"10h\"\n}");
    flap(&estate, 2);
    estate.deviate();
    pass(HOUR * 11);
    estate.scan();
    let life = estate.life();
    assert_eq!(life[life.len() - 2..], ["flapping_began", "flapping_ended"]);
}

#[test]
fn a_person_acknowledges_and_nobody_else() {
    let estate = Estate::new("");
    estate.scan();
    let config = wire::load_config(&estate.config()).unwrap();
    let key = estate.key();
    let ask_as =
        |by: &str| wire::acknowledge(&config, &ask(key.as_str().get(..12).unwrap(), by), now());
    for (by, why) in [
        ("nobody@bank.example", "is not in the identity map"),
        ("deploy", "`b1` is no single human"),
        ("old@bank.example", "`p3` is no longer active"),
    ] {
        let refused = ask_as(by).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let said = ask_as("Ben@bank.example").unwrap();
    assert_eq!(said, format!("finding {key} is acknowledged by p2"));
    assert_eq!(ask_as("p2").unwrap(), "it was acknowledged before");
    let wrong = wire::acknowledge(&config, &ask("ffff", "p2"), now());
    assert!(wrong.unwrap_err().to_string().contains("no open finding"));
    assert_eq!(estate.life(), ["opened", "acknowledged"]);
    let records = estate.records();
    let Some(Record::State(record)) = records.last() else {
        panic!("{records:?}");
    };
    // The log names nobody.
    assert_eq!(record.by.as_deref(), Some("p2"));
    assert_eq!(record.note.as_deref(), Some("told p1"));
    estate.assert_whole();
}

#[test]
fn another_version_is_known_to_nobody() {
    let estate = Estate::new("");
    estate.scan();
    let config = wire::load_config(&estate.config()).unwrap();
    wire::acknowledge(&config, &ask(estate.key().as_str(), "p1"), now()).unwrap();
    let state = || {
        let ledger = wire::ledger(&estate.path().join("evidence")).unwrap();
        let open: Vec<_> = ledger.open_findings().cloned().collect();
        assert_eq!(open.len(), 1);
        open[0].standing.state()
    };
    assert_eq!(state(), FindingState::Acknowledged);
    let live = estate.read("live/snapshot.json");
    estate.put("live/snapshot.json", &live.replace("Eve", "Mallory"));
    estate.scan();
    assert_eq!(state(), FindingState::Open);
}

#[test]
fn the_running_engine_takes_requests_from_its_inbox() {
    let estate = Estate::new("");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    let request = serde_json::to_string(&ask(estate.key().as_str(), "ana@bank.example")).unwrap();
    estate.put("evidence.inbox/1.json", &request);
    estate.put("evidence.inbox/2.json", "{ \"finding\": 3 }");
    cycle.take_requests().unwrap();
    assert_eq!(estate.life(), ["opened", "acknowledged"]);
    let left = std::fs::read_dir(estate.path().join("evidence.inbox")).unwrap();
    assert_eq!(left.count(), 0);
}
