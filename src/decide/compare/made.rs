//! What the provider makes by itself, so that nobody needs to approve it: told by the values of the
//! item, never by a name alone.

use super::live::Live;
use crate::ingest::config_item::Status;
use crate::ingest::json::decode_string;
use crate::model::{AttributePath, Value};
use crate::normalise::catalogue::{Gates, PlacedGate, Resource};
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::{Form, Side};
use crate::normalise::path::find;
use crate::normalise::table::GateTest;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    No,
    Yes,
    /// If one of these items, which may come later, is the provider's.
    OnlyIf(Vec<Box<str>>),
}

/// Whether the provider made the item.
pub(super) fn of_item(live: &Live<'_>) -> Made {
    of_gates(&live.config.made_by_provider, live)
}

/// Whether the item says that what it is about is no more: by its status, or by what it holds, because
/// AWS shows some resources for a while after they were deleted.
pub(super) fn is_gone(live: &Live<'_>) -> bool {
    let mut gone = live.config.gone.iter();
    live.item.status == Status::Deleted
        || gone.any(|gates| gates.iter().all(|placed| holds(placed, live)))
}

/// Whether the provider made the part.
pub(super) fn of_part(table: &Resource, live: &Live<'_>) -> bool {
    of_gates(&table.made_by_provider, live) == Made::Yes
}

fn of_gates(gates: &Gates, live: &Live<'_>) -> Made {
    let mut others = Vec::new();
    for gates in gates {
        let mut other = None;
        let holds = gates.iter().all(|placed| match &placed.gate.test {
            GateTest::OfMade(_) => {
                other = live.text(placed.slot);
                other.is_some()
            }
            GateTest::Equals(_)
            | GateTest::Not(_)
            | GateTest::StartsWith(_)
            | GateTest::Is { .. }
            | GateTest::SameAs(_) => holds(placed, live),
        });
        match (holds, other) {
            (false, _) => {}
            (true, None) => return Made::Yes,
            (true, Some(other)) => others.push(other.into()),
        }
    }
    match others.is_empty() {
        true => Made::No,
        false => Made::OnlyIf(others),
    }
}

/// Whether a gate holds that looks at this item alone.
pub(super) fn holds(placed: &PlacedGate, live: &Live<'_>) -> bool {
    holds_of(placed, |slot| live.raw(slot), live.side())
}

/// The same of an item by what its slots hold.
pub(super) fn holds_of<'s>(
    placed: &PlacedGate,
    at: impl Fn(usize) -> Option<&'s str>,
    side: Side<'_>,
) -> bool {
    let raw = at(placed.slot);
    let text = |raw: Option<&str>| raw.map(scalar_text).unwrap_or_default();
    match &placed.gate.test {
        GateTest::Equals(wanted) => text(raw) == **wanted,
        GateTest::Not(other) => text(raw) != **other,
        GateTest::StartsWith(prefix) => {
            let text = text(raw);
            !text.is_empty() && text.starts_with(&**prefix)
        }
        GateTest::Is { form, value } => raw.is_some_and(|raw| {
            let seen = form.value(raw, &placed.gate.path, side);
            seen.is_ok_and(|seen| is_equal(*form, value, &seen))
        }),
        GateTest::SameAs(_) => {
            let other = placed.other.and_then(at);
            raw.is_some() && text(raw) == text(other)
        }
        GateTest::OfMade(_) => false,
    }
}

/// Whether the provider made this element of a list.
pub(super) fn of_element(table: &Resource, element: &Value, live: &Live<'_>) -> bool {
    table.made_by_provider.iter().any(|gates| {
        gates.iter().all(|placed| {
            let gate = &placed.gate;
            let found = find(element, &gate.path.captured);
            let text = || found.and_then(text_of).unwrap_or_default();
            match &gate.test {
                GateTest::Equals(wanted) => text() == **wanted,
                GateTest::Not(other) => text() != **other,
                GateTest::StartsWith(prefix) => {
                    let text = text();
                    !text.is_empty() && text.starts_with(&**prefix)
                }
                GateTest::Is { form, value } => {
                    let raw = found.and_then(|found| serde_json::to_string(found).ok());
                    let seen = raw.and_then(|raw| form.value(&raw, &gate.path, live.side()).ok());
                    seen.is_some_and(|seen| is_equal(*form, value, &seen))
                }
                GateTest::OfMade(_) | GateTest::SameAs(_) => false,
            }
        })
    })
}

fn is_equal(form: Form, wanted: &Value, seen: &Value) -> bool {
    let words = std::collections::BTreeMap::new();
    let found = compare(form, &words, &AttributePath::root(), wanted, seen);
    matches!(found, Outcome::Equal(_))
}

/// A string, number or boolean as text; nothing for anything else.
pub(super) fn scalar_text(raw: &str) -> String {
    match raw.as_bytes().first() {
        Some(b'"') => decode_string(raw).map(Into::into).unwrap_or_default(),
        Some(b'{' | b'[' | b'n') | None => String::new(),
        Some(_) => raw.to_owned(),
    }
}

pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => None,
    }
}
