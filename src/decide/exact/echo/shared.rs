//! A row of an owner and one of a part of it that show the same place of the item.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{Says, Teller};
use super::visible::{in_form, is_nothing};
use crate::decide::approved_values::text;
use crate::model::{AttributePath, Deviation, Value};
use crate::normalise::equal::{Outcome, compare};
use crate::normalise::form::Form;
use crate::normalise::table::{AttributeRow, Member};

/// Whether the part tells just what differs in the row; both sides are in its form.
pub(super) fn is_told(
    row: &AttributeRow,
    (approved, live): &(Value, Value),
    teller: &Teller<'_>,
) -> bool {
    if !matches!(teller.table.table.member, Member::Part { .. }) {
        return false;
    }
    let rows = teller.table.table.attributes.iter();
    let mut rows = rows.filter(|own| own.form == row.form);
    let own = rows.find(|own| own.live.iter().any(|path| row.live.contains(path)));
    let Some(own) = own else {
        return false;
    };
    let both = Both { row, own };
    let at = |values: &Value| values.at(own.pointer.tokens()).cloned().unwrap_or_default();
    match &teller.says {
        Says::Missing => is_nothing(live) && both.agree(approved, &at(teller.values)),
        Says::Unmanaged(found) => is_nothing(approved) && both.agree(live, &at(&found.live)),
        Says::Changed(found) => both.are_told(approved, live, found),
    }
}

/// The owner's row, and that of the part.
struct Both<'a> {
    row: &'a AttributeRow,
    own: &'a AttributeRow,
}

impl Both<'_> {
    /// What the part would have to tell, were it changed so, is what it tells.
    fn are_told(&self, approved: &Value, live: &Value, found: &[&Deviation]) -> bool {
        let pointer = &self.own.pointer;
        let wanted = match compare(self.own.form, &BTreeMap::new(), pointer, approved, live) {
            Outcome::Differs(wanted) => wanted,
            Outcome::Equal(_) | Outcome::NotComparable(_) => return false,
        };
        wanted.iter().all(|wanted| {
            found.iter().any(|found| {
                found.attribute.as_ref() == Some(&wanted.pointer)
                    && self.agree_at(&wanted.pointer, &wanted.approved, &found.approved)
                    && self.agree_at(&wanted.pointer, &wanted.live, &found.live)
            })
        })
    }

    fn agree(&self, owners: &Value, parts: &Value) -> bool {
        !is_nothing(owners) && self.agree_at(&self.own.pointer, owners, parts)
    }

    /// Whether the two show the same: in the form of the rows, or by words of the cloud that both mean.
    fn agree_at(&self, pointer: &AttributePath, owners: &Value, parts: &Value) -> bool {
        let own = self.own;
        if *pointer != own.pointer {
            return is_same(Form::Scalar, pointer, owners, parts);
        }
        let owners_words = words(self.row, owners);
        let is_shared = !owners_words.is_disjoint(&words(own, parts));
        let has_words = !self.row.values.is_empty() || !own.values.is_empty();
        if own.form == Form::Scalar && has_words {
            return is_shared;
        }
        let in_form = (in_form(own, owners), in_form(own, parts));
        let (Some(owners), Some(parts)) = in_form else {
            return false;
        };
        is_same(own.form, pointer, &owners, &parts)
    }
}

fn is_same(form: Form, pointer: &AttributePath, one: &Value, other: &Value) -> bool {
    let found = compare(form, &BTreeMap::new(), pointer, one, other);
    one == other || matches!(found, Outcome::Equal(_))
}

/// The cloud's words that mean the value.
fn words(row: &AttributeRow, value: &Value) -> BTreeSet<String> {
    let own = text(value);
    let found = row.values.iter();
    let found = found.filter(|(_, approved)| Some(*approved) == own.as_ref());
    let found: BTreeSet<String> = found.map(|(live, _)| live.clone()).collect();
    match found.is_empty() {
        true => own.into_iter().collect(),
        false => found,
    }
}
