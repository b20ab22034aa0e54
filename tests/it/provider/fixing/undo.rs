//! A person has a fix undone: its values before come back through the same gate, and stay.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use serde_json::{Value as Json, json};

use super::estate::Estate;
use super::grant::{self, ADMIN, attach, is_attached};
use super::inputs::block;
use super::service::until;

const LIMITS: &str = "rule_per_hour = 20\n  rule_share = \"100%\"\n  workspace_per_hour = 20\n  \
    workspace_share = \"100%\"\n  estate_per_hour = 20\n  estate_share = \"100%\"";

/// An estate in which more than one fix an hour is within its share, and somebody who may undo them.
fn estate(more: &str) -> Estate {
    wide(Estate::new(&format!("{LIMITS}\n  {more}")))
}

fn wide(estate: Estate) -> Estate {
    let text = std::fs::read(estate.path().join("plan.json")).unwrap();
    let mut plan: Json = serde_json::from_slice(&text).unwrap();
    for at in 0..9 {
        let name = format!("x{at}");
        let one = json!({"address": format!("fault_thing.{name}"), "mode": "managed",
            "type": "fault_thing", "name": name,
            "provider_name": "registry.example.com/test/fault",
            "change": {"actions": ["create"], "before": null, "after": {"name": name},
                       "after_unknown": {"id": true}, "after_sensitive": {}}});
        plan["resource_changes"].as_array_mut().unwrap().push(one);
    }
    estate.put("plan.json", &plan.to_string());
    let people = json!({"people": [
        {"id": "p1", "kind": "human", "active": true, "roles": ["technical"],
         "aliases": ["ben@bank.example"]},
        {"id": "p2", "kind": "human", "active": false, "roles": [], "aliases": ["old"]},
    ]});
    estate.put("people.json", &people.to_string());
    estate
}

fn fixed(more: &str) -> Estate {
    let estate = estate(more);
    estate.drift("block_public_policy", json!(false));
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "fixed"]);
    estate
}

fn words(finding: &str) -> Vec<&str> {
    let by = [
        "--by",
        "ben@bank.example",
        "--note",
        "ben@bank.example says it was right",
    ];
    [&["findings", "undo", finding][..], &by].concat()
}

fn undo(estate: &Estate) -> String {
    let finding = estate.fixes()[0]["finding"].as_str().unwrap().to_owned();
    estate.run(&words(&finding), "")
}

fn states(estate: &Estate) -> Vec<String> {
    let all = estate.fixes().into_iter();
    all.map(|fix| fix["state"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_value_before_comes_back_and_stays() {
    let estate = fixed("");
    let said = undo(&estate);
    assert!(said.contains("is to be undone at the next scan"), "{said}");
    assert!(undo(&estate).contains("asked for, or done, before"));
    let listed = estate.run(&["fixes"], "");
    assert!(listed.contains("p1 wants it undone since"), "{listed}");
    estate.scan("");
    let steps = ["undo_wanted", "intended", "restored", "refused"];
    assert_eq!(estate.steps()[3..], steps);
    let mut wanted = block();
    wanted["block_public_policy"] = json!(false);
    assert_eq!(estate.stored(), wanted);
    assert_eq!(states(&estate), ["undone", "restored"]);
    let all = estate.fixes();
    assert_eq!(all[1]["undoes"], all[0]["id"]);
    assert_eq!(all[1]["approved_by"], "p1");
    let change = &all[1]["outcome"]["change"];
    assert_eq!(change["before"], json!({"/block_public_policy": true}));
    assert_eq!(change["after"], json!({"/block_public_policy": false}));
    // It is open again, and nobody fixes it again, however often it is seen.
    estate.record();
    estate.scan("");
    estate.scan("");
    assert_eq!(estate.steps().len(), 7);
    assert_eq!(estate.stored(), wanted);
    let listed = estate.run(&["fixes"], "");
    assert!(listed.contains("an earlier fix was undone at"), "{listed}");
    assert!(undo(&estate).contains("asked for, or done, before"));
    // Names stay out of the log.
    assert!(!estate.everything().contains("ben@bank"));
    estate.assert_whole();
}

#[test]
fn what_was_put_back_is_removed_again() {
    let estate = estate("");
    estate.remove();
    estate.scan("");
    assert_eq!(estate.stored(), block());
    estate.record();
    estate.scan("");
    assert_eq!(states(&estate), ["healed"]);
    undo(&estate);
    estate.scan("");
    assert_eq!(estate.steps()[4..], ["intended", "restored"]);
    assert!(!estate.path().join("store/ledger.json").exists());
    estate.record();
    estate.scan("");
    assert_eq!(estate.steps().last().unwrap(), "refused");
    assert!(!estate.path().join("store/ledger.json").exists());
    assert_eq!(states(&estate), ["undone", "restored"]);
    estate.assert_whole();
}

#[test]
fn what_was_taken_away_is_made_again() {
    let estate = wide(grant::grants(LIMITS));
    attach(&estate, ADMIN);
    estate.scan("");
    grant::record(&estate);
    estate.scan("");
    assert_eq!(states(&estate), ["healed"]);
    undo(&estate);
    estate.scan("");
    assert_eq!(
        states(&estate),
        ["undone", "restored"],
        "{:?}",
        estate.last()
    );
    assert!(is_attached(&estate, ADMIN));
    grant::record(&estate);
    estate.scan("");
    assert_eq!(estate.steps().last().unwrap(), "refused");
    assert!(is_attached(&estate, ADMIN));
    estate.assert_whole();
}

#[test]
fn guards_keep_an_undo_back_and_the_wish_is_over() {
    let estate = fixed("stop_file = \"store/.stop\"");
    undo(&estate);
    estate.put("store/.stop", "");
    estate.scan("");
    assert_eq!(estate.steps()[3..], ["undo_wanted", "undo_refused"]);
    assert_eq!(estate.stored(), block());
    let listed = estate.run(&["fixes"], "");
    assert!(
        listed.contains("its undo was refused: the stop file"),
        "{listed}"
    );
    std::fs::remove_file(estate.path().join("store/.stop")).unwrap();
    estate.scan("");
    assert_eq!(estate.steps().len(), 5, "it has to be asked for again");
    estate.dry_run();
    undo(&estate);
    estate.scan("");
    assert_eq!(estate.steps()[5..], ["undo_wanted", "undo_refused"]);
    assert_eq!(estate.stored(), block());
    estate.assert_whole();
}

/// What the provider says of an apply is not believed here either.
#[test]
fn an_undo_that_does_not_hold_is_told() {
    for (fault, step, is_back) in [
        ("idle-apply", "failed", false),
        ("refuses-apply", "failed", false),
        ("dies-in-apply", "restored", true),
        ("plans-more", "unfit", false),
        ("drifts", "not_carried_out", false),
    ] {
        let estate = fixed("");
        undo(&estate);
        estate.scan(fault);
        let steps = estate.steps();
        assert_eq!(
            steps[4..6],
            ["intended", step],
            "{fault}: {:?}",
            estate.last()
        );
        let is_false = estate.stored()["block_public_policy"] == false;
        assert_eq!(is_false, is_back, "{fault}");
        let state = if is_back { "undone" } else { "fixed" };
        assert_eq!(states(&estate)[0], state, "{fault}");
        estate.assert_whole();
    }
}

#[test]
fn an_undo_that_was_begun_is_completed_once() {
    for fault in ["hangs-after-apply", "hangs-before-apply"] {
        let estate = fixed("");
        undo(&estate);
        estate.killed(fault);
        assert_eq!(estate.steps()[3..], ["undo_wanted", "intended"], "{fault}");
        estate.scan("");
        assert_eq!(estate.steps()[5..7], ["resumed", "restored"], "{fault}");
        assert_eq!(estate.stored()["block_public_policy"], false, "{fault}");
        assert_eq!(states(&estate), ["undone", "restored"], "{fault}");
        estate.assert_whole();
    }
}

/// Somebody set it as it was before by hand: nothing is changed, and it counts as undone.
#[test]
fn what_is_as_before_by_now_is_not_changed() {
    let estate = fixed("");
    estate.drift("block_public_policy", json!(false));
    undo(&estate);
    estate.scan("");
    assert_eq!(states(&estate), ["undone", "restored"]);
    assert!(estate.detail().contains("nothing was changed now"));
}

#[test]
fn what_cannot_be_undone_says_why_and_what_to_do() {
    let estate = estate("");
    estate.hand_over();
    estate.drift("block_public_policy", json!(false));
    estate.scan("replaces");
    assert_eq!(estate.steps(), ["permitted", "intended", "handed_over"]);
    let finding = estate.fixes()[0]["finding"].as_str().unwrap().to_owned();
    let said = estate.refused(&words(&finding));
    assert!(
        said.contains("was handed over, and nobody here changed"),
        "{said}"
    );
    assert!(said.contains("help: whoever carried out"), "{said}");
    let said = estate.refused(&words("ffffffffffffffff"));
    assert!(
        said.contains("no fix `ffffffffffffffff` is in the log"),
        "{said}"
    );
    for (by, why) in [
        ("old", "is no longer active"),
        ("eve", "is not in the identity map"),
    ] {
        let said = estate.refused(&["findings", "undo", &finding, "--by", by]);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn the_running_engine_takes_the_wish_from_its_inbox() {
    let estate = fixed("");
    estate.record();
    let running = estate.service("");
    until("it is seen as approved", || {
        estate.run_quietly(&["fixes"]).contains("healed")
    });
    let finding = estate.run_quietly(&["fixes", "--format", "json"]);
    let finding: Json = serde_json::from_str(&finding).unwrap();
    let finding = finding["fixes"][0]["finding"].as_str().unwrap().to_owned();
    let said = estate.command(&words(&finding), "").output().unwrap();
    let told = String::from_utf8_lossy(&said.stdout).into_owned();
    let log = std::fs::read_to_string(estate.path().join("run.log")).unwrap();
    assert!(
        told.contains("is to be undone at the next scan"),
        "{said:?}\n{log}"
    );
    estate.record();
    until("it was undone", || {
        estate.run_quietly(&["fixes"]).contains("restored ")
    });
    assert_eq!(estate.stored()["block_public_policy"], false);
    running.end();
    estate.assert_whole();
}
