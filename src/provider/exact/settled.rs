//! The settled baseline: a resource as we first read it after its approved apply. Secrets are kept as
//! digests under the installation's key, so that a change of one shows and it does not.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;

use super::difference::{Difference, Equality, differences};
use crate::model::AttributePath;
use crate::provider::cty::{Name, Type, Value};
use crate::provider::json::{self, JsonValueError, Objects};

/// Makes digests of secrets.
#[derive(Clone)]
pub struct SecretDigest(Hmac<Sha256>);

impl SecretDigest {
    pub fn new(key: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::new_from_slice(key).expect("a key of any length");
        Self(mac)
    }

    fn of(&self, name: &str, value: &Value) -> String {
        let mut mac = self.0.clone();
        mac.update(b"driftwarden settled baseline\0");
        mac.update(name.as_bytes());
        mac.update(b"\0");
        mac.update(json::write(value).as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

/// The settled baseline of a workspace, as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Settled {
    pub format: u32,
    pub resources: BTreeMap<String, Kept>,
}

/// One resource as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    #[serde(rename = "type")]
    pub type_name: String,
    /// When it was read.
    pub at: String,
    /// The plan that it was settled for.
    pub plan_sha256: String,
    pub provider: String,
    pub schema_version: i64,
    /// Places that are judged by the read alone.
    #[serde(default)]
    pub masks: BTreeSet<String>,
    pub values: BTreeMap<String, Box<RawValue>>,
    /// HMAC-SHA-256 of what is sensitive or names people.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
}

/// One resource, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledResource {
    values: BTreeMap<Name, Value>,
    secrets: BTreeMap<Name, String>,
    pub masks: BTreeSet<AttributePath>,
}

impl SettledResource {
    /// Settles what was read.
    pub fn settle(
        live: &Value,
        sensitive: &BTreeSet<String>,
        masks: BTreeSet<AttributePath>,
        digest: &SecretDigest,
    ) -> Self {
        let mut settled = Self {
            values: BTreeMap::new(),
            secrets: BTreeMap::new(),
            masks,
        };
        let Value::Object(all) = live else {
            return settled;
        };
        for (name, value) in all {
            match sensitive.contains(&**name) {
                true => drop(
                    settled
                        .secrets
                        .insert(Name::clone(name), digest.of(name, value)),
                ),
                false => drop(settled.values.insert(Name::clone(name), value.clone())),
            }
        }
        settled
    }

    /// Reads what was kept, by the type that the provider declares now.
    ///
    /// # Errors
    /// Values that are not of the type: another version of the provider wrote them.
    pub fn read(kept: &Kept, own: &Type) -> Result<Self, JsonValueError> {
        let mut settled = Self {
            values: BTreeMap::new(),
            secrets: BTreeMap::new(),
            masks: kept
                .masks
                .iter()
                .map(|path| AttributePath::from(&**path))
                .collect(),
        };
        let Type::Object(attributes) = own else {
            return Ok(settled);
        };
        for (name, own) in attributes {
            if let Some(secret) = kept.secrets.get(&**name) {
                settled.secrets.insert(Name::clone(name), secret.clone());
            } else if let Some(raw) = kept.values.get(&**name) {
                let value = json::read(raw.get(), own, Objects::Exact)?;
                settled.values.insert(Name::clone(name), value);
            }
        }
        Ok(settled)
    }

    /// Names of the attributes of which a digest alone is kept.
    pub fn private(&self) -> impl Iterator<Item = String> + '_ {
        self.secrets.keys().map(ToString::to_string)
    }

    /// An attribute as it was, where more than a digest of it is kept.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Values and secrets as they are kept.
    pub fn kept(&self) -> (BTreeMap<String, Box<RawValue>>, BTreeMap<String, String>) {
        let values = self.values.iter().filter_map(|(name, value)| {
            // What was written as JSON can be read as JSON.
            let raw = RawValue::from_string(json::write(value)).ok()?;
            Some((name.to_string(), raw))
        });
        let secrets = self.secrets.iter();
        let secrets = secrets.map(|(name, secret)| (name.to_string(), secret.clone()));
        (values.collect(), secrets.collect())
    }

    /// Where the live resource is not as it was. An attribute that came with a newer schema has no
    /// earlier value to differ from.
    pub fn differences(&self, live: &Value, digest: &SecretDigest) -> Vec<Difference> {
        let mut found = Vec::new();
        for (name, was) in &self.values {
            let now = live.get(name).unwrap_or(&Value::Null);
            let path = AttributePath::root().child(name);
            for one in differences(was, now, Equality::Exact) {
                let path = AttributePath::from(format!("{path}{}", one.path));
                found.push(Difference { path, ..one });
            }
        }
        for (name, was) in &self.secrets {
            let now = live.get(name).unwrap_or(&Value::Null);
            if digest.of(name, now) != *was {
                found.push(Difference {
                    path: AttributePath::root().child(name),
                    before: Value::Null,
                    after: now.clone(),
                });
            }
        }
        found
    }
}
