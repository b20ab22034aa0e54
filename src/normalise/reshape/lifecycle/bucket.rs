//! Rules as the bucket itself has them, with names of its own for the same.

use std::collections::BTreeMap;

use super::NONCURRENT;
use crate::model::Value;
use crate::normalise::reshape::{get, object, one_block};

const ABORT_DAYS: &str = "abort_incomplete_multipart_upload_days";

/// A rule as the bucket itself has it, in the shape of a resource of its own.
pub(super) fn in_own_shape(rule: &Value) -> Value {
    let is_enabled = match get(rule, "enabled") {
        Value::Bool(is_enabled) => is_enabled,
        _ => return rule.clone(),
    };
    let days = |block: &Value| match block.clone() {
        Value::Map(mut fields) => {
            let days = fields.remove("days").unwrap_or_default();
            fields.insert("noncurrent_days".to_owned(), days);
            Value::Map(fields)
        }
        other => other,
    };
    let each = |name: &str| {
        let list = get(rule, name);
        Value::List(
            list.as_list()
                .unwrap_or_default()
                .iter()
                .map(days)
                .collect(),
        )
    };
    let (prefix, tags) = (get(rule, "prefix"), get(rule, "tags"));
    let filter = match tags.as_map().is_some_and(|tags| !tags.is_empty()) {
        true => object([(
            "and",
            one_block(object([("prefix", prefix), ("tags", tags)])),
        )]),
        false => object([("prefix", prefix)]),
    };
    object([
        ("id", get(rule, "id")),
        (
            "status",
            if is_enabled { "Enabled" } else { "Disabled" }.into(),
        ),
        ("filter", one_block(filter)),
        ("expiration", get(rule, "expiration")),
        ("transition", get(rule, "transition")),
        (
            "noncurrent_version_expiration",
            each("noncurrent_version_expiration"),
        ),
        (
            "noncurrent_version_transition",
            each("noncurrent_version_transition"),
        ),
        (
            "abort_incomplete_multipart_upload",
            one_block(object([("days_after_initiation", get(rule, ABORT_DAYS))])),
        ),
    ])
}

/// A canonical rule as the bucket itself has it, so that pointers name what its author wrote. What the
/// bucket has no name for keeps its own.
pub fn in_buckets_shape(rule: &Value) -> Value {
    let Value::Map(mut fields) = rule.clone() else {
        return rule.clone();
    };
    if let Some(status) = fields.remove("status") {
        let is_enabled = status.as_str() == Some("Enabled");
        fields.insert("enabled".to_owned(), Value::Bool(is_enabled));
    }
    if let Some(abort) = fields.remove("abort_incomplete_multipart_upload") {
        let days = get(&abort, "0.days_after_initiation");
        fields.insert(ABORT_DAYS.to_owned(), days);
    }
    if let Some(filter) = fields.remove("filter") {
        let filter = get(&filter, "0");
        let (both, tag) = (get(&filter, "and.0"), get(&filter, "tag.0"));
        for part in [&filter, &both] {
            let own = part.as_map().into_iter().flatten();
            let own = own.filter(|(name, _)| !matches!(name.as_str(), "and" | "tag"));
            fields.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        }
        if let Some(key) = get(&tag, "key").as_str() {
            let tags = BTreeMap::from([(key.to_owned(), get(&tag, "value"))]);
            fields.insert("tags".to_owned(), Value::Map(tags));
        }
    }
    for name in [NONCURRENT, "noncurrent_version_transition"] {
        if let Some(Value::List(blocks)) = fields.get_mut(name) {
            blocks.iter_mut().for_each(in_days);
        }
    }
    Value::Map(fields)
}

fn in_days(block: &mut Value) {
    if let Value::Map(fields) = block
        && let Some(days) = fields.remove("noncurrent_days")
    {
        fields.insert("days".to_owned(), days);
    }
}
