//! Who tells what is live, and what of it.

use super::{Explaining, digest_of};
use crate::decide::compare::{Cell, Sight};
use crate::model::{ItemUsed, LiveUsed, ToldBy};

impl Explaining<'_> {
    /// Who tells of a row, at least one: items of AWS Config by the newest, and a refresh.
    pub(super) fn told(&self, slot: usize) -> Vec<Option<Told<'_>>> {
        let item = self
            .sights
            .first()
            .map(|(file, sight)| Told::of(ToldBy::AwsConfig, file, sight, slot));
        let refreshed = self.refreshed.filter(|own| own.sight.is_there);
        let refreshed =
            refreshed.map(|own| Told::of(ToldBy::TerraformRefresh, &own.source, &own.sight, slot));
        let is_shown = |told: &Told<'_>| told.cell.is_some();
        match (item, refreshed.filter(is_shown), refreshed) {
            (None, None, None) => vec![None],
            // What no row tells of it is told by its name.
            (None, None, Some(_)) if self.is_named(slot) => Vec::new(),
            (None, None, told @ Some(_)) => vec![told],
            (item, refreshed, _) => item.into_iter().chain(refreshed).map(Some).collect(),
        }
    }
}

/// What one source shows of the resource, and of one row.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) by: ToldBy,
    pub(super) file: &'a str,
    pub(super) sight: &'a Sight,
    pub(super) cell: Option<&'a Cell>,
}

impl<'a> Told<'a> {
    pub(super) fn of(by: ToldBy, file: &'a str, sight: &'a Sight, slot: usize) -> Self {
        let mut cells = sight.cells.iter();
        Self {
            by,
            file,
            sight,
            cell: cells.find(|cell| cell.slot == slot),
        }
    }

    pub(super) fn item(&self, counts: bool) -> ItemUsed {
        ItemUsed {
            told_by: self.by,
            file: self.file.to_owned(),
            id: self.sight.item_id.clone(),
            account: self.sight.account.clone(),
            region: self.sight.region.clone(),
            captured_at: self.sight.captured_at,
            says: self.sight.says.to_owned(),
            counts,
        }
    }

    pub(super) fn live(&self) -> Option<LiveUsed> {
        let cell = self.cell?;
        Some(LiveUsed {
            file: self.file.to_owned(),
            item: self.sight.item_id.clone(),
            captured_at: self.sight.captured_at,
            path: cell.path.clone(),
            raw: cell.raw.clone(),
            canonical: cell.value.clone(),
            digest: cell.value.as_ref().and_then(digest_of),
            problem: cell.problem.clone(),
        })
    }
}
