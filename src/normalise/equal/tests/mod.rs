//! Equal pairs and near misses of each equivalence.

mod blocks;
mod buckets;
mod classes;
mod nested;
mod networks;
mod property;
mod scalars;

use std::collections::BTreeMap;

use super::{Equivalence, Outcome, compare, secret_text, writings};
use crate::model::{AttributePath, Value};
use crate::normalise::form::{Form, Side};
use crate::normalise::path::Path;

const LIVE: Side<'_> = Side::Live {
    own_id: "sg-own",
    own_account: "111122223333",
};

fn whole() -> Path {
    Path {
        captured: Vec::new(),
        each: None,
    }
}

fn outcome(form: Form, words: &[(&str, &str)], approved: &str, live: &str) -> Outcome {
    let words = words
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    let approved = form.value(approved, &whole(), Side::Approved).unwrap();
    let live = form.value(live, &whole(), LIVE).unwrap();
    let words = words.collect();
    let found = compare(form, &words, &AttributePath::root(), &approved, &live);
    let secret = by_digest(form, &words, &approved, &live);
    assert!(
        agrees(form, &found, secret),
        "{approved:?} | {live:?}: {found:?}, {secret:?}"
    );
    found
}

/// Whether a secret is the same as the live value, told as from its digest; `None` if that cannot be
/// told.
fn by_digest(
    form: Form,
    words: &BTreeMap<String, String>,
    approved: &Value,
    live: &Value,
) -> Option<bool> {
    let digest = secret_text(form, approved);
    let listed = writings(form, words, live);
    let is_same = listed
        .values
        .iter()
        .any(|one| secret_text(form, one) == digest);
    (is_same || listed.is_all).then_some(is_same)
}

/// What is equal is never said to differ, and what differs never to be equal; but within lists, maps
/// and documents a number in text is that number, however it is written.
fn agrees(form: Form, open: &Outcome, secret: Option<bool>) -> bool {
    let is_deep = matches!(
        form,
        Form::Set | Form::List | Form::Map | Form::Tags | Form::Json
    );
    match open {
        Outcome::Equal(_) => secret != Some(false),
        Outcome::Differs(_) => is_deep || secret != Some(true),
        Outcome::NotComparable(_) => secret != Some(true),
    }
}

#[track_caller]
fn equal(form: Form, equivalence: Equivalence, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert_eq!(found, Outcome::Equal(equivalence), "{approved} | {live}");
    }
}

#[track_caller]
fn different(form: Form, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert!(
            matches!(found, Outcome::Differs(_)),
            "{approved} | {live}: {found:?}"
        );
    }
}

#[track_caller]
fn not_comparable(form: Form, pairs: &[(&str, &str)]) {
    for (approved, live) in pairs {
        let found = outcome(form, &[], approved, live);
        assert!(
            matches!(found, Outcome::NotComparable(_)),
            "{approved} | {live}: {found:?}"
        );
    }
}
