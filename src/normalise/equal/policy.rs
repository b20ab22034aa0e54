//! IAM policies, each in canonical form.

use std::collections::BTreeMap;

use super::scalar::is_unset;
use super::{Equivalence, Outcome, whole};
use crate::model::{AttributePath, Value};

pub const UNKNOWN_PRINCIPAL: &str = "one names a principal by its ARN, the other by a unique id, as AWS \
    does where a principal was deleted: only a look-up in IAM tells whether they are one";

pub(super) fn compare(pointer: &AttributePath, approved: &Value, live: &Value) -> Outcome {
    if is_unset(approved) && is_unset(live) {
        return Outcome::Equal(Equivalence::Unset);
    }
    if differ_in_names_only(approved, live).is_some() {
        return Outcome::NotComparable(UNKNOWN_PRINCIPAL);
    }
    whole(pointer, text_of(approved), text_of(live))
}

/// Terraform holds a policy as text, so that is how it is shown.
pub(super) fn text_of(policy: &Value) -> Value {
    match policy {
        Value::Map(_) => serde_json::to_string(policy).map_or(Value::Null, Value::String),
        other => other.clone(),
    }
}

/// Whether all that differs is that a user or role is named by ARN on one side and by unique id on
/// the other.
fn differ_in_names_only(approved: &Value, live: &Value) -> Option<()> {
    let (one, other) = (approved.as_map()?, live.as_map()?);
    same_but_for(one, other, &["Statement"])?;
    let statements = |document: &'_ BTreeMap<String, Value>| -> Option<Vec<Value>> {
        Some(document.get("Statement")?.as_list()?.to_vec())
    };
    let (one, other) = (statements(one)?, statements(other)?);
    let only_one: Vec<_> = one.iter().filter(|each| !other.contains(each)).collect();
    let mut only_other: Vec<_> = other.iter().filter(|each| !one.contains(each)).collect();
    if only_one.len() != only_other.len() {
        return None;
    }
    for statement in only_one {
        let twin = only_other
            .iter()
            .position(|other| statements_differ_in_names_only(statement, other).is_some())?;
        only_other.swap_remove(twin);
    }
    Some(())
}

fn statements_differ_in_names_only(one: &Value, other: &Value) -> Option<()> {
    let (one, other) = (one.as_map()?, other.as_map()?);
    same_but_for(one, other, &["Principal"])?;
    let (one, other) = (
        one.get("Principal")?.as_map()?,
        other.get("Principal")?.as_map()?,
    );
    same_but_for(one, other, &["AWS"])?;
    let (one, other) = (one.get("AWS")?.as_list()?, other.get("AWS")?.as_list()?);
    let only = |mine: &[Value], theirs: &[Value]| -> Option<Vec<Named>> {
        let mine = mine.iter().filter(|each| !theirs.contains(each));
        mine.map(|each| Named::of(each.as_str()?)).collect()
    };
    let (mut one, mut other) = (only(one, other)?, only(other, one)?);
    let swapped = |named: &Named| Named {
        is_id: !named.is_id,
        ..*named
    };
    one.sort();
    other = other.iter().map(swapped).collect();
    other.sort();
    (one == other).then_some(())
}

/// Whether a user or role stands in the policy by unique id, as after its deletion. What it was called
/// before cannot be known.
pub(super) fn names_a_deleted_principal(policy: &Value) -> bool {
    let statements = policy.at(["Statement"]).and_then(Value::as_list);
    statements.into_iter().flatten().any(|statement| {
        let named = statement.at(["Principal", "AWS"]).and_then(Value::as_list);
        let mut named = named.into_iter().flatten().filter_map(Value::as_str);
        named.any(|name| Named::of(name).is_some_and(|named| named.is_id))
    })
}

/// A user or role as principal: which of the two, and how it is named.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    is_role: bool,
    is_id: bool,
}

impl Named {
    fn of(principal: &str) -> Option<Self> {
        let is_id =
            principal.len() >= 16 && principal.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_role = match () {
            () if is_id && principal.starts_with("AROA") => true,
            () if is_id && principal.starts_with("AIDA") => false,
            () if is_id => return None,
            () => {
                let resource = principal.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
                if resource.starts_with("role/") {
                    true
                } else if resource.starts_with("user/") {
                    false
                } else {
                    return None;
                }
            }
        };
        Some(Self { is_role, is_id })
    }
}

fn same_but_for(
    one: &BTreeMap<String, Value>,
    other: &BTreeMap<String, Value>,
    but: &[&str],
) -> Option<()> {
    let rest = |map: &'_ BTreeMap<String, Value>| -> Vec<(String, Value)> {
        let kept = map.iter().filter(|(key, _)| !but.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    (rest(one) == rest(other)).then_some(())
}
