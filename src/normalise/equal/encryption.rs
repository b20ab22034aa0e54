//! Default encryption of a bucket.

use super::collection::{elements, only_on_one_side};
use super::scalar::{KMS_UNKNOWN, Kms, is_unset, kms_forms, kms_key};
use super::{Equivalence, Outcome, unless};
use crate::model::{AttributePath, Value};

/// Encryption rules of a bucket, of which S3 allows one.
pub(super) fn compare(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let (one, other) = (elements(approved), elements(live));
    if one.is_empty() && other.iter().all(is_default_encryption) {
        return Outcome::Equal(Equivalence::ProvidersChoice);
    }
    let found = only_on_one_side(pointer, one, other, |one, other| {
        same_rule(one, other) == Kms::Same
    });
    let is_undecided = |one: &Value| {
        other
            .iter()
            .any(|other| same_rule(one, other) == Kms::Unknown)
    };
    if !found.is_empty() && one.len() == other.len() && one.iter().all(is_undecided) {
        return Outcome::NotComparable(KMS_UNKNOWN);
    }
    unless(found, Equivalence::KmsKey)
}

const BY_DEFAULT: [&str; 2] = ["apply_server_side_encryption_by_default", "0"];

fn key_of(rule: &Value) -> &str {
    let default = rule.at(BY_DEFAULT);
    default
        .and_then(|default| default.at(["kms_master_key_id"]))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn same_rule(one: &Value, other: &Value) -> Kms {
    if way_of(one) != way_of(other) {
        return Kms::Different;
    }
    kms_key(key_of(one), key_of(other))
}

/// Algorithm and bucket key.
fn way_of(rule: &Value) -> (Option<Value>, Option<Value>) {
    let algorithm = rule.at(BY_DEFAULT).and_then(|by| by.at(["sse_algorithm"]));
    (algorithm.cloned(), rule.at(["bucket_key_enabled"]).cloned())
}

/// Of each rule what counts, for a digest.
pub(super) fn what_counts(rules: &Value) -> Value {
    let Value::List(rules) = rules else {
        return rules.clone();
    };
    let rules = rules.iter().map(|rule| {
        let (algorithm, bucket_key) = way_of(rule);
        let key = Value::from(key_of(rule));
        let parts = [algorithm, bucket_key].map(Option::unwrap_or_default);
        Value::List(parts.into_iter().chain([key]).collect())
    });
    Value::List(rules.collect())
}

/// One rule with its key named in other ways, and nothing instead of what S3 does by itself.
pub(super) fn writings(rules: &Value) -> Vec<Value> {
    let [rule] = elements(rules) else {
        return Vec::new();
    };
    let forms = kms_forms(key_of(rule)).map(|key| {
        let (algorithm, bucket_key) = way_of(rule);
        let map = |fields: [(&str, Option<Value>); 2]| {
            let fields = fields.into_iter();
            let fields = fields.filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Map(fields.collect())
        };
        let by_default = map([
            ("sse_algorithm", algorithm),
            ("kms_master_key_id", Some(Value::String(key))),
        ]);
        Value::List(vec![map([
            (
                "apply_server_side_encryption_by_default",
                Some(Value::List(vec![by_default])),
            ),
            ("bucket_key_enabled", bucket_key),
        ])])
    });
    forms.collect()
}

pub(super) fn names_a_key(rules: &Value) -> bool {
    elements(rules).iter().any(|rule| !key_of(rule).is_empty())
}

/// What S3 does with a bucket for which nobody asked for anything.
fn is_default_encryption(rule: &Value) -> bool {
    let algorithm = rule.at(BY_DEFAULT).and_then(|by| by.at(["sse_algorithm"]));
    algorithm.and_then(Value::as_str) == Some("AES256")
        && key_of(rule).is_empty()
        && rule.at(["bucket_key_enabled"]) == Some(&Value::Bool(false))
}
