//! What hangs on a bucket: its access list, notifications and replication by name.

use serde_json::{Value, json};

use super::collection::leaves;
use super::{Change, other};

/// An access list: a grant more, one less, another grantee or permission.
pub fn access_list(live: &Value) -> Vec<Change> {
    let Some(grants) = live["grantList"].as_array() else {
        return Vec::new();
    };
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut live = live.clone();
        change(live["grantList"].as_array_mut().unwrap());
        live
    };
    let everybody = json!({ "grantee": "AllUsers", "permission": "WriteAcp" });
    let foreign = json!({
        "grantee": { "id": "5f".repeat(32), "displayName": null }, "permission": "Read"
    });
    let mut changes = vec![
        Change::of(
            "open to all",
            with(&|grants| grants.push(everybody.clone())),
        ),
        Change::of(
            "open to another account",
            with(&|grants| grants.push(foreign.clone())),
        ),
        Change::of("a grant removed", with(&|grants| drop(grants.pop()))),
        Change::of_nothing("the order turned", with(&|grants| grants.reverse())),
        Change::of(
            "another permission",
            with(&|grants| {
                let known = grants[0]["permission"] == "ReadAcp";
                grants[0]["permission"] = json!(if known { "WriteAcp" } else { "ReadAcp" });
            }),
        ),
    ];
    changes.truncate(if grants.is_empty() { 2 } else { changes.len() });
    changes
}

/// A map of parts by name: one added, one removed, each leaf of what counts changed.
pub fn by_name(live: &Value, kind: Option<&str>) -> Vec<Change> {
    let Some(map) = live.as_object() else {
        return Vec::new();
    };
    let is_own = |one: &Value| kind.is_none_or(|kind| one["type"] == kind);
    let Some((name, first)) = map.iter().find(|(_, one)| is_own(one)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    for (name, one) in map.iter().filter(|(_, one)| is_own(one)) {
        for change in leaves(one) {
            let is_name = change.what.ends_with("/name changed");
            let is_prefix = change.what == "/prefix changed";
            if is_name || is_prefix {
                continue;
            }
            let mut map = map.clone();
            map.insert(name.clone(), change.new);
            changes.push(Change::of(
                format!("{name}{}", change.what),
                Value::Object(map),
            ));
        }
    }
    let mut more = map.clone();
    let mut twin = first.clone();
    let mut keys = first.as_object().unwrap().keys();
    let arn = keys.find(|key| key.ends_with("ARN")).cloned();
    if let Some(arn) = arn {
        twin[&arn] = other(&first[&arn]).unwrap();
    }
    more.insert("by-hand".to_owned(), twin);
    changes.push(Change::of("one added", Value::Object(more)));
    let mut less = map.clone();
    less.remove(name);
    changes.push(Change::of("one removed", Value::Object(less)));
    changes
}
