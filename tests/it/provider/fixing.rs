//! Fixes through a provider, from the scan that finds to the scan that sees it healed: an honest provider,
//! and those that lie, do more, do half, die, or look at what somebody else changes.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

mod crash;
pub mod estate;
mod grant;
mod inputs;
mod service;
mod undo;

pub use service::until;

use serde_json::{Value as Json, json};

use super::support::SECRETS;
use estate::Estate;
use inputs::block;

#[test]
fn an_attribute_is_set_back_and_the_next_scan_sees_it() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "fixed"]);
    assert_eq!(estate.stored(), block());
    let fix = estate.last();
    assert_eq!(fix["remediator"], "provider");
    let change = &fix["outcome"]["change"];
    assert_eq!(change["before"], json!({"/block_public_policy": false}));
    assert_eq!(change["after"], json!({"/block_public_policy": true}));
    let provider = change["provider"].as_str().unwrap();
    assert!(provider.contains("test/fault 1.0.0 h1:"), "{provider}");
    // The recorder is behind: the finding is seen again, and nothing is done twice.
    estate.scan("");
    assert_eq!(estate.steps().len(), 3);
    estate.record();
    estate.scan("");
    assert_eq!(estate.last()["state"], "healed");
    estate.assert_whole();
}

/// A second change by hand, which nobody permitted to undo, stays as it is.
#[test]
fn what_is_not_permitted_stays_as_it_is() {
    let estate =
        Estate::new("deny_attributes = [\"aws_s3_bucket_public_access_block/block_public_acls\"]");
    estate.drift("block_public_policy", json!(false));
    estate.drift("block_public_acls", json!(false));
    estate.scan("");
    let mut wanted = block();
    wanted["block_public_acls"] = json!(false);
    assert_eq!(estate.stored(), wanted);
    assert_eq!(estate.last()["outcome"]["result"], "fixed");
}

#[test]
fn what_was_taken_away_is_put_back() {
    let estate = Estate::new("");
    estate.remove();
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "fixed"]);
    assert_eq!(estate.stored(), block());
    assert_eq!(estate.last()["outcome"]["change"]["before"], Json::Null);
    estate.record();
    estate.scan("");
    assert_eq!(estate.last()["state"], "healed");
}

/// Nothing is changed, and where nobody else can be asked it is left to people.
#[test]
fn a_plan_that_is_not_just_the_fix_is_not_carried_out() {
    for (fault, why) in [
        ("lying-plan", "the provider would change nothing there"),
        (
            "plans-more",
            "the provider would also change `/ignore_public_acls`",
        ),
        (
            "plans-otherwise",
            "`/block_public_policy` would stay as it is",
        ),
        (
            "replaces",
            "may be another resource than the one that was approved: `/bucket`",
        ),
    ] {
        let estate = Estate::new("");
        estate.drift("block_public_policy", json!(false));
        let before = estate.stored();
        estate.scan(fault);
        assert_eq!(
            estate.steps(),
            ["permitted", "intended", "unfit"],
            "{fault}"
        );
        assert_eq!(estate.stored(), before, "{fault}");
        let detail = estate.detail();
        assert!(detail.contains(why), "{fault}: {detail}");
        // Said once, and not tried again.
        estate.scan(fault);
        assert_eq!(estate.steps()[3..], ["refused"], "{fault}");
        estate.assert_whole();
    }
}

#[test]
fn what_is_not_for_the_provider_is_handed_over() {
    let estate = Estate::new("");
    estate.hand_over();
    estate.drift("block_public_policy", json!(false));
    estate.scan("replaces");
    assert_eq!(estate.steps(), ["permitted", "intended", "handed_over"]);
    assert!(
        estate
            .detail()
            .starts_with("it is not for the provider: it may be another resource")
    );
    assert_eq!(estate.files("handover").len(), 1);
}

#[test]
fn what_moves_while_it_is_looked_at_is_left_alone() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    let before = estate.stored();
    estate.scan("drifts");
    assert_eq!(estate.steps(), ["permitted", "intended", "not_carried_out"]);
    assert_eq!(estate.stored(), before);
}

/// The stop file comes while the provider plans.
#[test]
fn a_stop_file_is_heeded_up_to_the_last_moment() {
    let estate = Estate::new("stop_file = \"store/.stop\"");
    estate.drift("block_public_policy", json!(false));
    let before = estate.stored();
    estate.scan("stops");
    assert_eq!(estate.steps(), ["permitted", "intended", "not_carried_out"]);
    assert!(estate.detail().contains("the stop file came"));
    assert_eq!(estate.stored(), before);
}

/// Somebody set it right, and the recorder does not know yet.
#[test]
fn what_is_as_approved_by_now_is_not_changed() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.store(&block());
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "as_approved"]);
}

#[test]
fn what_a_provider_says_of_an_apply_is_not_believed() {
    for (fault, step, is_approved, why) in [
        (
            "idle-apply",
            "failed",
            false,
            "reported success, and nothing was changed",
        ),
        (
            "refuses-apply",
            "failed",
            false,
            "nothing was changed: the provider reported: access denied",
        ),
        (
            "dies-before-apply",
            "failed",
            false,
            "nothing was changed: the provider died",
        ),
        ("dies-in-apply", "fixed", true, "though the provider died"),
        (
            "does-more",
            "half_done",
            false,
            "shows `/ignore_public_acls` otherwise than planned",
        ),
        (
            "partial-apply",
            "half_done",
            false,
            "`/restrict_public_buckets` otherwise than planned; the provider reported: half of it was done",
        ),
    ] {
        let estate = Estate::new("");
        estate.drift("block_public_policy", json!(false));
        let run = estate.scan(fault);
        assert_eq!(estate.steps(), ["permitted", "intended", step], "{fault}");
        assert_eq!(estate.stored() == block(), is_approved, "{fault}");
        let detail = estate.detail();
        assert!(detail.contains(why), "{fault}: {detail}");
        let is_open = run.contains("failed: ") || run.contains("half done: ");
        assert_eq!(is_open, step != "fixed", "{fault}: {run}");
        for secret in SECRETS {
            assert!(!estate.everything().contains(secret), "{fault}");
        }
        estate.assert_whole();
    }
}

#[test]
fn what_cannot_be_read_is_tried_again_only_within_limits() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.scan("refuses-read");
    estate.scan("refuses-read");
    assert_eq!(
        estate.steps(),
        ["permitted", "intended", "not_carried_out", "refused"]
    );
    let said = estate.run(&["fixes"], "");
    assert!(said.contains("has used 1 of 1 fixes an hour"), "{said}");
}

#[test]
fn a_provider_that_is_not_the_locked_one_is_never_started() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.tamper();
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "failed"]);
    assert!(
        estate
            .detail()
            .contains("is none of those in the lock file"),
        "{}",
        estate.detail()
    );
    assert!(!estate.path().join("ran").exists());
}

/// The state names another resource, as somebody who can write it might want.
#[test]
fn a_state_that_names_another_resource_is_not_believed() {
    let estate = Estate::new("");
    estate.drift("block_public_policy", json!(false));
    estate.point_state_at("other");
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "unfit"]);
    assert!(
        estate
            .detail()
            .contains("it may be another resource than the one that was approved: `/bucket`"),
        "{}",
        estate.detail()
    );
    assert_eq!(estate.stored()["block_public_policy"], false);
}

#[test]
fn by_default_nothing_is_changed() {
    let estate = Estate::new("");
    estate.dry_run();
    estate.drift("block_public_policy", json!(false));
    let before = estate.stored();
    let said = estate.scan("");
    assert!(
        said.contains("would set it back by provider; the mode is `dry_run`"),
        "{said}"
    );
    assert_eq!(estate.steps(), ["would_fix"]);
    assert_eq!(estate.stored(), before);
}
