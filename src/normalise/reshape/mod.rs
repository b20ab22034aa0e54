//! Live structures that Terraform shapes quite differently, brought into Terraform's shape.

mod access_list;
mod containers;
mod encryption;
mod inline_policies;
mod lifecycle;
mod network_acl;
mod notifications;
mod replication;
mod routes;

pub use access_list::{access_list, one_grant};
pub use containers::container_definitions;
pub use encryption::encryption_rules;
pub use inline_policies::inline_policies;
pub use lifecycle::{UNSEEN, in_buckets_shape, lifecycle_rules};
pub use network_acl::acl_entries;
pub use notifications::{Target, notifications};
pub use replication::replication_rules;
pub use routes::routes;

use super::form::FormError;
use super::path::find;
use crate::model::Value;

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
        _ => Err(FormError::Shape("a list of blocks")),
    }
}
