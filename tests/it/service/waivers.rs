//! Findings accepted on purpose.

use driftwarden::evidence::record::Record;
use jiff::SignedDuration;

use super::{Estate, now, pass};

fn waiver(estate: &Estate, change: impl Fn(String) -> String) {
    let key = estate.key();
    let expires = now() + SignedDuration::from_hours(24);
    let text = format!(
        "waiver \"display-name\" {{\n  finding     = \"{key}\"\n  owner       = \"ana@bank.example\"\n  \
         reason      = \"ben@bank.example renames it in May\"\n  expires     = \"{expires}\"\n  \
         change      = \"CHG0030009\"\n  approved_by = \"ben@bank.example\"\n}}\n"
    );
    estate.put("waivers/one.hcl", &change(text));
}

#[test]
fn an_accepted_finding_is_shown_and_not_acted_on_until_it_expires() {
    let estate = Estate::new("");
    assert_eq!(estate.scan().exit, 2);
    waiver(&estate, |text| text);
    let scanned = estate.scan();
    assert_eq!(scanned.exit, 0);
    let json = scanned.result.unwrap();
    let row = &json["deviations"][0];
    assert_eq!(row["waiver"]["owner"], "p1");
    assert_eq!(row["waiver"]["approved_by"], "p2");
    assert_eq!(row["waiver"]["change"], "CHG0030009");
    // Accepted once is accepted until something changes.
    assert_eq!(estate.scan().exit, 0);
    assert_eq!(estate.life(), ["opened", "accepted"]);
    let records = estate.records();
    let accepted = records.iter().find_map(|record| match record {
        Record::State(record) => record.acceptance.clone(),
        _ => None,
    });
    assert_eq!(accepted.unwrap().reason, "p2 renames it in May");

    pass(SignedDuration::from_hours(25));
    assert_eq!(estate.scan().exit, 2);
    assert_eq!(estate.life(), ["opened", "accepted", "reopened"]);
    let Some(Record::State(reopened)) = estate.records().pop() else {
        panic!("the last record is the reopening");
    };
    assert_eq!(reopened.note.as_deref(), Some("the waiver expired"));
    estate.assert_whole();
}

#[test]
fn a_waiver_needs_two_people_a_change_and_time_left() {
    let estate = Estate::new("");
    estate.scan();
    for (from, to, why) in [
        (
            "approved_by = \"ben@",
            "approved_by = \"Ana@",
            "are one person, `p1`",
        ),
        (
            "approved_by = \"ben@",
            "approved_by = \"ghost@",
            "second approver is not in the identity map",
        ),
        (
            "owner       = \"ana@bank.example",
            "owner = \"deploy",
            "owner `b1` is no single human",
        ),
        (
            "owner       = \"ana@",
            "owner = \"old@",
            "owner `p3` is no longer active",
        ),
        (
            "CHG0030009",
            "CHG0039999",
            "no change record has the number `CHG0039999`",
        ),
    ] {
        waiver(&estate, |text| text.replace(from, to));
        let mut cycle = estate.begin();
        let driftwarden::engine::service::Scanned::Done(outcome) = cycle.scan().unwrap() else {
            panic!("the scan failed");
        };
        assert!(!outcome.assessment.is_clean(), "{to}");
        let told = outcome.warnings.join("\n");
        assert!(told.contains(why), "{to}: {told}");
        assert!(told.starts_with("waivers/one.hcl:1:1: the waiver `display-name` accepts nothing"));
    }
    let life = estate.life();
    assert!(!life.contains(&"accepted".to_owned()), "{life:?}");
}

#[test]
fn a_change_that_is_withdrawn_takes_the_waiver_along() {
    let estate = Estate::new("");
    estate.scan();
    waiver(&estate, |text| text);
    assert_eq!(estate.scan().exit, 0);
    let change = estate.read("changes/one.json");
    estate.put(
        "changes/one.json",
        &change.replace("implement", "cancelled"),
    );
    assert_eq!(estate.scan().exit, 2);
    assert_eq!(estate.life(), ["opened", "accepted", "reopened"]);
}

#[test]
fn a_waiver_of_one_version_accepts_no_other() {
    let estate = Estate::new("");
    let scanned = estate.scan().result.unwrap();
    let version = scanned["deviations"][0]["id"].as_str().unwrap();
    let bound = format!("  deviation = \"{version}\"\n  owner");
    waiver(&estate, |text| text.replace("  owner", &bound));
    assert_eq!(estate.scan().exit, 0);
    let other = format!("  deviation = \"{}\"\n  owner", "0".repeat(32));
    waiver(&estate, |text| text.replace("  owner", &other));
    assert_eq!(estate.scan().exit, 2);
    assert_eq!(estate.life(), ["opened", "accepted", "reopened"]);
}

#[test]
fn a_waiver_file_that_is_wrong_says_where() {
    let estate = Estate::new("");
    estate.scan();
    waiver(&estate, |text| {
        text.replace("reason ", "reasons ")
            .replace(&estate.key().to_string(), "93")
    });
    let told = estate.scan().result.unwrap_err();
    for said in [
        "waivers/one.hcl:4:3: unknown attribute `reasons` in `waiver`",
        "did you mean `reason`?",
        "waivers/one.hcl:1:1: `waiver` lacks the attribute `reason`",
        "`93` is no key of 32 lower-case hex digits",
    ] {
        assert!(told.contains(said), "{said}\n{told}");
    }
}
