//! Yearly shards together with packs, with the day on which a log may begin, and with the verifier's
//! options.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes and reads its own copy"
)]

use std::fs;

use driftwarden::adapters::evidence::LocalEvidence;
use driftwarden::adapters::signing::FileKeys;
use driftwarden::adapters::store::{Beginning, EvidenceReader, Shelf};
use driftwarden::evidence::record::{Carried, Record};
use driftwarden::ports::EvidenceSink;

use super::commands::{driftwarden_verify, stdout};
use super::support::tiny;
use super::yearly::{NAME, Yearly, at, stderr, wall_clock};

/// The shards of 2019 and 2020; the finding of 2019 is still open.
fn two_years() -> Yearly {
    let yearly = Yearly::new();
    drop(yearly.open(at("2020-02-01T00:00:00Z")));
    yearly
}

#[test]
fn a_pack_of_a_shard_has_what_was_open_when_it_began() {
    let yearly = two_years();
    let reader = EvidenceReader::open(&yearly.dir("evidence/2020")).unwrap();
    let mut carried = reader.entries().map(Result::unwrap).filter(|entry| {
        let record = Record::read(entry.index, &entry.bytes).unwrap();
        matches!(record, Record::Carried(one) if matches!(*one, Carried::Finding(_)))
    });
    let carried = carried.next().unwrap().index;
    let args = ["--shard", "2020", "--from", "2020-03-01", "--out", "pack"];
    let said = yearly.good(&[&["evidence", "export"], &args[..]].concat());
    assert!(said.contains("1 finding"), "{said}");
    assert!(
        yearly
            .dir(&format!("pack/entries/{carried}.json"))
            .is_file()
    );
    let (whole, text) = yearly.verify("pack", &[]);
    assert!(whole, "{text}");
    let index = fs::read_to_string(yearly.dir("pack/index.json")).unwrap();
    assert!(index.contains(&yearly.finding), "{index}");

    let args = ["--shard", "2019", "--to", "2019-12-31", "--out", "older"];
    yearly.good(&[&["evidence", "export"], &args[..]].concat());
    assert!(yearly.verify("older", &[]).0);
    // What stood only before the time asked for is not in it.
    let args = ["--shard", "2019", "--to", "2019-01-31", "--out", "none"];
    let none = yearly.run(&[&["evidence", "export"], &args[..]].concat());
    assert!(stderr(&none).contains("nothing was recorded in that time"));
}

#[test]
fn of_a_shard_that_expired_there_is_no_pack() {
    let yearly = Yearly::new();
    yearly.each_year_until(wall_clock());
    let config = fs::read_to_string(yearly.dir("driftwarden.hcl")).unwrap();
    let shorter = config.replace("shard =", "retention = \"1y\"\n  shard =");
    fs::write(yearly.dir("driftwarden.hcl"), shorter).unwrap();
    yearly.good(&["evidence", "expire"]);
    let args = [
        "evidence",
        "export",
        "--shard",
        "2019",
        "--from",
        "2019-01-01",
    ];
    let refused = yearly.run(&args);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("were destroyed"),
        "{}",
        stderr(&refused)
    );
    assert!(yearly.verify("evidence", &[]).0);
}

#[test]
fn what_is_about_one_log_is_refused_of_several() {
    let yearly = two_years();
    let logs = yearly.dir("evidence");
    let checkpoint = yearly.dir("evidence/2019/checkpoint");
    let alone = |option: &str| {
        let output = driftwarden_verify(&[&logs, option.as_ref(), &checkpoint]);
        (output.status.code(), stderr(&output))
    };
    for option in ["--since", "--worm-listing", "--export-key"] {
        let (status, said) = alone(option);
        assert_eq!(status, Some(2), "{said}");
        let wanted = format!("`{option}` does not go with a folder of several logs");
        assert!(said.contains(&wanted), "{said}");
    }
    let output = driftwarden_verify(&[&logs, "--mirror".as_ref(), &logs]);
    assert_eq!(output.status.code(), Some(2));
    let age = |age: &str| driftwarden_verify(&[&logs, "--max-age".as_ref(), age.as_ref()]);
    let old = age("1h");
    assert_eq!(old.status.code(), Some(1));
    assert!(stdout(&old).contains("TOO OLD"));
    assert_eq!(age("36500d").status.code(), Some(0));
}

#[test]
fn a_shard_begins_on_any_day_where_an_older_one_is() {
    let yearly = Yearly::new();
    let keys = FileKeys::new(&yearly.dir("evidence.keys"), NAME);
    let open = |dir: &str, now: &str| {
        let beginning = Beginning::Only {
            day: "2019-06-01".parse().unwrap(),
            today: now.get(..10).unwrap().parse().unwrap(),
        };
        let shelf = Shelf::yearly(&yearly.dir(dir), NAME);
        LocalEvidence::open(&shelf, &keys, beginning, at(now)).map(drop)
    };
    open("evidence", "2020-02-01T00:00:00Z").unwrap();
    let refused = open("missing", "2020-02-01T00:00:00Z").unwrap_err();
    assert!(
        refused.what.contains("on 2019-06-01 only"),
        "{}",
        refused.what
    );
    assert!(!yearly.dir("missing").exists());
}

/// Far ahead it is not believed the first time, so that it cannot begin the log of another year; a scan
/// notes what it said, and if it says so again the log goes on there.
#[test]
fn a_clock_that_is_far_ahead_begins_no_shard() {
    let yearly = Yearly::new();
    let leap = at("2031-05-01T00:00:00Z");
    let mut log = yearly.open(leap);
    assert!(!yearly.dir("evidence/2031").exists());
    let note = log.read_clock(leap);
    log.append(vec![tiny(1)], note).unwrap();
    drop(log);
    let shelf = Shelf::yearly(&yearly.dir("evidence"), NAME);
    let years = || {
        shelf
            .shards()
            .unwrap()
            .iter()
            .map(|shard| shard.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(years(), ["2019"]);
    // Put right, it is believed as before.
    drop(yearly.open(at("2020-02-01T00:00:00Z")));
    assert_eq!(years(), ["2019", "2020"]);
    // In the log that goes on, it was not seen before.
    drop(yearly.open(leap));
    assert_eq!(years(), ["2019", "2020"]);
    let mut log = yearly.open(leap);
    log.append(vec![tiny(2)], note).unwrap();
    drop(log);
    drop(yearly.open(at("2031-05-01T00:20:00Z")));
    assert_eq!(years(), ["2019", "2020", "2031"]);
    assert!(yearly.verify("evidence", &[]).0);
}
