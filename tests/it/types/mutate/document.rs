//! Policies and other documents.

use driftwarden::normalise::path::folded_eq;
use serde_json::{Value, json};

use super::collection::leaves;
use super::{Change, encoded, other};

/// A policy: an action added, a statement added or removed, each leaf changed.
pub fn policy(live: &Value) -> Vec<Change> {
    let Value::Object(document) = live else {
        return Vec::new();
    };
    let mut changes = leaves(live);
    let statements = match &document["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let with = |what: &str, statements: Vec<Value>| {
        let mut document = document.clone();
        document.insert("Statement".to_owned(), Value::Array(statements));
        Change::of(what, Value::Object(document))
    };
    let mut wider = statements.clone();
    let action = match &wider[0]["Action"] {
        Value::Null => vec![json!("iam:PassRole")],
        Value::Array(list) => [list.as_slice(), &[json!("iam:PassRole")]].concat(),
        one => vec![one.clone(), json!("iam:PassRole")],
    };
    wider[0]["Action"] = Value::Array(action);
    changes.push(with("an action added", wider));
    let by_hand = json!({ "Sid": "ByHand", "Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*" });
    let more = [statements.as_slice(), &[by_hand]].concat();
    changes.push(with("a statement added", more));
    if let [_, rest @ ..] = &statements[..]
        && !rest.is_empty()
    {
        changes.push(with("a statement removed", rest.to_vec()));
    }
    changes
}

/// Versions of a managed policy: what the default one says, or which it is.
pub fn default_version(live: &Value) -> Vec<Change> {
    let Some(versions) = live.as_array() else {
        return Vec::new();
    };
    let flag = |version: &Value| field(version, "isDefaultVersion");
    let is_default = |version: &Value| version[flag(version)] == true;
    let mut changes = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        let document = field(version, "document");
        for inner in encoded::within(&version[&document], &policy) {
            let mut versions = versions.clone();
            versions[at][&document] = inner.new;
            changes.push(Change {
                what: format!("version {at}: {}", inner.what),
                new: Value::Array(versions),
                counts: is_default(version),
            });
        }
        if !is_default(version) {
            let mut versions = versions.clone();
            for (other, version) in versions.iter_mut().enumerate() {
                let flag = flag(version);
                version[flag] = json!(other == at);
            }
            changes.push(Change::of(
                "another default version",
                Value::Array(versions),
            ));
        }
    }
    changes
}

/// Inline policies: one changed, renamed, added, removed.
pub fn inline_policies(live: &Value) -> Vec<Change> {
    let Some([first, rest @ ..]) = live.as_array().map(Vec::as_slice) else {
        return Vec::new();
    };
    let (name, document) = (field(first, "policyName"), field(first, "policyDocument"));
    let with = |what: &str, policy: Value, keeps: bool| {
        let kept = keeps.then(|| first.clone());
        let list = [policy].into_iter().chain(kept).chain(rest.iter().cloned());
        Change::of(what, list.collect())
    };
    let mut twin = first.clone();
    twin[&name] = other(&first[&name]).unwrap();
    let mut changes = vec![
        with("a policy renamed", twin.clone(), false),
        with("a policy added", twin, true),
        Change::of("a policy removed", Value::Array(rest.to_vec())),
    ];
    for inner in encoded::within(&first[&document], &policy) {
        let mut policy = first.clone();
        policy[&document] = inner.new;
        changes.push(with(&inner.what, policy, false));
    }
    changes
}

/// Any JSON document: each leaf changed, something added.
pub fn json(live: &Value) -> Vec<Change> {
    let mut changes = leaves(live);
    if let Value::Object(document) = live {
        let mut document = document.clone();
        document.insert("byHand".to_owned(), json!("yes"));
        changes.push(Change::of("a key added", Value::Object(document)));
    }
    changes
}

/// The name by which an object has a field, whatever its case.
fn field(object: &Value, wanted: &str) -> String {
    let keys = object.as_object().unwrap().keys();
    let mut found = keys.filter(|key| folded_eq(key, wanted)).cloned();
    found.next().unwrap_or_else(|| wanted.to_owned())
}
