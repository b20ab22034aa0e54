//! The running engine without waiting: reloads, the life of findings, what it says of itself.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test writes its own copy and fails by panicking"
)]

mod findings;
mod fixing;
mod hearing;
mod outside;
mod paging;
mod reload;
mod waivers;
mod watches;
mod year;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use driftwarden::adapters::store::EvidenceReader;
use driftwarden::cli::wire;
use driftwarden::engine::service::{Cycle, Halt, Hearing, Scanned};
use driftwarden::evidence::record::Record;
use driftwarden::model::FindingKey;
use jiff::{SignedDuration, Timestamp};

use crate::cases::Copy;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(1_793_784_600) };
}

pub fn now() -> Timestamp {
    Timestamp::from_second(NOW.get()).unwrap()
}

pub fn pass(time: SignedDuration) {
    NOW.set(NOW.get() + time.as_secs());
}

/// From now on it is that time.
pub fn set(time: &str) {
    NOW.set(time.parse::<Timestamp>().unwrap().as_second());
}

pub const PEOPLE: &str = r#"{ "people": [
  { "id": "p1", "kind": "human", "roles": [], "aliases": ["ana@bank.example"] },
  { "id": "p2", "kind": "human", "roles": [], "aliases": ["ben@bank.example"] },
  { "id": "p3", "kind": "human", "active": false, "roles": [], "aliases": ["old@bank.example"] },
  { "id": "b1", "kind": "bot", "roles": [], "aliases": ["deploy"] } ] }"#;

pub const CHANGE: &str = r#"{ "number": "CHG0030009", "system": "servicenow", "state": "implement",
  "type": "normal", "requested_by": "ana@bank.example", "approvals": [] }"#;

/// One topic whose display name deviates; a plan that is assumed approved.
pub struct Estate {
    copy: Copy,
}

impl Estate {
    pub fn new(more: &str) -> Self {
        let copy = Copy::of(&case("healed"));
        let estate = Self { copy };
        estate.put("people.json", PEOPLE);
        estate.put("changes/one.json", CHANGE);
        fs::create_dir(estate.path().join("waivers")).unwrap();
        estate.put("driftwarden.hcl", &config(more));
        estate
    }

    /// A case of its own, with more in its configuration.
    pub fn of(name: &str, more: &str) -> Self {
        let copy = Copy::of(&case(name));
        let estate = Self { copy };
        let text = estate.read("driftwarden.hcl");
        estate.put("driftwarden.hcl", &format!("{text}{more}\n"));
        estate
    }

    pub fn path(&self) -> &Path {
        self.copy.path()
    }

    pub fn config(&self) -> PathBuf {
        self.path().join("driftwarden.hcl")
    }

    pub fn put(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The topic deviates.
    pub fn deviate(&self) {
        let from = case("healed").join("live/snapshot.json");
        self.put("live/snapshot.json", &fs::read_to_string(from).unwrap());
    }

    /// The topic is as approved.
    pub fn heal(&self) {
        let from = case("healed").join("then-3/live/snapshot.json");
        self.put("live/snapshot.json", &fs::read_to_string(from).unwrap());
    }

    pub fn begin(&self) -> Cycle {
        self.try_begin(&Arc::new(Halt::default())).unwrap()
    }

    pub fn try_begin(&self, halt: &Arc<Halt>) -> anyhow::Result<Cycle> {
        let config = wire::load_config(&self.config())?;
        wire::begin_cycle(&self.config(), &config, 1, now, halt)
    }

    pub fn begin_hearing(&self, hearing: Hearing) -> Cycle {
        let config = wire::load_config(&self.config()).unwrap();
        let halt = Arc::new(Halt::default());
        wire::begin_hearing(&self.config(), &config, 1, now, &halt, Some(hearing)).unwrap()
    }

    /// A scan by hand.
    pub fn scan(&self) -> crate::cases::Scanned {
        crate::cases::run_scan(self.path(), now())
    }

    pub fn records(&self) -> Vec<Record> {
        let reader = EvidenceReader::open(&self.path().join("evidence")).unwrap();
        let entries = reader.entries().map(|entry| entry.unwrap());
        entries
            .map(|entry| Record::read(entry.index, &entry.bytes).unwrap())
            .collect()
    }

    /// The steps in the life of findings, in the order of the log.
    pub fn life(&self) -> Vec<String> {
        let records = self.records().into_iter();
        let life = records.filter_map(|record| match record {
            Record::Finding(record) => Some(format!("{:?}", record.event).to_lowercase()),
            Record::State(record) => Some(record.event.as_str().to_owned()),
            _ => None,
        });
        life.collect()
    }

    /// What the engine recorded beside scans.
    pub fn service(&self) -> Vec<String> {
        let records = self.records().into_iter();
        let told = records.filter_map(|record| match record {
            Record::Service(record) => Some(format!(
                "{} {}",
                record.event.as_str(),
                record.areas.join(",")
            )),
            Record::Watch(record) => Some(format!(
                "{} {} {}",
                record.watch.as_str(),
                record.subject,
                format!("{:?}", record.event).to_lowercase()
            )),
            _ => None,
        });
        told.map(|line| line.trim().to_owned()).collect()
    }

    pub fn key(&self) -> FindingKey {
        let mut records = self.records().into_iter();
        let key = records.find_map(|record| match record {
            Record::Finding(record) => Some(record.finding),
            _ => None,
        });
        key.unwrap()
    }

    pub fn assert_whole(&self) {
        assert_eq!(self.copy.evidence_failures(), Vec::<String>::new());
    }
}

pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/cases")
        .join(name)
}

pub fn config(more: &str) -> String {
    format!(
        "evidence {{ dir = \"evidence\" }}\n\
         baseline \"payments\" {{\n  plan = \"plan.json\"\n  approval = \"assumed\"\n}}\n\
         live \"aws_config_snapshot\" \"prod\" {{ files = [\"live/*.json\"] }}\n\
         changes \"files\" {{ dir = \"changes\" }}\n\
         identity {{ file = \"people.json\" }}\n\
         waivers {{ dir = \"waivers\" }}\n{more}\n"
    )
}

/// Scans, and says how many deviations were found.
pub fn scanned(cycle: &mut Cycle) -> usize {
    match cycle.scan().unwrap() {
        Scanned::Done(outcome) => outcome.assessment.deviations.len(),
        Scanned::Failed => panic!("the scan failed"),
        Scanned::Interrupted => panic!("the scan was given up"),
    }
}

/// Tells what is to be told now, and lets readers of the log see it.
pub fn tell_once(cycle: &mut Cycle) {
    cycle.tell().unwrap();
    cycle.publish().unwrap();
}
