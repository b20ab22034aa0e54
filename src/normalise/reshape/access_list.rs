//! Access lists of buckets.
//!
//! Approved is a canned word, or a list of grants; live is who owns the bucket, and the grants.

use super::{blocks, get, object};
use crate::model::Value;
use crate::normalise::form::{FormError, Side};
use crate::normalise::path::folded_eq;

/// `acl`, `access_control_policy` or `grant` in Terraform, the access list of the item. A grant is one
/// grantee and one permission.
pub fn access_list(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    match (side, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Side::Approved, Value::String(word)) => match word.as_str() {
            "" => Ok(Value::Null),
            // What they say is of objects; of a bucket S3 takes them as if they were not there.
            "bucket-owner-read" | "bucket-owner-full-control" => Ok(Value::from("private")),
            _ => Ok(Value::String(word)),
        },
        (Side::Approved, value) => {
            let mut grants = Vec::new();
            for block in blocks(value)? {
                let within = get(&block, "grant");
                match within.as_list() {
                    Some(own) => own.iter().for_each(|own| approved_grants(own, &mut grants)),
                    None => approved_grants(&block, &mut grants),
                }
            }
            Ok(sorted(grants))
        }
        (Side::Live { .. }, value) => {
            let (list, owner) = (get(&value, "grantList"), get(&value, "owner.id"));
            // It is canonical already.
            if value.as_map().is_some_and(|map| map.contains_key("grants")) {
                return Ok(value);
            }
            let Some(list) = list.as_list() else {
                // It does not say who may do what.
                let silent = [("grants", Value::Null), ("owner", owner)];
                let silent = silent.map(|(name, value)| (name.to_owned(), value));
                return Ok(Value::Map(silent.into()));
            };
            let list = list.iter();
            let grants = list.map(|grant| {
                let grantee = get(grant, "grantee");
                let grantee = match grantee.as_map() {
                    Some(_) => match get(&grantee, "id") {
                        Value::Null => get(&grantee, "identifier"),
                        id => id,
                    },
                    None => group(&grantee),
                };
                let known = grantee.as_str().is_some_and(|grantee| !grantee.is_empty());
                let permission = permission(&get(grant, "permission"));
                match permission.filter(|_| known) {
                    Some(permission) => Ok(one_grant(grantee, permission)),
                    None => Err(FormError::Shape("an access list with known grants")),
                }
            });
            let grants = sorted(grants.collect::<Result<_, FormError>>()?);
            Ok(object([("grants", grants), ("owner", owner)]))
        }
    }
}

/// A grant of a policy, which names its grantee in a block; one of a bucket, which has several
/// permissions; or one in canonical form.
fn approved_grants(block: &Value, grants: &mut Vec<Value>) {
    let grantee = get(block, "grantee");
    let source = match &grantee {
        Value::List(one) => one.first().cloned().unwrap_or_default(),
        Value::String(_) => object([("id", grantee)]),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) | Value::Sensitive(_) => {
            block.clone()
        }
    };
    let named = ["uri", "id", "email_address"].map(|name| get(&source, name));
    let mut named = named.into_iter();
    let grantee = named.find(|name| name.as_str().is_some_and(|name| !name.is_empty()));
    let grantee = group(&grantee.unwrap_or_default());
    let several = get(block, "permissions");
    let one = get(block, "permission");
    let permissions = several.as_list().unwrap_or(std::slice::from_ref(&one));
    for word in permissions {
        let known = permission(word).map_or_else(|| word.clone(), Value::from);
        grants.push(object([
            ("grantee", grantee.clone()),
            ("permission", known),
        ]));
    }
}

/// A group of AWS is named by the end of its address.
fn group(grantee: &Value) -> Value {
    match grantee.as_str() {
        Some(text) => Value::from(text.rsplit_once('/').map_or(text, |(_, name)| name)),
        None => grantee.clone(),
    }
}

/// Terraform's word for a permission, however it is written.
fn permission(value: &Value) -> Option<&'static str> {
    let text = value.as_str()?;
    let words = ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"];
    let mut words = words.into_iter();
    words.find(|word| folded_eq(word, text))
}

pub fn one_grant(grantee: Value, permission: &str) -> Value {
    object([("grantee", grantee), ("permission", permission.into())])
}

fn sorted(mut grants: Vec<Value>) -> Value {
    grants.sort();
    grants.dedup();
    Value::List(grants)
}
