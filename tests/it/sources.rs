//! Provider schemas and Terraform source that others wrote.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::ingest::schema::{Collection, ProviderSchemas};
use driftwarden::ingest::terraform_source::{Ignore, SourceMap};
use driftwarden::model::Address;

/// Published data beside the project. Tests that need it say so and pass where it is absent.
pub fn shared(part: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("DRIFTWARDEN_SHARED").map_or(beside, PathBuf::from);
    let path = root.join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: `{part}` is not there; set DRIFTWARDEN_SHARED to the folder that holds it");
    None
}

#[test]
fn full_schemas_of_real_providers_are_read() {
    let Some(folder) = shared("corpus/provider-schemas") else {
        return;
    };
    let read = |name: &str| ProviderSchemas::parse(&fs::read(folder.join(name)).unwrap()).unwrap();

    let aws = read("aws-4.22.0-full-schema-jet.json");
    assert_eq!(aws.types().count(), 1021);
    let kind =
        |kind: &str, tokens: &[&str]| aws.attribute(kind, tokens).map(|facts| facts.collection);
    assert_eq!(
        kind("aws_security_group", &["ingress"]),
        Some(Collection::Set)
    );
    assert_eq!(
        kind("aws_security_group", &["ingress", "cidr_blocks"]),
        Some(Collection::List)
    );
    assert_eq!(
        kind("aws_instance", &["timeouts"]),
        Some(Collection::Single)
    );
    assert_eq!(
        kind("aws_s3_bucket", &["tags_all", "Owner"]),
        Some(Collection::Scalar)
    );
    let secret = aws.attribute("aws_db_instance", &["password"]).unwrap();
    assert!(secret.flags.sensitive && !secret.is_computed_only());

    let azure = read("azurerm-4.80.0-full-schema-upjet.json");
    assert_eq!(azure.types().count(), 1132);
    assert!(!azure.sensitive_paths("azurerm_storage_account").is_empty());
}

#[test]
fn the_estates_schema_covers_every_attribute_of_its_state() {
    let Some(estate) = shared("estates/alpha") else {
        return;
    };
    let bytes = fs::read(estate.join("schema.json")).unwrap();
    let schemas = ProviderSchemas::parse(&bytes).unwrap();
    let state: serde_json::Value =
        serde_json::from_slice(&fs::read(estate.join("plan.json")).unwrap()).unwrap();
    let mut seen = 0;
    for change in state["resource_changes"].as_array().unwrap() {
        if change["mode"] != "managed" {
            continue;
        }
        let type_name = change["type"].as_str().unwrap();
        seen += check_covered(
            &schemas,
            type_name,
            &change["change"]["after"],
            &mut Vec::new(),
        );
    }
    assert!(seen > 500, "{seen}");
}

/// Walks a planned value with its indexes and map keys; every leaf must be in the schema.
fn check_covered(
    schemas: &ProviderSchemas,
    type_name: &str,
    value: &serde_json::Value,
    at: &mut Vec<String>,
) -> usize {
    let tokens: Vec<&str> = at.iter().map(String::as_str).collect();
    let known = tokens.is_empty() || schemas.attribute(type_name, &tokens).is_some();
    assert!(known, "{type_name} {tokens:?}");
    let children: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        serde_json::Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => return 1,
    };
    let mut leaves = 0;
    for (token, child) in children {
        at.push(token);
        leaves += check_covered(schemas, type_name, child, at);
        at.pop();
    }
    leaves
}

#[test]
fn every_resource_of_the_estate_is_found_in_its_source() {
    let Some(estate) = shared("estates/alpha") else {
        return;
    };
    let mut files = Vec::new();
    collect_source(&estate.join("src"), "", &mut files);
    let (map, problems) = SourceMap::parse(&files);
    assert_eq!(problems, []);

    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(estate.join("plan.json")).unwrap()).unwrap();
    let mut located = 0;
    for change in plan["resource_changes"].as_array().unwrap() {
        let address = change["address"].as_str().unwrap();
        let place = map.locate(&Address::from(address));
        if change["mode"] != "managed" {
            assert_eq!(place, None, "{address}");
            continue;
        }
        let place = place.unwrap_or_else(|| panic!("{address} is not found"));
        let text = &files
            .iter()
            .find(|(name, _)| *name == place.file)
            .unwrap()
            .1;
        let line = text.lines().nth(place.line as usize - 1).unwrap();
        let (kind, name) = (
            change["type"].as_str().unwrap(),
            change["name"].as_str().unwrap(),
        );
        assert_eq!(
            line.trim_end_matches([' ', '{', '}']),
            format!("resource \"{kind}\" \"{name}\"")
        );
        assert!(map.lifecycle(&Address::from(address)).is_some());
        located += 1;
    }
    assert_eq!(located, 84);

    let queue = Address::from(r#"module.queue["captures"].aws_sqs_queue.this"#);
    let ignored = map
        .lifecycle(&queue)
        .map(|lifecycle| lifecycle.ignore_changes);
    assert_eq!(ignored, Some(Ignore::Paths(vec!["/redrive_policy".into()])));
}

fn collect_source(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect_source(&entry.path(), &format!("{name}/"), files);
        } else {
            files.push((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
}
