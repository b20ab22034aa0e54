//! Exact looks in scans: what needs one is looked at through the workspace's own provider, and what the
//! provider says counts, with its reason.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

mod estate;
mod explained;
mod seen;

use std::fs;

use serde_json::{Value as Json, json};

use super::support::assert_none_left;

use super::fixing::until;
use estate::{Estate, app};

fn only(report: &Json) -> Json {
    let deviations = report["deviations"].as_array().unwrap();
    assert_eq!(deviations.len(), 1, "{report:#}");
    deviations[0].clone()
}

fn none(report: &Json) {
    assert_eq!(report["deviations"], json!([]), "{report:#}");
}

#[test]
fn what_needs_a_look_and_is_equal_to_the_provider_is_set_aside_with_its_reason() {
    let estate = Estate::new("");
    estate.settle();
    // What was recorded is otherwise; what is there is not.
    estate.record("opened for tests");
    let (status, report) = estate.scan(&[], "");
    assert_eq!(status, 0);
    none(&report);
    assert_eq!(
        report["set_aside"],
        json!([{"workspace": "shop", "address": "aws_appconfig_application.front",
            "kind": "changed", "attribute": "/description", "reason": "equal_by_the_provider"}])
    );
    let scan = estate.last_scan();
    assert_eq!(scan.set_aside_counts["equal by the provider"], 1);
    assert_eq!(scan.set_aside.len(), 1);
    let (_, out, _) = estate.run(&["scan"], "");
    let said = "EQUAL     1 difference set aside: equal by the provider\n  \
                changed aws_appconfig_application.front /description\n";
    assert!(out.contains(said), "{out}");
    assert!(estate.events().is_empty());

    let words = ["explain", "aws_appconfig_application.front", "/description"];
    let (_, out, err) = estate.run(&words, "");
    let said = "changed /description is set aside: equal by the provider, which was asked now";
    assert!(out.contains(said), "{out}{err}");
}

#[test]
fn a_real_change_is_told_as_the_provider_sees_it() {
    let estate = Estate::new("");
    estate.settle();
    estate.record("opened for tests");
    let mut front = app("front");
    front["description"] = json!("Opened for tests, twice");
    front["secret"] = json!("tok-0123456789");
    estate.store("front", &front);
    let (status, report) = estate.scan(&[], "");
    assert_eq!(status, 2);
    let deviations = report["deviations"].as_array().unwrap();
    let told: Vec<_> = deviations
        .iter()
        .map(|own| {
            (
                &own["attribute"],
                &own["fidelity"],
                &own["approved"],
                &own["live"],
            )
        })
        .collect();
    let (exact, hidden) = (json!("exact"), json!({"sensitive": true}));
    let (attribute, approved, live) = (
        json!("/description"),
        json!("feature flags"),
        json!("Opened for tests, twice"),
    );
    assert_eq!(
        told,
        [
            (&attribute, &exact, &approved, &live),
            (&json!("/secret"), &exact, &hidden, &hidden),
        ]
    );
    assert_eq!(deviations[0]["account"], "111122223333");
    assert_eq!(
        estate.events(),
        [
            "opened changed /description exact",
            "opened changed /secret exact"
        ]
    );
    // The same again is nothing new, nor is a provider that is away; and set right it is over.
    estate.scan(&[], "");
    let (status, report) = estate.scan(&[], "refuses-read");
    none(&report);
    let open = report["open_not_seen"].as_array().unwrap();
    assert_eq!((status, open.len()), (2, 2));
    assert_eq!(estate.events().len(), 2);
    estate.store("front", &app("front"));
    estate.record("feature flags");
    let (status, report) = estate.scan(&[], "");
    assert_eq!((status, &report["set_aside"]), (0, &Json::Null));
    assert_eq!(estate.events().len(), 4);
}

#[test]
fn without_a_settled_baseline_equal_is_no_proof() {
    let estate = Estate::new("");
    estate.record("opened for tests");
    let (_, report) = estate.scan(&[], "");
    let found = only(&report);
    assert_eq!(found["fidelity"], "presence");
    let notes = found["notes"].to_string();
    assert!(notes.contains("without a settled baseline"), "{notes}");
}

/// A provider that cannot tell, dies, is another, or cannot be given what it needs: the scan goes on.
#[test]
fn what_cannot_be_looked_at_stays_as_it_was_with_the_reason() {
    let estate = Estate::new("");
    estate.settle();
    estate.record("opened for tests");
    for (fault, why) in [
        ("refuses-read", "cannot reach the service"),
        ("dies-in-read", "the provider died in `ReadResource`"),
        ("bad-credentials", "invalid token (sensitive value)"),
        ("dies-at-once", "it ended (exit status 3) before it served"),
    ] {
        let (_, report) = estate.scan(&[], fault);
        let found = only(&report);
        assert_eq!(found["fidelity"], "presence", "{fault}");
        let notes = found["notes"].to_string();
        assert!(notes.contains("its provider did not see it"), "{notes}");
        assert!(notes.contains(why), "{fault}: {notes}");
        let warnings = report["warnings"].to_string();
        let said = "workspace shop: aws_appconfig_application.front could not be looked at exactly";
        assert!(warnings.contains(said), "{warnings}");
    }
    assert_eq!(
        estate.events(),
        ["opened changed /description presence"],
        "whatever the reason, it is one finding"
    );
    let settled = estate.path().join("settled/shop.json");
    let good = fs::read(&settled).unwrap();
    fs::write(&settled, "{}").unwrap();
    let (_, report) = estate.scan(&[], "");
    let notes = only(&report)["notes"].to_string();
    let said = "is not the settled baseline that the evidence log has of workspace `shop`";
    assert!(notes.contains(said), "{notes}");
    fs::write(&settled, good).unwrap();
    let (_, report) = estate.scan(&[], "");
    none(&report);
    assert_eq!(
        estate.events().last().unwrap(),
        "resolved changed /description presence"
    );
}

#[test]
fn gone_is_what_the_provider_says_is_gone() {
    let estate = Estate::new("");
    estate.settle();
    estate.record("opened for tests");
    estate.remove("front");
    let (_, report) = estate.scan(&[], "");
    let found = only(&report);
    assert_eq!(
        (&found["kind"], &found["fidelity"]),
        (&json!("missing"), &json!("exact"))
    );
}

/// Nothing that is recorded shows it, nor would any plan: only a look at everything does. From then on it
/// is looked at in each scan, and only a look takes it back.
#[test]
fn an_addition_is_found_by_a_look_at_everything_and_stays_until_it_is_taken_away() {
    let estate = Estate::new("");
    estate.settle();
    let mut back = app("back");
    back["notes"] = json!("added by hand");
    estate.store("back", &back);
    let (status, report) = estate.scan(&[], "");
    assert_eq!(status, 0);
    none(&report);
    let (_, report) = estate.scan(&["--exact"], "");
    let found = only(&report);
    assert_eq!(found["attribute"], "/notes");
    assert_eq!(
        (&found["approved"], &found["live"]),
        (&Json::Null, &json!("added by hand"))
    );
    // By scans that look at what needs it alone.
    let (_, report) = estate.scan(&[], "");
    assert_eq!(only(&report)["attribute"], "/notes");
    // And by one that cannot.
    let (status, report) = estate.scan(&[], "refuses-read");
    none(&report);
    assert_eq!(status, 2);
    assert_eq!(report["open_not_seen"][0]["attribute"], "/notes");
    assert_eq!(estate.events(), ["opened changed /notes exact"]);
    estate.store("back", &app("back"));
    let (status, report) = estate.scan(&[], "");
    assert_eq!((status, &report["open_not_seen"]), (0, &json!([])));
    assert_eq!(
        estate.events(),
        [
            "opened changed /notes exact",
            "resolved changed /notes exact"
        ]
    );
}

/// Nobody asks for it: the sweep of the running engine comes to it.
#[test]
fn an_addition_is_found_by_a_sweep_and_is_over_when_it_is_taken_away() {
    let estate = Estate::new("sweep_every = \"2s\"\n  sweep_per_minute = 600");
    estate.settle();
    let running = estate.service();
    until("it was looked at everything once", || estate.scans() > 3);
    assert!(estate.events().is_empty());
    let mut back = app("back");
    back["notes"] = json!("added by hand");
    estate.store("back", &back);
    until("the sweep found it", || !estate.events().is_empty());
    assert_eq!(estate.events(), ["opened changed /notes exact"]);
    // Over scans in which the sweep was elsewhere.
    let scans = estate.scans();
    until("there were more scans", || estate.scans() > scans + 3);
    assert_eq!(estate.events().len(), 1);
    estate.store("back", &app("back"));
    until("it is over", || estate.events().len() == 2);
    assert_eq!(estate.events()[1], "resolved changed /notes exact");
    running.end();
    assert_none_left(estate.path());
}

/// One in a minute: in a few seconds there is none, however short a sweep is to be.
#[test]
fn a_sweep_heeds_its_budget() {
    let estate = Estate::new("sweep_every = \"1s\"\n  sweep_per_minute = 1");
    estate.settle();
    let mut back = app("back");
    back["notes"] = json!("added by hand");
    estate.store("back", &back);
    let running = estate.service();
    until("there were some scans", || estate.scans() > 4);
    assert!(estate.events().is_empty());
    running.end();
}

#[test]
fn an_exact_scan_needs_providers() {
    let estate = Estate::new("");
    let text = fs::read_to_string(estate.path().join("driftwarden.hcl")).unwrap();
    let (before, rest) = text.split_once("providers").unwrap();
    let (_, after) = rest.split_once("}\n").unwrap();
    estate.put("driftwarden.hcl", &format!("{before}{after}"));
    let (status, _, err) = estate.run(&["scan", "--exact"], "");
    assert_eq!(status, 1);
    assert!(
        err.starts_with(
            "error: `--exact` looks through providers, and the configuration has none\n  help: "
        ),
        "{err}"
    );
}
