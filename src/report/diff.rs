//! Approved and live side by side, like the diff of a plan: only what differs.

use std::collections::{BTreeMap, BTreeSet};

use super::policy;
use super::units::counted;
use super::value_text::{differing_parts, element, inline, key};
use crate::model::Value;

/// Levels of maps that are compared key by key; below, a value is shown whole.
const DEPTH: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Approved,
    Live,
    /// A remark on what is not shown.
    Both,
}

impl Side {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Approved => "-",
            Self::Live => "+",
            Self::Both => " ",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DiffLine {
    pub side: Side,
    pub text: String,
}

/// The lines that tell the two values apart. Policies are not quoted: whoever prints must escape.
pub(super) fn lines(approved: &Value, live: &Value) -> Vec<DiffLine> {
    let mut diff = Diff { lines: Vec::new() };
    let top = Prefix::default();
    diff.values(&top, approved, live, DEPTH);
    if diff.lines.is_empty() {
        // Two ways to write the same: whoever decided that they differ must be seen to say so.
        diff.whole(&top, Side::Approved, approved);
        diff.whole(&top, Side::Live, live);
    }
    diff.lines
}

/// The way to a nested value: `a.b`.
#[derive(Clone, Default)]
struct Prefix(String);

impl Prefix {
    fn child(&self, name: &str) -> Self {
        if self.0.is_empty() {
            Self(key(name))
        } else {
            Self(format!("{}.{}", self.0, key(name)))
        }
    }

    fn before(&self, joint: &str, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            format!("{}{joint}{text}", self.0)
        }
    }
}

struct Diff {
    lines: Vec<DiffLine>,
}

impl Diff {
    fn push(&mut self, side: Side, text: String) {
        self.lines.push(DiffLine { side, text });
    }

    fn values(&mut self, at: &Prefix, approved: &Value, live: &Value, depth: usize) {
        let (left, right) = (policy::document(approved), policy::document(live));
        let is_policy = match (&left, &right) {
            (Some(_), Some(_)) => true,
            (Some(_), None) => live.is_null(),
            (None, Some(_)) => approved.is_null(),
            (None, None) => false,
        };
        if is_policy {
            return self.policies(at, left.as_deref(), right.as_deref(), depth);
        }
        match (approved, live) {
            (Value::Map(a), Value::Map(b)) if depth > 0 && a != b => self.maps(at, a, b, depth),
            (Value::List(a), Value::List(b)) => self.lists(at, a, b),
            (Value::String(a), Value::String(b)) if a != b => {
                let (a, b) = differing_parts(a, b);
                self.push(Side::Approved, at.before(" = ", &a));
                self.push(Side::Live, at.before(" = ", &b));
            }
            _ => {
                self.whole(at, Side::Approved, approved);
                self.whole(at, Side::Live, live);
            }
        }
    }

    fn whole(&mut self, at: &Prefix, side: Side, value: &Value) {
        match value {
            Value::Null => self.push(side, at.before(" = ", "(not set)")),
            Value::List(list) if !list.is_empty() => {
                for one in list {
                    self.push(side, at.before(": ", &element(one)));
                }
            }
            Value::Map(map) if !map.is_empty() => {
                for (name, one) in map {
                    self.push(side, at.child(name).before(" = ", &inline(one)));
                }
            }
            other => self.push(side, at.before(" = ", &inline(other))),
        }
    }

    fn maps(
        &mut self,
        at: &Prefix,
        approved: &BTreeMap<String, Value>,
        live: &BTreeMap<String, Value>,
        depth: usize,
    ) {
        let names: BTreeSet<&String> = approved.keys().chain(live.keys()).collect();
        for name in names {
            let (a, b) = (approved.get(name), live.get(name));
            if a != b {
                let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
                self.values(&at.child(name), a, b, depth - 1);
            }
        }
    }

    /// Only the elements on one side: of a set all that matters, of a list nearly always.
    fn lists(&mut self, at: &Prefix, approved: &[Value], live: &[Value]) {
        let only_approved = without(approved, live);
        let only_live = without(live, approved);
        if only_approved.is_empty() && only_live.is_empty() {
            self.push(Side::Approved, at.before(" = ", &inline_list(approved)));
            self.push(Side::Live, at.before(" = ", &inline_list(live)));
            return;
        }
        let same = approved.len() - only_approved.len();
        for one in only_approved {
            self.push(Side::Approved, at.before(": ", &element(one)));
        }
        for one in only_live {
            self.push(Side::Live, at.before(": ", &element(one)));
        }
        self.unchanged(at, same, "element");
    }

    fn policies(
        &mut self,
        at: &Prefix,
        approved: Option<&Value>,
        live: Option<&Value>,
        depth: usize,
    ) {
        if approved.is_none() {
            self.whole(at, Side::Approved, &Value::Null);
        }
        if live.is_none() {
            self.whole(at, Side::Live, &Value::Null);
        }
        let all = |document: Option<&Value>| {
            let statements = document.map(policy::statements).unwrap_or_default();
            statements.to_vec()
        };
        let (before, after) = (all(approved), all(live));
        let only_approved = without(&before, &after);
        let same = before.len() - only_approved.len();
        for one in only_approved {
            self.push(Side::Approved, at.before(": ", &policy::sentence(one)));
        }
        for one in without(&after, &before) {
            self.push(Side::Live, at.before(": ", &policy::sentence(one)));
        }
        self.unchanged(at, same, "statement");
        let rest = |document: Option<&Value>| {
            let mut rest = document
                .and_then(Value::as_map)
                .cloned()
                .unwrap_or_default();
            rest.remove("Statement");
            rest
        };
        if approved.is_some() && live.is_some() {
            self.maps(at, &rest(approved), &rest(live), depth.max(1));
        }
    }

    fn unchanged(&mut self, at: &Prefix, number: usize, word: &str) {
        if number > 0 {
            let text = format!("({} equal on both sides)", counted(number, word));
            self.push(Side::Both, at.before(": ", &text));
        }
    }
}

fn inline_list(list: &[Value]) -> String {
    inline(&Value::List(list.to_vec()))
}

/// The elements of one list that the other does not hold, each as often as it is too many.
fn without<'v>(list: &'v [Value], other: &[Value]) -> Vec<&'v Value> {
    let mut held: BTreeMap<&Value, usize> = BTreeMap::new();
    for value in other {
        *held.entry(value).or_default() += 1;
    }
    let mut left = Vec::new();
    for value in list {
        match held.get_mut(value) {
            Some(number) if *number > 0 => *number -= 1,
            _ => left.push(value),
        }
    }
    left
}
