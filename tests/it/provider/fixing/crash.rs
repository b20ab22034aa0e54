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

/// The recorder was faster than the next start: there is nothing left to fix, and the intent is not forgotten.
#[test]
fn what_is_no_longer_found_is_told() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.killed_in_scan("hangs-after-apply");
    estate.record();
    estate.scan("");
    assert_eq!(estate.steps()[2..], ["interrupted"]);
    let detail = estate.detail();
    assert!(
        detail.contains("what it was to fix is no longer the case"),
        "{detail}"
    );
    assert_eq!(estate.stored(), block());
    estate.assert_whole();
}

/// Whether the first process changed something is not known while the cloud cannot be asked, so nobody goes
/// on by guesses.
#[test]
fn what_cannot_be_read_after_the_end_is_left_to_people() {
    for fault in ["refuses-read", "replaces", "drifts"] {
        let estate = Estate::new("");
        estate.drift("block_public_policy", json!(false));
        estate.killed_in_scan("hangs-before-apply");
        let before = estate.stored();
        estate.scan(fault);
        let told = ["resumed", "interrupted", "refused"];
        assert_eq!(estate.steps()[2..], told, "{fault}");
        estate.scan("");
        assert_eq!(estate.steps().last().unwrap(), "refused", "{fault}");
        let said = estate.run(&["fixes"], "");
        assert!(said.contains("was interrupted"), "{fault}: {said}");
        assert_eq!(
            estate.stored()["block_public_policy"],
            before["block_public_policy"]
        );
    }
}
