//! A whole estate, made with the real AWS provider: clean, and after changes that are all known.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Place, result, stderr};
use crate::sources::shared;

const PEOPLE: &str = r#"{ "people": [
  { "id": "p1", "kind": "human", "active": true, "roles": [], "aliases": ["ana@bank.example"] },
  { "id": "p2", "kind": "human", "active": true, "roles": ["technical"], "aliases": ["ben@bank.example"] },
  { "id": "p3", "kind": "human", "active": true, "roles": ["regulatory"], "aliases": ["cleo@bank.example"] },
  { "id": "p4", "kind": "bot", "active": true, "roles": [], "aliases": ["deploy-role"] } ] }"#;

/// Kind, address or provider id, type, attribute.
type Row = (String, String, String, String);

struct Alpha {
    estate: PathBuf,
    place: Place,
}

impl Alpha {
    fn new() -> Option<Self> {
        let estate = shared("estates/alpha")?;
        let place = Place::empty();
        place.write("people.json", PEOPLE);
        let change = fs::read(estate.join("change-record.json")).unwrap();
        place.write("changes/CHG0030001.json", change);
        Some(Self { estate, place })
    }

    fn configure(&self, approval: &str, state: &str, live: &str) {
        let estate = self.estate.display();
        self.place.write(
            "driftwarden.hcl",
            format!(
                r#"
                evidence {{ dir = "evidence" }}
                baseline "payments" {{
                  plan   = "{estate}/plan.json"
                  schema = "{estate}/schema.json"
                  source = "{estate}/src"
                  {state}
                  {approval}
                }}
                live "aws_config_snapshot" "prod" {{ files = ["{estate}/{live}"] }}
                changes "files" {{ dir = "changes" }}
                identity {{ file = "people.json" }}
                "#
            ),
        );
    }

    /// Scans with the state after apply.
    fn scan(&self, approval: &str, live: &str) -> Value {
        let state = format!("state = \"{}\"", self.estate.join("state.json").display());
        self.configure(approval, &state, live);
        let output = self.place.scan();
        assert_ne!(output.status.code(), Some(1), "{}", stderr(&output));
        result(&output)
    }

    fn truth(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.estate.join("truth.jsonl")).unwrap();
        let rows = text.lines().map(|line| serde_json::from_str(line).unwrap());
        rows.filter(|row: &Value| row["in_config"] == true)
            .collect()
    }
}

fn row(deviation: &Value) -> Row {
    let text = |name: &str| deviation[name].as_str().unwrap_or_default().to_owned();
    let resource = match text("address") {
        address if address.is_empty() => text("provider_id"),
        address => address,
    };
    (text("kind"), resource, text("type"), text("attribute"))
}

fn rows<'v>(deviations: impl IntoIterator<Item = &'v Value>) -> BTreeSet<Row> {
    deviations.into_iter().map(row).collect()
}

fn deviations(result: &Value) -> &Vec<Value> {
    result["deviations"].as_array().unwrap()
}

const ASSUMED: &str = "approval = \"assumed\"";
const CLEAN: &str = "live-clean/config-snapshot*.json";
const MUTATED: &str = "live-mutated/config-snapshot*.json";

#[test]
fn a_clean_estate_has_no_deviation() {
    let Some(alpha) = Alpha::new() else { return };
    for approval in [ASSUMED, ""] {
        let result = alpha.scan(approval, CLEAN);
        assert_eq!(rows(deviations(&result)), BTreeSet::new());
        assert!(result["coverage"]["observed"].as_u64() > Some(30));
    }
    assert_eq!(alpha.place.verify().status.code(), Some(0));
}

/// The answers of the API, from which the snapshots were made. There the recorder wrote tag keys of
/// policies in lower case.
#[test]
fn the_answers_of_the_api_say_the_same() {
    let Some(alpha) = Alpha::new() else { return };
    let by_recorder = |row: &Row| row.2 == "aws_iam_policy" && row.3.starts_with("/tags_all/");
    for (folder, truth) in [("live-clean", vec![]), ("live-mutated", alpha.truth())] {
        let result = alpha.scan(ASSUMED, &format!("{folder}/batch-get.json"));
        let mut found = rows(deviations(&result));
        let mut truth = rows(&truth);
        found.retain(|row| !by_recorder(row));
        truth.retain(|row| !by_recorder(row));
        assert_eq!(found, truth, "{folder}");
    }
}

#[test]
fn every_change_that_config_sees_is_one_deviation_and_nothing_else_is() {
    let Some(alpha) = Alpha::new() else { return };
    let truth = alpha.truth();
    for (approval, status) in [(ASSUMED, "assumed"), ("", "approved")] {
        let result = alpha.scan(approval, MUTATED);
        assert_eq!(result["baselines"][0]["approval"], status);
        let found = deviations(&result);
        assert_eq!(rows(found), rows(&truth));
        assert_eq!(found.len(), truth.len());
        for deviation in found {
            assert_eq!(deviation["verdict"], "unauthorised", "{deviation}");
        }
    }
    assert_eq!(alpha.place.verify().status.code(), Some(0));
}

#[test]
fn values_are_shown_as_terraform_has_them() {
    let Some(alpha) = Alpha::new() else { return };
    let result = alpha.scan(ASSUMED, MUTATED);
    let mut compared = 0;
    for wanted in alpha.truth() {
        let is_it = |found: &&Value| row(found) == row(&wanted);
        let found = deviations(&result).iter().find(is_it).unwrap();
        for side in ["approved", "live"] {
            // Policies are compared by meaning; they show as objects.
            let is_document =
                |value: &Value| value.as_str().is_some_and(|text| text.starts_with('{'));
            if !is_document(&wanted["approved"]) && !is_document(&wanted["live"]) {
                assert_eq!(found[side], wanted[side], "{side} of {:?}", row(&wanted));
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

/// Without a state the plan alone tells what resources are called; what it does not tell is a gap.
#[test]
fn a_plan_without_its_state_gives_no_false_deviation() {
    let Some(alpha) = Alpha::new() else { return };
    alpha.configure(ASSUMED, "", CLEAN);
    let found = result(&alpha.place.scan());
    let changed = deviations(&found)
        .iter()
        .filter(|found| found["kind"] != "unmanaged");
    assert_eq!(rows(changed), BTreeSet::new());
    alpha.configure(ASSUMED, "", MUTATED);
    let found = result(&alpha.place.scan());
    let truth = rows(&alpha.truth());
    let changed = deviations(&found)
        .iter()
        .filter(|found| found["kind"] != "unmanaged");
    let extra: Vec<Row> = rows(changed).difference(&truth).cloned().collect();
    assert_eq!(extra, []);
}

/// The evidence of an estate with secrets in plan, state and schema holds none of them.
#[test]
fn no_secret_reaches_the_evidence_or_the_report() {
    let Some(alpha) = Alpha::new() else { return };
    let result = alpha.scan(ASSUMED, MUTATED);
    let state: Value = read(&alpha.estate.join("state.json"));
    let mut secrets = BTreeSet::new();
    collect_secrets(&state["values"]["root_module"], &mut secrets);
    assert!(!secrets.is_empty());
    let shown = result.to_string();
    for secret in &secrets {
        assert!(
            !shown.contains(secret.as_str()),
            "the report shows a secret"
        );
        for (path, bytes) in alpha.place.evidence() {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(secret.as_str()), "{path:?} holds a secret");
        }
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Texts that the state marks as sensitive, by the marks beside the values.
fn collect_secrets(module: &Value, secrets: &mut BTreeSet<String>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        marked(&resource["values"], &resource["sensitive_values"], secrets);
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        collect_secrets(child, secrets);
    }
}

fn marked(value: &Value, marks: &Value, secrets: &mut BTreeSet<String>) {
    match (value, marks) {
        // Short words occur everywhere.
        (Value::String(text), Value::Bool(true)) if text.len() >= 8 => {
            secrets.insert(text.clone());
        }
        (Value::Object(values), Value::Object(marks)) => {
            for (key, mark) in marks {
                marked(values.get(key).unwrap_or(&json!(null)), mark, secrets);
            }
        }
        (Value::Array(values), Value::Array(marks)) => {
            for (value, mark) in values.iter().zip(marks) {
                marked(value, mark, secrets);
            }
        }
        _ => {}
    }
}
