//! Every real plan, state and Config file at hand is read, or refused for a reason that stands here.
//!
//! The files are other people's and no part of the project: the folder that holds them is named by
//! `DRIFTWARDEN_SHARED`, or lies beside the project as `shared`. Without it there is nothing to do.
#![cfg(test)]

mod values;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use driftwarden::ingest::json::StreamError;
use driftwarden::ingest::redact::Redactor;
use driftwarden::ingest::{config_item, plan, state};
use driftwarden::normalise::catalogue::Catalogue;

fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("DRIFTWARDEN_SHARED").map_or_else(beside, PathBuf::from);
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    println!("skipped: no corpus in {}", folder.display());
    None
}

fn files_under(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_under(&path, into);
        } else if path.file_name().unwrap() != "README.md" {
            into.push(path);
        }
    }
}

/// Reads all files, prints the table, and gives back the refusals by file.
fn outcomes(
    shared: &Path,
    folders: &[&str],
    read: impl Fn(fs::File) -> Result<usize, StreamError>,
) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for folder in folders {
        let path = shared.join(folder);
        match path.is_dir() {
            true => files_under(&path, &mut files),
            false => files.push(path),
        }
    }
    let mut refused = BTreeMap::new();
    for path in &files {
        let name = path.strip_prefix(shared).unwrap().display().to_string();
        match read(fs::File::open(path).unwrap()) {
            Ok(count) => println!("{name}  {count} resources"),
            Err(error) => {
                println!("{name}  refused: {error}");
                refused.insert(name, error.to_string());
            }
        }
    }
    assert!(!files.is_empty());
    refused
}

fn read_plan(file: fs::File) -> Result<usize, StreamError> {
    let catalogue = Catalogue::builtin().unwrap();
    let redactor = Redactor::new(&[1; 32]);
    plan::read(io::BufReader::new(file), &catalogue, &redactor)
        .map(|(plan, _)| plan.resources.len())
}

fn read_state(file: fs::File) -> Result<usize, StreamError> {
    let catalogue = Catalogue::builtin().unwrap();
    let redactor = Redactor::new(&[1; 32]);
    state::read(io::BufReader::new(file), &catalogue, &redactor)
        .map(|(state, _)| state.resources.len())
}

fn read_items(file: fs::File) -> Result<usize, StreamError> {
    let mut count = 0;
    config_item::read(io::BufReader::new(file), &mut |_| {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

#[test]
fn plans() {
    let Some(shared) = shared() else { return };
    let folders = [
        "corpus/plans",
        "estates/alpha/plan.json",
        "estates/alpha/plan-noop.json",
        "estates/alpha/plan-after.json",
    ];
    let mut refused = outcomes(&shared, &folders, read_plan);
    // Estimates and test data in the form of plans, which Terraform did not write: they plan
    // resources and do not say what is to happen to them.
    let mut without_changes = 0;
    refused.retain(|file, why| {
        let is_known = (file.ends_with("_expected.json") || file.contains("no_resource_changes"))
            && why.ends_with("resources and does not list them as `resource_changes`");
        without_changes += usize::from(is_known);
        !is_known
    });
    assert_eq!(refused, BTreeMap::new());
    assert_eq!(without_changes, 10);
}

#[test]
fn states() {
    let Some(shared) = shared() else { return };
    let folders = [
        "corpus/states",
        "estates/alpha/state.json",
        "estates/alpha/terraform.tfstate",
    ];
    let refused = outcomes(&shared, &folders, read_state);
    assert_eq!(refused, BTreeMap::new());
}

/// Kinds of file that hold no items, by what their names end with, and what is said of them.
const WITHOUT_ITEMS: &[(&str, &str)] = &[
    // A Config rule's periodic event names no resource.
    (
        "poll-evaluation.json",
        "no AWS Config items are in the file",
    ),
    // An EventBridge event of CloudTrail.
    (
        "event-cloudsearch.json",
        "no AWS Config items are in the file",
    ),
    (
        "DescribeConfigurationRecorders_1.json",
        "the file describes a recorder of AWS Config, not resources",
    ),
    (
        "DescribeConfigurationRecorderStatus_1.json",
        "the file describes a recorder of AWS Config, not resources",
    ),
    (
        "DescribeConfigurationRecorderStatus_2.json",
        "the file describes a recorder of AWS Config, not resources",
    ),
    (
        "ListDiscoveredResources_1.json",
        "the file lists resources and does not say how they are configured",
    ),
    // Its last bracket is missing.
    (
        "AWS_EC2_NetworkInterface.json",
        "the file ends in the middle, after 2648 bytes",
    ),
];

/// Of this many answers to SelectResourceConfig all rows lack the type: what they are about cannot
/// be told. The others have no rows.
const QUERIES_WITHOUT_TYPES: usize = 28;

#[test]
fn config_items() {
    let Some(shared) = shared() else { return };
    let folders = [
        "corpus/aws-config-items",
        "estates/alpha/live-clean",
        "estates/alpha/live-mutated",
    ];
    let mut refused = outcomes(&shared, &folders, read_items);
    let mut queries = 0;
    refused.retain(|file, why| {
        let is_query = file.contains("SelectResourceConfig")
            && why.ends_with("a row of the query has no `resourceType`");
        queries += usize::from(is_query);
        let is_known = WITHOUT_ITEMS
            .iter()
            .any(|(end, reason)| file.ends_with(end) && why == reason);
        !is_query && !is_known
    });
    assert_eq!(refused, BTreeMap::new());
    assert_eq!(queries, QUERIES_WITHOUT_TYPES);
}

/// The other way round: what is listed above as refused is refused.
#[test]
fn what_holds_no_items_is_not_read() {
    let Some(shared) = shared() else { return };
    let refused = outcomes(&shared, &["corpus/aws-config-items"], read_items);
    for (end, _) in WITHOUT_ITEMS {
        assert!(refused.keys().any(|file| file.ends_with(end)), "{end}");
    }
}
