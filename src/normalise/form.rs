//! The forms in which an attribute can be written, and one canonical text for each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::path::Path;
use super::reshape::Target;
use super::security_group::{Direction, Node, Rules};
use super::{json_policy, reshape};
use crate::ingest::json::{self, JsonError};
use crate::model::Value;

/// How to read an attribute. The words are those of `as = "..."` in the tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A string, number or boolean.
    #[default]
    Scalar,
    /// As `scalar`; case does not matter to the provider.
    Folded,
    /// A name on the approved side, an ARN that ends in it on the live side.
    ArnName,
    /// A KMS key: id, ARN or alias.
    KmsKey,
    /// A range of addresses; host bits and the writing of IPv6 do not matter.
    Cidr,
    /// A version of which the approved side may give only the first parts.
    VersionPrefix,
    /// Whether any block is written; on the live side a flag says so.
    AnyBlock,
    /// A list in which order says nothing.
    Set,
    /// As `set`; the live side may hold more, which others own.
    Subset,
    List,
    /// Blocks within blocks; each block of the list has its place.
    Blocks,
    /// As `blocks`, in which order says nothing.
    BlockSet,
    /// String keys and values, on the live side also as a list of pairs; each key is an attribute
    /// of its own.
    Map,
    /// As `map`, in any of the shapes in which AWS gives tags; `aws:*` tags are the provider's.
    Tags,
    /// An IAM policy document, as text, URL-encoded text or object.
    Policy,
    /// A policy; on the live side the default one in a list of versions.
    DefaultPolicyVersion,
    /// Any other JSON document, as text or object.
    Json,
    /// Inline rules of a security group.
    IngressRules,
    EgressRules,
    /// Default encryption rules of a bucket.
    EncryptionRules,
    /// Lifecycle rules of a bucket.
    LifecycleRules,
    /// The access list of a bucket: a canned word, or grants.
    AccessList,
    /// Replication rules of a bucket.
    ReplicationRules,
    /// Notifications of a bucket, by where they go.
    LambdaNotifications,
    QueueNotifications,
    TopicNotifications,
    /// Inline policies of a role.
    InlinePolicies,
    /// Containers of a task, as the JSON text that Terraform takes.
    ContainerDefinitions,
    /// Entries of a network ACL.
    IngressEntries,
    EgressEntries,
    /// Routes of a route table.
    Routes,
}

#[derive(Debug, thiserror::Error)]
pub enum FormError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("{0} is wanted here")]
    Shape(&'static str),
}

/// Whose writing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<'a> {
    Approved,
    Live {
        /// The item's own id, to know a security group that names itself.
        own_id: &'a str,
        own_account: &'a str,
    },
}

impl Form {
    /// The word of the tables.
    pub fn word(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(word)) => word,
            Ok(_) | Err(_) => String::new(),
        }
    }

    /// Whether it is Terraform blocks, of which an empty list says that none is written.
    pub fn is_blocks(self) -> bool {
        matches!(self, Self::Blocks | Self::BlockSet)
    }

    /// The canonical value of a raw JSON text. Canonical input is left as it is.
    pub fn value(self, raw: &str, path: &Path, side: Side<'_>) -> Result<Value, FormError> {
        let parsed = match self {
            Self::Policy => return json_policy::read(raw),
            Self::DefaultPolicyVersion => return default_version(raw, side),
            _ => path.apply_each(json::parse(raw)?),
        };
        Ok(match self {
            Self::Scalar
            | Self::Folded
            | Self::ArnName
            | Self::KmsKey
            | Self::Cidr
            | Self::VersionPrefix
            | Self::Policy
            | Self::DefaultPolicyVersion => parsed,
            Self::AnyBlock => match parsed {
                Value::List(blocks) if blocks.is_empty() => Value::Null,
                Value::List(_) => Value::Bool(true),
                other => other,
            },
            Self::List => list(unpack(parsed)?)?,
            Self::Set | Self::Subset => {
                let Value::List(mut elements) = list(split(unpack(parsed)?, side))? else {
                    return Ok(Value::Null);
                };
                elements.sort();
                elements.dedup();
                Value::List(elements)
            }
            Self::Map => map(pairs(unpack(parsed)?)?)?,
            Self::Tags => tags(unpack(parsed)?)?,
            Self::Json | Self::Blocks => unpack(parsed)?,
            Self::BlockSet => without_tags_of_aws(unpack(parsed)?, side),
            Self::IngressRules | Self::EgressRules => {
                rules(&parsed, side)?.map_or(Value::Null, |rules| rules.to_value())
            }
            Self::EncryptionRules => reshape::encryption_rules(unpack(parsed)?, side)?,
            Self::LifecycleRules => reshape::lifecycle_rules(unpack(parsed)?, side)?,
            Self::AccessList => reshape::access_list(unpack(parsed)?, side)?,
            Self::ReplicationRules => reshape::replication_rules(unpack(parsed)?, side)?,
            Self::LambdaNotifications => {
                reshape::notifications(unpack(parsed)?, Target::Lambda, side)?
            }
            Self::QueueNotifications => {
                reshape::notifications(unpack(parsed)?, Target::Queue, side)?
            }
            Self::TopicNotifications => {
                reshape::notifications(unpack(parsed)?, Target::Topic, side)?
            }
            Self::InlinePolicies => reshape::inline_policies(unpack(parsed)?, side)?,
            Self::ContainerDefinitions => reshape::container_definitions(unpack(parsed)?)?,
            Self::IngressEntries => {
                reshape::acl_entries(unpack(parsed)?, Direction::Ingress, side)?
            }
            Self::EgressEntries => reshape::acl_entries(unpack(parsed)?, Direction::Egress, side)?,
            Self::Routes => reshape::routes(unpack(parsed)?, side)?,
        })
    }

    /// The canonical text, for storing and for quick comparison.
    pub fn text(self, raw: &str, path: &Path, side: Side<'_>) -> Result<String, FormError> {
        let value = self.value(raw, path, side)?;
        serde_json::to_string(&value).map_err(|_| FormError::Shape("a plain JSON value"))
    }
}

fn default_version(raw: &str, side: Side<'_>) -> Result<Value, FormError> {
    if side == Side::Approved {
        return json_policy::read(raw);
    }
    if raw == "null" {
        return Ok(Value::Null);
    }
    for version in json::elements(raw)? {
        let mut document = None;
        let mut is_default = false;
        for member in json::members(version?)? {
            let (key, value) = member?;
            match key.to_ascii_lowercase().as_str() {
                "document" => document = Some(value),
                "isdefaultversion" => is_default = value == "true",
                _ => {}
            }
        }
        if let (true, Some(document)) = (is_default, document) {
            return json_policy::read(document);
        }
    }
    Err(FormError::Shape("a list with a default version"))
}

/// The API gives some parts as text that holds JSON.
fn unpack(value: Value) -> Result<Value, FormError> {
    match value {
        Value::String(text) if text.trim().is_empty() => Ok(Value::Null),
        Value::String(text) if text.trim_start().starts_with(['{', '[', '"']) => {
            unpack(json::parse(&text)?)
        }
        other => Ok(other),
    }
}

/// Some sets are given as one text with commas.
fn split(value: Value, side: Side<'_>) -> Value {
    match (value, side) {
        (Value::String(text), Side::Live { .. }) => {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            Value::List(parts.map(Value::from).collect())
        }
        (other, _) => other,
    }
}

fn list(value: Value) -> Result<Value, FormError> {
    match value {
        Value::List(list) => Ok(Value::List(list)),
        Value::Null => Ok(Value::Null),
        _ => Err(FormError::Shape("a list")),
    }
}

fn map(value: Value) -> Result<Value, FormError> {
    match value {
        Value::Map(map) => Ok(Value::Map(map)),
        Value::Null => Ok(Value::Map(BTreeMap::new())),
        _ => Err(FormError::Shape("a map")),
    }
}

/// A list of keys and values as a map.
fn pairs(value: Value) -> Result<Value, FormError> {
    let Value::List(list) = value else {
        return Ok(value);
    };
    let pairs = list.into_iter().map(|element| match element {
        Value::Map(fields) => pair(fields),
        _ => Err(FormError::Shape("a list of keys and values")),
    });
    Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
}

/// Some tags are blocks. Nobody but AWS can give one whose key begins with `aws:`.
fn without_tags_of_aws(mut value: Value, side: Side<'_>) -> Value {
    let is_of_aws = |block: &Value| {
        let key = block
            .as_map()
            .and_then(|fields| fields.get("key").or(fields.get("Key")));
        key.and_then(Value::as_str)
            .is_some_and(|key| key.starts_with("aws:"))
    };
    if let (Value::List(blocks), Side::Live { .. }) = (&mut value, side) {
        blocks.retain(|block| !is_of_aws(block));
    }
    value
}

fn tags(value: Value) -> Result<Value, FormError> {
    let mut tags = match map(pairs(value)?)? {
        Value::Map(map) => map
            .into_iter()
            .map(|(key, value)| (key, if value.is_null() { "".into() } else { value }))
            .collect(),
        _ => BTreeMap::new(),
    };
    tags.retain(|key, _| !key.starts_with("aws:"));
    Ok(Value::Map(tags))
}

fn pair(fields: BTreeMap<String, Value>) -> Result<(String, Value), FormError> {
    let mut key = None;
    let mut value = Value::from("");
    for (name, field) in fields {
        match name.to_ascii_lowercase().as_str() {
            "key" | "tagkey" | "name" => key = field.as_str().map(str::to_owned),
            "value" | "tagvalue" if !field.is_null() => value = field,
            _ => {}
        }
    }
    Ok((key.ok_or(FormError::Shape("a pair with a key"))?, value))
}

/// Inline rules of a security group, taken apart; `None` where the group leaves them to others.
pub fn rules(value: &impl Node, side: Side<'_>) -> Result<Option<Rules>, FormError> {
    match side {
        Side::Approved if value.is_null() => Ok(None),
        Side::Approved => Rules::from_inline(value).map(Some),
        Side::Live {
            own_id,
            own_account,
        } => Rules::from_config(value, own_id, own_account).map(Some),
    }
}
