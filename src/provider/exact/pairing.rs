//! Sets of which one element changed. A provider plans such a set whole, and may write its untouched
//! elements in another way than it reads them, so that each of them seems to be gone and another one there.

use super::difference::{Difference, Equality, differences};
use super::judge::Signals;
use crate::model::AttributePath;
use crate::provider::cty::{Name, Value};
use crate::provider::schema::Block;

/// Of a difference between live and planned, the two sides to show, as approved and as live.
///
/// What was settled is what the provider would leave alone. So where the live set is another one, the plan
/// is about just these elements, and both are in the words in which the provider reads. Otherwise, or if
/// that would show nothing, it is what the plan says.
pub(super) fn planned_sides(signals: &Signals<'_>, one: Difference) -> (Value, Value) {
    let alike = Alike {
        block: signals.block,
        equality: signals.equality,
        reads_json: true,
    };
    let by_read = settled_set(signals, &one).and_then(|found| alike.left(&one.path, &found));
    let by_plan = || {
        let (removed, added) = (one.after.clone(), one.before.clone());
        alike.left(&one.path, &(removed, added))
    };
    by_read
        .or_else(by_plan)
        .unwrap_or((one.after.clone(), one.before.clone()))
}

/// Of a difference between what was settled and live, what only the provider does not set; nothing if
/// that is all.
pub(super) fn without_computed(block: &Block, one: Difference) -> Option<Difference> {
    let (Value::Set(_), Value::Set(_)) = (&one.before, &one.after) else {
        return Some(one);
    };
    let alike = Alike {
        block,
        equality: Equality::Exact,
        reads_json: false,
    };
    let Difference {
        path,
        before,
        after,
    } = one;
    let (before, after) = alike.left(&path, &(before, after))?;
    Some(Difference {
        path,
        before,
        after,
    })
}

/// The elements of a set that are only settled, and those that are only live.
fn settled_set(signals: &Signals<'_>, one: &Difference) -> Option<(Value, Value)> {
    if !matches!((&one.before, &one.after), (Value::Set(_), Value::Set(_))) {
        return None;
    }
    let mut tokens = one.path.tokens();
    let top = signals.settled?.value(&tokens.next()?)?;
    let was = top.at(tokens)?;
    let now = signals.live.at(one.path.tokens())?;
    if !matches!((was, now), (Value::Set(_), Value::Set(_))) {
        return None;
    }
    let mut found = differences(was, now, Equality::Exact).into_iter();
    found.next().map(|own| (own.before, own.after))
}

/// When two elements are one to the provider.
struct Alike<'a> {
    block: &'a Block,
    equality: Equality,
    /// Whether one JSON document may be written in two ways.
    reads_json: bool,
}

impl Alike<'_> {
    /// Elements of two sets without pairs that are alike; nothing if none is left.
    fn left(&self, path: &AttributePath, sides: &(Value, Value)) -> Option<(Value, Value)> {
        let (Value::Set(removed), Value::Set(added)) = sides else {
            return None;
        };
        let mut tokens: Vec<String> = path.tokens().collect();
        tokens.push("0".to_owned());
        let mut added: Vec<&Value> = added.iter().collect();
        let mut kept = Vec::new();
        for own in removed {
            match added.iter().position(|other| self.are(&tokens, own, other)) {
                Some(at) => drop(added.remove(at)),
                None => kept.push(own.clone()),
            }
        }
        if kept.is_empty() && added.is_empty() {
            return None;
        }
        let added = added.into_iter().cloned().collect();
        Some((Value::set(kept), Value::set(added)))
    }

    fn are(&self, tokens: &[String], one: &Value, other: &Value) -> bool {
        if differences(one, other, self.equality).is_empty()
            || self
                .block
                .is_computed_only(tokens.iter().map(String::as_str))
        {
            return true;
        }
        match (one, other) {
            (Value::Object(one), Value::Object(other)) => {
                let others = other.keys().filter(|name| !one.contains_key(*name));
                one.keys().chain(others).all(|name: &Name| {
                    let null = Value::Null;
                    let below = below(tokens, name);
                    let of = |all: Option<&Value>| all.cloned().unwrap_or(null.clone());
                    self.are(&below, &of(one.get(name)), &of(other.get(name)))
                })
            }
            (Value::List(one), Value::List(other)) if one.len() == other.len() => {
                let tokens = below(tokens, "0");
                let mut pairs = one.iter().zip(other);
                pairs.all(|(one, other)| self.are(&tokens, one, other))
            }
            (Value::Set(one), Value::Set(other)) if one.len() == other.len() => {
                let tokens = below(tokens, "0");
                let mut others: Vec<&Value> = other.iter().collect();
                one.iter().all(|own| {
                    let at = others
                        .iter()
                        .position(|other| self.are(&tokens, own, other));
                    at.map(|at| others.remove(at)).is_some()
                })
            }
            (Value::String(one), Value::String(other)) => {
                self.reads_json && is_one_document(one, other)
            }
            _ => false,
        }
    }
}

fn below(tokens: &[String], name: &str) -> Vec<String> {
    let mut below = tokens.to_vec();
    below.push(name.to_owned());
    below
}

fn is_one_document(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let is_document = text.trim_start().starts_with(['{', '[']);
        let read = is_document.then(|| serde_json::from_str::<serde_json::Value>(text).ok());
        read.flatten()
    };
    read(one).is_some_and(|own| read(other) == Some(own))
}
