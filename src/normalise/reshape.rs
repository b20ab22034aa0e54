//! Live structures that Terraform shapes quite differently, brought into Terraform's shape.

use std::collections::BTreeMap;

use super::form::{FormError, Side};
use super::path::find;
use crate::model::{Number, Value};

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Map(fields.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn one_block(block: Value) -> Value {
    match &block {
        Value::Map(map) if map.is_empty() => Value::List(Vec::new()),
        _ => Value::List(vec![block]),
    }
}

fn get(value: &Value, path: &str) -> Value {
    let tokens: Vec<Box<str>> = path.split('.').map(Into::into).collect();
    find(value, &tokens).cloned().unwrap_or_default()
}

fn blocks(value: Value) -> Result<Vec<Value>, FormError> {
    match value {
        Value::List(list) => Ok(list),
        Value::Null => Ok(Vec::new()),
        _ => Err(FormError::Shape("a list of rules")),
    }
}

/// `rule` of `aws_s3_bucket_server_side_encryption_configuration`: a set of blocks.
pub fn encryption_rules(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let mut rules: Vec<Value> = match side {
        Side::Approved => blocks(value)?
            .iter()
            .map(approved_encryption_rule)
            .collect(),
        Side::Live { .. } => blocks(value)?.iter().map(live_encryption_rule).collect(),
    };
    rules.sort();
    Ok(Value::List(rules))
}

fn encryption_rule(algorithm: Value, key: Value, bucket_key: Value) -> Value {
    let key = if key.as_str() == Some("") {
        Value::Null
    } else {
        key
    };
    let default = one_block(object([
        ("kms_master_key_id", key),
        ("sse_algorithm", algorithm),
    ]));
    let bucket_key = if bucket_key.is_null() {
        Value::Bool(false)
    } else {
        bucket_key
    };
    object([
        ("apply_server_side_encryption_by_default", default),
        ("bucket_key_enabled", bucket_key),
    ])
}

fn approved_encryption_rule(rule: &Value) -> Value {
    let default = get(rule, "apply_server_side_encryption_by_default.0");
    encryption_rule(
        get(&default, "sse_algorithm"),
        get(&default, "kms_master_key_id"),
        get(rule, "bucket_key_enabled"),
    )
}

fn live_encryption_rule(rule: &Value) -> Value {
    let default = get(rule, "applyServerSideEncryptionByDefault");
    encryption_rule(
        get(&default, "sseAlgorithm"),
        get(&default, "kmsMasterKeyID"),
        get(rule, "bucketKeyEnabled"),
    )
}

/// `rule` of `aws_s3_bucket_lifecycle_configuration`, in the order of the rule ids, because the
/// order of rules means nothing to S3.
pub fn lifecycle_rules(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let mut rules: Vec<Value> = match side {
        Side::Approved => blocks(value)?.iter().map(drop_empty).collect(),
        Side::Live { .. } => blocks(value)?
            .iter()
            .map(|rule| drop_empty(&live_lifecycle_rule(rule)))
            .collect(),
    };
    rules.sort_by(|one, other| get(one, "id").cmp(&get(other, "id")).then(one.cmp(other)));
    Ok(Value::List(rules))
}

fn live_lifecycle_rule(rule: &Value) -> Value {
    let expiration = object([
        ("days", positive(get(rule, "expirationInDays"))),
        ("date", get(rule, "expirationDate")),
        (
            "expired_object_delete_marker",
            get(rule, "expiredObjectDeleteMarker"),
        ),
    ]);
    let noncurrent = match get(rule, "noncurrentVersionExpiration") {
        Value::Null => object([(
            "noncurrent_days",
            positive(get(rule, "noncurrentVersionExpirationInDays")),
        )]),
        full => object([
            ("noncurrent_days", positive(get(&full, "days"))),
            (
                "newer_noncurrent_versions",
                positive(get(&full, "newerNoncurrentVersions")),
            ),
        ]),
    };
    let each = |list: Value, shape: fn(&Value) -> Value| {
        let mut list: Vec<Value> = list
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(shape)
            .collect();
        list.sort();
        Value::List(list)
    };
    object([
        ("id", get(rule, "id")),
        ("status", get(rule, "status")),
        ("prefix", get(rule, "prefix")),
        (
            "filter",
            one_block(live_filter(&get(rule, "filter.predicate"))),
        ),
        ("expiration", one_block(expiration)),
        ("noncurrent_version_expiration", one_block(noncurrent)),
        (
            "transition",
            each(get(rule, "transitions"), live_transition),
        ),
        (
            "noncurrent_version_transition",
            each(
                get(rule, "noncurrentVersionTransitions"),
                live_noncurrent_transition,
            ),
        ),
        (
            "abort_incomplete_multipart_upload",
            one_block(object([(
                "days_after_initiation",
                positive(get(
                    rule,
                    "abortIncompleteMultipartUpload.daysAfterInitiation",
                )),
            )])),
        ),
    ])
}

fn live_transition(transition: &Value) -> Value {
    object([
        ("days", positive(get(transition, "days"))),
        ("date", get(transition, "date")),
        ("storage_class", get(transition, "storageClass")),
    ])
}

fn live_noncurrent_transition(transition: &Value) -> Value {
    object([
        ("noncurrent_days", positive(get(transition, "days"))),
        (
            "newer_noncurrent_versions",
            positive(get(transition, "newerNoncurrentVersions")),
        ),
        ("storage_class", get(transition, "storageClass")),
    ])
}

/// Config gives the filter as a tree of typed predicates.
fn live_filter(predicate: &Value) -> Value {
    let tag = |predicate: &Value| {
        object([
            ("key", get(predicate, "tag.key")),
            ("value", get(predicate, "tag.value")),
        ])
    };
    match get(predicate, "type").as_str() {
        Some("LifecyclePrefixPredicate") => object([("prefix", get(predicate, "prefix"))]),
        Some("LifecycleTagPredicate") => object([("tag", one_block(tag(predicate)))]),
        Some("LifecycleObjectSizeGreaterThanPredicate") => object([(
            "object_size_greater_than",
            get(predicate, "objectSizeGreaterThan"),
        )]),
        Some("LifecycleObjectSizeLessThanPredicate") => object([(
            "object_size_less_than",
            get(predicate, "objectSizeLessThan"),
        )]),
        Some("LifecycleAndOperator") => {
            let mut both = BTreeMap::new();
            let mut tags = BTreeMap::new();
            for operand in get(predicate, "operands").as_list().unwrap_or_default() {
                if let Value::Map(fields) = live_filter(operand) {
                    both.extend(fields.into_iter().filter(|(key, _)| key != "tag"));
                }
                if let Some(key) = get(operand, "tag.key").as_str() {
                    tags.insert(key.to_owned(), get(operand, "tag.value"));
                }
            }
            both.insert("tags".to_owned(), Value::Map(tags));
            object([("and", one_block(Value::Map(both)))])
        }
        _ => Value::Map(BTreeMap::new()),
    }
}

/// Numbers arrive as text or number, and -1 or 0 stands for "not set".
fn positive(value: Value) -> Value {
    let number = match &value {
        Value::String(text) => Number::parse(text),
        Value::Number(number) => Some(*number),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    };
    match number {
        Some(number) if number > Number::Int(0) => Value::Number(number),
        _ => Value::Null,
    }
}

/// Without what is not set: null, "", 0, false, empty lists, and blocks in which nothing is set.
fn drop_empty(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(
            map.iter()
                .map(|(key, value)| (key.clone(), drop_empty(value)))
                .filter(|(_, value)| !is_unset(value))
                .collect(),
        ),
        Value::List(list) => {
            let kept = list.iter().map(drop_empty).filter(|value| !is_unset(value));
            let mut kept: Vec<Value> = kept.collect();
            kept.sort();
            Value::List(kept)
        }
        other => other.clone(),
    }
}

fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Number(Number::Int(0)) => true,
        Value::String(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Sensitive(_) => false,
    }
}
