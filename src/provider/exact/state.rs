//! What exact reading takes from a state: the attributes of each resource as they stand, the version of
//! their schema, and the provider's own bytes, which only the state file has.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ingest::state::instance_key;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateFault {
    #[error("it cannot be read as a state")]
    Unreadable,
    #[error("it is neither a state file of version 4 nor the output of `terraform show -json`")]
    Unknown,
    #[error("an instance of `{0}` has a key that cannot be read")]
    Key(String),
}

/// One resource as the state has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateInstance {
    pub type_name: String,
    pub schema_version: i64,
    /// JSON.
    pub attributes: Box<str>,
    pub private: Vec<u8>,
    /// Names of attributes that the state marks sensitive.
    pub sensitive: Vec<String>,
}

#[derive(Deserialize)]
struct Document<'f> {
    version: Option<u64>,
    #[serde(borrow, default)]
    resources: Vec<Resource<'f>>,
    #[serde(borrow, default)]
    values: Option<Values<'f>>,
}

#[derive(Deserialize)]
struct Resource<'f> {
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    type_name: String,
    name: String,
    #[serde(borrow, default)]
    instances: Vec<Instance<'f>>,
}

#[derive(Deserialize)]
struct Instance<'f> {
    #[serde(borrow, default)]
    index_key: Option<&'f RawValue>,
    #[serde(default)]
    schema_version: i64,
    #[serde(borrow, default)]
    attributes: Option<&'f RawValue>,
    #[serde(default)]
    private: Option<String>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<Step>>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    value: serde_json::Value,
}

#[derive(Deserialize)]
struct Values<'f> {
    #[serde(borrow, default)]
    root_module: Module<'f>,
}

#[derive(Deserialize, Default)]
struct Module<'f> {
    #[serde(borrow, default)]
    resources: Vec<Shown<'f>>,
    #[serde(borrow, default)]
    child_modules: Vec<Module<'f>>,
}

#[derive(Deserialize)]
struct Shown<'f> {
    address: String,
    mode: String,
    #[serde(rename = "type")]
    type_name: String,
    #[serde(default)]
    schema_version: i64,
    #[serde(borrow)]
    values: &'f RawValue,
    #[serde(default)]
    sensitive_values: serde_json::Value,
    #[serde(default)]
    deposed_key: Option<String>,
}

/// Managed resources of a state by address.
///
/// # Errors
/// Text that is no state.
pub fn read_state(text: &str) -> Result<BTreeMap<String, StateInstance>, StateFault> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|_| StateFault::Unreadable)?;
    let mut all = BTreeMap::new();
    match (document.version, document.values) {
        (Some(4), _) => {
            for resource in document.resources {
                if resource.mode == "managed" {
                    add_instances(resource, &mut all)?;
                }
            }
        }
        (None, Some(values)) => add_module(values.root_module, &mut all),
        (Some(_) | None, _) => return Err(StateFault::Unknown),
    }
    Ok(all)
}

fn add_instances(
    resource: Resource<'_>,
    all: &mut BTreeMap<String, StateInstance>,
) -> Result<(), StateFault> {
    let own = format!("{}.{}", resource.type_name, resource.name);
    let base = match resource.module {
        Some(module) => format!("{module}.{own}"),
        None => own,
    };
    for instance in resource.instances {
        let Some(attributes) = instance.attributes else {
            continue;
        };
        if instance.deposed.is_some() {
            continue;
        }
        let address = match instance.index_key {
            None => base.clone(),
            Some(key) => {
                let key = instance_key(key.get()).map_err(|_| StateFault::Key(base.clone()))?;
                format!("{base}[{key}]")
            }
        };
        let private = instance.private.unwrap_or_default();
        let marks = instance.sensitive_attributes.iter();
        let marks = marks.filter_map(|path| path.first()?.value.as_str());
        let found = StateInstance {
            type_name: resource.type_name.clone(),
            schema_version: instance.schema_version,
            attributes: attributes.get().into(),
            // Without them most providers work as well.
            private: STANDARD.decode(private).unwrap_or_default(),
            sensitive: marks.map(str::to_owned).collect(),
        };
        all.insert(address, found);
    }
    Ok(())
}

fn add_module(module: Module<'_>, all: &mut BTreeMap<String, StateInstance>) {
    for shown in module.resources {
        if shown.mode != "managed" || shown.deposed_key.is_some() {
            continue;
        }
        let found = StateInstance {
            type_name: shown.type_name,
            schema_version: shown.schema_version,
            attributes: shown.values.get().into(),
            private: Vec::new(),
            sensitive: marked(&shown.sensitive_values),
        };
        all.insert(shown.address, found);
    }
    for child in module.child_modules {
        add_module(child, all);
    }
}

/// Names of attributes that hold a mark.
pub(super) fn marked(marks: &serde_json::Value) -> Vec<String> {
    fn any(marks: &serde_json::Value) -> bool {
        match marks {
            serde_json::Value::Bool(flag) => *flag,
            serde_json::Value::Array(all) => all.iter().any(any),
            serde_json::Value::Object(all) => all.values().any(any),
            _ => false,
        }
    }
    let all = marks.as_object().into_iter().flatten();
    all.filter(|(_, marks)| any(marks))
        .map(|(name, _)| name.clone())
        .collect()
}
