//! How the match by name does on recorded values, where reference data lies beside the project.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use serde_json::Value as Json;

use crate::normalise::equal::Outcome;
use crate::normalise::form::{Form, Side};
use crate::normalise::path::{Path, folded_eq};
use crate::normalise::table::{AttributeRow, ResourceTable};

/// Real differences, or two resources: looked at one by one.
const JUDGED: [(&str, &str, &str); 0] = [];

fn shared(folder: &str) -> Option<PathBuf> {
    let beside = || FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("DRIFTWARDEN_SHARED").map_or_else(beside, PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: `{}` is not here", path.display());
    None
}

fn files(folder: &FilePath, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
    found.sort();
}

fn read(path: &FilePath) -> Option<Json> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Every object in it, those in texts included.
fn objects(json: &Json, found: &mut Vec<Json>) {
    match json {
        Json::Object(fields) => {
            found.push(json.clone());
            fields.values().for_each(|field| objects(field, found));
        }
        Json::Array(list) => list.iter().for_each(|element| objects(element, found)),
        Json::String(text) if text.starts_with(['{', '[']) => {
            if let Ok(inner) = serde_json::from_str(text) {
                objects(&inner, found);
            }
        }
        _ => {}
    }
}

fn field<'j>(object: &'j Json, name: &str) -> Option<&'j Json> {
    let mut fields = object.as_object()?.iter();
    fields
        .find(|(key, _)| folded_eq(key, name))
        .map(|(_, value)| value)
}

enum Told {
    Equal,
    Differs(String),
    Unclear,
}

/// A recorded Terraform value has every scalar as text.
fn told(row: &AttributeRow, approved: &Json, live: &Json) -> Told {
    let whole = Path::parse(".");
    let side = Side::Live {
        own_id: "",
        own_account: "",
    };
    let approved = row
        .form
        .value(&approved.to_string(), &whole, Side::Approved);
    let live = row.form.value(&live.to_string(), &whole, side);
    let (Ok(approved), Ok(live)) = (approved, live) else {
        return Told::Unclear;
    };
    match row.compare(&approved, &live) {
        Outcome::Equal(_) => Told::Equal,
        Outcome::Differs(found) => Told::Differs(format!("{found:?}")),
        Outcome::NotComparable(_) => Told::Unclear,
    }
}

fn by_type() -> BTreeMap<String, (String, ResourceTable)> {
    let tables = super::tables(|_, _| false).unwrap();
    let tables = tables.into_iter().map(|table| {
        let own = table.resources.first().unwrap().clone();
        (
            own.type_name.to_string(),
            (table.config_type.to_string(), own),
        )
    });
    tables.collect()
}

/// The recorded live objects that carry the resource's id or ARN.
fn candidates<'o>(approved: &Json, objects: &'o [Json]) -> Vec<&'o Json> {
    let ids: BTreeSet<&str> = ["id", "arn"]
        .iter()
        .filter_map(|name| approved[*name].as_str())
        .filter(|id| !id.is_empty())
        .collect();
    let own = objects.iter().filter(|object| {
        let mut fields = object.as_object().into_iter().flatten();
        fields.any(|(_, value)| value.as_str().is_some_and(|text| ids.contains(text)))
    });
    own.collect()
}

#[test]
fn recorded_pairs_differ_only_where_they_were_judged_to() {
    let Some(folder) = shared("corpus/paired-tf-vs-describe") else {
        return;
    };
    let tables = by_type();
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    let mut differs = Vec::new();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    for path in paths
        .iter()
        .filter(|path| path.ends_with("tf_resources.json"))
    {
        let mut live = Vec::new();
        let mut recorded = Vec::new();
        files(&path.parent().unwrap().join("live"), &mut recorded);
        for recorded in recorded.iter().filter_map(|path| read(path)) {
            objects(&recorded, &mut live);
        }
        let resources = read(path).unwrap();
        for (name, instances) in resources["resources"].as_object().unwrap() {
            let Some((_, table)) = tables.get(name) else {
                continue;
            };
            for approved in instances.as_object().unwrap().values() {
                for live in candidates(approved, &live) {
                    let count = counts.entry(table.type_name.as_str()).or_default();
                    for row in table.attributes.iter().filter(|row| row.form != Form::Tags) {
                        let attribute = row.pointer.as_str().trim_start_matches('/');
                        let pair = field(approved, attribute).zip(field(live, attribute));
                        let Some((approved, live)) = pair else {
                            continue;
                        };
                        match told(row, approved, live) {
                            Told::Equal => count[0] += 1,
                            Told::Unclear => count[2] += 1,
                            Told::Differs(found) => {
                                count[1] += 1;
                                let case = path.parent().unwrap().file_name().unwrap();
                                let case = case.to_string_lossy().into_owned();
                                differs.push((case, format!("{name}.{attribute}"), found));
                            }
                        }
                    }
                }
            }
        }
    }
    println!("type, equal, differs, not comparable");
    for (name, [equal, differs, unclear]) in &counts {
        println!("{name}, {equal}, {differs}, {unclear}");
    }
    for (case, attribute, found) in &differs {
        println!("{case}: {attribute}: {found}");
    }
    let unjudged = differs.iter().filter(|(case, attribute, _)| {
        !JUDGED
            .iter()
            .any(|(known, its, _)| known == case && its == attribute)
    });
    assert_eq!(unjudged.count(), 0);
    assert!(counts.values().any(|count| count[0] > 0));
}

#[test]
fn recorded_items_have_the_fields_that_the_names_say() {
    let Some(folder) = shared("corpus/aws-config-items") else {
        return;
    };
    let tables = by_type();
    let by_config: BTreeMap<&str, &ResourceTable> = tables
        .values()
        .map(|(config, table)| (config.as_str(), table))
        .collect();
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut found = Vec::new();
    for item in paths.iter().filter_map(|path| read(path)) {
        objects(&item, &mut found);
    }
    let mut counts: BTreeMap<&str, [u32; 3]> = BTreeMap::new();
    for item in &found {
        let table = item["resourceType"]
            .as_str()
            .and_then(|name| by_config.get(name));
        let (Some(table), Some(Json::Object(_))) = (table, item.get("configuration")) else {
            continue;
        };
        let count = counts.entry(table.type_name.as_str()).or_default();
        for row in table.attributes.iter().filter(|row| row.form != Form::Tags) {
            let attribute = row.pointer.as_str().trim_start_matches('/');
            match field(&item["configuration"], attribute) {
                // What is there is equal to itself, or not comparable; never different.
                Some(live) => match told(row, live, live) {
                    Told::Equal => count[0] += 1,
                    Told::Differs(found) => panic!("{attribute}: {found}"),
                    Told::Unclear => count[2] += 1,
                },
                None => count[1] += 1,
            }
        }
    }
    println!("type, read, absent, not comparable");
    for (name, [read, absent, unclear]) in &counts {
        println!("{name}, {read}, {absent}, {unclear}");
    }
    assert!(counts.values().any(|count| count[0] > 0));
}
