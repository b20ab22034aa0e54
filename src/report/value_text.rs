//! One value on one line, in the way Terraform writes it.

use std::collections::BTreeMap;

use super::escape::push_quoted;
use crate::model::Value;

/// Characters after which a value is cut; whoever needs all of it takes the JSON.
const LIMIT: usize = 400;
/// Levels after which only a mark is shown.
const DEPTH: usize = 12;

/// The value as text, safe to print, cut at a few hundred characters.
pub(super) fn inline(value: &Value) -> String {
    let mut text = Bounded::new();
    text.value(value, DEPTH);
    text.finish()
}

/// Like [`inline`], but the outermost map without its braces.
pub(super) fn element(value: &Value) -> String {
    match value.as_map().filter(|map| !map.is_empty()) {
        Some(map) => {
            let mut text = Bounded::new();
            text.entries(map, DEPTH);
            text.finish()
        }
        None => inline(value),
    }
}

/// A key as HCL writes it: quoted only where it must be.
pub(super) fn key(name: &str) -> String {
    let mut text = Bounded::new();
    text.key(name);
    text.finish()
}

/// The parts of two long strings in which they differ, with a little of what surrounds it; an
/// ellipsis stands for the rest.
pub(super) fn differing_parts(approved: &str, live: &str) -> (String, String) {
    const LONG: usize = 100;
    const AROUND: usize = 24;
    let length = |text: &str| text.chars().count();
    if length(approved).min(length(live)) <= LONG {
        return (quoted(approved), quoted(live));
    }
    let pairs = approved.chars().zip(live.chars());
    let same_before = pairs.take_while(|(a, b)| a == b).count();
    let cut_before = same_before.saturating_sub(AROUND);
    let cut = |text: &str| {
        let part: String = text.chars().skip(cut_before).collect();
        let lead = if cut_before > 0 { "…" } else { "" };
        format!("{lead}{}", quoted(&part))
    };
    (cut(approved), cut(live))
}

fn quoted(text: &str) -> String {
    let mut out = Bounded::new();
    out.string(text);
    out.finish()
}

struct Bounded {
    text: String,
    left: usize,
    cut: bool,
}

impl Bounded {
    fn new() -> Self {
        Self {
            text: String::new(),
            left: LIMIT,
            cut: false,
        }
    }

    fn finish(mut self) -> String {
        if self.cut {
            self.text.push('…');
        }
        self.text
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            self.one(|out| out.push(c));
        }
    }

    fn one(&mut self, write: impl FnOnce(&mut String)) {
        if self.left == 0 {
            self.cut = true;
        } else {
            self.left -= 1;
            write(&mut self.text);
        }
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(flag) => self.push(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.push(&number.to_string()),
            Value::String(text) => self.string(text),
            Value::Sensitive(_) => self.push("(sensitive)"),
            Value::List(list) if list.is_empty() => self.push("[]"),
            Value::Map(map) if map.is_empty() => self.push("{}"),
            Value::List(_) | Value::Map(_) if depth == 0 => self.push("…"),
            Value::List(list) => {
                self.push("[");
                for (index, element) in list.iter().enumerate() {
                    if self.cut {
                        return;
                    }
                    self.push(if index > 0 { ", " } else { "" });
                    self.value(element, depth - 1);
                }
                self.push("]");
            }
            Value::Map(map) => {
                self.push("{ ");
                self.entries(map, depth);
                self.push(" }");
            }
        }
    }

    fn entries(&mut self, map: &BTreeMap<String, Value>, depth: usize) {
        for (index, (name, value)) in map.iter().enumerate() {
            if self.cut {
                return;
            }
            self.push(if index > 0 { ", " } else { "" });
            self.key(name);
            self.push(" = ");
            self.value(value, depth.saturating_sub(1));
        }
    }

    fn key(&mut self, name: &str) {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !name.is_empty() && name.chars().all(bare) {
            self.push(name);
        } else {
            self.string(name);
        }
    }

    fn string(&mut self, text: &str) {
        self.push("\"");
        for c in text.chars() {
            if self.cut {
                return;
            }
            self.one(|out| push_quoted(out, c));
        }
        self.push("\"");
    }
}
