//! What the cycle sees to between its work: whether the detector is as it should be, and what events
//! ask for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::events;
use super::super::hearing::Hearing;
use super::super::watched::{Watched, conditions};
use super::Cycle;
use super::recording::unwritable;
use crate::engine::inputs::Failure;
use crate::engine::scan::Outcome;
use crate::evidence::watches::plan_watches;
use crate::ports::Estate;

/// Queues and those outside are watched at least so often.
pub(super) const WATCHED_EVERY: Duration = Duration::from_secs(60);

impl Cycle {
    /// Says whether the detector itself is as it should be.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn watch(&mut self) -> Result<(), Failure> {
        self.watch_with(None)?;
        self.publish()
    }

    /// As [`Self::watch`], if the last one is long ago.
    pub(in crate::engine::service) fn watch_at_times(&mut self) -> Result<(), Failure> {
        let now = self.now();
        match now.duration_since(self.last_watch).unsigned_abs() >= WATCHED_EVERY {
            true => self.watch(),
            false => Ok(()),
        }
    }

    pub(super) fn watch_with(&mut self, outcome: Option<&Outcome>) -> Result<(), Failure> {
        let mut hearing = self.hearing.take();
        let done = self.watch_all(outcome, hearing.as_mut());
        self.hearing = hearing;
        done
    }

    /// As [`Self::watch`], while what is heard is worked on.
    pub(in crate::engine::service) fn watch_hearing(
        &mut self,
        hearing: &mut Hearing,
    ) -> Result<(), Failure> {
        self.watch_all(None, Some(hearing))
    }

    fn watch_all(
        &mut self,
        outcome: Option<&Outcome>,
        hearing: Option<&mut Hearing>,
    ) -> Result<(), Failure> {
        let now = self.now();
        self.last_watch = now;
        let health = hearing.as_ref().map(|hearing| hearing.mailbox.health());
        let health = health.unwrap_or_default();
        let none = BTreeMap::new();
        let blinded = hearing.as_ref().map_or(&none, |hearing| &hearing.blinded);
        let watched = Watched {
            settings: &self.in_force.loaded.watch,
            freshness: &self.in_force.estate.freshness(),
            rules: outcome.map(|outcome| outcome.rule_set),
            reports: outcome.map(|outcome| outcome.reports.as_slice()),
            last_record: self.last_record,
            refused: &self.refused,
            queues: &health,
            blinded,
        };
        let mut conditions = conditions(&watched, self.evidence.ledger(), now);
        conditions.extend(self.outside_conditions());
        let records = plan_watches(self.evidence.ledger(), &conditions, now);
        let encoded = records.iter().map(|record| record.encode());
        let encoded = encoded.collect::<Result<Vec<_>, _>>().map_err(unwritable)?;
        if !encoded.is_empty() {
            self.append(encoded)?;
        }
        if let Some(hearing) = hearing {
            // From now on the log says it.
            hearing.blinded.clear();
        }
        for record in &records {
            events::Watch { record }.emit();
        }
        events::watching(self.evidence.ledger(), self.last_record);
        events::queues(&health, now);
        Ok(())
    }

    /// Whether a scan is due now, and none is on its way.
    pub fn asks_for_scan(&mut self) -> bool {
        if self.is_gathering() {
            return false;
        }
        if self.gathering.owes_scan() {
            return true;
        }
        let now = self.now();
        self.hearing
            .as_mut()
            .is_some_and(|hearing| hearing.asks_for_scan(now))
    }

    /// How long there is nothing to do, if nothing comes.
    pub fn rest(&mut self) -> Option<Duration> {
        let (heard, told) = (self.rest_from_hearing(), self.rest_from_telling());
        let shown = self.rest_from_publishing();
        let carried = self.rest_from_carrying();
        let all = [heard, told, shown, carried];
        all.into_iter().flatten().min()
    }

    fn rest_from_hearing(&mut self) -> Option<Duration> {
        let now = self.now();
        let patience = self.in_force.loaded.timing.patience;
        let hearing = self.hearing.as_ref()?;
        if hearing.is_ready() {
            return Some(Duration::ZERO);
        }
        let rest = hearing.rest(now, patience, self.is_gathering());
        let rest = rest.unwrap_or(WATCHED_EVERY);
        Some(rest.min(WATCHED_EVERY))
    }
}
