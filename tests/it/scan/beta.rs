//! A second estate, of other writings and features than the first: clean, and after changes that are
//! all known. `fixtures/estates/beta` says how it was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Place, result, stderr};

/// Kind, address or type, and attribute or provider id.
type Row = (String, String, String);

fn estate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estates/beta")
}

/// The deviations of a scan, by what they are about, and the whole result.
fn scan(state: bool, live: &str) -> (BTreeMap<Row, Value>, Value) {
    let place = Place::empty();
    let estate = estate();
    let estate = estate.display();
    let state = match state {
        true => format!("state = \"{estate}/state.json\"\nsource = \"{estate}/src\""),
        false => String::new(),
    };
    place.write(
        "driftwarden.hcl",
        format!(
            r#"
            evidence {{ dir = "evidence" }}
            baseline "beta" {{
              plan     = "{estate}/plan.json"
              approval = "assumed"
              {state}
            }}
            live "aws_config_snapshot" "prod" {{ files = ["{estate}/{live}/config-snapshot*.json"] }}
            "#
        ),
    );
    let output = place.scan();
    assert_ne!(output.status.code(), Some(1), "{}", stderr(&output));
    let result = result(&output);
    let all = result["deviations"].as_array().unwrap();
    let found: BTreeMap<Row, Value> = all.iter().map(|one| (row(one), one.clone())).collect();
    assert_eq!(found.len(), all.len(), "two deviations are about one thing");
    (found, result)
}

fn row(deviation: &Value) -> Row {
    let text = |name: &str| deviation[name].as_str().unwrap_or_default().to_owned();
    match text("kind").as_str() {
        // Names are the same in two accounts, and in two Regions.
        "unmanaged" => (
            text("kind"),
            text("type"),
            ["account", "region", "provider_id"].map(text).join(" "),
        ),
        _ => (text("kind"), text("address"), text("attribute")),
    }
}

/// Nothing for what is empty, and for what is off.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Bool(false) => Value::Null,
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_) | Value::String(_) => {
            value.clone()
        }
    }
}

#[test]
fn a_clean_estate_has_no_deviation() {
    let (found, result) = scan(true, "live-clean");
    assert!(found.is_empty(), "{found:#?}");
    let coverage = &result["coverage"];
    assert_eq!(coverage["approved"], 124);
    assert_eq!(coverage["observed"], 88);
    assert_eq!(coverage["not_comparable"], 3);
}

/// Whoever gave no state is told of what may be approved that this is not known, and of nothing that
/// nobody approved it.
#[test]
fn without_a_state_nothing_is_held_against_anybody() {
    let (found, _) = scan(false, "live-clean");
    for (row, deviation) in &found {
        assert_eq!(row.0, "unmanaged", "{deviation}");
        assert_eq!(deviation["verdict"], "indeterminate", "{deviation}");
    }
}

#[test]
fn every_change_is_one_deviation_and_nothing_else_is() {
    let (found, _) = scan(true, "live-mutated");
    let text = fs::read_to_string(estate().join("truth.jsonl")).unwrap();
    let truth = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let truth: BTreeMap<Row, Value> = truth.map(|one: Value| (row(&one), one)).collect();
    let missed: Vec<_> = truth
        .keys()
        .filter(|row| !found.contains_key(*row))
        .collect();
    let more: Vec<_> = found
        .keys()
        .filter(|row| !truth.contains_key(*row))
        .collect();
    assert!(
        missed.is_empty() && more.is_empty(),
        "missed {missed:#?}, more {more:#?}"
    );
    assert_eq!(truth.len(), 105);
    for (row, truth) in &truth {
        for side in ["approved", "live"] {
            if let Some(wanted) = truth.get(side) {
                assert_eq!(plain(wanted), plain(&found[row][side]), "{row:?} {side}");
            }
        }
    }
}
