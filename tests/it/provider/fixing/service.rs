//! The running engine fixes, too, by a scan of its own.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::support::providers_of;
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

/// It does not wait for a provider that does not come back, and the next start goes on from what is there.
#[test]
fn an_end_in_the_midst_of_an_apply_leaves_the_rest_to_the_next_start() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    let running = estate.service("hangs-before-apply");
    until("the provider applies", || {
        estate.path().join("store/.hangs").exists()
    });
    running.end();
    until("its provider is gone", || {
        providers_of(estate.path()).is_empty()
    });
    estate.scan("");
    assert_eq!(
        estate.steps(),
        ["permitted", "intended", "resumed", "fixed"]
    );
    assert_eq!(estate.stored(), block());
    estate.assert_whole();
}

pub(super) fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "waited for long, and not: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
