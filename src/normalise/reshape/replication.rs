//! Replication rules of buckets.

use super::{blocks, get, object};
use crate::model::Value;
use crate::normalise::form::{FormError, Side};

/// `rule` of `aws_s3_bucket_replication_configuration`, as far as the form of the item is known:
/// whether it is in force, and to which bucket of whom it copies in which class.
pub fn replication_rules(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let mut rules: Vec<Value> = match (side, value) {
        (Side::Approved, value) => {
            let rules = blocks(value)?;
            let one = |rule: &Value| {
                let to = match get(rule, "destination") {
                    Value::List(one) => one.first().cloned().unwrap_or_default(),
                    canonical => canonical,
                };
                let to = ["account", "bucket", "storage_class"].map(|name| get(&to, name));
                replication(get(rule, "id"), get(rule, "status"), to)
            };
            rules.iter().map(one).collect()
        }
        (Side::Live { .. }, Value::Map(all)) => {
            let one = |(id, rule): (&String, &Value)| {
                let to = get(rule, "destinationConfig");
                let to = ["account", "bucketARN", "storageClass"].map(|name| get(&to, name));
                replication(Value::from(id.as_str()), get(rule, "status"), to)
            };
            all.iter().map(one).collect()
        }
        (Side::Live { .. }, Value::Null) => Vec::new(),
        (Side::Live { .. }, Value::List(canonical)) => canonical,
        (Side::Live { .. }, _) => return Err(FormError::Shape("a map of rules")),
    };
    rules.sort();
    Ok(Value::List(rules))
}

fn replication(id: Value, status: Value, [account, bucket, class]: [Value; 3]) -> Value {
    let set = |value: Value| match value.as_str() {
        Some("") => Value::Null,
        _ => value,
    };
    let to = [
        ("account", set(account)),
        ("bucket", bucket),
        ("storage_class", set(class)),
    ];
    object([("id", id), ("status", status), ("destination", object(to))])
}
