//! What is recorded lasts at once, and readers of the log see it a moment later.

use std::sync::Arc;
use std::time::Duration;

use driftwarden::engine::service::{Halt, Scanned};
use jiff::SignedDuration;

use super::{tell, with_pager};
use crate::service::{pass, scanned};

#[test]
fn what_is_recorded_is_seen_within_a_quarter_of_a_second() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    cycle.tell().unwrap();
    assert!(estate.told_words().is_empty(), "nobody waits for readers");
    let rest = cycle.rest().unwrap();
    assert!(rest <= Duration::from_millis(250), "{rest:?}");
    pass(SignedDuration::from_secs(1));
    cycle.tell().unwrap();
    assert!(estate.told_words().contains(&"queued"));
}

/// The process ended in that moment.
#[test]
fn what_nobody_saw_yet_is_not_lost_and_not_said_twice() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    cycle.tell().unwrap();
    assert!(estate.told_words().is_empty());
    drop(cycle);
    let mut cycle = estate.begin();
    let queued = || {
        estate
            .told_words()
            .iter()
            .filter(|own| **own == "queued")
            .count()
    };
    assert_eq!(queued(), 1, "the start brings it up");
    tell(&mut cycle, &estate);
    assert_eq!(queued(), 1);
    estate.assert_whole();
}

/// A scan may take long, and this one comes to nothing.
#[test]
fn a_scan_shows_first_what_is_recorded() {
    let estate = with_pager("");
    let halt = Arc::new(Halt::default());
    let mut cycle = estate.try_begin(&halt).unwrap();
    scanned(&mut cycle);
    cycle.tell().unwrap();
    assert!(estate.told_words().is_empty());
    halt.stop();
    assert!(matches!(cycle.scan().unwrap(), Scanned::Interrupted));
    assert!(estate.told_words().contains(&"queued"));
}
