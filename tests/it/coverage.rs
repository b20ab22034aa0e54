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
    insta::assert_snapshot!(shown("WATCHED"), @r"
    WATCHED   60.4 %: 496 of 821 approved attributes
              821 = 401 compared + 95 key + 3 in part + 10 elsewhere + 76 set aside + 32 not carried +
              112 not mapped + 92 resource
    RESOURCES 64 approved = 62 observed + 2 unknown + 0 excluded
    SCHEMA    7 of 7 workspaces without a provider schema: there, attributes that only the provider sets
              count as approved, and the share is too low rather than too high
    NO TABLE  aws_cloudwatch_log_group (1 resource)
    ");
    insta::assert_snapshot!(shown("aws_iam_role:"), @r"
    aws_iam_role: AWS::IAM::Role, src/normalise/aws/iam_role.toml
      resources      4 approved
      watched        60.0 %: 36 of 60 approved attributes
                     60 = 28 compared + 8 key + 4 elsewhere + 4 set aside + 16 not mapped
      compared       assume_role_policy, description, inline_policy (3), managed_policy_arns (1),
                     max_session_duration, path, permissions_boundary, tags_all
      key            id, name
      elsewhere      inline_policy (1), managed_policy_arns (3)
      set aside      force_detach_policies: what Terraform does on deletion; no property of the role
      not mapped     arn, create_date, name_prefix, unique_id
    ");
    insta::assert_snapshot!(shown("aws_s3_bucket:"), @r"
    aws_s3_bucket: AWS::S3::Bucket, src/normalise/aws/s3_bucket.toml
      resources      5 approved
      watched        43.6 %: 45 of 103 approved attributes
                     103 = 37 compared + 8 key + 3 in part + 6 elsewhere + 12 set aside + 4 not carried
                     + 12 not mapped + 21 resource
      compared       cors_rule (4), lifecycle_rule (4), logging (4), policy (3), region (4),
                     replication_configuration (4), request_payer (4), tags (2), tags_all (4), website
                     (4)
      key            bucket (4), id (4)
      in part        versioning (3): without mfa_delete
      elsewhere      policy (1), server_side_encryption_configuration (4), versioning (1)
      set aside      hosted_zone_id (4): not in the item; it follows from the Region
      set aside      acceleration_status (4): the table's condition for comparing it does not hold for
                     this item
      set aside      force_destroy (4): what Terraform does on deletion; no property of the bucket
      not carried    object_lock_enabled (4)
      not mapped     arn (4), bucket_domain_name (4), bucket_prefix (4)
      resource       21 attributes: the resource is missing, which is a finding
    ");
    insta::assert_snapshot!(shown("aws_cloudwatch_log_group:"), @r"
    aws_cloudwatch_log_group: no mapping table
      resources      1 approved, 1 of them unknown
      watched        0.0 %: 0 of 9 approved attributes
                     9 = 9 resource
      resource       9 attributes: a gap: type_not_mapped
    ");
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

    // By hand: what the plans of the start approve. Volumes have a newer baseline, and one topic is
    // newer than they are.
    let mut by_hand = by_hand();
    for newer in ["aws_ebs_volume", "aws_sns_topic"] {
        assert!(types.remove(newer) > by_hand.remove(newer));
    }
    assert!(types.len() > 15);
    assert_eq!(types, by_hand);
}

fn by_hand() -> BTreeMap<String, u64> {
    let plans = crate::cases::files_below(&Path::new(ESTATE).join("plans"));
    let plans = plans.iter().filter(|path| path.ends_with("baseline.json"));
    // The two workspaces whose plan nobody approved have no baseline.
    let approved = plans.filter(|path| {
        let path = path.to_str().unwrap();
        !path.contains("/legacy/") && !path.contains("/reporting/")
    });
    let mut types = BTreeMap::new();
    for path in approved {
        let plan: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap();
        for change in changes.iter().filter(|change| change["mode"] == "managed") {
            let after = change["change"]["after"].as_object().unwrap();
            let set = after.values().filter(|value| !value.is_null()).count();
            let name = change["type"].as_str().unwrap().to_owned();
            *types.entry(name).or_default() += set as u64;
        }
    }
    types
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
        .map(|one| one["attribute"].as_str().unwrap().replacen('/', "", 1))
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
    let with = config.replacen("plan ", "schema = \"schema.json\"\n  plan ", 1);
    assert_ne!(config, with);
    place.write("driftwarden.hcl", with);
    let after = place.driftwarden(&["coverage", "--format", "json"]);
    assert_eq!(after.status.code(), Some(0), "{}", stderr(&after));
    let after: Value = serde_json::from_slice(&after.stdout).unwrap();
    let of = |counted: &Value, path: &[&str]| number(&of_type(counted)["attributes"], path);
    assert_eq!(of(&after, &["by_outcome", "computed"]), 1);
    assert_eq!(of(&after, &["approved"]) + 1, of(&before, &["approved"]));
    // The topic is found by its ARN.
    assert_eq!(of(&after, &["watched"]) + 1, of(&before, &["watched"]));
    assert_eq!(number(&after, &["workspaces_with_schema"]), 1);
}

/// Since version 6 of the provider each regional resource tells its Region: part of what it is found by.
#[test]
fn the_region_of_a_resource_is_what_it_is_found_by() {
    let place = Place::of("region-of-each-resource");
    let counted = place.driftwarden(&["coverage", "--format", "json"]);
    let counted: Value = serde_json::from_slice(&counted.stdout).unwrap();
    for of_type in counted["types"].as_array().unwrap() {
        let outcomes = of_type["outcomes"].as_array().unwrap();
        let mut regions = outcomes.iter().filter(|one| one["attribute"] == "/region");
        let outcome = regions.next().unwrap();
        assert_eq!(outcome["outcome"], "key", "{of_type:#}");
        assert_eq!(number(outcome, &["count"]), 2);
    }
    assert_eq!(counted["types"].as_array().unwrap().len(), 2);
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
