//! A second person's yes.

use driftwarden::cli::wire;
use driftwarden::engine::FixYes;
use driftwarden::evidence::record::{FixEvent, Record};

use super::{ENFORCE, estate, ledger, now, scanned, steps};

const ASKING: &str = "remediation {\n mode = \"enforce\"\n approval_for = [\"sg\"]\n}\n\
                      handover { dir = \"handover\" }";

fn yes(finding: &str, by: &str) -> FixYes {
    FixYes {
        approve_fix: finding.to_owned(),
        by: by.to_owned(),
        note: Some("looked at with ana@bank.example".to_owned()),
    }
}

#[test]
fn a_person_says_yes_to_the_version_that_is_there() {
    let estate = estate(ASKING);
    estate.scan();
    assert_eq!(steps(&estate), ["refused"]);
    let config = wire::load_config(&estate.config()).unwrap();
    let key = estate.key();
    let short = key.as_str().get(..12).unwrap();
    let approve = |by: &str| wire::approve(&config, &yes(short, by), now());
    for (by, why) in [
        ("nobody@bank.example", "is not in the identity map"),
        ("deploy", "`b1` is no single human"),
        ("old@bank.example", "`p3` is no longer active"),
    ] {
        let refused = approve(by).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let none = wire::approve(&config, &yes("ffff", "p2"), now());
    assert!(none.unwrap_err().to_string().contains("no open finding"));
    let said = approve("Ben@bank.example").unwrap();
    assert!(
        said.starts_with(&format!("the fix of finding {key} is approved")),
        "{said}"
    );
    assert_eq!(approve("p2").unwrap(), "it was approved before");
    let Some(Record::Fix(record)) = estate.records().pop() else {
        panic!("the last record is the approval");
    };
    // The log names nobody.
    let note = Some("looked at with p1".to_owned());
    let by = "p2".to_owned();
    assert_eq!(record.event, FixEvent::Approved { by, note });
    estate.scan();
    assert_eq!(
        steps(&estate)[1..],
        ["approved", "permitted", "intended", "handed_over"]
    );
    assert_eq!(
        ledger(&estate).fixes().all()[0].approved_by.as_deref(),
        Some("p2")
    );
    estate.assert_whole();
}

#[test]
fn another_version_needs_another_yes() {
    let estate = estate(ASKING);
    estate.scan();
    let config = wire::load_config(&estate.config()).unwrap();
    wire::approve(&config, &yes(estate.key().as_str(), "p2"), now()).unwrap();
    let live = estate.read("live/snapshot.json");
    let mut other: serde_json::Value = serde_json::from_str(&live).unwrap();
    let rules = &mut other["configurationItems"][0]["configuration"]["ipPermissions"];
    let last = rules.as_array_mut().unwrap().last_mut().unwrap();
    last["toPort"] = serde_json::Value::from(9999);
    estate.put("live/snapshot.json", &other.to_string());
    estate.scan();
    assert_eq!(steps(&estate), ["refused", "approved", "refused"]);
}

#[test]
fn a_rule_that_asks_for_no_fix_has_none_to_approve() {
    let estate = estate(ENFORCE);
    estate.put("rules/own.hcl", &super::RULE.replace("remediate", "alert"));
    estate.scan();
    let config = wire::load_config(&estate.config()).unwrap();
    let refused = wire::approve(&config, &yes(estate.key().as_str(), "p2"), now());
    assert!(refused.unwrap_err().to_string().contains("asks for no fix"));
    assert_eq!(steps(&estate), Vec::<String>::new());
}

#[test]
fn the_running_engine_takes_a_yes_from_its_inbox() {
    let estate = estate(ASKING);
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    let request = serde_json::to_string(&yes(estate.key().as_str(), "p2")).unwrap();
    estate.put("evidence.inbox/1.json", &request);
    cycle.take_requests().unwrap();
    scanned(&mut cycle);
    assert_eq!(
        steps(&estate),
        [
            "refused",
            "approved",
            "permitted",
            "intended",
            "handed_over"
        ]
    );
}
