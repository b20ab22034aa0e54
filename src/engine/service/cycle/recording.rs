//! Recording: what the cycle says of itself, and when readers of the log see what it recorded.

use std::time::Duration;

use jiff::Timestamp;

use super::super::events;
use super::super::reload::{InForce, Refusal, Reloaded};
use super::Cycle;
use crate::engine::inputs::Failure;
use crate::evidence::record::{Encoded, RecordError, ServiceEvent, ServiceRecord};
use crate::ports::{Appended, EvidenceError};

/// So long readers of the log may not see what is recorded: to show it takes several times as long as to
/// make it last, and during a storm it is done for many records at once.
const SHOWN_WITHIN: Duration = Duration::from_millis(250);

impl Cycle {
    pub(super) fn accepted(
        &self,
        in_force: &InForce,
        reloaded: &Reloaded,
        now: Timestamp,
    ) -> Option<ServiceRecord> {
        if reloaded.accepted.is_empty() {
            return None;
        }
        let event = ServiceEvent::ConfigurationAccepted;
        let mut record = ServiceRecord::new(event, now, self.version);
        for (area, files) in &reloaded.accepted {
            record.areas.push(area.name());
            record.files.extend(files.iter().cloned());
        }
        record.in_force = Some(in_force.digest());
        Some(record)
    }

    pub(super) fn rejected(&self, refusal: &Refusal, now: Timestamp) -> ServiceRecord {
        let event = ServiceEvent::ConfigurationRejected;
        let mut record = ServiceRecord::new(event, now, self.version);
        record.areas.push(refusal.area.name());
        record.files.clone_from(&refusal.files);
        record.problem_count = refusal.problems.len() as u64;
        if !refusal.area.names_people() {
            let problems = refusal.problems.iter();
            record.problems = problems.map(|problem| problem.what.clone()).collect();
        }
        record
    }

    pub(super) fn record(&mut self, records: &[ServiceRecord]) -> Result<(), Failure> {
        let encoded = records.iter().map(ServiceRecord::encode);
        let encoded = encoded.collect::<Result<Vec<_>, _>>().map_err(unwritable)?;
        match encoded.is_empty() {
            true => Ok(()),
            false => self.append(encoded).map(drop),
        }
    }

    pub(in crate::engine::service) fn append(
        &mut self,
        records: Vec<Encoded>,
    ) -> Result<Appended, Failure> {
        let now = self.now();
        let entries = records.into_iter().map(|record| record.entry).collect();
        let appended = self.evidence.append_soon(entries, now)?;
        self.unshown_since.get_or_insert(now);
        self.origin = Some(appended.origin.clone());
        Ok(appended)
    }

    /// Lets readers of the log see what was recorded: at the end of a piece of work, not at each step,
    /// because that takes longer than to make it last.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn publish(&mut self) -> Result<(), Failure> {
        self.evidence.publish()?;
        self.carry();
        if self.unshown_since.take().is_some() {
            events::standing(self.evidence.ledger());
        }
        Ok(())
    }

    /// As [`Self::publish`], if it was not done for a while, or the engine is to stop.
    pub(super) fn publish_in_time(&mut self) -> Result<(), Failure> {
        match self.rest_from_publishing() {
            Some(rest) if rest.is_zero() || self.halt.is_stopped() => self.publish(),
            _ => Ok(()),
        }
    }

    /// How long what is recorded may wait until readers see it.
    pub(super) fn rest_from_publishing(&mut self) -> Option<Duration> {
        let now = self.now();
        let since = self.unshown_since?;
        // A clock that was put back has it shown at once.
        let waited = Duration::try_from(now.duration_since(since));
        Some(waited.map_or(Duration::ZERO, |waited| SHOWN_WITHIN.saturating_sub(waited)))
    }
}

pub(in crate::engine::service) fn unwritable(error: RecordError) -> Failure {
    Failure::Evidence(EvidenceError {
        what: error.to_string(),
        help: None,
    })
}
