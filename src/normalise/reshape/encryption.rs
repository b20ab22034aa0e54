//! Default encryption of buckets.

use super::{blocks, get, object, one_block};
use crate::model::Value;
use crate::normalise::form::{FormError, Side};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    const LIVE: Side<'_> = Side::Live {
        own_id: "b",
        own_account: "1",
    };

    fn live(text: &str) -> Value {
        encryption_rules(parse(text).unwrap(), LIVE).unwrap()
    }

    fn approved(text: &str) -> Value {
        encryption_rules(parse(text).unwrap(), Side::Approved).unwrap()
    }

    #[test]
    fn equal_pairs_and_near_misses() {
        let key = r#"[{"bucket_key_enabled":null,"apply_server_side_encryption_by_default":
            [{"sse_algorithm":"aws:kms","kms_master_key_id":"k"}]}]"#;
        let same = r#"[{"applyServerSideEncryptionByDefault":
            {"sseAlgorithm":"aws:kms","kmsMasterKeyID":"k"},"bucketKeyEnabled":false}]"#;
        assert_eq!(approved(key), live(same));
        for (from, to) in [
            ("aws:kms", "AES256"),
            ("aws:kms", "aws:kms:dsse"),
            (":\"k\"", ":\"l\""),
            (":\"k\"", ":null"),
            ("false", "true"),
        ] {
            assert_ne!(
                approved(key),
                live(&same.replace(from, to)),
                "{from} -> {to}"
            );
        }
        assert_ne!(approved(key), approved("[]"));
        assert_eq!(approved("null"), live("[]"));
        assert!(encryption_rules(parse("7").unwrap(), LIVE).is_err());
    }
}
