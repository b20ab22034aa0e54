//! What it says that an item lacks something: that nothing is set there, or nothing at all.

use super::live::Live;
use super::made::holds_of;
use super::quick::certainly_equal;
use super::{Comparer, Fate, Findings, NotCompared};
use crate::ingest::config_item::Item;
use crate::ingest::stored::StoredValue;
use crate::normalise::catalogue::Config;
use crate::normalise::form::Side;
use crate::normalise::path::{Path, folded_eq};
use crate::normalise::project::Slots;
use crate::normalise::table::{Absent, AbsentPart, AttributeRow};

/// An item that is asked about what it lacks.
#[derive(Clone, Copy)]
pub(in crate::decide) struct Lacking<'a> {
    pub(in crate::decide) config: &'a Config,
    pub(in crate::decide) item: &'a Item<'a>,
    pub(in crate::decide) slots: &'a Slots<'a>,
    pub(in crate::decide) side: Side<'a>,
}

impl<'a> Lacking<'a> {
    pub(super) fn of(live: &'a Live<'_>) -> Self {
        Self {
            config: live.config,
            item: live.item,
            slots: &live.slots,
            side: live.side(),
        }
    }

    /// Whether a part that it lacks is gone.
    pub(in crate::decide) fn has_lost(self, at: &Path, absent: AbsentPart) -> bool {
        match absent {
            AbsentPart::Missing => self.is_delivered(at),
            AbsentPart::MissingInWhole => self.is_delivered(at) && self.is_whole(),
            AbsentPart::Unseen => false,
        }
    }

    /// Whether nothing is set where it lacks the row's value.
    pub(in crate::decide) fn sets_nothing(self, row: &AttributeRow) -> bool {
        let mut paths = row.live.iter();
        let mut is_delivered = || paths.any(|path| self.is_delivered(path));
        match row.absent {
            Absent::Unset => is_delivered(),
            Absent::UnsetInWhole => is_delivered() && self.is_whole(),
            Absent::Unseen => false,
        }
    }

    /// Queries and summaries leave whole members out: what would lie there was not asked for.
    fn is_delivered(self, path: &Path) -> bool {
        let mut names = self.item.members.iter().map(|(name, _)| name);
        let member = path.captured.first();
        member.is_none_or(|member| names.any(|name| folded_eq(name, member)))
    }

    fn is_whole(self) -> bool {
        let raw = |slot: usize| self.slots.get(slot)?.as_deref();
        let mut gates = self.config.whole.iter();
        gates.all(|placed| holds_of(placed, raw, self.side))
    }
}

impl Comparer<'_> {
    /// Whether something is approved where the item lacks the row's value, although only of another item
    /// that would say that nothing is set.
    pub(super) fn leaves_in_doubt(
        &self,
        row: &AttributeRow,
        value: StoredValue<'_>,
        number: u32,
        live: &Live<'_>,
    ) -> bool {
        let is_nothing = || {
            !value.sensitive
                && (matches!(value.text, "null" | "[]" | "\"\"" | "false" | "0")
                    || certainly_equal(row, value.text, "null", live.side()))
        };
        row.absent != Absent::Unseen
            && !is_nothing()
            && !self.is_owned_apart(row, (value, "null"), number, live)
    }
}

impl Findings {
    pub(super) fn note_in_doubt(&mut self, number: u32, live: &Live<'_>, slot: usize) {
        self.note_fate(number, live, slot, Fate::NotComparable);
        self.not_compared.push(NotCompared {
            resource: number,
            time: live.time,
            slot,
            why: "the item does not carry it, and is not whole: it may be set or not".into(),
        });
    }
}
