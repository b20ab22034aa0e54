//! What the command line says of clocks, of the day on which a log may begin, and of what only a
//! rotation may.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes and damages its own copy"
)]

use std::fs;

use driftwarden::adapters::signing::FileKeys;
use driftwarden::adapters::store::StoreError;
use driftwarden::evidence::record::{CustodyRecord, KeyRotation};

use super::commands::{driftwarden_verify, stdout};
use super::support::*;
use super::yearly::{Yearly, stderr, wall_clock};

#[test]
fn a_log_begins_on_the_day_of_its_inception_only() {
    let yearly = Yearly::new();
    let config = |day: &str| {
        let text = format!("evidence {{\n  dir = \"new\"\n  inception = \"{day}\"\n}}\n");
        fs::write(yearly.dir("driftwarden.hcl"), text).unwrap();
    };
    config("2020-02-29");
    let refused = yearly.run(&["scan"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(
        said.contains("one may be begun on 2020-02-29 only"),
        "{said}"
    );
    assert!(said.contains("set `inception` to today"), "{said}");
    assert!(!yearly.dir("new").exists());
    // Midnight may come between the two.
    let begun = (0..2).any(|_| {
        config(wall_clock().to_string().get(..10).unwrap());
        yearly.run(&["scan"]).status.code() != Some(1)
    });
    assert!(begun && yearly.dir("new/checkpoint").is_file());
    config("2020-02-29");
    assert_ne!(yearly.run(&["scan"]).status.code(), Some(1));
}

/// The only record is of 2019, which no clock today can be believed to follow.
#[test]
fn a_scan_by_a_clock_that_is_not_believed_says_so_in_the_log() {
    let yearly = Yearly::new();
    assert_ne!(yearly.run(&["scan"]).status.code(), Some(1));
    let shown = yearly.good(&["evidence", "show"]);
    assert!(
        shown.contains("shard 2019") && shown.matches("shard ").count() == 1,
        "{shown}"
    );
    let line = shown.lines().find(|line| line.contains("clock")).unwrap();
    assert!(line.contains("ahead"), "{line}");
    assert_ne!(yearly.run(&["scan"]).status.code(), Some(1));
    let shown = yearly.good(&["evidence", "show"]);
    let year = wall_clock().to_string().get(..4).unwrap().to_owned();
    assert!(shown.contains(&format!("shard {year}")), "{shown}");
}

#[test]
fn how_old_the_newest_record_is_can_be_asked() {
    let yearly = Yearly::new();
    let log = yearly.dir("evidence/2019");
    let age = |age: &str| driftwarden_verify(&[&log, "--max-age".as_ref(), age.as_ref()]);
    let old = age("1h");
    assert_eq!(old.status.code(), Some(1));
    assert!(stdout(&old).contains("TOO OLD"), "{}", stdout(&old));
    assert_eq!(age("36500d").status.code(), Some(0));
    let said = yearly.good(&["check"]);
    assert!(
        said.contains(", whose newest record is ") && said.contains("s old"),
        "{said}"
    );
}

#[test]
fn only_a_rotation_hands_a_log_over() {
    let place = Place::new();
    let mut log = place.open();
    let next = FileKeys::new(&place.keys(), ORIGIN).next(ORIGIN).unwrap();
    let record = CustodyRecord::KeyRotation(KeyRotation {
        at: now(),
        old: log.key().clone(),
        new: next.key().clone(),
    });
    let refused = log.append(vec![record.encode().unwrap().entry], now());
    assert!(
        matches!(refused, Err(StoreError::Rotation { number: 0 })),
        "{refused:?}"
    );
    log.append(vec![tiny(1)], now()).unwrap();
    drop(log);
    assert_whole(&place.verify());
    assert_eq!(place.open().entries().count(), 1);
}

/// As a crash leaves it between the record and the last file.
#[test]
fn a_destruction_that_was_interrupted_is_completed_and_disturbs_no_reader() {
    let yearly = Yearly::new();
    yearly.each_year_until(wall_clock());
    let config = fs::read_to_string(yearly.dir("driftwarden.hcl")).unwrap();
    let shorter = config.replace("shard =", "retention = \"1y\"\n  shard =");
    fs::write(yearly.dir("driftwarden.hcl"), shorter).unwrap();
    let kept = yearly.dir("evidence/2019/tile/entries");
    yearly.good(&["evidence", "expire"]);
    let leaving = yearly.dir("evidence/2019/.state/leaving");
    assert!(!leaving.exists() && !kept.exists());
    fs::create_dir_all(leaving.join("000.p")).unwrap();
    fs::write(leaving.join("000.p/2"), "an entry").unwrap();
    assert!(
        yearly
            .good(&["evidence", "show"])
            .contains("its entries were destroyed")
    );
    assert!(yearly.verify("evidence", &[]).0);
    let again = yearly.good(&["evidence", "expire"]);
    assert!(again.contains("2019  was destroyed before"), "{again}");
    assert!(!leaving.exists());
}
