//! The running engine fixes, too, by a scan of its own.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::time::{Duration, Instant};

use serde_json::json;

use super::estate::Estate;
use super::inputs::block;

#[test]
fn the_running_engine_sets_it_right_and_sees_it_healed() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    let running = estate.service("");
    until("it was fixed", || {
        estate.last_step() == Some("fixed".to_owned())
    });
    assert_eq!(estate.stored(), block());
    // What the recorder takes down is read again, and the finding is over.
    estate.record();
    until("it is seen as approved", || {
        estate.run_quietly(&["fixes"]).contains("healed")
    });
    running.end();
    estate.assert_whole();
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "waited for long, and not: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
