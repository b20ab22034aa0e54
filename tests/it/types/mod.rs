//! Every folder below fixtures/types pairs approved attributes with the items that AWS Config
//! records of them. As they are, nothing deviates; each real change of a live value, made from the
//! form of its row, must give exactly one deviation, at that attribute of that resource.
#![cfg(test)]

mod compare;
mod edit;
mod explicit;
mod fixture;
mod mutate;
mod rows;
mod secrets;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::catalogue::Resource;
use serde_json::Value;

use compare::{Attributes, Estate, Found};
use fixture::Fixture;

/// A change, and every deviation that it must give.
struct Mutation {
    what: String,
    /// What was approved, where it is not what the folder says.
    approved: Option<Attributes>,
    items: Vec<Value>,
    expected: Vec<Found>,
    /// What it changes: an attribute of an address, where it is one.
    changes: Option<(String, String)>,
}

#[derive(Default)]
struct Counts {
    types: usize,
    attributes: usize,
    mutations: usize,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Names of the entries of a folder, without the extension.
fn names(path: &str, extension: Option<&str>) -> BTreeSet<String> {
    let entries = fs::read_dir(root(path)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| match extension {
        None => path.is_dir(),
        Some(_) => path.extension().and_then(|found| found.to_str()) == extension,
    });
    paths
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// `TYPE=volume` looks at one folder only.
#[test]
fn each_change_of_a_mapped_attribute_gives_one_deviation_at_it() {
    let catalogue = Catalogue::builtin().unwrap();
    let wanted = std::env::var("TYPE").ok();
    let names = names("fixtures/types", None);
    let names = names
        .iter()
        .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted == *name));
    let mut wrong = Vec::new();
    let mut all = Counts::default();
    for name in names {
        let mut problems = Vec::new();
        let counts = folder(name, &catalogue, &mut problems);
        println!(
            "{name}: {} types, {} attributes, {} mutations",
            counts.types, counts.attributes, counts.mutations
        );
        all.types += counts.types;
        all.attributes += counts.attributes;
        all.mutations += counts.mutations;
        wrong.extend(problems.iter().map(|what| format!("{name}: {what}")));
    }
    println!(
        "together: {} types, {} attributes, {} mutations",
        all.types, all.attributes, all.mutations
    );
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(all.types > 0, "there is no folder of that name");
}

/// `without.toml` names tables that have no folder yet, each with the reason.
#[test]
fn every_table_has_a_folder() {
    let text = fs::read_to_string(root("fixtures/types/without.toml")).unwrap();
    let without: BTreeMap<String, String> = toml::from_str(&text).unwrap();
    let tables = names("src/normalise/aws", Some("toml"));
    let folders = names("fixtures/types", None);
    let mut wrong = Vec::new();
    for name in tables.iter().filter(|name| !folders.contains(*name)) {
        if !without.contains_key(name) {
            wrong.push(format!(
                "the table `{name}` has no folder fixtures/types/{name} that shows it"
            ));
        }
    }
    for name in folders.difference(&tables) {
        wrong.push(format!("fixtures/types/{name} has no table"));
    }
    for (name, why) in &without {
        if !tables.contains(name) || folders.contains(name) || why.trim().is_empty() {
            wrong.push(format!(
                "without.toml, `{name}`: a table without a folder, and a reason, are wanted"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn folder(name: &str, catalogue: &Catalogue, wrong: &mut Vec<String>) -> Counts {
    let fixture = match Fixture::read(&root("fixtures/types").join(name)) {
        Ok(fixture) => fixture,
        Err(error) => {
            wrong.push(error);
            return Counts::default();
        }
    };
    let mut counts = Counts::default();
    let Some(tables) = tables_of(name, catalogue) else {
        wrong.push(format!("there is no table src/normalise/aws/{name}.toml"));
        return counts;
    };
    let before = wrong.len();
    check_clean(&fixture, catalogue, wrong);
    check_types(&fixture, &tables, catalogue, wrong);
    if wrong.len() > before {
        // What a clean pair gets wrong, every mutation would repeat.
        return counts;
    }
    counts.types = tables.len();
    let mut mutations = whole::mutations(&fixture, catalogue);
    for table in &tables {
        counts.attributes += table.table.attributes.len();
        mutations.extend(rows::mutations(&fixture, table, catalogue, wrong));
    }
    mutations.extend(explicit::mutations(&fixture, &tables, wrong));
    counts.mutations = mutations.len();
    // A plan that creates goes the long way; one with nothing to do may take the short cuts.
    for action in ["create", "no-op"] {
        let estate = Estate::new(&fixture.approved, action, catalogue);
        for mutation in &mutations {
            let other = mutation.approved.as_ref();
            let other = other.map(|approved| Estate::new(approved, action, catalogue));
            let estate = other.as_ref().unwrap_or(&estate);
            let compared = estate.compare(&mutation.items, catalogue);
            if !is_expected(&compared.found, &mutation.expected) {
                wrong.push(format!(
                    "{} ({action}) gives {}, not {}",
                    mutation.what,
                    shown(&compared.found),
                    shown(&mutation.expected)
                ));
            }
        }
    }
    counts
}

/// The Terraform types of the table of that name.
fn tables_of<'c>(name: &str, catalogue: &'c Catalogue) -> Option<Vec<&'c Resource>> {
    let text = fs::read_to_string(root("src/normalise/aws").join(format!("{name}.toml"))).ok()?;
    let table = driftwarden::normalise::ConfigTable::parse(name, &text).unwrap();
    let (_, config) = catalogue.config_type(&table.config_type)?;
    let resources = config.resources.iter();
    Some(resources.filter_map(|at| catalogue.resource(*at)).collect())
}

fn check_clean(fixture: &Fixture, catalogue: &Catalogue, wrong: &mut Vec<String>) {
    for action in ["create", "no-op"] {
        let estate = Estate::new(&fixture.approved, action, catalogue);
        let compared = estate.compare(&fixture.items, catalogue);
        if !compared.found.is_empty() {
            let found = shown(&compared.found);
            wrong.push(format!("as it is ({action}), it gives {found}"));
        }
        wrong.extend(compared.gaps.iter().map(|gap| format!("a gap: {gap}")));
        let others: [(&str, Rewrite); 2] = [
            ("as the API answers", as_the_api_answers),
            ("with names in the other case", with_other_case),
        ];
        for (how, write) in others {
            let items: Vec<Value> = fixture.items.iter().map(write).collect();
            let other = estate.compare(&items, catalogue);
            if other.found != compared.found || other.gaps != compared.gaps {
                let found = shown(&other.found);
                wrong.push(format!(
                    "{how} ({action}), it gives {found} {:?}",
                    other.gaps
                ));
            }
        }
    }
}

/// The same item in another way of writing.
type Rewrite = fn(&Value) -> Value;

/// The API gives the configuration as text, and each supplementary part as text of its own.
fn as_the_api_answers(item: &Value) -> Value {
    let mut answer = item.clone();
    answer["configuration"] = Value::String(item["configuration"].to_string());
    if let Some(parts) = answer["supplementaryConfiguration"].as_object_mut() {
        for part in parts.values_mut() {
            *part = Value::String(part.to_string());
        }
    }
    answer
}

/// AWS moves types from `camelCase` to `PascalCase`, and its published lists lag behind.
fn with_other_case(item: &Value) -> Value {
    let mut other = item.clone();
    for part in ["configuration", "supplementaryConfiguration"] {
        other[part] = turned(&item[part]);
    }
    other
}

/// Below these the keys are the user's own, or have a meaning in one case only.
const OWN_KEYS: [&str; 5] = ["variables", "tags", "polic", "labels", "options"];

fn turned(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let mut letters = key.chars();
                let first = letters.next().map(|first| match first.is_uppercase() {
                    true => first.to_ascii_lowercase(),
                    false => first.to_ascii_uppercase(),
                });
                let name = key.to_ascii_lowercase();
                let value = match OWN_KEYS.iter().any(|own| name.contains(own)) {
                    true => value.clone(),
                    false => turned(value),
                };
                (first.into_iter().chain(letters).collect(), value)
            })
            .collect::<serde_json::Map<String, Value>>()
            .into(),
        Value::Array(list) => list.iter().map(turned).collect(),
        other => other.clone(),
    }
}

/// The folder shows every type of its table, and nothing else.
fn check_types(
    fixture: &Fixture,
    tables: &[&Resource],
    catalogue: &Catalogue,
    wrong: &mut Vec<String>,
) {
    let known: BTreeSet<&str> = tables
        .iter()
        .map(|table| table.table.type_name.as_str())
        .collect();
    let there: BTreeSet<&str> = fixture
        .approved
        .keys()
        .map(|address| fixture::type_of(address))
        .collect();
    let lacking = known.difference(&there);
    wrong.extend(lacking.map(|name| format!("approved.json has no {name}")));
    let strange = there.difference(&known);
    wrong.extend(strange.map(|name| format!("{name} is no type of the table")));
    for (address, resource, attributes) in fixture.resources(catalogue) {
        if resource.is_some_and(|resource| fixture.item_of(resource, attributes).is_none()) {
            wrong.push(format!("items.json has no item for {address}"));
        }
    }
}

/// Each deviation is expected, and each expected one is there; an expected attribute stands for
/// all below it.
fn is_expected(found: &[Found], expected: &[Found]) -> bool {
    let fits = |found: &Found, expected: &Found| {
        let below = found.attribute.strip_prefix(&*expected.attribute);
        found.kind == expected.kind
            && found.resource == expected.resource
            && below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    };
    let mut rest: Vec<&Found> = expected.iter().collect();
    found.iter().all(|found| {
        let at = rest.iter().position(|expected| fits(found, expected));
        at.map(|at| rest.swap_remove(at)).is_some()
    }) && rest.is_empty()
}

fn shown(found: &[Found]) -> String {
    let all: Vec<String> = found
        .iter()
        .map(|found| format!("{} {} {}", found.kind, found.resource, found.attribute))
        .collect();
    match all.is_empty() {
        true => "nothing".to_owned(),
        false => format!("[{}]", all.join(", ")),
    }
}
