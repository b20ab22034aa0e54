//! What the cycle tells whoever carries the log outside, and learns from them.

use std::sync::Arc;
use std::time::Duration;

use super::super::carrying::{Carried, watch_of};
use super::Cycle;
use super::upkeep::WATCHED_EVERY;
use crate::engine::inputs::Failure;
use crate::evidence::watches::Condition;
use crate::model::PlaceKind;

impl Cycle {
    /// From now on everybody outside is told of the log.
    pub fn carry_with(&mut self, carried: Arc<Carried>) {
        self.outside = Some(carried);
        self.carry();
    }

    /// Everything that is published may be carried.
    pub(super) fn carry(&self) {
        if let Some(carried) = &self.outside {
            let size = self.evidence.previous().tree_size;
            carried.published(size, (self.clock)());
        }
    }

    /// Refuses to go on where somebody outside knows of another log.
    ///
    /// # Errors
    /// Somebody does.
    pub(in crate::engine::service) fn may_go_on(&self) -> Result<(), Failure> {
        match self.halt.forbidden() {
            Some(why) => Err(Failure::Evidence(why)),
            None => Ok(()),
        }
    }

    pub(super) fn outside_conditions(&self) -> Vec<Condition> {
        let Some(carried) = &self.outside else {
            return Vec::new();
        };
        let now = (self.clock)();
        carried.gauge(now);
        carried.conditions(self.in_force.loaded.outside, self.evidence.ledger(), now)
    }

    /// Watches everything, if something is to be said of those outside or the last look is long ago.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn watch_outside(&mut self) -> Result<(), Failure> {
        if self.outside.is_none() {
            return Ok(());
        }
        let ledger = self.evidence.ledger();
        let is_news = self.outside_conditions().iter().any(|one| {
            let known = ledger.watch(one.kind, &one.subject);
            known.is_some() != one.wrong.is_some()
        });
        match is_news {
            true => self.watch(),
            false => self.watch_at_times(),
        }
    }

    /// How long those outside need not be watched, if nothing new comes.
    pub(super) fn rest_from_carrying(&mut self) -> Option<Duration> {
        // The last look was noted by the time that the log goes by, which the clock need not be.
        let since = self.now().duration_since(self.last_watch).unsigned_abs();
        let rest = WATCHED_EVERY.saturating_sub(since);
        let carried = self.outside.as_ref()?;
        let due = carried.due(self.in_force.loaded.outside, (self.clock)());
        // A place lags when it is later than that.
        let due = due.map(|due| due.unsigned_abs() + Duration::from_millis(10));
        Some(due.map_or(rest, |due| due.min(rest)))
    }

    /// What whoever asks how the engine is should know of those outside.
    pub(in crate::engine::service) fn aside(&self) -> Option<String> {
        let kinds = [PlaceKind::Mirror, PlaceKind::Witness, PlaceKind::Timestamps].map(watch_of);
        let mut watches = self.evidence.ledger().watches();
        let own = watches.find(|own| kinds.contains(&own.watch))?;
        Some(format!("{} is behind with the evidence", own.subject))
    }
}
