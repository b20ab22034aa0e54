//! `driftwarden provider`, as a user calls it, against the provider that fails on request.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value as Json, json};

use super::support::{assert_no_secret, package_folder};
use super::workspace::{Workspace, live};

#[test]
fn what_is_as_approved_is_equal_and_what_is_not_is_shown() {
    let workspace = Workspace::new();
    let (status, out, err) = workspace.run(&["check"], "");
    assert_eq!((status, out.lines().count()), (0, 3), "{out}{err}");
    assert!(
        err.contains("2 resources without a settled baseline"),
        "{err}"
    );

    let (status, out, _) = workspace.run(&["settle"], "");
    assert_eq!(status, 0);
    assert!(
        out.ends_with("2 of 2 resources settled in settled/shop.json\n"),
        "{out}"
    );
    let settled = workspace.path().join("settled/shop.json");
    assert_no_secret(&fs::read_to_string(&settled).unwrap());
    let mode = fs::metadata(&settled).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let mut front = live("front");
    front["rule"] = json!([{"port": 443, "cidr": "10.0.0.0/8"}, {"port": 22, "cidr": "0.0.0.0/0"}]);
    front["secret"] = json!("tok-0123456789");
    workspace.store("front", &front);
    let mut back = live("back");
    back["zone"] = json!("b");
    back["seen"] = json!(7);
    workspace.store("back", &back);
    let (status, out, err) = workspace.run(&["check"], "");
    assert_eq!((status, err.as_str()), (2, ""));
    insta::assert_snapshot!(out, @r#"
    CHANGED  fault_thing.back
             /zone (by read)
             - "a"
             + "b"
             /seen: moved; the provider's alone, so there is nothing approved
    CHANGED  fault_thing.front
             /rule (by plan and read)
             - []
             + [{"cidr":"0.0.0.0/0","port":22,"rule_id":null}]
             /secret (by plan and read)
             - (sensitive)
             + (sensitive)
    2 resources of workspace shop: 0 equal, 2 changed, 0 missing, 0 not seen; fidelity exact
    "#);

    let (status, out, _) = workspace.run(&["check", "fault_thing.back", "--format", "json"], "");
    assert_eq!(status, 2);
    let report: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(report["schema"], "driftwarden.provider/1");
    assert_eq!(
        report["resources"],
        json!([{
            "address": "fault_thing.back", "outcome": "changed", "fidelity": "exact", "settled": true,
            "differences": [{"attribute": "/zone", "approved": "a", "live": "b",
                             "by_plan": false, "by_read": true}],
            "equivalent": [], "moved": ["/seen"], "ignored": [], "masked": [],
            "told_elsewhere": [], "requires_replace": [],
        }])
    );
}

#[test]
fn gone_is_missing_and_an_error_is_not() {
    let workspace = Workspace::new();
    fs::remove_file(workspace.path().join("store/t-back.json")).unwrap();
    let (status, out, _) = workspace.run(&["check"], "");
    assert_eq!(status, 2);
    assert!(out.contains("MISSING  fault_thing.back"), "{out}");
    for (fault, why) in [
        ("refuses-read", "cannot reach the service"),
        ("dies-in-read", "the provider died in `ReadResource`"),
        ("garbage", "makes no sense"),
        ("bad-credentials", "invalid token (sensitive value)"),
        ("dies-at-once", "it ended (exit status 3) before it served"),
    ] {
        let (status, out, _) = workspace.run(&["check", "fault_thing.front"], fault);
        assert_eq!(status, 2, "{fault}");
        assert!(out.contains("NOT SEEN fault_thing.front"), "{fault}: {out}");
        assert!(out.contains(why), "{fault}: {out}");
    }
}

/// Equal to the provider is equal; that it read otherwise is said all the same.
#[test]
fn the_providers_own_equality_counts() {
    let workspace = Workspace::new();
    let mut plan: Json =
        serde_json::from_slice(&fs::read(workspace.path().join("plan.json")).unwrap()).unwrap();
    let resources = &mut plan["configuration"]["root_module"]["resources"];
    resources[0]["expressions"]["zone"] = json!({"constant_value": "a"});
    fs::write(workspace.path().join("plan.json"), plan.to_string()).unwrap();
    assert_eq!(workspace.run(&["settle"], "").0, 0);
    let mut front = live("front");
    front["zone"] = json!("A");
    workspace.store("front", &front);
    let (status, out, _) = workspace.run(&["check", "fault_thing.front"], "");
    assert_eq!(status, 0, "{out}");
    assert!(
        out.contains("/zone: other text, the same to the provider"),
        "{out}"
    );
}

#[test]
fn what_has_drifted_already_is_not_settled() {
    let workspace = Workspace::new();
    let mut front = live("front");
    front["name"] = json!("other");
    workspace.store("front", &front);
    let (status, out, _) = workspace.run(&["settle"], "");
    assert_eq!(status, 2);
    assert!(
        out.contains("CHANGED  fault_thing.front: not as it was applied"),
        "{out}"
    );
    assert!(out.contains("1 of 2 resources settled"), "{out}");
}

#[test]
fn a_change_back_that_would_replace_is_named() {
    let workspace = Workspace::new();
    let mut back = live("back");
    back["name"] = json!("other");
    workspace.store("back", &back);
    let (_, out, _) = workspace.run(&["check", "fault_thing.back"], "");
    assert!(
        out.contains("to change it back would replace it: /name"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_looked_at_is_said_with_a_remedy() {
    let workspace = Workspace::new();
    let refused = |words: &[&str]| {
        let (status, out, err) = workspace.run(words, "");
        assert_eq!((status, out.as_str()), (1, ""), "{err}");
        err
    };
    let unknown = refused(&["check", "fault_thing.nobody"]);
    assert_eq!(
        unknown,
        "error: the plan has no resource `fault_thing.nobody` that it keeps\n"
    );
    let workspaces = refused(&["check", "--workspace", "other"]);
    assert_eq!(
        workspaces,
        "error: the configuration has no workspace `other`\n"
    );
    fs::write(workspace.path().join("lock.hcl"), "").unwrap();
    let unlocked = refused(&["check"]);
    assert_eq!(
        unlocked,
        "error: `lock.hcl` does not lock provider `registry.example.com/test/fault`\n  help: give \
         the lock file that the plan was made with\n"
    );
}

/// The binary is changed after the lock was made: nothing of it runs.
#[test]
fn a_provider_that_was_tampered_with_is_never_started() {
    let workspace = Workspace::new();
    let binary = package_folder(&workspace.path().join("mirror"));
    let binary = binary.join("terraform-provider-fault_v1.0.0");
    fs::remove_file(&binary).unwrap();
    fs::write(&binary, "#!/bin/sh\ntouch ran\n").unwrap();
    let (status, _, err) = workspace.run(&["check"], "");
    assert_eq!(status, 1);
    assert!(err.contains("is none of those in the lock file"), "{err}");
    assert!(
        err.contains("\n  help: take the package from where"),
        "{err}"
    );
    assert!(!workspace.path().join("ran").exists());
}
