use std::io::{self, Read};
use std::sync::Arc;

use jiff::Timestamp;

use super::gathering::{Gathering, IN_VAIN, ToGather, Way};
use super::halt::Halt;
use super::packed::Packed;
use crate::ports::{Estate, InputError, InputRef};

/// One source with two parts, one of which may be broken.
struct Asked {
    asks: bool,
    broken: bool,
}

fn part(name: &str) -> InputRef {
    InputRef {
        path: std::path::PathBuf::new(),
        name: name.to_owned(),
        source: Some("bank".to_owned()),
    }
}

impl Estate for Asked {
    fn workspaces(&self) -> Result<Vec<crate::ports::WorkspaceInput>, Vec<InputError>> {
        Ok(Vec::new())
    }
    fn live(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        Ok(Vec::new())
    }
    fn asks(&self) -> bool {
        self.asks
    }
    fn asked(&self, types: &[&str]) -> Vec<InputRef> {
        types.iter().map(|name| part(name)).collect()
    }
    fn changes(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        Ok(Vec::new())
    }
    fn activity(&self) -> Result<Vec<InputRef>, Vec<InputError>> {
        Ok(Vec::new())
    }
    fn identity(&self) -> Option<InputRef> {
        None
    }
    fn rules(&self) -> Result<Option<Vec<(String, String)>>, Vec<InputError>> {
        Ok(None)
    }
    fn open(&self, input: &InputRef) -> Result<Box<dyn Read + Send>, InputError> {
        match self.broken {
            true => Err(InputError {
                what: "no such part".to_owned(),
                help: None,
            }),
            false => Ok(Box::new(io::Cursor::new(input.name.clone().into_bytes()))),
        }
    }
}

struct Scene {
    gathering: Gathering,
    estate: Arc<dyn Estate + Send + Sync>,
    halt: Arc<Halt>,
}

impl Scene {
    fn new(asks: bool, broken: bool) -> Self {
        let mut gathering = Gathering::default();
        gathering.scanned(["A".into(), "B".into()].into());
        Self {
            gathering,
            estate: Arc::new(Asked { asks, broken }),
            halt: Arc::default(),
        }
    }

    fn way(&mut self) -> Way {
        let now = Timestamp::UNIX_EPOCH;
        self.gathering.way(&self.estate, 2, &self.halt, now)
    }

    fn sent(&mut self) -> ToGather {
        match self.way() {
            Way::Gather(to_gather) => to_gather,
            Way::Scan | Way::Waits => panic!("it does not ask beside"),
        }
    }
}

#[test]
fn what_is_gathered_is_what_the_scan_reads() {
    let mut scene = Scene::new(true, false);
    let to_gather = scene.sent();
    assert!(matches!(scene.way(), Way::Waits));
    let errand = Arc::clone(&to_gather.errand);
    let done = to_gather.gather();
    assert!(errand.beats() > 0);
    assert!(scene.gathering.come(&errand, done));
    assert!(matches!(scene.way(), Way::Scan));
    let gathered = scene.gathering.take().unwrap();
    assert_eq!(gathered.parts(), [part("A"), part("B")]);
    let mut read = String::new();
    let packed = gathered.part(&part("B")).unwrap();
    Packed::open(packed).read_to_string(&mut read).unwrap();
    assert_eq!(read, "B");
    assert!(
        matches!(scene.way(), Way::Gather(_)),
        "the next one asks again"
    );
}

#[test]
fn the_first_scan_and_one_of_files_ask_nobody_beside() {
    let mut scene = Scene::new(true, false);
    scene.gathering = Gathering::default();
    assert!(matches!(scene.way(), Way::Scan));
    assert!(matches!(Scene::new(false, false).way(), Way::Scan));
}

#[test]
fn what_was_given_up_is_not_taken_and_in_the_end_a_scan_asks_by_itself() {
    let mut scene = Scene::new(true, false);
    for _ in 0..IN_VAIN {
        let to_gather = scene.sent();
        let errand = Arc::clone(&to_gather.errand);
        assert!(scene.gathering.give_up());
        assert!(scene.gathering.owes_scan() && !scene.gathering.owes_scan());
        let done = to_gather.gather();
        assert!(done.is_err(), "nobody waits for it");
        assert!(!scene.gathering.come(&errand, done));
    }
    assert!(matches!(scene.way(), Way::Scan));
    scene.gathering.scanned(["A".into()].into());
    assert!(matches!(scene.way(), Way::Gather(_)));
}

#[test]
fn what_has_come_is_given_up_too() {
    let mut scene = Scene::new(true, false);
    let to_gather = scene.sent();
    let errand = Arc::clone(&to_gather.errand);
    scene.gathering.come(&errand, to_gather.gather());
    assert!(scene.gathering.give_up());
    assert!(scene.gathering.take().is_none());
    assert!(!scene.gathering.give_up(), "nothing is left to give up");
}

#[test]
fn after_a_failure_the_scan_asks_by_itself_and_tells() {
    let mut scene = Scene::new(true, true);
    let to_gather = scene.sent();
    let errand = Arc::clone(&to_gather.errand);
    assert!(scene.gathering.come(&errand, to_gather.gather()));
    assert!(matches!(scene.way(), Way::Scan));
    assert!(scene.gathering.take().is_none());
}

#[test]
fn an_engine_that_stops_gathers_no_more() {
    let mut scene = Scene::new(true, false);
    let to_gather = scene.sent();
    scene.halt.stop();
    assert!(to_gather.gather().is_err());
}
