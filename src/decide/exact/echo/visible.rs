//! Whether everything that differs in an attribute is something that its rows see: what a row leaves out
//! of sight, nobody can be said to tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Number, Value};
use crate::normalise::form::Side;
use crate::normalise::path::WHOLE;
use crate::normalise::table::AttributeRow;

/// Whether the two sides of an attribute are the same but for what the rows show.
pub(super) fn is_all_in_rows(rows: &[&AttributeRow], approved: &Value, live: &Value) -> bool {
    let rest = |whole: &Value| {
        let mut rest = whole.clone();
        for row in rows {
            let tokens: Vec<String> = row.pointer.tokens().skip(1).collect();
            take_at(&mut rest, &tokens);
        }
        rest
    };
    !has_secret(approved) && !has_secret(live) && is_same(&rest(approved), &rest(live))
}

fn take_at(value: &mut Value, tokens: &[String]) {
    let Some((token, rest)) = tokens.split_first() else {
        *value = Value::Null;
        return;
    };
    let next = match value {
        Value::Map(map) => map.get_mut(token),
        Value::List(list) => token.parse().ok().and_then(|at: usize| list.get_mut(at)),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sensitive(_) => None,
    };
    if let Some(next) = next {
        take_at(next, rest);
    }
}

fn has_secret(value: &Value) -> bool {
    match value {
        Value::Sensitive(_) => true,
        Value::List(all) => all.iter().any(has_secret),
        Value::Map(all) => all.values().any(has_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The same, where null, empty, zero and false are one.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    one == other || said(one) == said(other)
}

pub(in crate::decide) fn is_nothing(value: &Value) -> bool {
    said(value).is_null()
}

/// Without what says nothing.
fn said(value: &Value) -> Value {
    match value {
        Value::Bool(false) => Value::Null,
        Value::Number(Number::Int(0)) => Value::Null,
        Value::String(text) if text.is_empty() => Value::Null,
        Value::List(all) => {
            let all: Vec<Value> = all.iter().map(said).filter(|own| !own.is_null()).collect();
            match all.is_empty() {
                true => Value::Null,
                false => Value::List(all),
            }
        }
        Value::Map(all) => {
            let all = all.iter().map(|(name, own)| (name.clone(), said(own)));
            let all: BTreeMap<String, Value> = all.filter(|(_, own)| !own.is_null()).collect();
            match all.is_empty() {
                true => Value::Null,
                false => Value::Map(all),
            }
        }
        other => other.clone(),
    }
}

/// In the form of its row.
pub(super) fn in_form(row: &AttributeRow, own: &Value) -> Option<Value> {
    let text = serde_json::to_string(own).ok()?;
    row.form.value(&text, &WHOLE, Side::Approved).ok()
}

/// Names that lead to a scalar; the places in lists are left out.
type Names = Vec<String>;

/// Whether the row's form sees all that differs.
pub(super) fn is_seen_by(row: &AttributeRow, approved: &Value, live: &Value) -> bool {
    let (Some(one), Some(other)) = (in_form(row, approved), in_form(row, live)) else {
        return false;
    };
    let (before, after) = (leaves(approved), leaves(live));
    let names: BTreeSet<&Names> = before.keys().chain(after.keys()).collect();
    names.into_iter().all(|names| {
        before.get(names) == after.get(names)
            || in_form(row, &without(approved, names)) != Some(one.clone())
            || in_form(row, &without(live, names)) != Some(other.clone())
    })
}

fn leaves(value: &Value) -> BTreeMap<Names, Vec<Value>> {
    let mut found = BTreeMap::new();
    add_leaves(&said(value), &mut Vec::new(), &mut found);
    found.values_mut().for_each(|own| own.sort());
    found
}

fn add_leaves(value: &Value, names: &mut Names, found: &mut BTreeMap<Names, Vec<Value>>) {
    match value {
        Value::Null => {}
        Value::List(all) => all.iter().for_each(|own| add_leaves(own, names, found)),
        Value::Map(all) => {
            for (name, own) in all {
                names.push(name.clone());
                add_leaves(own, names, found);
                names.pop();
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sensitive(_) => {
            let own = found.entry(names.clone()).or_default();
            own.push(value.clone());
        }
    }
}

fn without(value: &Value, names: &[String]) -> Value {
    match (value, names) {
        (Value::List(all), _) => {
            let all = all.iter().map(|own| without(own, names));
            Value::List(all.filter(|own| !own.is_null()).collect())
        }
        (Value::Map(all), [name, rest @ ..]) => {
            let mut all = all.clone();
            if let Some(own) = all.get_mut(name) {
                *own = without(own, rest);
            }
            Value::Map(all)
        }
        (_, []) => Value::Null,
        (other, _) => other.clone(),
    }
}
