//! A running engine at New Year, with a log for each year.

use std::process::Command;

use driftwarden::adapters::store::EvidenceReader;
use driftwarden::evidence::record::{Carried, Record, ServiceEvent};
use jiff::SignedDuration;

use super::{Estate, config, now, pass, scanned};

fn yearly(estate: &Estate) {
    let text = config("").replacen(
        "evidence { dir = \"evidence\" }",
        "evidence {\n  dir = \"evidence\"\n  shard = \"yearly\"\n}",
        1,
    );
    estate.put("driftwarden.hcl", &text);
}

fn records(estate: &Estate, year: &str) -> Vec<Record> {
    let reader = EvidenceReader::open(&estate.path().join("evidence").join(year)).unwrap();
    let entries = reader.entries().map(|entry| entry.unwrap());
    entries
        .map(|entry| Record::read(entry.index, &entry.bytes).unwrap())
        .collect()
}

#[test]
fn the_engine_goes_on_in_the_log_of_the_new_year() {
    let estate = Estate::new("");
    yearly(&estate);
    estate.deviate();
    let mut cycle = estate.begin();
    assert!(scanned(&mut cycle) > 0);
    let old = records(&estate, "2026").len();

    pass(SignedDuration::from_hours(60 * 24));
    assert_eq!(now().to_string().get(..4), Some("2027"));
    assert!(scanned(&mut cycle) > 0);
    let new = records(&estate, "2027");
    let carries = |record: &Record| matches!(record, Record::Carried(one) if matches!(**one, Carried::Finding(_)));
    assert!(matches!(new.first(), Some(Record::Custody(_))));
    assert!(
        new.iter().any(carries),
        "the open finding is not taken over"
    );
    let scans = new
        .iter()
        .filter(|record| matches!(record, Record::Scan(_)));
    assert_eq!(scans.count(), 1);
    // The finding goes on; it is not opened a second time.
    assert!(
        !new.iter()
            .any(|record| matches!(record, Record::Finding(_)))
    );
    assert_eq!(records(&estate, "2026").len(), old);

    estate.heal();
    assert_eq!(scanned(&mut cycle), 0);
    cycle.end().unwrap();
    let last = records(&estate, "2027").pop();
    let stopped = |record: &Record| matches!(record, Record::Service(record) if record.event == ServiceEvent::Stopped);
    assert!(last.as_ref().is_some_and(stopped), "{last:?}");
    let output = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"))
        .arg(estate.path().join("evidence"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
}

/// Before it is believed, the engine goes on where it was.
#[test]
fn a_clock_that_leaps_over_years_does_not_move_the_engine() {
    let estate = Estate::new("");
    yearly(&estate);
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    pass(SignedDuration::from_hours(5 * 366 * 24));
    scanned(&mut cycle);
    let years = std::fs::read_dir(estate.path().join("evidence")).unwrap();
    assert_eq!(years.count(), 1);
    let anomalies = records(&estate, "2026");
    let noted = |record: &Record| matches!(record, Record::ClockAnomaly(_));
    assert!(
        anomalies.iter().any(noted),
        "nothing says what the clock said"
    );
}
