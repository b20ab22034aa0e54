//! Lifecycle rules of buckets.

mod bucket;
mod live;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use bucket::in_buckets_shape;

use super::blocks;
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
        Side::Approved => Ok(drop_empty(&bucket::in_own_shape(rule))),
        Side::Live { .. } => Ok(drop_empty(&live::rule(rule)?)),
    });
    Ok(Value::List(rules.collect::<Result<_, FormError>>()?))
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
