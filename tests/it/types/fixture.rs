//! A folder below fixtures/types.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use driftwarden::normalise::Catalogue;
use driftwarden::normalise::catalogue::Resource;
use driftwarden::normalise::path;
use driftwarden::normalise::table::KeyPair;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::compare::Attributes;
use super::edit;

pub struct Fixture {
    pub approved: Attributes,
    pub items: Vec<Value>,
    pub special: Special,
}

/// `mutations.toml`: what the mutations made from the forms cannot show.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Special {
    #[serde(default)]
    pub mutation: Vec<Explicit>,
    /// Rows that are not mutated, as `type.attribute`, each with the reason.
    #[serde(default)]
    pub not_alone: BTreeMap<String, String>,
}

/// One mutation in full.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explicit {
    /// The rows that it shows, as `type.attribute`.
    pub rows: Vec<String>,
    /// What it shows that the generated ones do not.
    pub why: String,
    /// The `resourceId` of the item.
    pub item: String,
    #[serde(default)]
    pub set: BTreeMap<String, Value>,
    #[serde(default)]
    pub remove: Vec<String>,
    /// What comes to lists.
    #[serde(default)]
    pub add: BTreeMap<String, Value>,
    /// The deviations: kind, a space, address or type, and for a change a space and the attribute.
    pub gives: Vec<String>,
}

impl Fixture {
    pub fn read(folder: &Path) -> Result<Self, String> {
        let special = folder.join("mutations.toml");
        let special = match special.exists() {
            true => toml::from_str(&fs::read_to_string(&special).unwrap())
                .map_err(|error| format!("mutations.toml: {error}"))?,
            false => Special::default(),
        };
        Ok(Self {
            approved: json(&folder.join("approved.json"))?,
            items: json(&folder.join("items.json"))?,
            special,
        })
    }

    /// The item that tells about a resource.
    pub fn item_of(&self, resource: &Resource, attributes: &Value) -> Option<usize> {
        let keys = resource.table.keys.iter();
        keys.flat_map(|pairs| {
            self.items.iter().position(|item| {
                pairs.iter().all(|pair| {
                    let approved = edit::text(attributes, &pair.approved.captured);
                    approved.is_some() && approved == edit::text(item, &pair.live.captured)
                })
            })
        })
        .next()
    }

    /// The approved resources of the tables, with their attributes.
    pub fn resources<'f>(
        &'f self,
        catalogue: &'f Catalogue,
    ) -> impl Iterator<Item = (&'f str, Option<&'f Resource>, &'f Value)> {
        self.approved.iter().map(|(address, attributes)| {
            let found = catalogue.find(type_of(address));
            let resource = found.and_then(|at| catalogue.resource(at));
            (address.as_str(), resource, attributes)
        })
    }

    /// The items as an explicit mutation leaves them.
    pub fn mutated(&self, explicit: &Explicit) -> Result<Vec<Value>, String> {
        let mut items = self.items.clone();
        let item = items
            .iter_mut()
            .find(|item| item["resourceId"] == *explicit.item)
            .ok_or_else(|| format!("no item `{}`", explicit.item))?;
        let changes = explicit.set.iter().map(|(path, new)| (path, Some(new)));
        let changes = changes.chain(explicit.remove.iter().map(|path| (path, None)));
        for (path, new) in changes {
            if !edit::set(item, &path::Path::parse(path).captured, new) {
                return Err(format!("the item has no `{path}`"));
            }
        }
        for (path, new) in &explicit.add {
            let tokens = path::Path::parse(path).captured;
            let mut list = edit::get(item, &tokens).unwrap_or_default();
            let elements = list.as_array_mut();
            let elements = elements.ok_or_else(|| format!("`{path}` is no list"))?;
            elements.push(new.clone());
            edit::set(item, &tokens, Some(&list));
        }
        Ok(items)
    }
}

/// Of the alternative keys of an element, the one that the resource has.
pub fn key_of<'t>(element: &'t [Vec<KeyPair>], attributes: &Value) -> &'t [KeyPair] {
    let has = |pair: &KeyPair| {
        let text = edit::text(attributes, &pair.approved.captured);
        text.is_some_and(|text| !text.is_empty())
    };
    let mut known = element.iter().filter(|pairs| pairs.iter().all(has));
    known.next().map_or(&[], Vec::as_slice)
}

pub fn type_of(address: &str) -> &str {
    address.rsplit('.').nth(1).unwrap_or_default()
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
}
