//! Sets, lists, maps, tags and blocks.

use driftwarden::normalise::path::folded_eq;
use serde_json::{Value, json};

use super::{Change, other};
use crate::types::edit;

/// A set or list: an element changed, added, removed; the order turned.
pub fn elements(live: &Value, rest: &[Box<str>], is_ordered: bool) -> Vec<Change> {
    let Some([first, ..]) = live.as_array().map(Vec::as_slice) else {
        return Vec::new();
    };
    let list = live.as_array().unwrap();
    let Some(twin) = twin(first, rest) else {
        return Vec::new();
    };
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut list = list.clone();
        change(&mut list);
        Value::Array(list)
    };
    let mut changes = vec![
        Change::of("an element changed", with(&|list| list[0] = twin.clone())),
        Change::of("an element added", with(&|list| list.push(twin.clone()))),
        Change::of("an element removed", with(&|list| drop(list.remove(0)))),
    ];
    let turned = with(&|list| list.reverse());
    if turned != *live {
        let change = match is_ordered {
            true => Change::of("the order turned", turned),
            false => Change::of_nothing("the order turned", turned),
        };
        changes.push(change);
    }
    changes
}

/// As a set; an element more is somebody else's.
pub fn subset(live: &Value, rest: &[Box<str>]) -> Vec<Change> {
    let mut changes = elements(live, rest, false);
    for change in &mut changes {
        let len = |value: &Value| value.as_array().map_or(0, Vec::len);
        change.counts &= len(&change.new) <= len(live);
    }
    changes
}

/// An element that differs in what the row takes of it.
fn twin(element: &Value, rest: &[Box<str>]) -> Option<Value> {
    let other = other(&edit::get(element, rest)?)?;
    if rest.is_empty() {
        return Some(other);
    }
    let mut twin = element.clone();
    edit::set(&mut twin, rest, Some(&other)).then_some(twin)
}

/// A map, or tags in any of their shapes: a key changed, added, removed.
pub fn entries(live: &Value, are_tags: bool) -> Vec<Change> {
    let mut changes = match live {
        Value::Object(map) => {
            let Some((key, value)) = map.iter().next() else {
                return Vec::new();
            };
            let with = |key: &str, value: Option<Value>| {
                let mut map = map.clone();
                match value {
                    Some(value) => drop(map.insert(key.to_owned(), value)),
                    None => drop(map.remove(key)),
                }
                Value::Object(map)
            };
            vec![
                Change::of("a key changed", with(key, other(value))),
                Change::of("a key added", with("ByHand", Some(json!("yes")))),
                Change::of("a key removed", with(key, None)),
                Change::of_nothing("a tag of AWS added", with("aws:by", Some(json!("it")))),
            ]
        }
        Value::Array(list) => listed_tags(list),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    if !are_tags {
        changes.retain(|change| change.counts);
    }
    changes
}

/// `[{ "key": …, "value": … }]`, the names as AWS likes.
fn listed_tags(list: &[Value]) -> Vec<Change> {
    let Some(Value::Object(first)) = list.first() else {
        return Vec::new();
    };
    let name = |wanted: &[&str]| {
        let is_it = |key: &&String| wanted.iter().any(|wanted| folded_eq(key, wanted));
        first.keys().find(is_it).cloned().unwrap()
    };
    let (key, value) = (
        name(&["key", "tagkey", "name"]),
        name(&["value", "tagvalue"]),
    );
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut list = list.to_vec();
        change(&mut list);
        Value::Array(list)
    };
    let changed = other(&first[&value]).unwrap();
    let tag = |name: &str| json!({ &key: name, &value: "yes" });
    vec![
        Change::of(
            "a key changed",
            with(&|list| list[0][&value] = changed.clone()),
        ),
        Change::of("a key added", with(&|list| list.push(tag("ByHand")))),
        Change::of("a key removed", with(&|list| drop(list.remove(0)))),
        Change::of_nothing("a tag of AWS added", with(&|list| list.push(tag("aws:by")))),
    ]
}

/// A list of blocks: one added, one removed, each leaf changed.
pub fn blocks(live: &Value) -> Vec<Change> {
    let Some([first, rest @ ..]) = live.as_array().map(Vec::as_slice) else {
        return Vec::new();
    };
    let mut changes = leaves(live);
    // Of a block like the first, in what tells blocks apart.
    let twin = leaves(first).into_iter().next();
    if let Some(twin) = twin {
        let mut list = live.as_array().unwrap().clone();
        list.push(twin.new);
        changes.push(Change::of("a block added", Value::Array(list)));
    }
    changes.push(Change::of("a block removed", Value::Array(rest.to_vec())));
    changes
}

/// Blocks in any of their shapes: a list, the items of a list with its length, one as an object.
pub fn nested(live: &Value) -> Vec<Change> {
    let is_items = |key: &&String| folded_eq(key, "items");
    let wrapper = live.as_object().map(|map| map.keys().find(is_items));
    let Some(Some(items)) = wrapper else {
        return match live {
            Value::Object(_) => leaves(live),
            other => blocks(other),
        };
    };
    let changes = blocks(&live[items]).into_iter();
    changes
        .map(|change| {
            let mut wrapper = live.clone();
            wrapper[items] = change.new;
            Change {
                new: wrapper,
                ..change
            }
        })
        .collect()
}

/// Entries of a network ACL in one direction; nobody can change the last ones.
pub fn entries_of(live: &Value, egress: bool) -> Vec<Change> {
    some_blocks(live, &|entry| {
        let number = entry["ruleNumber"].as_i64().unwrap_or_default();
        entry["egress"].as_bool() == Some(egress) && number < 32767
    })
}

/// Routes that somebody made.
pub fn routes(live: &Value) -> Vec<Change> {
    some_blocks(live, &|route| {
        let is_endpoint = route.get("destinationPrefixListId").is_some();
        route["origin"] == "CreateRoute" && !is_endpoint
    })
}

/// As [`blocks`], with those blocks kept as they are that are none of ours.
fn some_blocks(live: &Value, is_ours: &dyn Fn(&Value) -> bool) -> Vec<Change> {
    let list = live.as_array().map(Vec::as_slice).unwrap_or_default();
    let (ours, others): (Vec<Value>, Vec<Value>) = list.iter().cloned().partition(is_ours);
    let mut changes = blocks(&Value::Array(ours));
    for change in &mut changes {
        change.new.as_array_mut().unwrap().extend(others.clone());
    }
    changes
}

/// Each leaf of a tree changed, one after the other. Nulls stay: what they could be is not known.
pub fn leaves(live: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    below(live, "", &mut |place, new| {
        found.push(Change::of(format!("{place} changed"), new));
    });
    found
}

fn below(value: &Value, before: &str, take: &mut dyn FnMut(&str, Value)) {
    match value {
        Value::Object(map) => {
            // The type of a lifecycle predicate says how to read it, and an unknown one is a gap. The
            // keys of tags are names of places, not values; whose a security group is follows from
            // its id.
            // A direction makes an entry one of the other list, and what AWS says of a route or a
            // tag is not Terraform's. Nor does Terraform count.
            let is_name = |key: &str| match key {
                "type" | "userId" | "egress" | "origin" | "state" => true,
                "resourceId" | "resourceType" | "quantity" => true,
                "key" => map.len() == 2,
                _ => false,
            };
            for (key, inner) in map.iter().filter(|(key, _)| !is_name(key)) {
                below(inner, &format!("{before}/{key}"), &mut |place, new| {
                    let mut map = map.clone();
                    map.insert(key.clone(), new);
                    take(place, Value::Object(map));
                });
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                below(inner, &format!("{before}/{index}"), &mut |place, new| {
                    let mut list = list.clone();
                    list[index] = new;
                    take(place, Value::Array(list));
                });
            }
        }
        leaf => {
            if let Some(new) = other(leaf) {
                take(before, new);
            }
        }
    }
}
