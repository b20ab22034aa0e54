//! `driftwarden coverage`: the demo estate counted, the counts counted again, and COVERAGE.md.
#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use driftwarden::cli::coverage::{Format, show, tables};
use driftwarden::cli::demo::NOW;
use serde_json::Value;

use crate::cases::Copy;
use crate::scan::{Place, stderr, stdout};

const ESTATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo/estate");

fn count(config: &Path, format: Format) -> String {
    let mut out = Vec::new();
    show(config, format, 1, &|| NOW, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The demo's estate, with nothing beside it.
fn estate() -> (Copy, PathBuf) {
    let copy = Copy::empty();
    let from = Path::new(ESTATE);
    for file in crate::cases::files_below(from) {
        let to = copy
            .path()
            .join("estate")
            .join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, to).unwrap();
    }
    let config = copy.path().join("estate/driftwarden.hcl");
    (copy, config)
}

fn number(value: &Value, path: &[&str]) -> u64 {
    let found = path.iter().fold(value, |value, name| &value[name]);
    found
        .as_u64()
        .unwrap_or_else(|| panic!("{path:?}: {found}"))
}

#[test]
fn the_demo_is_counted_and_nothing_is_written() {
    let (copy, config) = estate();
    let text = count(&config, Format::Text);
    let shown = |name: &str| {
        let mut parts = text.split("\n\n");
        parts
            .find(|part| part.starts_with(name))
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!(shown("WATCHED"), @"");
    insta::assert_snapshot!(shown("aws_iam_role:"), @"");
    insta::assert_snapshot!(shown("aws_s3_bucket:"), @"");
    insta::assert_snapshot!(shown("aws_cloudwatch_log_group:"), @"");
    let beside: Vec<_> = fs::read_dir(copy.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "neither log nor keys: {beside:?}");
}

/// What a person would count by hand in the plans: the whole is the sum of its parts.
#[test]
fn every_approved_attribute_is_counted_once() {
    let (_copy, config) = estate();
    let counted: Value = serde_json::from_str(&count(&config, Format::Json)).unwrap();
    let mut types = BTreeMap::new();
    let mut watched = 0;
    for own in counted["types"].as_array().unwrap() {
        let outcomes = own["outcomes"].as_array().unwrap();
        let sum: u64 = outcomes.iter().map(|one| number(one, &["count"])).sum();
        assert_eq!(sum, number(own, &["attributes", "approved"]));
        let is_watched =
            |one: &&Value| matches!(one["outcome"].as_str().unwrap(), "compared" | "key");
        let own_watched: u64 = outcomes
            .iter()
            .filter(is_watched)
            .map(|one| number(one, &["count"]))
            .sum();
        assert_eq!(own_watched, number(own, &["attributes", "watched"]));
        watched += own_watched;
        types.insert(own["type"].as_str().unwrap().to_owned(), sum);
    }
    assert_eq!(watched, number(&counted, &["attributes", "watched"]));
    assert_eq!(
        types.values().sum::<u64>(),
        number(&counted, &["attributes", "approved"])
    );

    // The log groups, volumes and topics of all baselines, by hand: no newer plan touches them.
    for type_name in [
        "aws_cloudwatch_log_group",
        "aws_ebs_volume",
        "aws_sns_topic",
    ] {
        assert_eq!(types[type_name], by_hand(type_name), "{type_name}");
    }
}

fn by_hand(type_name: &str) -> u64 {
    let plans = crate::cases::files_below(&Path::new(ESTATE).join("plans"));
    let plans = plans.iter().filter(|path| path.ends_with("baseline.json"));
    // The two workspaces whose plan nobody approved have no baseline.
    let approved = plans.filter(|path| {
        let path = path.to_str().unwrap();
        !path.contains("/legacy/") && !path.contains("/reporting/")
    });
    let mut sum = 0;
    for path in approved {
        let plan: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        for change in plan["resource_changes"].as_array().unwrap() {
            if change["type"] == type_name && change["mode"] == "managed" {
                let after = change["change"]["after"].as_object().unwrap();
                sum += after.values().filter(|value| !value.is_null()).count() as u64;
            }
        }
    }
    sum
}

/// What only the provider sets is no approval; the schema tells which those are.
#[test]
fn a_schema_takes_out_what_only_the_provider_sets() {
    let place = Place::of("changed-scalar");
    let before = place.driftwarden(&["coverage", "--format", "json"]);
    let before: Value = serde_json::from_slice(&before.stdout).unwrap();
    let of_type = |counted: &Value| counted["types"][0].clone();
    let name = of_type(&before)["type"].as_str().unwrap().to_owned();
    let set: Vec<String> = of_type(&before)["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["attribute"].as_str().unwrap()[1..].to_owned())
        .collect();
    let attributes: serde_json::Map<String, Value> = set
        .iter()
        .map(|attribute| {
            let is_computed = attribute == "arn";
            let flag = if is_computed { "computed" } else { "optional" };
            (
                attribute.clone(),
                serde_json::json!({ "type": "string", flag: true }),
            )
        })
        .collect();
    assert!(attributes.contains_key("arn"), "{set:?}");
    let schema = serde_json::json!({
        "format_version": "1.0",
        "provider_schemas": { "registry.terraform.io/hashicorp/aws": { "resource_schemas": {
            (name): { "version": 0, "block": { "attributes": attributes } } } } } });
    place.write("schema.json", schema.to_string());
    let config = place.read("driftwarden.hcl");
    let at = config.find("plan ").unwrap();
    let with = format!(
        "{}schema = \"schema.json\"\n  {}",
        &config[..at],
        &config[at..]
    );
    place.write("driftwarden.hcl", with);
    let after = place.driftwarden(&["coverage", "--format", "json"]);
    assert_eq!(after.status.code(), Some(0), "{}", stderr(&after));
    let after: Value = serde_json::from_slice(&after.stdout).unwrap();
    let of = |counted: &Value, path: &[&str]| number(&of_type(counted)["attributes"], path);
    assert_eq!(of(&after, &["by_outcome", "computed"]), 1);
    assert_eq!(of(&after, &["approved"]) + 1, of(&before, &["approved"]));
    assert_eq!(of(&after, &["watched"]), of(&before, &["watched"]));
    assert_eq!(number(&after, &["workspaces_with_schema"]), 1);
}

#[test]
fn help_defines_every_figure() {
    let output = Place::empty().driftwarden(&["coverage", "--help"]);
    let help = stdout(&output);
    for watching in driftwarden::model::Watching::ALL {
        let word = watching.as_str().replace('_', " ");
        let packed = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(packed.contains(&format!("`{word}`")), "{word}");
    }
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/coverage.md");
    let docs = fs::read_to_string(docs).unwrap();
    for watching in driftwarden::model::Watching::ALL {
        assert!(
            docs.contains(&format!("| `{}` |", watching.as_str())),
            "{watching:?}"
        );
    }
}

#[test]
fn coverage_md_is_what_the_tables_say() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/COVERAGE.md");
    let page = fs::read_to_string(file).unwrap();
    assert!(
        page == tables().unwrap(),
        "COVERAGE.md is not what the tables say: cargo run -- coverage --tables > COVERAGE.md"
    );
    let output = Command::new(env!("CARGO_BIN_EXE_driftwarden"))
        .args(["coverage", "--tables"])
        .output()
        .unwrap();
    assert_eq!(stdout(&output), page);
}
