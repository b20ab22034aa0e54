//! Change records and the identity map as files: what is read, and what is refused with which
//! message.

use driftwarden::ingest::changes::{ChangeError, check_unique, parse};
use driftwarden::ingest::identity;
use driftwarden::model::{ChangeState, ChangeType, Decision, Sha256Digest};
use serde_json::json;

use super::{plan, record, time};

const YAML: &str = "
number: CHG1
state: Implement
type: emergency
window: { start: 2026-11-01T20:00:00+01:00, end: 2026-11-01T23:00:00Z }
requested_by: ana@bank.example
author: ''
approvals:
  - { by: ben@bank.example, role: technical, decision: approved, at: 2026-10-30T10:00:00Z }
---
- number: CHG2
  state: -5
  type: standard
- number: CHG3
  state: no such state
  type: normal
---
";

#[test]
fn yaml_holds_one_record_or_a_list_or_several_documents() {
    let records = parse("changes.yaml", YAML.as_bytes()).unwrap();
    let [first, second, third] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert_eq!(first.state, ChangeState::Standing("Implement".to_owned()));
    assert_eq!(first.change_type, ChangeType::Emergency);
    assert_eq!(first.window.unwrap().start, time("2026-11-01T19:00:00Z"));
    assert_eq!((&first.author, first.system.as_str()), (&None, "file"));
    assert_eq!(first.approvals[0].decision, Decision::Approved);
    assert_eq!(second.state, ChangeState::NotYet("-5".to_owned()));
    assert_eq!(
        third.state,
        ChangeState::Unknown("no such state".to_owned())
    );
    assert_eq!(first.digest, Sha256Digest::of(YAML.as_bytes()));
    assert_eq!(first.origin, "changes.yaml");
}

#[test]
fn json_holds_one_record_or_a_list() {
    let one = record(&plan("plan.json", b"the plan"));
    for (count, value) in [(1, one.clone()), (2, json!([one, one])), (0, json!([]))] {
        let bytes = serde_json::to_vec(&value).unwrap();
        assert_eq!(parse("c.JSON", &bytes).unwrap().len(), count);
        // Windows tools put a byte order mark before it.
        let marked = [b"\xef\xbb\xbf".as_slice(), &bytes].concat();
        assert_eq!(parse("c.json", &marked).unwrap().len(), count);
    }
}

#[test]
fn every_state_of_service_now_is_known() {
    let state = |state: serde_json::Value| {
        let bytes = json!({ "number": "C", "type": "normal", "state": state }).to_string();
        parse("c.json", bytes.as_bytes()).unwrap().remove(0).state
    };
    for number in [-5, -4, -3] {
        assert!(
            matches!(state(json!(number)), ChangeState::NotYet(_)),
            "{number}"
        );
    }
    for number in [-2, -1, 0, 3] {
        assert!(
            matches!(state(json!(number)), ChangeState::Standing(_)),
            "{number}"
        );
    }
    assert!(matches!(state(json!(4)), ChangeState::Withdrawn(_)));
    assert!(matches!(state(json!("-1")), ChangeState::Standing(_)));
    for number in [-6, 1, 2, 5, 40] {
        assert!(
            matches!(state(json!(number)), ChangeState::Unknown(_)),
            "{number}"
        );
    }
    assert!(matches!(
        state(json!("In Progress")),
        ChangeState::Standing(_)
    ));
    assert!(matches!(state(json!("approve")), ChangeState::Unknown(_)));
}

fn refused(name: &str, text: &[u8]) -> String {
    let error = parse(name, text).unwrap_err();
    format!("{error}\n  help: {}", error.help().unwrap_or("-"))
}

#[test]
fn what_is_not_in_the_form_is_refused_where_it_stands() {
    let one = |field: &str| {
        format!("{{\n  \"number\": \"C\", \"state\": \"new\", \"type\": \"normal\",\n  {field}\n}}")
    };
    let cases = [
        one(r#""plan_sha265": "00""#),
        one(r#""zzz": 1"#),
        one(r#""plan_sha256": "00""#),
        one(r#""updated_at": "2026-11-01 20:00:00""#),
        one(r#""window": { "start": "2026-11-02T00:00:00Z", "end": "2026-11-01T00:00:00Z" }"#),
        one(r#""approvals": [ { "by": "b", "at": "2026-11-01T20:00:00Z" } ]"#),
        one(r#""system": "a", "system": "b""#),
        r#"{ "number": "C", "state": "new", "type": "emergancy" }"#.to_owned(),
        r#"{ "number": " ", "state": "new", "type": "normal" }"#.to_owned(),
        r#"{ "number": "C", "state": true, "type": "normal" }"#.to_owned(),
        "{} {}".to_owned(),
        "7".to_owned(),
        r#"["C", "file", "new", "normal"]"#.to_owned(),
        "[".repeat(5000),
        String::new(),
    ];
    let messages = cases.map(|text| refused("c.json", text.as_bytes()));
    insta::assert_snapshot!(messages.join("\n"), @r#"
    c.json:3:15: unknown field `plan_sha265`
      help: did you mean `plan_sha256`?
    c.json:3:7: unknown field `zzz`
      help: known here: `number`, `system`, `state`, `type`, `window`, `requested_by`, `author`, `implemented_by`, `plan_sha256`, `workspace`, `approvals`, `updated_at`, `incident`, `emergency_approver`
    c.json:3:21: `00` is not a SHA-256 digest
      help: give the 64 hex digits that `sha256sum` prints for the plan file
    c.json:3:37: `2026-11-01 20:00:00` is not a time with an offset
      help: write it as RFC 3339 has it, such as `2026-11-01T20:00:00Z`
    c.json:4:1: the window ends at `2026-11-01T00:00:00Z`, before it starts at `2026-11-02T00:00:00Z`
      help: correct `start` or `end`
    c.json:3:60: missing field `decision`
      help: add `decision`
    c.json:3:25: duplicate field `system`
      help: keep one `system`
    c.json:1:52: unknown type of change `emergancy`
      help: did you mean `emergency`?
    c.json:1:15: `number` is empty
      help: give the ticket's number, such as `CHG0030001`
    c.json:1:30: invalid type: boolean `true`, expected the state of a change, as a word or as ServiceNow's number
      help: write the state of a change, as a word or as ServiceNow's number here
    c.json:1:2: missing field `number`
      help: add `number`
    c.json:1:1: invalid type: integer `7`, expected a change record or a list of change records
      help: write a change record or a list of change records here
    c.json:1:4: invalid type: string "C", expected an object with named fields
      help: write an object with named fields here
    c.json:1:1: invalid type: sequence, expected an object with named fields
      help: write an object with named fields here
    c.json: the file is empty
      help: export the file again, or remove it
    "#);
}

#[test]
fn what_is_not_yaml_of_the_form_is_refused_where_it_stands() {
    let cases = [
        "number: C\nstate: new\ntype: normal\nimplemented: [a]\n".to_owned(),
        "number: C\nstate: new\ntype: normal\napprovals:\n  - by: b\n    decision: approved\n    at: 2026-11-01\n".to_owned(),
        "number: C\n  state: new\n".to_owned(),
        "a: &a [x]\nb: *a\n".to_owned(),
        "\n---\n".to_owned(),
        format!("number: {}", "[".repeat(5000)),
    ];
    let messages = cases.map(|text| refused("c.yml", text.as_bytes()));
    insta::assert_snapshot!(messages.join("\n"), @"
    c.yml:4:1: unknown field `implemented`
      help: did you mean `implemented_by`?
    c.yml:7:9: approvals[0].at: `2026-11-01` is not a time with an offset
      help: write it as RFC 3339 has it, such as `2026-11-01T20:00:00Z`
    c.yml:2:8: mapping values are not allowed in this context
      help: look here and a little before for what is too much or missing: a comma, a quote, a bracket, an indentation
    c.yml: anchors and aliases (`&name`, `*name`) are not accepted
      help: write the value out wherever it is needed
    c.yml: holds no change record
      help: write a record into it, or remove the file
    c.yml:1:521: nested too deeply
      help: nothing in such a file nests so deep: export it again
    ");
}

#[test]
fn files_that_are_no_text_of_a_known_format_are_refused() {
    let messages = [
        refused("changes.txt", b"{}"),
        refused("changes", b"{}"),
        refused("c.json", b"{\"number\": \"\xff\"}"),
        refused("c.json", &vec![b' '; 8 * 1024 * 1024 + 1]),
    ];
    insta::assert_snapshot!(messages.join("\n"), @"
    changes.txt: the file's name does not say whether it is JSON or YAML
      help: name it `.json`, `.yaml` or `.yml`
    changes: the file's name does not say whether it is JSON or YAML
      help: name it `.json`, `.yaml` or `.yml`
    c.json:1:13: this is not UTF-8
      help: save the file as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    c.json: 8388609 bytes are more than the 8388608 that such a file may have
      help: split it into several files
    ");
}

#[test]
fn what_a_message_quotes_is_bounded_and_printable() {
    let long = format!(
        r#"{{ "number": "C", "state": "new", "type": "\u001b[2J{}" }}"#,
        "x".repeat(100_000)
    );
    let error = parse("c.json", long.as_bytes()).unwrap_err().to_string();
    assert!(error.chars().count() < 500, "{}", error.len());
    assert!(error.contains(r"\u{1b}[2Jxxx"), "{error}");
}

#[test]
fn a_number_stands_for_one_content() {
    let one = record(&plan("plan.json", b"the plan"));
    let read = |name: &str, value: &serde_json::Value| {
        parse(name, value.to_string().as_bytes()).unwrap().remove(0)
    };
    let mut other = one.clone();
    other["state"] = json!("closed");
    let same = [read("b.json", &one), read("a.json", &one)];
    assert_eq!(check_unique(&same), Ok(()));
    let differing = [read("b.json", &one), read("a.json", &other)];
    let error = check_unique(&differing).unwrap_err();
    assert!(matches!(error, ChangeError::Conflict { .. }));
    insta::assert_snapshot!(format!("{error}\n  help: {}", error.help().unwrap()), @"
    change record `CHG0030001` is in a.json and in b.json, with different content
      help: keep the one that the ticket system holds; until then neither has standing
    ");
}

#[test]
fn an_identity_map_names_everybody_once() {
    let refused = |people: &str| {
        let text = format!(r#"{{ "people": [ {people} ] }}"#);
        let error = identity::parse("people.json", text.as_bytes()).unwrap_err();
        format!("{error}\n  help: {}", error.help().unwrap_or("-"))
    };
    let messages = [
        refused(
            r#"{ "id": "p1", "kind": "human", "aliases": ["Ben@b.example"] }, { "id": "p2", "kind": "human", "aliases": ["ben@B.example"] }"#,
        ),
        refused(
            r#"{ "id": "p1", "kind": "human" }, { "id": "p2", "kind": "bot", "aliases": ["p1"] }"#,
        ),
        refused(r#"{ "id": "p1", "kind": "human" }, { "id": "p1", "kind": "bot" }"#),
        refused(r#"{ "id": "p1", "kind": "human", "aliases": [" "] }"#),
        refused(r#"{ "id": "", "kind": "human" }"#),
        refused(r#"{ "id": "p1", "kind": "humann" }"#),
        refused(r#"{ "id": "p1", "kind": "human", "alias": [] }"#),
        refused(r#"{ "id": "p1", "kind": "human", "roles": ["regulator"] }"#),
    ];
    insta::assert_snapshot!(messages.join("\n"), @"
    people.json: `p1` and `p2` both claim the alias `ben@B.example`
      help: an alias belongs to one person; what several people use is of kind `shared`
    people.json: `p1` and `p2` both claim the alias `p1`
      help: an alias belongs to one person; what several people use is of kind `shared`
    people.json: two people have the id `p1`
      help: put all aliases of one person into one entry, or give another id
    people.json: `p1` has an empty alias
      help: fill it in or remove it
    people.json: person 1 has an empty id
      help: fill it in or remove it
    people.json:1:44: unknown variant `humann`
      help: did you mean `human`?
    people.json:1:52: unknown field `alias`
      help: did you mean `aliases`?
    people.json:1:66: unknown variant `regulator`
      help: did you mean `regulatory`?
    ");
}
