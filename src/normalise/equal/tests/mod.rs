//! Equal pairs and near misses of each equivalence.

mod blocks;
mod nested;
mod networks;
mod property;
mod scalars;

use super::{Equivalence, Outcome, compare};
use crate::model::AttributePath;
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
    compare(
        form,
        &words.collect(),
        &AttributePath::root(),
        &approved,
        &live,
    )
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
