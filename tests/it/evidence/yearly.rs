//! An evidence folder with a log for each year, and the commands run on it.
#![expect(clippy::disallowed_methods, reason = "a test writes its own copy")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use driftwarden::adapters::evidence::LocalEvidence;
use driftwarden::adapters::signing::FileKeys;
use driftwarden::adapters::store::{Beginning, Shelf};
use driftwarden::evidence::record::{FindingEvent, FindingRecord, Sources};
use driftwarden::model::Value;
use driftwarden::ports::EvidenceSink;
use jiff::Timestamp;

use super::support::*;

pub const NAME: &str = "bank.example/log";

/// A configuration with yearly shards, and a scan with one finding in 2019.
pub struct Yearly {
    pub place: Place,
    pub finding: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line reads the clock, too"
)]
pub fn wall_clock() -> Timestamp {
    Timestamp::now()
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Yearly {
    pub fn new() -> Self {
        let place = Place::new();
        let config = format!(
            "evidence {{\n  dir = \"evidence\"\n  origin = \"{NAME}\"\n  shard = \"yearly\"\n}}\n\
             identity {{ file = \"people.json\" }}\n"
        );
        fs::write(place.root().join("driftwarden.hcl"), config).unwrap();
        let people = r#"{ "people": [ { "id": "p1", "kind": "human", "aliases": ["cleo@bank.example"] } ] }"#;
        fs::write(place.root().join("people.json"), people).unwrap();
        let mut yearly = Self {
            place,
            finding: String::new(),
        };
        yearly.first_scan();
        yearly
    }

    pub fn open(&self, now: Timestamp) -> LocalEvidence {
        let root = self.place.root();
        let shelf = Shelf::yearly(&root.join("evidence"), NAME);
        let keys = FileKeys::new(&root.join("evidence.keys"), NAME);
        LocalEvidence::open(&shelf, &keys, Beginning::Anytime, now).unwrap()
    }

    /// A log each year up to that time: a clock that leaps over years is not believed at once.
    pub fn each_year_until(&self, now: Timestamp) {
        for year in 2020.. {
            let day = at(&format!("{year}-01-15T00:00:00Z"));
            if day > now {
                break;
            }
            drop(self.open(day));
        }
        drop(self.open(now));
    }

    fn first_scan(&mut self) {
        let now = at("2019-06-01T00:00:00Z");
        let mut log = self.open(now);
        let found = judged("aws_security_group.front", "/ingress", Value::from("open"));
        let key = found.deviation.finding_key();
        self.finding = key.to_string();
        let mut facts = facts(log.previous());
        (facts.started_at, facts.finished_at) = (now, now);
        let scan = driftwarden::evidence::record::ScanRecord::new(
            facts,
            &assessment(vec![found.clone()], vec![]),
            &people(),
        );
        let blob = log.put_blob(b"the plan").unwrap();
        let mut finding = FindingRecord::new(
            FindingEvent::Opened,
            now,
            key,
            &found,
            &people(),
            &Sources::default(),
        );
        finding
            .documents
            .push(driftwarden::evidence::record::Document {
                name: "plan.json".to_owned(),
                sha256: driftwarden::model::Sha256Digest::of(b"original"),
                blob: Some(blob),
            });
        let entries = vec![
            scan.encode().unwrap().entry,
            finding.encode().unwrap().entry,
        ];
        log.append(entries, now).unwrap();
    }

    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        command
            .args(args)
            .current_dir(self.place.root())
            .output()
            .unwrap()
    }

    pub fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn dir(&self, name: &str) -> PathBuf {
        self.place.root().join(name)
    }

    pub fn verify(&self, dir: &str, more: &[&str]) -> (bool, String) {
        verify_in(self.place.root(), dir, more)
    }
}

pub fn verify_in(root: &Path, dir: &str, more: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden-verify"));
    let output = command
        .arg(dir)
        .args(more)
        .current_dir(root)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
