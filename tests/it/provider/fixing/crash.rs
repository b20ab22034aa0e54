//! The process is killed in the midst of a fix. The next one reads again: what was done is found done, what
//! was not is done, and nobody is left in the dark.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use serde_json::json;

use super::estate::Estate;
use super::inputs::block;

#[test]
fn what_was_done_before_the_end_is_found_done() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.killed_in_scan("hangs-after-apply");
    assert_eq!(estate.steps(), ["permitted", "intended"]);
    assert_eq!(estate.stored(), block());
    estate.scan("");
    assert_eq!(estate.steps()[2..], ["resumed", "as_approved"]);
    assert_eq!(estate.stored(), block());
    estate.record();
    estate.scan("");
    assert_eq!(estate.last()["state"], "healed");
    estate.assert_whole();
}

#[test]
fn what_was_not_done_is_done_once() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.killed_in_scan("hangs-before-apply");
    assert_eq!(estate.stored()["block_public_policy"], false);
    estate.scan("");
    assert_eq!(estate.steps()[2..], ["resumed", "fixed"]);
    assert_eq!(estate.stored(), block());
    assert_eq!(estate.fixes().len(), 1, "under the same name");
    estate.assert_whole();
}

/// The guards are asked again, and one of them says no by now.
#[test]
fn what_is_no_longer_permitted_is_told_and_not_done() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.killed_in_scan("hangs-before-apply");
    let before = estate.stored();
    estate.dry_run();
    estate.scan("");
    assert_eq!(estate.steps()[2..], ["interrupted", "refused"]);
    assert_eq!(estate.stored(), before);
}
