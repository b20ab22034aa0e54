use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use jiff::Timestamp;

use super::*;
use crate::model::{OutsidePlace, OutsideStanding, PlaceKind, PlaceStanding};
use crate::ports::BroughtUp;

/// A mirror that takes what there is, unless it is down.
#[derive(Default)]
struct Mirror {
    size: AtomicU64,
    down: AtomicBool,
    tries: Mutex<Vec<Instant>>,
}

struct Everybody(Arc<Mirror>);

impl EverybodyOutside for Everybody {
    fn bring_up(&mut self, _: Timestamp) -> Result<BroughtUp, Alarm> {
        self.0.tries.lock().unwrap().push(Instant::now());
        let size = self.0.size.load(Ordering::SeqCst);
        let is_down = self.0.down.load(Ordering::SeqCst);
        let confirmed = if is_down { 0 } else { size };
        let mut mirror = PlaceStanding::at("memory", Some(confirmed), size, None);
        mirror.problem = is_down.then(|| "it cannot be reached".to_owned());
        Ok(BroughtUp {
            newest: OutsideStanding {
                tree_size: size,
                mirror: Some(mirror),
                ..OutsideStanding::default()
            },
            ..BroughtUp::default()
        })
    }
}

fn clock() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A carrier under way, with a pace for tests.
fn started(mirror: &Arc<Mirror>, least: u64) -> Arc<Carried> {
    let place = OutsidePlace {
        kind: PlaceKind::Mirror,
        name: "memory".to_owned(),
    };
    let carried = Arc::new(Carried::new(&[place]));
    let carrier = Carrier {
        carried: Arc::clone(&carried),
        halt: Arc::default(),
        clock,
        chance: || 0,
        pace: Pace {
            least: millis(least),
            first: millis(40),
            longest: millis(160),
            checks: Duration::from_secs(600),
            gauges: Duration::from_secs(10),
        },
    };
    let mut everybody = Everybody(Arc::clone(mirror));
    thread::spawn(move || carrier.run(&mut everybody));
    carried
}

fn publish(mirror: &Mirror, carried: &Carried, size: u64) {
    mirror.size.store(size, Ordering::SeqCst);
    carried.published(size, clock());
}

fn until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it does not come"
        );
        thread::sleep(millis(2));
    }
}

fn tries(mirror: &Mirror) -> usize {
    mirror.tries.lock().unwrap().len()
}

#[test]
fn what_is_published_is_carried_and_tries_keep_their_distance() {
    let mirror = Arc::<Mirror>::default();
    let carried = started(&mirror, 60);
    until(|| tries(&mirror) == 1);
    for size in 1..=20 {
        publish(&mirror, &carried, size);
    }
    until(|| carried.inner().lags.is_settled());
    let all = mirror.tries.lock().unwrap().clone();
    assert!(all.len() <= 3, "{} tries for what came at once", all.len());
    for pair in all.windows(2) {
        assert!(pair[1] - pair[0] >= millis(60), "too close: {pair:?}");
    }
    let before = tries(&mirror);
    thread::sleep(millis(200));
    assert_eq!(tries(&mirror), before, "nothing new, and nobody is asked");
}

#[test]
fn an_outage_is_waited_out_with_growing_pauses_and_caught_up_with() {
    let mirror = Arc::<Mirror>::default();
    mirror.down.store(true, Ordering::SeqCst);
    let carried = started(&mirror, 0);
    publish(&mirror, &carried, 5);
    until(|| tries(&mirror) >= 6);
    let all = mirror.tries.lock().unwrap().clone();
    let pauses: Vec<Duration> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (pause, least) in pauses.iter().zip([40, 80, 160, 160, 160]) {
        assert!(*pause >= millis(least), "{pauses:?}");
    }
    assert!(!carried.inner().lags.is_settled());
    mirror.down.store(false, Ordering::SeqCst);
    until(|| carried.inner().lags.is_settled());
}

#[test]
fn the_end_waits_for_the_last_records_but_not_for_who_is_down() {
    let mirror = Arc::<Mirror>::default();
    let carried = started(&mirror, 60_000);
    until(|| tries(&mirror) == 1);
    publish(&mirror, &carried, 7);
    carried.farewell(Duration::from_secs(20));
    assert!(
        carried.inner().lags.is_settled(),
        "the last records are not carried"
    );

    let down = Arc::<Mirror>::default();
    down.down.store(true, Ordering::SeqCst);
    let carried = started(&down, 0);
    publish(&down, &carried, 7);
    until(|| tries(&down) >= 2);
    let begun = Instant::now();
    carried.farewell(Duration::from_secs(20));
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "the end waits for nobody"
    );
}

struct Forked;

impl EverybodyOutside for Forked {
    fn bring_up(&mut self, _: Timestamp) -> Result<BroughtUp, Alarm> {
        Err(Alarm {
            what: "memory has another log than the one here".to_owned(),
            help: "keep both".to_owned(),
            forbids: true,
        })
    }
}

#[test]
fn who_knows_of_another_log_ends_everything() {
    let halt = Arc::<Halt>::default();
    let rung = Arc::new(AtomicBool::new(false));
    let bell = Arc::clone(&rung);
    let carried = Arc::new(Carried::new(&[]));
    carried.ring_with(Arc::new(move || bell.store(true, Ordering::SeqCst)));
    let carrier = Carrier {
        carried,
        halt: Arc::clone(&halt),
        clock,
        chance: || 0,
        pace: Pace::default(),
    };
    carrier.run(&mut Forked);
    let why = halt.forbidden().unwrap().what;
    insta::assert_snapshot!(why, @"nothing more is recorded: memory has another log than the one here");
    assert!(rung.load(Ordering::SeqCst), "the engine sleeps on");
}
