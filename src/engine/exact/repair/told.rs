//! What is told of a fix, without secrets.

use std::collections::BTreeSet;

use super::{Ready, Target};
use crate::model::{AttributePath, FixChange, Value as Shown};
use crate::ports::Diagnostic;
use crate::provider::cty::Value;
use crate::provider::exact::{Difference, Equality, differences};
use crate::provider::json;

pub(super) fn named(path: &AttributePath) -> String {
    match *path == AttributePath::root() {
        true => "the whole resource".to_owned(),
        false => format!("`{path}`"),
    }
}

pub(super) fn errors(diagnostics: &[Diagnostic]) -> Option<String> {
    let errors = diagnostics.iter().filter(|one| one.is_error);
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    (!errors.is_empty()).then(|| format!("the provider reported: {}", errors.join("; ")))
}

/// What was changed, as it was read.
pub(super) fn change(target: Target<'_>, ready: &Ready, after: &Value) -> FixChange {
    let secrets = &ready.sensitive;
    let live = &ready.live.state;
    let (before, after) = match live.is_null() || after.is_null() {
        true => (shown_without(live, secrets), shown_without(after, secrets)),
        false => {
            let found = differences(live, after, Equality::Exact);
            let before = by_place(&found, secrets, |one| &one.before);
            (before, by_place(&found, secrets, |one| &one.after))
        }
    };
    FixChange {
        before,
        after,
        consequences: ready.plan.consequences.clone(),
        provider: target.provider.to_owned(),
        values_elsewhere: false,
    }
}

fn by_place(
    found: &[Difference],
    secrets: &BTreeSet<String>,
    side: impl Fn(&Difference) -> &Value,
) -> Shown {
    let all = found.iter().map(|one| {
        let first = one.path.tokens().next();
        let is_secret = first.is_some_and(|name| secrets.contains(&name));
        let value = match is_secret {
            true => sensitive(),
            false => shown(side(one)).unwrap_or(Shown::Null),
        };
        (one.path.to_string(), value)
    });
    Shown::Map(all.collect())
}

pub(super) fn shown(value: &Value) -> Option<Shown> {
    serde_json::from_str(&json::write(value)).ok()
}

fn shown_without(value: &Value, secrets: &BTreeSet<String>) -> Shown {
    match shown(value) {
        Some(Shown::Map(all)) => {
            let all = all
                .into_iter()
                .map(|(name, value)| match secrets.contains(&name) {
                    true => (name, sensitive()),
                    false => (name, value),
                });
            Shown::Map(all.collect())
        }
        Some(other) => other,
        None => Shown::Null,
    }
}

fn sensitive() -> Shown {
    Shown::Map([("sensitive".to_owned(), Shown::Bool(true))].into())
}
