//! Approved attributes: each must exist in a provider schema and be of the kind that its form needs,
//! and each that can be set must be mapped or set aside with a reason. The schema as it is shipped is
//! always there; where reference data lies beside the project, its releases are asked, too.

use std::collections::BTreeMap;

use driftwarden::ingest::schema::{ProviderSchemas, fits};
use driftwarden::normalise::Tier;
use driftwarden::normalise::catalogue::{Catalogue, Resource};
use driftwarden::normalise::form::Form;
use serde_json::Value;

use super::{json, shared};

/// Nested attribute names without positions, with the kind: `S`, `L`, `M` or `1`.
type Names = BTreeMap<String, Kind>;

struct Kind {
    collection: char,
    can_be_set: bool,
    is_block: bool,
}

/// The schemas of three releases of the provider: 5.100, 4.22, and names and kinds of 6.25.
struct Schemas {
    releases: Vec<BTreeMap<String, Names>>,
}

impl Schemas {
    fn read() -> Option<Self> {
        let full = |path: &str| -> Option<BTreeMap<String, Names>> {
            let file = json(&shared(path)?);
            let provider = file["provider_schemas"].as_object().unwrap().values();
            let types = provider.filter_map(|provider| provider["resource_schemas"].as_object());
            let types = types.flatten().map(|(name, schema)| {
                let mut names = Names::new();
                block(&schema["block"], "", &mut names);
                (name.clone(), names)
            });
            Some(types.collect())
        };
        let newest = json(&shared(
            "corpus/provider-schemas/aws-collections-from-cdktf.json",
        )?);
        let newest = newest["resources"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| {
                let mut names = Names::new();
                collections(&schema["a"], "", &mut names);
                (name.clone(), names)
            });
        Some(Self {
            releases: vec![
                full("estates/alpha/schema.json")?,
                full("corpus/provider-schemas/aws-4.22.0-full-schema-jet.json")?,
                newest.collect(),
            ],
        })
    }

    fn find(&self, type_name: &str, attribute: &str) -> Vec<&Kind> {
        let releases = self.releases.iter();
        releases
            .filter_map(|types| types.get(type_name)?.get(attribute))
            .collect()
    }
}

fn block(schema: &Value, before: &str, names: &mut Names) {
    for (name, attribute) in schema["attributes"].as_object().into_iter().flatten() {
        let collection = match attribute["type"][0].as_str() {
            Some("set") => 'S',
            Some("list") => 'L',
            Some("map") => 'M',
            _ => '1',
        };
        let is = |key: &str| attribute[key] == true;
        let kind = Kind {
            collection,
            can_be_set: is("optional") || is("required"),
            is_block: false,
        };
        names.insert(format!("{before}{name}"), kind);
    }
    for (name, inner) in schema["block_types"].as_object().into_iter().flatten() {
        let collection = if inner["nesting_mode"] == "set" {
            'S'
        } else {
            'L'
        };
        let kind = Kind {
            collection,
            can_be_set: true,
            is_block: true,
        };
        names.insert(format!("{before}{name}"), kind);
        block(&inner["block"], &format!("{before}{name}."), names);
    }
}

fn collections(schema: &Value, before: &str, names: &mut Names) {
    for (name, attribute) in schema.as_object().into_iter().flatten() {
        let inner = &attribute["c"];
        let kind = Kind {
            collection: attribute["k"]
                .as_str()
                .and_then(|k| k.chars().next())
                .unwrap_or('1'),
            can_be_set: true,
            is_block: inner.is_object(),
        };
        names.insert(format!("{before}{name}"), kind);
        let inner = if inner["a"].is_object() {
            &inner["a"]
        } else {
            inner
        };
        collections(inner, &format!("{before}{name}."), names);
    }
}

/// `/a/0/b` as `a.b`.
fn dotted(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    let names = parts.filter(|part| part.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}

fn keys(resource: &Resource) -> Vec<String> {
    let element = match &resource.table.member {
        driftwarden::normalise::Member::Each { element, .. } => element.as_slice(),
        _ => &[],
    };
    let pairs = resource.table.keys.iter().chain(element).flatten();
    pairs
        .map(|pair| dotted(pair.approved.pointer().as_str()))
        .collect()
}

/// Every attribute of the rows, with the form; those that are set aside or keys without.
fn named(resource: &Resource) -> Vec<(String, Option<Form>)> {
    let mapped = resource.table.attributes.iter();
    let mapped = mapped.map(|row| (dotted(row.pointer.as_str()), Some(row.form)));
    let set_aside = resource.table.not_comparable.keys();
    let set_aside = set_aside.map(|pointer| (dotted(pointer.as_str()), None));
    let keys = keys(resource).into_iter().map(|key| (key, None));
    mapped.chain(set_aside).chain(keys).collect()
}

/// Of reviewed tables and of the types that are matched by name alike: a list that is called a set
/// would hide a change of order, and a set that is called a list would give false alarms.
#[test]
fn no_row_contradicts_the_schema_that_is_shipped() {
    let shipped = ProviderSchemas::shipped(&|_| true).unwrap();
    let catalogue = Catalogue::builtin().unwrap();
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for (_, resource) in catalogue.resources() {
        let name = resource.table.type_name.as_str();
        assert!(shipped.resource(name).is_some(), "{name} is in no schema");
        for (attribute, form) in named(resource) {
            let tokens: Vec<&str> = attribute.split('.').collect();
            let Some(facts) = shipped.attribute(name, &tokens) else {
                // The keys of a type that is matched by name are tried; it need not have all of them.
                if form.is_none() && resource.table.tier == Tier::Generic {
                    continue;
                }
                wrong.push(format!("{name}.{attribute} is in no schema"));
                continue;
            };
            let Some(form) = form else { continue };
            rows += 1;
            if !fits(form, &facts) && !is_rule(resource) {
                wrong.push(format!(
                    "{name}.{attribute}: {form:?}, {:?}",
                    facts.collection
                ));
            }
            let is_generic = resource.table.tier == Tier::Generic && form != Form::Tags;
            if is_generic && facts.is_computed_only() {
                wrong.push(format!("{name}.{attribute}: only the provider sets it"));
            }
            if facts.flags.sensitive {
                wrong.push(format!(
                    "{name}.{attribute}: a secret, which no item carries"
                ));
            }
        }
    }
    wrong.retain(|wrong| !wrong.ends_with(".id is in no schema"));
    assert_eq!(wrong, Vec::<String>::new());
    assert!(rows > 1000, "{rows}");
}

#[test]
fn every_attribute_exists_and_is_of_the_kind_that_the_table_says() {
    let Some(schemas) = Schemas::read() else {
        return;
    };
    let catalogue = Catalogue::reviewed().unwrap();
    let mut wrong = Vec::new();
    for (_, resource) in catalogue.resources() {
        let name = resource.table.type_name.as_str();
        for (attribute, form) in named(resource) {
            let kinds = schemas.find(name, &attribute);
            if kinds.is_empty() && !matches!(attribute.as_str(), "id" | "tags_all") {
                wrong.push(format!("{name}.{attribute} is in no schema"));
            }
            for kind in kinds {
                if form.is_some_and(|form| !is_of(form, kind)) && !is_rule(resource) {
                    wrong.push(format!(
                        "{name}.{attribute}: {form:?} does not fit `{}`",
                        kind.collection
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The rows of rules name attributes; the rules are taken apart as a whole.
fn is_rule(resource: &Resource) -> bool {
    matches!(
        resource.table.member,
        driftwarden::normalise::Member::SecurityGroupRule
    )
}

fn is_of(form: Form, kind: &Kind) -> bool {
    match form {
        Form::Set | Form::Subset => kind.collection == 'S',
        // Attributes may hold objects, too; the newest release's list does not tell blocks apart.
        Form::BlockSet => kind.collection == 'S' || kind.is_block,
        Form::Blocks => kind.collection == 'L' || kind.is_block,
        Form::List => kind.collection == 'L',
        Form::Map | Form::Tags => kind.collection == 'M',
        Form::IngressRules | Form::EgressRules | Form::InlinePolicies => kind.collection == 'S',
        Form::IngressEntries | Form::EgressEntries | Form::Routes => kind.collection == 'S',
        Form::EncryptionRules | Form::LifecycleRules | Form::AnyBlock => kind.is_block,
        Form::ReplicationRules
        | Form::LambdaNotifications
        | Form::QueueNotifications
        | Form::TopicNotifications => kind.is_block,
        Form::AccessList => kind.is_block || kind.collection == '1',
        Form::Scalar
        | Form::Folded
        | Form::ArnName
        | Form::KmsKey
        | Form::Cidr
        | Form::VersionPrefix
        | Form::Policy
        | Form::DefaultPolicyVersion
        | Form::ContainerDefinitions
        | Form::Json => kind.collection == '1',
    }
}

/// Attributes of every type that are Terraform's own business, and names, which are the key.
const EVERYWHERE: [&str; 12] = [
    "arn",
    "id",
    "tags",
    "region",
    "timeouts",
    "name",
    "name_prefix",
    "bucket_prefix",
    "identifier",
    "identifier_prefix",
    "function_name",
    "tags_all",
];

#[test]
fn every_attribute_that_can_be_set_is_mapped_or_set_aside() {
    let Some(schemas) = Schemas::read() else {
        return;
    };
    let catalogue = Catalogue::reviewed().unwrap();
    let mut forgotten = Vec::new();
    for (_, resource) in catalogue.resources() {
        let name = resource.table.type_name.as_str();
        let rows = resource.table.attributes.iter().map(|row| &row.pointer);
        let mut known: Vec<String> = rows
            .chain(resource.table.not_comparable.keys())
            .map(|pointer| dotted(pointer.as_str()))
            .collect();
        known.extend(keys(resource));
        let covers = |attribute: &str| {
            known.iter().any(|known| {
                let below = attribute.strip_prefix(known.as_str());
                below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
            })
        };
        for names in schemas.releases.iter().filter_map(|types| types.get(name)) {
            for (attribute, kind) in names {
                let top = attribute.split('.').next().unwrap_or_default();
                if kind.can_be_set
                    && !kind.is_block
                    && !EVERYWHERE.contains(&top)
                    && !covers(attribute)
                {
                    forgotten.push(format!("{name}.{attribute}"));
                }
            }
        }
    }
    forgotten.sort();
    forgotten.dedup();
    assert_eq!(forgotten, Vec::<String>::new());
}
