//! Inline policies of roles.

use std::collections::BTreeMap;

use super::{blocks, get};
use crate::model::Value;
use crate::normalise::equal::is_unset;
use crate::normalise::form::{FormError, Side};
use crate::normalise::json_policy;

/// `inline_policy` of `aws_iam_role`: a set of blocks with a name and a document. An empty block
/// says that there is to be none.
pub fn inline_policies(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let (name, document) = match side {
        Side::Approved => ("name", "policy"),
        Side::Live { .. } => ("policyName", "policyDocument"),
    };
    let mut policies = Vec::new();
    for block in blocks(value)? {
        let (name, document) = (get(&block, name), get(&block, document));
        if [&name, &document].into_iter().all(is_unset) {
            continue;
        }
        let document = match document {
            Value::String(text) => json_policy::read_text(&text)?,
            other => json_policy::canonical(other)?,
        };
        policies.push(Value::Map(BTreeMap::from([
            ("name".to_owned(), name),
            ("policy".to_owned(), document),
        ])));
    }
    policies.sort();
    Ok(Value::List(policies))
}
