//! What keeps a grant where it is.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use serde_json::{Value as Json, json};

use super::{ADMIN, READ, attach, file, grants, is_attached, role};

#[test]
fn what_is_not_just_the_grant_is_left_alone() {
    for (fault, step, why) in [
        (
            "imports-another",
            "unfit",
            "found another one than the finding names",
        ),
        (
            "imports-more",
            "unfit",
            "found more, or other things, under its id",
        ),
        ("kept", "unfit", "the provider would not take it away"),
        ("refuses-import", "not_carried_out", "cannot import"),
        (
            "goes",
            "not_carried_out",
            "it changed while it was looked at",
        ),
    ] {
        let estate = grants("");
        attach(&estate, ADMIN);
        estate.scan(fault);
        assert_eq!(estate.steps(), ["permitted", "intended", step], "{fault}");
        let detail = estate.detail();
        assert!(detail.contains(why), "{fault}: {detail}");
        assert!(is_attached(&estate, ADMIN), "{fault}");
        assert!(is_attached(&estate, READ), "{fault}");
        estate.assert_whole();
    }
}

#[test]
fn what_is_not_for_the_provider_is_handed_over() {
    let estate = grants("");
    estate.hand_over();
    attach(&estate, ADMIN);
    estate.scan("imports-another");
    assert_eq!(estate.steps(), ["permitted", "intended", "handed_over"]);
    assert_eq!(estate.files("handover").len(), 1);
    assert!(estate.everything().contains("lies within"), "for people");
}

/// Somebody took it away already, and the recorder does not know yet. Where the role still shows it, the
/// provider looked for something else.
#[test]
fn what_is_gone_by_now_is_not_changed() {
    for (shown, step) in [(&[READ][..], "as_approved"), (&[READ, ADMIN], "unfit")] {
        let estate = grants("");
        attach(&estate, ADMIN);
        std::fs::remove_file(estate.path().join(file(ADMIN))).unwrap();
        let role = role("111122223333", shown);
        estate.put("store/app.json", &role.to_string());
        estate.scan("");
        assert_eq!(estate.steps(), ["permitted", "intended", step]);
    }
}

/// Approved twice, the role does not say by which of the two a provider is to be asked.
#[test]
fn what_lies_in_two_is_left_to_people() {
    let estate = grants("");
    attach(&estate, ADMIN);
    let read = |name: &str| -> Json {
        serde_json::from_slice(&std::fs::read(estate.path().join(name)).unwrap()).unwrap()
    };
    let again = |all: &mut Json| {
        let mut own = all[0].clone();
        if own.get("address").is_some() {
            own["address"] = json!("aws_iam_role.again");
        }
        own["name"] = json!("again");
        all.as_array_mut().unwrap().push(own);
    };
    let mut plan = read("plan.json");
    again(&mut plan["resource_changes"]);
    again(&mut plan["configuration"]["root_module"]["resources"]);
    estate.put("plan.json", &plan.to_string());
    let mut state = read("state.json");
    again(&mut state["resources"]);
    estate.put("state.json", &state.to_string());
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted"]);
    let said = estate.run(&["fixes"], "");
    assert!(said.contains("no `handover` is configured"), "{said}");
    assert!(is_attached(&estate, ADMIN));
}

/// The provider is configured for another account, or the state names another role.
#[test]
fn only_what_holds_it_says_which_provider_may() {
    let estate = grants("");
    attach(&estate, ADMIN);
    let role = role("999988887777", &[READ]);
    estate.put("store/app.json", &role.to_string());
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "unfit"]);
    let detail = estate.detail();
    assert!(detail.contains("the account of the finding"), "{detail}");
    assert!(is_attached(&estate, ADMIN));

    let estate = grants("");
    attach(&estate, ADMIN);
    std::fs::remove_file(estate.path().join("store/app.json")).unwrap();
    estate.scan("");
    assert_eq!(estate.steps(), ["permitted", "intended", "not_carried_out"]);
    let detail = estate.detail();
    assert!(detail.contains("what it lies within is gone"), "{detail}");
    assert!(is_attached(&estate, ADMIN));
}

#[test]
fn a_stop_file_is_heeded_up_to_the_last_moment() {
    let estate = grants("stop_file = \"store/.stop\"");
    attach(&estate, ADMIN);
    estate.scan("stops");
    assert_eq!(estate.steps(), ["permitted", "intended", "not_carried_out"]);
    assert!(is_attached(&estate, ADMIN));
}

/// The workspace is that of the role, which nobody approved the grant in.
#[test]
fn a_workspace_that_is_denied_is_denied_here_too() {
    let estate = grants("deny_workspaces = [\"shop\"]");
    attach(&estate, ADMIN);
    estate.scan("");
    assert_eq!(estate.steps(), ["refused"]);
    assert!(is_attached(&estate, ADMIN));
}

#[test]
fn by_default_nothing_is_taken_away() {
    let estate = grants("");
    estate.dry_run();
    attach(&estate, ADMIN);
    let said = estate.scan("");
    assert!(said.contains("would take it away by provider"), "{said}");
    assert_eq!(estate.steps(), ["would_fix"]);
    assert!(is_attached(&estate, ADMIN));
}
