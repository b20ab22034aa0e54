//! Rules as AWS Config has them.

use std::collections::BTreeMap;

use super::{NONCURRENT, UNSEEN, positive};
use crate::model::Value;
use crate::normalise::form::FormError;
use crate::normalise::reshape::{get, object, one_block};

pub(super) fn rule(rule: &Value) -> Result<Value, FormError> {
    let expiration = object([
        ("days", positive(get(rule, "expirationInDays"))),
        ("date", get(rule, "expirationDate")),
        (
            "expired_object_delete_marker",
            flag(get(rule, "expiredObjectDeleteMarker")),
        ),
    ]);
    // Three fields for the same: an old one beside the rule's own, and two names within the newer.
    let newer = get(rule, "noncurrentVersionExpiration");
    let days = ["noncurrentDays", "days"]
        .map(|name| positive(get(&newer, name)))
        .into_iter()
        .chain([positive(get(rule, "noncurrentVersionExpirationInDays"))]);
    let noncurrent = object([
        (
            "noncurrent_days",
            days.into_iter()
                .find(|days| !days.is_null())
                .unwrap_or_default(),
        ),
        (
            "newer_noncurrent_versions",
            positive(get(&newer, "newerNoncurrentVersions")),
        ),
    ]);
    // AWS writes -1 for days that are not set, and true or false for the marker. Whoever has no word for
    // the marker has none for the days either.
    let is_silent = noncurrent.as_map().is_none_or(BTreeMap::is_empty)
        && !get(rule, "noncurrentVersionExpirationInDays").is_null()
        && !matches!(get(rule, "expiredObjectDeleteMarker"), Value::Bool(_));
    let unseen = is_silent.then(|| Value::List(vec![NONCURRENT.into()]));
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
    Ok(object([
        ("id", get(rule, "id")),
        ("status", get(rule, "status")),
        ("prefix", get(rule, "prefix")),
        ("filter", one_block(filter(&get(rule, "filter.predicate"))?)),
        ("expiration", one_block(expiration)),
        (NONCURRENT, one_block(noncurrent)),
        (UNSEEN, unseen.unwrap_or_default()),
        ("transition", each(get(rule, "transitions"), transition)),
        (
            "noncurrent_version_transition",
            each(
                get(rule, "noncurrentVersionTransitions"),
                noncurrent_transition,
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
    ]))
}

fn transition(transition: &Value) -> Value {
    object([
        ("days", positive(get(transition, "days"))),
        ("date", get(transition, "date")),
        ("storage_class", get(transition, "storageClass")),
    ])
}

fn noncurrent_transition(transition: &Value) -> Value {
    object([
        (
            "noncurrent_days",
            match positive(get(transition, "noncurrentDays")) {
                Value::Null => positive(get(transition, "days")),
                days => days,
            },
        ),
        (
            "newer_noncurrent_versions",
            positive(get(transition, "newerNoncurrentVersions")),
        ),
        ("storage_class", get(transition, "storageClass")),
    ])
}

/// Config gives the filter as a tree of typed predicates. A predicate of an unknown type is no
/// filter that could be compared: read as "no filter", it would make the rule hold for all objects.
fn filter(predicate: &Value) -> Result<Value, FormError> {
    if predicate.is_null() {
        return Ok(Value::Map(BTreeMap::new()));
    }
    let size = |field: &str| positive(get(predicate, field));
    Ok(match get(predicate, "type").as_str() {
        Some("LifecyclePrefixPredicate") => object([("prefix", get(predicate, "prefix"))]),
        Some("LifecycleTagPredicate") => object([(
            "tag",
            one_block(object([
                ("key", get(predicate, "tag.key")),
                ("value", get(predicate, "tag.value")),
            ])),
        )]),
        Some("LifecycleObjectSizeGreaterThanPredicate") => {
            object([("object_size_greater_than", size("objectSizeGreaterThan"))])
        }
        Some("LifecycleObjectSizeLessThanPredicate") => {
            object([("object_size_less_than", size("objectSizeLessThan"))])
        }
        Some("LifecycleAndOperator") => {
            let operands = get(predicate, "operands");
            object([(
                "and",
                one_block(all_of(operands.as_list().unwrap_or_default())?),
            )])
        }
        _ => return Err(FormError::Shape("a lifecycle filter of a known type")),
    })
}

fn all_of(operands: &[Value]) -> Result<Value, FormError> {
    let mut both = BTreeMap::new();
    let mut tags = BTreeMap::new();
    for operand in operands {
        match (filter(operand)?, get(operand, "tag.key").as_str()) {
            (_, Some(key)) => {
                tags.insert(key.to_owned(), get(operand, "tag.value"));
            }
            (Value::Map(fields), None) => both.extend(fields),
            _ => {}
        }
    }
    both.insert("tags".to_owned(), Value::Map(tags));
    Ok(Value::Map(both))
}

/// Flags may arrive as text.
fn flag(value: Value) -> Value {
    match value.as_str() {
        Some("true") => Value::Bool(true),
        Some("false") => Value::Bool(false),
        Some(_) | None => value,
    }
}
