//! One live value against what was approved, and against the plans before and after that.

use std::collections::BTreeSet;

use crate::decide::baseline::{ApprovedResource, Pending};
use crate::decide::value::{Other, Why, differences_with, stored_value, unreadable};
use crate::ingest::plan::PlannedAction;
use crate::ingest::redact::Redactor;
use crate::ingest::secret_tags;
use crate::ingest::stored::{Stored, StoredValue};
use crate::model::{AttributePath, Deviation, EarlierView, PendingView, Relation};
use crate::normalise::equal::{Difference, Principals};
use crate::normalise::table::AttributeRow;

/// One row of one resource, and what is live there: a digest if the value is a secret.
pub(super) struct Against<'a> {
    pub(super) approved: &'a ApprovedResource,
    pub(super) row: &'a AttributeRow,
    pub(super) live: &'a Other,
    pub(super) is_secret: bool,
    /// Tags that are secrets each by itself.
    pub(super) hidden: &'a BTreeSet<String>,
    pub(super) redactor: &'a Redactor,
    pub(super) principals: &'a Principals,
}

/// One difference, and how it stands to the plans that touch it.
pub(super) struct Placed {
    difference: Difference,
    pending: Vec<PendingView>,
    earlier: Vec<EarlierView>,
}

impl Placed {
    pub(super) fn deviation(self, mut base: Deviation, notes: Vec<String>) -> Deviation {
        base.notes.extend(notes);
        Deviation {
            attribute: Some(self.difference.pointer),
            approved: self.difference.approved,
            live: self.difference.live,
            pending: self.pending,
            earlier: self.earlier,
            ..base
        }
    }
}

impl Against<'_> {
    /// The differences to report; none if live is as approved.
    pub(super) fn placed(&self, base: StoredValue<'_>) -> Result<Vec<Placed>, Why> {
        let from_base = self.against(base)?;
        let found = match from_base.is_empty() {
            true => self.still_as_before(base)?,
            false => from_base
                .into_iter()
                .map(|found| (self.views(base, &found.pointer), found))
                .map(|(pending, found)| (found, pending))
                .collect(),
        };
        let placed = found.into_iter().map(|(difference, pending)| Placed {
            earlier: self.earlier(base, &difference.pointer),
            difference,
            pending,
        });
        Ok(placed.collect())
    }

    fn pending(&self) -> impl DoubleEndedIterator<Item = &Pending> {
        let rare = self.approved.rare.as_ref();
        rare.map_or(&[][..], |rare| &rare.pending).iter()
    }

    fn views(&self, base: StoredValue<'_>, pointer: &AttributePath) -> Vec<PendingView> {
        let views = self.pending().filter_map(|plan| {
            Some(PendingView {
                plan: plan.plan,
                relation: self.relation(plan, base, pointer)?,
            })
        });
        views.collect()
    }

    /// Live is the baseline, and a newer plan wants something else.
    fn still_as_before(
        &self,
        base: StoredValue<'_>,
    ) -> Result<Vec<(Difference, Vec<PendingView>)>, Why> {
        let newest = self
            .pending()
            .rev()
            .find(|plan| !plan.is_baseline && plan.stands);
        let wanted = newest.and_then(|newest| Some((newest, newest.after.get(base.slot)?)));
        let Some((newest, wanted)) = wanted else {
            return Ok(Vec::new());
        };
        let found = self.against(wanted)?.into_iter();
        let found = found.filter_map(|difference| {
            let relation = self.relation(newest, base, &difference.pointer)?;
            let plan = newest.plan;
            Some((difference, vec![PendingView { plan, relation }]))
        });
        Ok(found.collect())
    }

    /// # Errors
    /// Why live and the value cannot be told equal or different.
    fn against(&self, value: StoredValue<'_>) -> Result<Vec<Difference>, Why> {
        let approved = stored_value(self.row, value, self.is_secret, self.redactor);
        let mut approved = approved.map_err(|error| unreadable("approved", &error))?;
        secret_tags::hide(&mut approved, self.hidden, self.redactor);
        differences_with(
            self.row,
            &approved,
            self.live,
            self.redactor,
            self.principals,
        )
    }

    /// The earlier values that live went back to. One that cannot be compared proves nothing.
    fn earlier(&self, base: StoredValue<'_>, pointer: &AttributePath) -> Vec<EarlierView> {
        let earlier = self.approved.rare.iter().flat_map(|rare| &rare.earlier);
        let views = earlier.filter_map(|earlier| {
            let value = earlier.stored.get(base.slot)?;
            let is_back = value.text != base.text && self.differs_at(value, pointer) == Ok(false);
            is_back.then_some(EarlierView {
                plan: earlier.plan,
                baseline: earlier.baseline,
                was_applied: earlier.was_applied,
            })
        });
        views.collect()
    }

    fn differs_at(&self, value: StoredValue<'_>, pointer: &AttributePath) -> Result<bool, Why> {
        let found = self.against(value)?;
        Ok(found.iter().any(|found| found.pointer == *pointer))
    }

    /// How live stands to a plan at one pointer; `None` where the plan does not touch it.
    fn relation(
        &self,
        plan: &Pending,
        base: StoredValue<'_>,
        pointer: &AttributePath,
    ) -> Option<Relation> {
        let after = plan.after.get(base.slot)?;
        let before = plan
            .before
            .as_ref()
            .and_then(|before: &Stored| before.get(base.slot));
        let changes = match before {
            Some(before) => before.text != after.text,
            None => plan.action == PlannedAction::Create || !plan.is_baseline,
        };
        if !changes {
            return None;
        }
        let differs = |value| self.differs_at(value, pointer);
        Some(match (differs(after), before.map(differs)) {
            (Ok(false), _) => Relation::EqualsAfter,
            (Ok(true), Some(Ok(false))) => plan.before(),
            (Ok(true), None | Some(Ok(true))) => Relation::Neither,
            (Err(_), _) | (Ok(true), Some(Err(_))) => Relation::Unknown,
        })
    }
}
