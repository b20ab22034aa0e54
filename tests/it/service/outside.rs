//! A running engine and a mirror of its log: it is carried beside everything else, and how far it is
//! behind is told.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use driftwarden::adapters::remote::{Outposts, Places, restore};
use driftwarden::adapters::store::EvidenceReader;
use driftwarden::cli::wire;
use driftwarden::engine::Failure;
use driftwarden::engine::service::{Carried, Carrier, Cycle, Halt, Pace, Turn};
use driftwarden::model::{OutsidePlace, PlaceKind};
use driftwarden::ports::{Alarm, BroughtUp, EverybodyOutside, Outside};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{Estate, now, pass, scanned, tell_once};
use crate::evidence::memory_store::{MemoryStore, NoHttp};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// The one mirror of a log, as the adapters keep it.
struct OneMirror(Outposts);

impl EverybodyOutside for OneMirror {
    fn bring_up(&mut self, now: Timestamp) -> Result<BroughtUp, Alarm> {
        Ok(BroughtUp {
            newest: self.0.advance(now)?,
            ..BroughtUp::default()
        })
    }
}

struct Mirrored {
    estate: Estate,
    store: MemoryStore,
    mirror: OneMirror,
}

/// An engine under way, with what carries for it.
struct Run {
    cycle: Cycle,
    carrier: Carrier,
}

impl Mirrored {
    fn new() -> Self {
        let estate = Estate::new(
            "run {\n  outside_lag_after = \"10m\"\n}\n\
             channel \"file\" \"pager\" { path = \"pager.jsonl\" }\n\
             route \"own\" {\n  about = [\"detector\"]\n  to = [\"pager\"]\n}\n",
        );
        let store = MemoryStore::default();
        let places = Places {
            mirror: Some(Box::new(store.clone())),
            watchers: Vec::new(),
            authorities: Vec::new(),
            http: Box::new(NoHttp),
            nonce: Box::new(|| [7; 16]),
        };
        let mirror = OneMirror(Outposts::new(&estate.path().join("evidence"), places));
        Self {
            estate,
            store,
            mirror,
        }
    }

    fn begin(&self) -> Run {
        let halt = Arc::<Halt>::default();
        let place = OutsidePlace {
            kind: PlaceKind::Mirror,
            name: "memory".to_owned(),
        };
        let carried = Arc::new(Carried::new(&[place]));
        let mut cycle = self.estate.try_begin(&halt).unwrap();
        cycle.carry_with(Arc::clone(&carried));
        let carrier = Carrier {
            carried,
            halt,
            clock: now,
            chance: || 0,
            pace: Pace::default(),
        };
        Run { cycle, carrier }
    }

    fn is_down(&self, down: bool) {
        self.store.0.borrow_mut().down = down;
    }

    fn about_the_mirror(&self) -> Vec<String> {
        let all = self.estate.service().into_iter();
        all.filter(|line| line.starts_with("mirror_behind"))
            .collect()
    }

    /// Tells people, and waits until they have it: the last message, with its step and its title.
    fn tell(&self, cycle: &mut Cycle) -> String {
        let begun = Instant::now();
        loop {
            tell_once(cycle);
            let ledger = wire::ledger(&self.estate.path().join("evidence")).unwrap();
            if ledger.told().pending().next().is_none() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "a message waits");
            std::thread::sleep(Duration::from_millis(10));
        }
        let text = self.estate.read("pager.jsonl");
        let last: Json = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        format!(
            "{} {}",
            last.get("step").and_then(Json::as_str).unwrap(),
            last.get("title").and_then(Json::as_str).unwrap()
        )
    }

    fn size(&self) -> u64 {
        let reader = EvidenceReader::open(&self.estate.path().join("evidence")).unwrap();
        reader.checkpoint().head().size
    }

    /// The mirror gives the whole log back, and it verifies.
    fn assert_mirrored(&self, name: &str) {
        let restored = restore(&self.store, &self.estate.path().join(name), None).unwrap();
        let entries: u64 = restored.verification.entries.values().sum();
        assert_eq!(restored.verification.failures, []);
        assert_eq!(entries, self.size());
    }
}

#[test]
fn a_mirror_that_is_down_is_a_finding_until_it_has_caught_up() {
    let mut own = Mirrored::new();
    let mut run = own.begin();
    scanned(&mut run.cycle);
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Told);
    run.cycle.watch_outside().unwrap();
    own.assert_mirrored("first");

    own.is_down(true);
    own.estate.deviate();
    assert!(scanned(&mut run.cycle) > 0);
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Failed);
    pass(MINUTE * 9);
    run.cycle.watch_outside().unwrap();
    assert!(own.about_the_mirror().is_empty(), "it may take ten minutes");
    pass(MINUTE * 2);
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Failed);
    run.cycle.watch_outside().unwrap();
    scanned(&mut run.cycle);
    assert_eq!(own.about_the_mirror(), ["mirror_behind memory opened"]);
    assert_eq!(
        own.tell(&mut run.cycle),
        "trigger high: driftwarden: mirror_behind memory: it lacks a record of \
         2026-11-04T09:30:00Z: it cannot be reached: the fuse burnt"
    );

    // A restart forgets nothing, and takes nothing for healed before the mirror said so.
    run.cycle.end().unwrap();
    let mut run = own.begin();
    scanned(&mut run.cycle);
    assert_eq!(own.about_the_mirror().len(), 1);
    own.is_down(false);
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Told);
    run.cycle.watch_outside().unwrap();
    let told = own.about_the_mirror();
    assert_eq!(told.last().unwrap(), "mirror_behind memory resolved");
    assert_eq!(told.len(), 2);
    assert_eq!(
        own.tell(&mut run.cycle),
        "resolve over: driftwarden is as it should be again"
    );
    // What says so is carried as well.
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Told);
    own.assert_mirrored("then");
    run.cycle.end().unwrap();
    own.estate.assert_whole();
}

/// The log goes by another time then than the clock.
#[test]
fn a_clock_that_was_put_back_keeps_nobody_busy() {
    let mut own = Mirrored::new();
    let mut run = own.begin();
    scanned(&mut run.cycle);
    run.carrier.round(&mut own.mirror);
    pass(SignedDuration::from_hours(-1));
    scanned(&mut run.cycle);
    run.carrier.round(&mut own.mirror);
    run.cycle.watch_outside().unwrap();
    let rest = run.cycle.rest().unwrap();
    assert!(rest >= Duration::from_secs(1), "{rest:?}");
    assert!(own.about_the_mirror().is_empty());
}

#[test]
fn a_mirror_is_no_longer_watched_where_there_is_none() {
    let mut own = Mirrored::new();
    let mut run = own.begin();
    own.is_down(true);
    scanned(&mut run.cycle);
    run.carrier.round(&mut own.mirror);
    pass(MINUTE * 20);
    run.cycle.watch_outside().unwrap();
    drop(run);
    let mut cycle = own.estate.begin();
    scanned(&mut cycle);
    let told = own.about_the_mirror();
    assert_eq!(told.last().unwrap(), "mirror_behind memory resolved");
}

/// The disk was put back while nobody outside answered: as soon as the mirror is heard, nothing more is
/// recorded.
#[test]
fn an_engine_on_a_disk_that_was_put_back_records_nothing_more() {
    let mut own = Mirrored::new();
    let mut run = own.begin();
    scanned(&mut run.cycle);
    run.cycle.end().unwrap();
    let (log, kept) = (
        own.estate.path().join("evidence"),
        own.estate.path().join("kept"),
    );
    copy(&log, &kept);
    let mut run = own.begin();
    own.estate.deviate();
    scanned(&mut run.cycle);
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Told);
    run.cycle.end().unwrap();

    fs::remove_dir_all(&log).unwrap();
    copy(&kept, &log);
    let mut run = own.begin();
    assert_eq!(run.carrier.round(&mut own.mirror), Turn::Over);
    let before = own.size();
    let Err(Failure::Evidence(why)) = run.cycle.scan() else {
        panic!("it goes on");
    };
    assert!(why.what.starts_with("nothing more is recorded: "), "{why}");
    assert!(why.what.ends_with("it was put back"), "{why}");
    assert!(run.cycle.end().is_err());
    assert_eq!(own.size(), before);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => fs::copy(&path, &to).map(drop).unwrap(),
        }
    }
}

/// Whoever builds without the feature is told so before anything is begun, and not left without a mirror.
#[cfg(not(feature = "aws"))]
#[test]
fn a_mirror_that_is_not_built_in_is_refused() {
    use std::process::Command;

    let estate = Estate::new("");
    let mirror = "evidence {\n  dir = \"evidence\"\n  mirror \"s3\" {\n    bucket = \"bank-evidence\"\n    \
                  region = \"eu-central-1\"\n  }\n}";
    let text = super::config("").replacen("evidence { dir = \"evidence\" }", mirror, 1);
    estate.put("driftwarden.hcl", &text);
    let mut run = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let output = run.arg("run").current_dir(estate.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("`mirror` needs a driftwarden that was built with the feature `aws`"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(!estate.path().join("evidence").exists());
}
