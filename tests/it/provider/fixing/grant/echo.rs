//! The role shows what is attached to it, so that its provider reads one change in two places: it is told
//! once, by what owns it, and never less than once.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use serde_json::{Value as Json, json};

use super::super::estate::Estate;
use super::{ADMIN, READ, arn, attach, file, grants, record, role};

const ROLE: &str = "aws_iam_role.app";
const GRANT: &str = "aws_iam_role_policy_attachment";
const PROVIDER: [&str; 8] = [
    "--lock", "lock.hcl", "--from", "mirror", "--env", "FAULT", "--env", "PROTOCOL",
];

/// A settled estate that hands over what no provider fixes.
fn settled() -> Estate {
    let estate = grants("");
    estate.hand_over();
    record(&estate);
    estate.run(&[&["provider", "settle"], &PROVIDER[..]].concat(), "");
    estate
}

/// How the role is now.
fn shows(estate: &Estate, policies: &[&str]) {
    let role = role("111122223333", policies);
    estate.put("store/app.json", &role.to_string());
}

/// Kind, address or type, and attribute of all deviations, and what was set aside.
fn scan(estate: &Estate) -> (Vec<String>, Json) {
    let said = estate.run(&["scan", "--exact", "--format", "json"], "");
    let report: Json = serde_json::from_str(&said).unwrap();
    let text = |own: &Json| own.as_str().unwrap_or_default().to_owned();
    let all = report["deviations"].as_array().unwrap().iter();
    let all = all.map(|own| {
        let name = own["address"]
            .as_str()
            .unwrap_or(own["type"].as_str().unwrap());
        let told = [text(&own["kind"]), name.to_owned(), text(&own["attribute"])];
        told.join(" ").trim_end().to_owned()
    });
    (all.collect(), report["set_aside"].clone())
}

#[test]
fn what_was_attached_by_hand_is_told_once_and_taken_away_once() {
    let estate = settled();
    attach(&estate, ADMIN);
    shows(&estate, &[READ, ADMIN]);
    let (told, aside) = scan(&estate);
    assert_eq!(told, [format!("unmanaged {GRANT}")]);
    let by = format!("{GRANT} app/{}", arn(ADMIN));
    assert_eq!(
        aside,
        json!([{"workspace": "shop", "address": ROLE, "kind": "changed",
            "attribute": "/managed_policy_arns", "reason": "told_by_separate", "by": [by]}])
    );
    // One finding, one fix, and nothing for people to do at the role.
    assert_eq!(estate.steps(), ["permitted", "intended", "fixed"]);
    assert!(!estate.path().join("handover").exists() || estate.files("handover").is_empty());
}

#[test]
fn a_scan_and_explain_say_who_tells_it() {
    let estate = settled();
    estate.dry_run();
    attach(&estate, ADMIN);
    shows(&estate, &[READ, ADMIN]);
    let said = estate.run(&["scan", "--exact"], "");
    let by = format!("{GRANT} app/{}", arn(ADMIN));
    let twice = format!(
        "TWICE     1 difference set aside: told by the resource that owns it\n  \
         changed {ROLE} /managed_policy_arns\n    by {by}\n"
    );
    assert!(said.contains(&twice), "{said}");
    // Whoever asks about it hears it, whatever the last scan looked at.
    let said = estate.run(&["explain", ROLE, "/managed_policy_arns"], "");
    let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = format!("changed /managed_policy_arns is set aside: told by {by}, which owns it");
    assert!(told.contains(&why), "{said}");
}

/// AWS Config does not know of it yet, so nobody tells it but the role.
#[test]
fn what_nobody_else_tells_stays_with_the_role() {
    let estate = settled();
    estate.dry_run();
    shows(&estate, &[READ, ADMIN]);
    let (told, aside) = scan(&estate);
    assert_eq!(told, [format!("changed {ROLE} /managed_policy_arns")]);
    assert_eq!(aside, Json::Null);
    // One of two is told: all of it stays.
    attach(&estate, ADMIN);
    shows(&estate, &[READ, ADMIN, "PowerUserAccess"]);
    let (told, _) = scan(&estate);
    let both = [
        format!("unmanaged {GRANT}"),
        format!("changed {ROLE} /managed_policy_arns"),
    ];
    assert_eq!(told, both);
    // Another policy than the one that the role shows.
    shows(&estate, &[READ, "PowerUserAccess"]);
    assert_eq!(scan(&estate).0, both);
}

#[test]
fn what_was_detached_is_told_by_the_attachment_in_a_check_as_well() {
    let estate = settled();
    estate.dry_run();
    std::fs::remove_file(estate.path().join(file(READ))).unwrap();
    record(&estate);
    shows(&estate, &[]);
    let (told, _) = scan(&estate);
    assert_eq!(told, [format!("missing {GRANT}.read")]);
    let check =
        |more: &[&str]| estate.run(&[&["provider", "check"], &PROVIDER[..], more].concat(), "");
    let said = check(&[]);
    let quiet = format!(
        "equal    {ROLE}\n         /managed_policy_arns: told by {GRANT}.read\n\
         MISSING  {GRANT}.read\n"
    );
    assert!(said.contains(&quiet), "{said}");
    let report: Json = serde_json::from_str(&check(&["--format", "json"])).unwrap();
    let own = &report["resources"][0];
    assert_eq!(own["differences"], json!([]));
    assert_eq!(
        own["told_elsewhere"],
        json!([{"attribute": "/managed_policy_arns", "by": [format!("{GRANT}.read")]}])
    );
    // The attachment is not asked: the role tells.
    let said = check(&[ROLE]);
    assert!(said.contains(&format!("CHANGED  {ROLE}\n")), "{said}");
}
