//! Blocks within blocks, whose names are Terraform's but for case, underscores and the few that
//! the table gives.
//!
//! Compared is what the approved blocks name: a plan names every attribute of a block that it has.

use std::collections::BTreeMap;

use super::scalar::{is_unset, same_scalar};
use super::{Difference, Equivalence, Outcome, unless};
use crate::model::{AttributePath, Value};
use crate::normalise::path::{Path, find, folded_eq};

const IN_ORDER: &str = "[]";

/// Whether the blocks are Terraform's list, in which each has its place, or its set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    List,
    Set,
}

/// `words` gives live paths and the names in Terraform's blocks that they stand for; after a name
/// that ends in `[]` stands a list in which order counts.
pub(super) fn compare(
    kind: Blocks,
    words: &BTreeMap<String, String>,
    pointer: &AttributePath,
    approved: &Value,
    live: &Value,
) -> Outcome {
    let names = Names::new(words);
    if is_unset(approved) && (is_unset(live) || is_nothing(live)) {
        return Outcome::Equal(Equivalence::Unset);
    }
    let mut found = Vec::new();
    match kind {
        Blocks::List => {
            let approved: Vec<Value> = blocks(approved).into_iter().cloned().collect();
            names.places(pointer, &approved, live, &mut found);
        }
        Blocks::Set => {
            let (one, other) = (blocks(approved), blocks(live));
            let (only_one, only_other) = names.unmatched(&one, &other);
            if !only_one.is_empty() || !only_other.is_empty() {
                let shape = one.first().copied().unwrap_or(&Value::Null);
                let shown = only_other.into_iter().map(|live| names.shown(shape, live));
                found.push(Difference {
                    pointer: pointer.clone(),
                    approved: Value::List(only_one.into_iter().cloned().collect()),
                    live: Value::List(shown.collect()),
                });
            }
        }
    }
    unless(found, Equivalence::Shape)
}

struct Names {
    given: Vec<Given>,
}

struct Given {
    /// Terraform's name.
    name: String,
    live: Path,
    in_order: bool,
}

impl Names {
    fn new(words: &BTreeMap<String, String>) -> Self {
        let given = words.iter().map(|(path, name)| Given {
            name: name.trim_end_matches(IN_ORDER).to_owned(),
            live: Path::parse(path),
            in_order: name.ends_with(IN_ORDER),
        });
        Self {
            given: given.collect(),
        }
    }

    fn in_order(&self, name: &str) -> bool {
        let mut given = self.given.iter();
        given.any(|given| given.in_order && given.name == name)
    }

    /// What is live under Terraform's name.
    fn field<'v>(&self, live: &'v Value, name: &str) -> &'v Value {
        let mut given = self.given.iter().filter(|given| given.name == name);
        let by_path = given.find_map(|given| find(live, &given.live.captured));
        let by_name = || {
            let mut fields = live.as_map()?.iter();
            fields
                .find(|(key, _)| folded_eq(key, name))
                .map(|(_, value)| value)
        };
        by_path.or_else(by_name).unwrap_or(&Value::Null)
    }

    fn same(&self, approved: &Value, live: &Value) -> bool {
        let mut found = Vec::new();
        self.differences(&AttributePath::root(), approved, live, &mut found);
        found.is_empty()
    }

    fn differences(
        &self,
        pointer: &AttributePath,
        approved: &Value,
        live: &Value,
        found: &mut Vec<Difference>,
    ) {
        let is_same = match approved {
            Value::Map(fields) if live.as_map().is_some() || live.is_null() => {
                for (name, value) in fields {
                    let (at, below) = (pointer.child(name), self.field(live, name));
                    match value {
                        Value::List(list) if self.in_order(name) => {
                            self.places(&at, list, below, found);
                        }
                        value => self.differences(&at, value, below, found),
                    }
                }
                return;
            }
            value if is_unset(value) => is_nothing(live),
            Value::List(list) if list.iter().any(|element| element.as_map().is_some()) => {
                let (one, other) = (blocks(approved), blocks(live));
                if let ([one], [other]) = (&one[..], &other[..]) {
                    return self.differences(&pointer.child("0"), one, other, found);
                }
                let (only_one, only_other) = self.unmatched(&one, &other);
                only_one.is_empty() && only_other.is_empty()
            }
            Value::List(list) => {
                let (one, other) = (list.iter().collect::<Vec<_>>(), blocks(live));
                let (only_one, only_other) = self.unmatched(&one, &other);
                only_one.is_empty() && only_other.is_empty()
            }
            scalar => same_scalar(scalar, live).is_some(),
        };
        if !is_same {
            found.push(Difference {
                pointer: pointer.clone(),
                approved: approved.clone(),
                live: self.shown(approved, live),
            });
        }
    }

    /// The differences of a list in which each element has its place.
    fn places(
        &self,
        pointer: &AttributePath,
        approved: &[Value],
        live: &Value,
        found: &mut Vec<Difference>,
    ) {
        let others = blocks(live);
        if approved.len() == others.len() {
            for (at, (one, other)) in approved.iter().zip(others).enumerate() {
                self.differences(&pointer.child(&at.to_string()), one, other, found);
            }
        } else {
            let approved = Value::List(approved.to_vec());
            found.push(Difference {
                pointer: pointer.clone(),
                live: self.shown(&approved, live),
                approved,
            });
        }
    }

    /// The blocks that only one side has; each stands for one of the other side.
    fn unmatched<'v>(
        &self,
        one: &[&'v Value],
        other: &[&'v Value],
    ) -> (Vec<&'v Value>, Vec<&'v Value>) {
        let mut left = other.to_vec();
        let mut only_one = Vec::new();
        for block in one {
            match left.iter().position(|live| self.same(block, live)) {
                Some(at) => {
                    left.remove(at);
                }
                None => only_one.push(*block),
            }
        }
        (only_one, left)
    }

    /// The live value in the names of an approved one.
    fn shown(&self, approved: &Value, live: &Value) -> Value {
        match approved {
            Value::Map(fields) if live.as_map().is_some() => {
                let fields = fields.iter();
                let shown = fields
                    .map(|(name, value)| (name.clone(), self.shown(value, self.field(live, name))));
                Value::Map(shown.collect())
            }
            Value::List(list) => match list.first() {
                Some(first) => {
                    let live = blocks(live).into_iter();
                    Value::List(live.map(|live| self.shown(first, live)).collect())
                }
                None => live.clone(),
            },
            _ => live.clone(),
        }
    }
}

/// A list of blocks or values. An object is one block, and some lists are wrapped up with their
/// length: `{"quantity": 1, "items": […]}`.
fn blocks(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(list) => list.iter().collect(),
        Value::Map(fields) if is_wrapper(fields) => {
            let items = fields
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case("items"));
            items.map_or_else(Vec::new, |(_, items)| blocks(items))
        }
        value if is_unset(value) && value.as_map().is_none() => Vec::new(),
        value => vec![value],
    }
}

fn is_wrapper(fields: &BTreeMap<String, Value>) -> bool {
    let is = |wanted: &str| fields.keys().any(|key| key.eq_ignore_ascii_case(wanted));
    is("quantity") && fields.len() == 1 + usize::from(is("items"))
}

/// Whether nothing is set there. An empty object is a choice: `{"Allow": {}}`.
fn is_nothing(live: &Value) -> bool {
    match live {
        Value::Map(fields) => !fields.is_empty() && fields.values().all(is_nothing),
        Value::List(list) => list.is_empty(),
        scalar => same_scalar(&Value::Null, scalar).is_some(),
    }
}
