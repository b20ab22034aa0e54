//! What sets the differences of a row aside: the author's `ignore_changes`, or approved bounds within
//! which the cloud moves the value.

use super::{Cell, Explaining};
use crate::decide::co_owner::MOVED;
use crate::decide::compare::Fate;
use crate::decide::ignoring::{Ignoring, UNKNOWN, place};
use crate::ingest::terraform_source::Lifecycle;
use crate::model::{Address, ApprovedUsed, AttributePath, RowUsed, Step, Value};
use crate::normalise::equal::Difference;
use crate::normalise::table::AttributeRow;

/// The name under which `explain` shows it.
const IGNORE_CHANGES: &str = "ignore_changes";

const ASIDE: &str = "set aside: ";

impl Explaining<'_> {
    pub(super) fn lifecycle(&self) -> Option<Lifecycle> {
        let workspace = self.approved.workspace(self.resource.workspace)?;
        let address = Address::from(&*self.resource.address);
        self.authors.lifecycle(workspace, &address)
    }

    /// The row with what is set aside in it.
    pub(super) fn with_asides(
        &self,
        used: RowUsed,
        row: &AttributeRow,
        cell: Option<&Cell>,
    ) -> RowUsed {
        let differs = cell.is_some_and(|cell| cell.fate == Some(Fate::Differs));
        let moved = self.moved(row, cell);
        self.with_others(used, differs, moved)
    }

    /// The same, of any attribute.
    pub(super) fn with_others(
        &self,
        mut used: RowUsed,
        differs: bool,
        moved: Option<Step>,
    ) -> RowUsed {
        let lifecycle = self.lifecycle();
        let ignoring = Ignoring::of(lifecycle.as_ref(), &used.attribute);
        // What newer plans want and what was before is told as it is.
        let baseline = used.approved.first_mut();
        if let Some(side) = baseline.as_ref().filter(|_| differs)
            && side.outcome.starts_with(ASIDE)
        {
            used.outcome.clone_from(&side.outcome);
        }
        if let Some(side) = baseline.filter(|side| side.outcome == "differs") {
            side.considered.extend(moved.clone());
            side.considered.push(considered(&ignoring));
            let ignored = take_ignored(side, lifecycle.as_ref());
            if moved.as_ref().is_some_and(|step| step.held) {
                side.differs_at.clear();
                side.outcome = format!("{ASIDE}{MOVED}");
                used.outcome.clone_from(&side.outcome);
            } else if side.differs_at.is_empty() && !ignored.is_empty() {
                side.outcome = format!("{ASIDE}{}", ignored.join(", "));
                used.outcome.clone_from(&side.outcome);
            } else {
                let notes = ignored.iter().map(|one| format!("set aside in it: {one}"));
                used.notes.extend(notes);
            }
        }
        if let Some(at) = ignoring.whole().filter(|_| !differs) {
            used.outcome = format!("{ASIDE}{}", place(at));
        }
        if !matches!(ignoring, Ignoring::Unknown) {
            used.notes.extend(ignoring.note());
        }
        used
    }

    /// Takes out the differences that lie in what is ignored within them. What comes of the row where
    /// none is left.
    pub(super) fn take_ignored_within(&self, found: &mut Vec<Difference>) -> Option<String> {
        let lifecycle = self.lifecycle();
        let mut said = None;
        found.retain(|one| {
            let ignoring = Ignoring::of(lifecycle.as_ref(), &one.pointer);
            let covered = ignoring.covers(&one.pointer, &one.approved, &one.live);
            if let (true, Ignoring::Within(_, at)) = (covered, &ignoring) {
                said = Some(format!("{ASIDE}{}", place(at)));
            }
            !covered
        });
        said.filter(|_| found.is_empty())
    }

    /// Takes out of differences of blocks what the cloud moved in them between approved bounds. What
    /// comes of the row where none is left.
    pub(super) fn take_moved_within(
        &self,
        row: &AttributeRow,
        found: &mut Vec<Difference>,
    ) -> Option<String> {
        let table = self.table()?;
        let owners = &self.approved.co_owners;
        let (workspace, stored) = (self.resource.workspace, &self.resource.stored);
        let mut is_moved = false;
        let left = found.drain(..).flat_map(|one| {
            let left = owners.left_of(workspace, (row, table), stored, &one);
            is_moved |= left.is_some();
            left.unwrap_or_else(|| vec![one])
        });
        *found = left.collect();
        (is_moved && found.is_empty()).then(|| format!("{ASIDE}{MOVED}"))
    }

    /// What the reader must know of `ignore_changes` where no source tells.
    pub(super) fn unknown_source(&self) -> Option<String> {
        self.lifecycle().is_none().then(|| UNKNOWN.to_owned())
    }

    fn moved(&self, row: &AttributeRow, cell: Option<&Cell>) -> Option<Step> {
        let moved = row.moved.as_deref()?;
        let table = self.table()?;
        let (workspace, stored) = (self.resource.workspace, &self.resource.stored);
        let bounds = self
            .approved
            .co_owners
            .bounds(workspace, moved, table, stored);
        let live = cell.and_then(|cell| cell.value.as_ref());
        let live = live.unwrap_or(&Value::Null);
        let (held, why) = match bounds {
            None => (
                false,
                "nothing approves bounds between which it moves".to_owned(),
            ),
            Some(bounds) => {
                let held = bounds.hold(live);
                let word = if held { "between" } else { "not between" };
                let why = format!(
                    "live is {word} the approved bounds {} and {}",
                    bounds.min, bounds.max
                );
                (held, why)
            }
        };
        Some(Step {
            equivalence: MOVED,
            held,
            why,
        })
    }
}

fn considered(ignoring: &Ignoring) -> Step {
    let why = match ignoring {
        Ignoring::Whole(at) | Ignoring::Within(_, at) => place(at),
        Ignoring::Nothing => "the author ignores no change of it".to_owned(),
        Ignoring::Unknown => "the Terraform source of the resource is not known".to_owned(),
    };
    Step {
        equivalence: IGNORE_CHANGES,
        held: ignoring.whole().is_some(),
        why,
    }
}

/// Takes the differences that the author ignores out; gives where the source says so, each once.
fn take_ignored(side: &mut ApprovedUsed, lifecycle: Option<&Lifecycle>) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    side.differs_at.retain(|at: &AttributePath| {
        let ignoring = Ignoring::of(lifecycle, at);
        let Some(said) = ignoring.whole().map(place) else {
            return true;
        };
        if !places.contains(&said) {
            places.push(said);
        }
        false
    });
    places
}
