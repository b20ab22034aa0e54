//! Lifecycle rules of buckets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{blocks, get, object, one_block};
use crate::model::{Number, Value};
use crate::normalise::form::{FormError, Side};

/// Of a live rule: the blocks of which the item does not tell whether they are set.
pub const UNSEEN: &str = "unseen";
const NONCURRENT: &str = "noncurrent_version_expiration";

/// `rule` of `aws_s3_bucket_lifecycle_configuration`, in the order in which it was given: pointers
/// name a rule by its place. That the order means nothing is for whoever compares.
pub fn lifecycle_rules(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let rules = blocks(value)?;
    let rules = rules.iter().map(|rule| match side {
        Side::Approved => Ok(drop_empty(&in_own_shape(rule))),
        Side::Live { .. } => Ok(drop_empty(&live_lifecycle_rule(rule)?)),
    });
    Ok(Value::List(rules.collect::<Result<_, FormError>>()?))
}

/// A rule as the bucket itself has it, in the shape of a resource of its own.
fn in_own_shape(rule: &Value) -> Value {
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

const ABORT_DAYS: &str = "abort_incomplete_multipart_upload_days";

fn in_days(block: &mut Value) {
    if let Value::Map(fields) = block
        && let Some(days) = fields.remove("noncurrent_days")
    {
        fields.insert("days".to_owned(), days);
    }
}

fn live_lifecycle_rule(rule: &Value) -> Result<Value, FormError> {
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
        (
            "filter",
            one_block(live_filter(&get(rule, "filter.predicate"))?),
        ),
        ("expiration", one_block(expiration)),
        (NONCURRENT, one_block(noncurrent)),
        (UNSEEN, unseen.unwrap_or_default()),
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
    ]))
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
fn live_filter(predicate: &Value) -> Result<Value, FormError> {
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
        match (live_filter(operand)?, get(operand, "tag.key").as_str()) {
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
/// Numbers and dates in one form; the blocks of a list sorted, because all of them are sets.
fn drop_empty(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(
            map.iter()
                .map(|(key, value)| (key.clone(), field(key, value)))
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

fn field(key: &str, value: &Value) -> Value {
    match key {
        // Tags are any text: an empty one is one.
        "tags" => value.clone(),
        "days"
        | "noncurrent_days"
        | "newer_noncurrent_versions"
        | "days_after_initiation"
        | "object_size_greater_than"
        | "object_size_less_than" => positive(value.clone()),
        "date" => instant(value.clone()),
        _ => drop_empty(value),
    }
}

/// A date in one form: Terraform may leave the time out, AWS adds milliseconds.
fn instant(value: Value) -> Value {
    let Some(text) = value.as_str() else {
        return value;
    };
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let day: Date = text.parse().ok()?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
    });
    time.map_or(value, |time| Value::String(time.to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    const LIVE: Side<'_> = Side::Live {
        own_id: "b",
        own_account: "1",
    };

    fn live(text: &str) -> Value {
        lifecycle_rules(parse(&format!("[{text}]")).unwrap(), LIVE).unwrap()
    }

    fn approved(text: &str) -> Value {
        lifecycle_rules(parse(&format!("[{text}]")).unwrap(), Side::Approved).unwrap()
    }

    const APPROVED: &str = r#"{"id":"a","status":"Enabled","prefix":"",
        "filter":[{"prefix":"","and":[{"prefix":"x/","tags":{"k":"v","l":"w"},"object_size_greater_than":"5"}]}],
        "expiration":[{"date":"2027-01-01","days":0,"expired_object_delete_marker":false}],
        "noncurrent_version_expiration":[{"noncurrent_days":"30","newer_noncurrent_versions":null}],
        "transition":[{"days":90,"storage_class":"GLACIER"},{"days":"30","storage_class":"STANDARD_IA"}],
        "abort_incomplete_multipart_upload":[]}"#;
    const LIVE_RULE: &str = r#"{"id":"a","status":"Enabled","prefix":null,
        "filter":{"predicate":{"type":"LifecycleAndOperator","operands":[
            {"type":"LifecycleTagPredicate","tag":{"key":"l","value":"w"}},
            {"type":"LifecycleObjectSizeGreaterThanPredicate","objectSizeGreaterThan":5},
            {"type":"LifecyclePrefixPredicate","prefix":"x/"},
            {"type":"LifecycleTagPredicate","tag":{"key":"k","value":"v"}}]}},
        "expirationInDays":-1,"expiredObjectDeleteMarker":false,"expirationDate":"2027-01-01T00:00:00.000Z",
        "noncurrentVersionExpirationInDays":30,"abortIncompleteMultipartUpload":null,
        "transitions":[{"days":"30","date":null,"storageClass":"STANDARD_IA"},{"days":90,"storageClass":"GLACIER"}],
        "noncurrentVersionTransitions":null}"#;

    #[test]
    fn one_rule_in_both_shapes_and_near_misses() {
        assert_eq!(approved(APPROVED), live(LIVE_RULE));
        for (from, to) in [
            ("\"id\":\"a\"", "\"id\":\"b\""),
            ("Enabled", "Disabled"),
            ("\"prefix\":null", "\"prefix\":\"y/\""),
            ("\"x/\"", "\"X/\""),
            ("\"value\":\"w\"", "\"value\":\"\""),
            (
                "{\"type\":\"LifecyclePrefix",
                "{\"type\":\"LifecycleTagPredicate\",\"tag\":{\"key\":\"m\",\"value\":\"\"}},{\"type\":\"LifecyclePrefix",
            ),
            ("Than\":5", "Than\":6"),
            ("SizeGreaterThan", "SizeLessThan"),
            ("InDays\":-1", "InDays\":1"),
            ("Marker\":false", "Marker\":true"),
            ("2027-01-01T00:00", "2027-01-01T00:01"),
            ("InDays\":30", "InDays\":31"),
            ("\"days\":90", "\"days\":91"),
            ("GLACIER", "DEEP_ARCHIVE"),
            ("Upload\":null", "Upload\":{\"daysAfterInitiation\":7}"),
            (
                "Transitions\":null",
                "Transitions\":[{\"days\":1,\"storageClass\":\"GLACIER\"}]",
            ),
        ] {
            let other = LIVE_RULE.replace(from, to);
            assert_ne!(other, LIVE_RULE, "{from} is not there");
            assert_ne!(approved(APPROVED), live(&other), "{from} -> {to}");
        }
    }

    #[test]
    fn single_predicates() {
        for (filter, predicate) in [
            (
                r#"{"prefix":"x"}"#,
                r#"{"type":"LifecyclePrefixPredicate","prefix":"x"}"#,
            ),
            (
                r#"{"tag":[{"key":"k","value":"v"}]}"#,
                r#"{"type":"LifecycleTagPredicate","tag":{"key":"k","value":"v"}}"#,
            ),
            (
                r#"{"object_size_less_than":9}"#,
                r#"{"type":"LifecycleObjectSizeLessThanPredicate","objectSizeLessThan":"9"}"#,
            ),
            ("{}", "null"),
        ] {
            let approved = approved(&format!(r#"{{"id":"a","filter":[{filter}]}}"#));
            let rule = format!(r#"{{"id":"a","filter":{{"predicate":{predicate}}}}}"#);
            assert_eq!(approved, live(&rule), "{filter}");
        }
    }

    #[test]
    fn an_unknown_predicate_is_not_taken_for_none() {
        let rule = r#"[{"id":"a","filter":{"predicate":{"type":"LifecycleMoonPredicate"}}}]"#;
        assert!(lifecycle_rules(parse(rule).unwrap(), LIVE).is_err());
    }

    #[test]
    fn a_marker_may_be_told_as_text() {
        let approved =
            approved(r#"{"id":"a","expiration":[{"expired_object_delete_marker":true}]}"#);
        let rule = |marker: &str| format!(r#"{{"id":"a","expiredObjectDeleteMarker":{marker}}}"#);
        assert_eq!(approved, live(&rule("\"true\"")));
        assert_eq!(approved, live(&rule("true")));
        assert_ne!(approved, live(&rule("\"false\"")));
    }

    #[test]
    fn newer_fields_for_noncurrent_versions() {
        let approved = approved(
            r#"{"id":"a","noncurrent_version_expiration":[{"noncurrent_days":7,"newer_noncurrent_versions":"3"}]}"#,
        );
        for name in ["days", "noncurrentDays"] {
            let rule = format!(
                r#"{{"id":"a","noncurrentVersionExpirationInDays":-1,
                    "noncurrentVersionExpiration":{{"{name}":7,"newerNoncurrentVersions":3}}}}"#
            );
            assert_eq!(approved, live(&rule));
        }
    }
}
