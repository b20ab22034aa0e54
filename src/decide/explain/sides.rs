//! What live is held against: the baseline, and the plans around it.

use super::words::{DIFFERS, considered};
use super::{Explaining, digest_of};
use crate::decide::compare::{Apart, Cell, Fate};
use crate::decide::value::{differences_with, stored_value};
use crate::ingest::secret_tags;
use crate::ingest::stored::StoredValue;
use crate::model::{Address, ApprovedUsed, AttributePath, Sha256Digest, Step};
use crate::normalise::table::AttributeRow;

impl Explaining<'_> {
    /// The baseline, then the plans that touch the value.
    pub(super) fn sides(
        &self,
        row: &AttributeRow,
        slot: usize,
        cell: Option<&Cell>,
    ) -> Vec<ApprovedUsed> {
        let side = |role, plan: Option<Sha256Digest>, value| {
            let against = Against { row, cell, value };
            self.side(role, plan, &against)
        };
        let mut sides = Vec::new();
        if let Some(value) = self.resource.stored.get(slot) {
            sides.push(side(
                "baseline",
                self.approved.plan_of(self.resource),
                value,
            ));
        }
        if let Some(rare) = &self.resource.rare {
            for pending in rare.pending.iter().filter(|pending| !pending.is_baseline) {
                let after = pending.after.get(slot);
                sides.extend(after.map(|value| side("pending", Some(pending.plan), value)));
            }
            // What was before matters where live may have gone back to it.
            let differs = cell.is_some_and(|cell| cell.fate == Some(Fate::Differs));
            for earlier in rare.earlier.iter().filter(|_| differs) {
                let stored = earlier.stored.get(slot);
                sides.extend(stored.map(|value| side("earlier", earlier.plan, value)));
            }
        }
        sides
    }

    fn side(
        &self,
        role: &'static str,
        plan: Option<Sha256Digest>,
        against: &Against<'_>,
    ) -> ApprovedUsed {
        let Against { row, cell, value } = against;
        let is_secret = value.sensitive || cell.is_some_and(|cell| cell.is_secret);
        let read = stored_value(row, *value, is_secret, self.redactor);
        let stored_hidden = secret_tags::hidden(row.form, value.text);
        let hides_tags =
            !stored_hidden.is_empty() || cell.is_some_and(|cell| !cell.hidden.is_empty());
        let mut side = ApprovedUsed {
            role,
            plan: plan.map(|digest| (self.plan)(digest)),
            state: value
                .from_state
                .then(|| self.state.unwrap_or("the state").to_owned()),
            raw: (!is_secret && !hides_tags).then(|| value.text.to_owned()),
            canonical: None,
            digest: None,
            considered: Vec::new(),
            outcome: String::new(),
            differs_at: Vec::new(),
        };
        let approved = match read {
            Ok(mut approved) => {
                let tags = cell.map(|cell| &cell.hidden);
                tags.inspect(|tags| secret_tags::hide(&mut approved, tags, self.redactor));
                approved
            }
            Err(error) => {
                side.outcome =
                    format!("not comparable: the approved value cannot be read: {error}");
                return side;
            }
        };
        side.digest = digest_of(&approved);
        if let Some(fate) = cell.filter(|cell| cell.is_rule).and_then(|cell| cell.fate) {
            of_a_rule(row, fate, &mut side);
        } else if let Some(apart) = cell.and_then(|cell| cell.apart.as_ref()) {
            let (step, differs_at) = apart_of(apart);
            side.outcome = if step.held { "equal" } else { DIFFERS }.to_owned();
            side.considered.push(step);
            side.differs_at.extend(differs_at);
        } else if let Some(live) = cell.and_then(|cell| cell.other.as_ref()) {
            side.considered = considered(row, &approved, &live.shown());
            match differences_with(row, &approved, live, self.redactor, self.principals) {
                Ok(found) if found.is_empty() => side.outcome = "equal".to_owned(),
                Ok(mut found) => {
                    side.outcome = DIFFERS.to_owned();
                    let moved = self.take_moved_within(row, &mut found);
                    if let Some(said) = self.take_ignored_within(&mut found).or(moved) {
                        side.outcome = said;
                    }
                    let places = found.into_iter().map(|one| one.pointer);
                    side.differs_at = places.collect();
                }
                Err(why) => side.outcome = format!("not comparable: {why}"),
            }
        } else {
            side.outcome = "not compared: there is nothing live to compare it with".to_owned();
        }
        side.canonical = Some(approved);
        side
    }
}

/// A value of a row, and what is live there.
struct Against<'a> {
    row: &'a AttributeRow,
    cell: Option<&'a Cell>,
    value: StoredValue<'a>,
}

/// What resources of their own approve of the value, held against what is there.
fn apart_of(apart: &Apart) -> (Step, Option<AttributePath>) {
    let owners: Vec<&str> = apart.owners.iter().map(Address::as_str).collect();
    let by = match owners.is_empty() {
        true => "here".to_owned(),
        false => format!("here or by {}", owners.join(", ")),
    };
    let step = Step {
        equivalence: "owned-apart",
        held: apart.added.is_none(),
        why: match &apart.added {
            None => format!("all that is there is approved, {by}"),
            Some(added) => {
                let more = serde_json::to_string(&added.live).unwrap_or_default();
                format!("nobody approved {more}; all else that is there is approved, {by}")
            }
        },
    };
    let at = apart.added.as_ref().map(|added| added.pointer.clone());
    (step, at)
}

/// A rule of a security group is not compared row by row: what it admits is looked for in the group.
fn of_a_rule(row: &AttributeRow, fate: Fate, side: &mut ApprovedUsed) {
    let (outcome, why) = match fate {
        Fate::Equal => ("equal", "the group admits all that the rule does"),
        Fate::Differs => (DIFFERS, "the group does not show it as the rule has it"),
        Fate::OwnedApart | Fate::Silent | Fate::NotComparable => (
            "not comparable",
            "it cannot be told which of the group's rules it is",
        ),
    };
    if side.role != "baseline" {
        side.outcome = "not compared: a rule is held against the baseline as a whole".to_owned();
        return;
    }
    side.outcome = outcome.to_owned();
    side.considered.push(Step {
        equivalence: "rule-split",
        held: fate == Fate::Equal,
        why: format!("it is taken apart and looked for among the group's rules: {why}"),
    });
    if fate == Fate::Differs {
        side.differs_at.push(row.pointer.clone());
    }
}
