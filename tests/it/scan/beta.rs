//! A second estate, of other writings and features than the first: clean, and after changes that are
//! all known. `fixtures/estates/beta` says how it was made.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Place, result, stderr};

/// Kind, address or type, and attribute or provider id.
type Row = (String, String, String);

fn estate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estates/beta")
}

/// Which plan, and what is given beside it.
#[derive(Clone, Copy)]
enum Approved {
    /// With state and source.
    First,
    FirstAlone,
    /// With state and source.
    Later,
    /// Without state.
    LaterAlone,
}

/// In which form AWS Config tells.
#[derive(Clone, Copy)]
enum Form {
    Snapshot,
    /// The answer of `BatchGetResourceConfig`.
    BatchGet,
    /// The answer of an advanced query, `SelectResourceConfig`.
    Query,
}

/// The deviations of a scan, by what they are about, and the whole result.
fn scan(approved: Approved, live: &str, form: Form) -> (BTreeMap<Row, Value>, Value) {
    let place = Place::empty();
    let estate = estate();
    let plan = match approved {
        Approved::First | Approved::FirstAlone => estate.join("plan.json"),
        Approved::Later | Approved::LaterAlone => {
            place.write("plan.json", later_plan().to_string());
            place.path("plan.json")
        }
    };
    for entry in fs::read_dir(estate.join(live)).unwrap() {
        let path = entry.unwrap().path();
        let shown = told(&read(&path), form);
        let name = path.file_name().unwrap().to_str().unwrap();
        place.write(&format!("live/{name}"), shown.to_string());
    }
    let (plan, estate) = (plan.display(), estate.display());
    let state = match approved {
        Approved::First | Approved::Later => {
            format!("state = \"{estate}/state.json\"\nsource = \"{estate}/src\"")
        }
        Approved::FirstAlone => String::new(),
        Approved::LaterAlone => format!("source = \"{estate}/src\""),
    };
    place.write(
        "driftwarden.hcl",
        format!(
            r#"
            evidence {{ dir = "evidence" }}
            baseline "beta" {{
              plan     = "{plan}"
              approval = "assumed"
              {state}
            }}
            live "aws_config_snapshot" "prod" {{ files = ["live/config-snapshot*.json"] }}
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

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A snapshot in another form: names of the envelope, texts for bodies, and where tags are.
fn told(snapshot: &Value, form: Form) -> Value {
    let items = snapshot["configurationItems"].as_array().unwrap().iter();
    let items: Vec<Value> = items.map(|item| envelope(item, form)).collect();
    assert!(!items.is_empty());
    match form {
        Form::Snapshot => snapshot.clone(),
        Form::BatchGet => json!({"baseConfigurationItems": items, "unprocessedResourceKeys": []}),
        Form::Query => {
            let rows = items.iter().map(|item| Value::from(item.to_string()));
            json!({"Results": rows.collect::<Vec<_>>(), "QueryInfo": {"SelectFields": []}})
        }
    }
}

fn envelope(item: &Value, form: Form) -> Value {
    let mut own = item.as_object().unwrap().clone();
    for (name, new) in [
        ("awsAccountId", "accountId"),
        ("ARN", "arn"),
        ("configurationItemVersion", "version"),
    ] {
        if let Some(value) = own.remove(name) {
            own.insert(new.to_owned(), value);
        }
    }
    for name in ["relatedEvents", "configurationStateMd5Hash"] {
        own.remove(name);
    }
    let tags = own.remove("tags").unwrap();
    match form {
        Form::Snapshot => {}
        Form::BatchGet => {
            own.remove("relationships");
            let text = own["configuration"].to_string();
            own.insert("configuration".to_owned(), Value::from(text));
            let more = own["supplementaryConfiguration"].as_object_mut().unwrap();
            for value in more.values_mut() {
                // The access list is a text already, and here it is the text of one.
                *value = Value::from(value.to_string());
            }
        }
        Form::Query => {
            let tags = tags.as_object().unwrap().iter();
            let tags = tags.map(|(key, value)| {
                let tag = format!("{key}={}", value.as_str().unwrap_or_default());
                json!({"key": key, "value": value, "tag": tag})
            });
            own.insert("tags".to_owned(), tags.collect());
        }
    }
    Value::Object(own)
}

/// The plan after the apply, as `terraform plan -refresh=false` has it: nothing to do, and every value as
/// the state has it. One that reads back first cannot be made from the files here.
fn later_plan() -> Value {
    let (mut plan, state) = (
        read(&estate().join("plan.json")),
        read(&estate().join("state.json")),
    );
    let mut changes = Vec::new();
    add_changes(&state["values"]["root_module"], &mut changes);
    let managed = |one: &&Value| one["mode"] == "managed";
    let first = plan["resource_changes"].as_array().unwrap();
    let address = |one: &Value| one["address"].as_str().unwrap().to_owned();
    let planned: BTreeSet<String> = first.iter().filter(managed).map(address).collect();
    assert_eq!(
        changes.iter().map(address).collect::<BTreeSet<_>>(),
        planned
    );
    plan["resource_changes"] = Value::from(changes);
    plan["applyable"] = Value::from(false);
    plan
}

fn add_changes(module: &Value, changes: &mut Vec<Value>) {
    for one in module["resources"].as_array().into_iter().flatten() {
        let (values, marks) = (&one["values"], &one["sensitive_values"]);
        let mut change = one.clone();
        for name in ["values", "sensitive_values", "schema_version", "depends_on"] {
            change.as_object_mut().unwrap().remove(name);
        }
        change["change"] = json!({"actions": ["no-op"], "before": values, "after": values,
            "after_unknown": {}, "before_sensitive": marks, "after_sensitive": marks});
        if let Some(address) = module.get("address") {
            change["module_address"] = address.clone();
        }
        changes.push(change);
    }
    for child in module["child_modules"].as_array().into_iter().flatten() {
        add_changes(child, changes);
    }
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
    let (found, result) = scan(Approved::First, "live-clean", Form::Snapshot);
    assert!(found.is_empty(), "{found:#?}");
    let coverage = &result["coverage"];
    assert_eq!(coverage["approved"], 124);
    assert_eq!(coverage["observed"], 88);
    // Three of them are inline in the old bucket, of which no item of this estate is whole.
    assert_eq!(coverage["not_comparable"], 6);
}

/// Whatever form it comes in, and whichever plan is approved.
#[test]
fn a_clean_estate_has_none_as_the_api_answers_nor_by_a_later_plan() {
    for form in [Form::BatchGet, Form::Query] {
        let (found, result) = scan(Approved::First, "live-clean", form);
        assert!(found.is_empty(), "{found:#?}");
        assert_eq!(result["coverage"]["observed"], 88);
    }
    for approved in [Approved::Later, Approved::LaterAlone] {
        let (found, result) = scan(approved, "live-clean", Form::Snapshot);
        assert!(found.is_empty(), "{found:#?}");
        assert_eq!(result["coverage"]["observed"], 88);
    }
}

/// Whoever gave no state is told of what may be approved that this is not known, and of nothing that
/// nobody approved it. What was done by hand is told all the same, as far as names are in the plan.
#[test]
fn without_a_state_nothing_is_held_against_anybody() {
    let (doubts, result) = scan(Approved::FirstAlone, "live-clean", Form::Snapshot);
    assert_eq!(doubts.len(), 37);
    assert_eq!(result["coverage"]["unknown"], 91);
    for (row, deviation) in &doubts {
        assert_eq!(row.0, "unmanaged", "{deviation}");
        assert_eq!(deviation["verdict"], "indeterminate", "{deviation}");
    }
    let (found, _) = scan(Approved::FirstAlone, "live-mutated", Form::Snapshot);
    let truth = truth();
    let told = found.keys().filter(|row| truth.contains_key(*row));
    assert_eq!(told.count(), 33);
    let others = found.keys().filter(|row| !truth.contains_key(*row));
    let others: BTreeSet<&str> = others
        .filter(|row| !doubts.contains_key(*row))
        .map(|row| row.1.as_str())
        .collect();
    // Without source it is not known that their authors leave these alone.
    let ignoring = [
        "aws_iam_role.inline",
        "aws_s3_bucket.ignoring",
        "aws_s3_bucket.ignoring_all",
    ];
    assert_eq!(others, ignoring.into());
}

/// The deviations that the changes made, by what they are about.
fn truth() -> BTreeMap<Row, Value> {
    let text = fs::read_to_string(estate().join("truth.jsonl")).unwrap();
    let truth = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let truth: BTreeMap<Row, Value> = truth.map(|one: Value| (row(&one), one)).collect();
    assert_eq!(truth.len(), 105);
    truth
}

#[test]
fn every_change_is_one_deviation_and_nothing_else_is() {
    is_the_truth(Approved::First, Form::Snapshot);
}

#[test]
fn every_change_shows_as_the_api_answers() {
    is_the_truth(Approved::First, Form::BatchGet);
    is_the_truth(Approved::First, Form::Query);
}

#[test]
fn every_change_shows_by_a_later_plan() {
    is_the_truth(Approved::Later, Form::Snapshot);
    is_the_truth(Approved::LaterAlone, Form::Snapshot);
}

#[track_caller]
fn is_the_truth(approved: Approved, form: Form) {
    let (found, _) = scan(approved, "live-mutated", form);
    let mut truth = truth();
    if matches!(approved, Approved::Later | Approved::LaterAlone) {
        // What the apply read back is approved then, and what was added to it by hand shows there.
        let list = "123456789012 us-east-1 hb.bare.dots";
        let list = ["unmanaged", "aws_s3_bucket_acl", list].map(str::to_owned);
        let told = truth.remove(&Row::from(list)).unwrap();
        let grant = ["changed", "aws_s3_bucket.bare", "/grant"].map(str::to_owned);
        truth.insert(grant.into(), told);
    }
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
    for (row, truth) in &truth {
        for side in ["approved", "live"] {
            if let Some(wanted) = truth.get(side) {
                assert_eq!(plain(wanted), plain(&found[row][side]), "{row:?} {side}");
            }
        }
    }
}

/// A part has the name of what it lies in, and what was added beside it there is not within it.
#[test]
fn a_part_is_not_explained_by_what_lies_beside_it() {
    let place = Place::empty();
    let estate = estate();
    let estate = estate.display();
    place.write(
        "driftwarden.hcl",
        format!(
            r#"
            evidence {{ dir = "evidence" }}
            baseline "beta" {{
              plan     = "{estate}/plan.json"
              state    = "{estate}/state.json"
              approval = "assumed"
            }}
            live "aws_config_snapshot" "prod" {{ files = ["{estate}/live-mutated/config-snapshot*.json"] }}
            "#
        ),
    );
    let explain = |address: &str| {
        let output = place.driftwarden(&["explain", address]);
        let out = String::from_utf8(output.stdout.clone()).unwrap();
        out + &stderr(&output)
    };
    let said = explain("aws_s3_bucket.source");
    assert!(said.contains("aws_s3_bucket_logging"), "{said}");
    let said = explain("aws_s3_bucket_versioning.source");
    let nothing = "nothing deviates in `aws_s3_bucket_versioning.source`";
    assert!(said.contains(nothing), "{said}");
    // What no item of its own shows says in whose it does.
    let said = explain("aws_iam_policy_attachment.shared");
    let words: Vec<&str> = said.split_whitespace().collect();
    let wanted = "/roles and /policy_arn say what items of AWS::IAM::Role are to show";
    assert!(words.join(" ").contains(wanted), "{said}");
}
