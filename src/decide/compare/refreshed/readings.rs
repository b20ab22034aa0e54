//! How the provider reads attributes of types that no table knows: under two names, or in another writing
//! than the configuration has. It takes no difference in them for one.

use crate::ingest::plan::RefreshedResource;
use crate::model::Value;

/// Attributes of which another one of the type says the same, under a newer name.
const SHADOWS: [(&str, &str, &str); 1] = [("aws_cloudwatch_event_rule", "is_enabled", "state")];

/// Whether what an attribute says is said by another one that is there.
pub(super) fn has_shadow(there: &RefreshedResource, name: &str) -> bool {
    let of = SHADOWS.iter();
    let mut of = of.filter(|(of, old, _)| **of == *there.type_name && *old == name);
    let full = match name {
        "tags" => Some("tags_all"),
        _ => of.next().map(|(_, _, new)| *new),
    };
    full.is_some_and(|full| there.values.get(full).is_some_and(|value| !value.is_null()))
}

/// A value as the provider reads it back.
pub(super) fn read_back(there: &RefreshedResource, name: &str, value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    match (&*there.type_name, name) {
        ("aws_elasticache_user", "engine") => text.to_lowercase().as_str().into(),
        // IAM keeps no scheme, and there is no other.
        ("aws_iam_openid_connect_provider", "url") => {
            text.strip_prefix("https://").unwrap_or(text).into()
        }
        // IAM keeps no comment.
        ("aws_iam_user_ssh_key", "public_key") => {
            let words: Vec<&str> = text.split_whitespace().take(2).collect();
            words.join(" ").as_str().into()
        }
        _ => value.clone(),
    }
}
