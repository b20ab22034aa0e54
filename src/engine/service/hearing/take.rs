//! The work on messages that arrived: read, looked at, recorded, and then deleted.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::super::cycle::Cycle;
use super::super::events::{self, Took};
use super::mailbox::Receipt;
use super::{AT_ONCE, GivenUp, Hearing};
use crate::engine::inputs::Failure;
use crate::engine::picture::Picture;
use crate::engine::scan::Settings;
use crate::evidence::record::{Encoded, ServiceEvent, ServiceRecord};

/// What a batch of messages came to, before it is recorded.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) documents: Vec<Arc<str>>,
    /// Names of what the documents are about; calls that name them may have made what is found.
    pub(super) names: BTreeSet<Box<str>>,
    /// Deleted when the batch lasts.
    pub(super) done: Vec<Receipt>,
    pub(super) blinds: bool,
    pub(super) took: Took,
    pub(super) oldest: Option<Instant>,
}

impl Cycle {
    /// Works on the messages that wait, at most so many at once, and on resources that are to be read
    /// again. Readers of the log see what it records a moment later, at the latest.
    ///
    /// # Errors
    /// The log cannot be written: nothing may go on, and nothing is deleted.
    pub fn take_events(&mut self) -> Result<(), Failure> {
        let now = self.now();
        let settings = Arc::clone(&self.in_force.loaded.settings);
        let patience = self.in_force.loaded.timing.patience;
        // Out of the way, because the log is written meanwhile; put back whatever happens.
        let Some(mut hearing) = self.hearing.take() else {
            return Ok(());
        };
        let done = match hearing.picture.take() {
            // Nothing says yet what is approved: everything stays in its queue.
            None => Ok(()),
            Some(picture) => {
                let done = self.take_batch(&mut hearing, &picture, &settings, patience, now);
                hearing.picture = Some(picture);
                done
            }
        };
        self.hearing = Some(hearing);
        done?;
        self.watch_at_times()
    }

    fn take_batch(
        &mut self,
        hearing: &mut Hearing,
        picture: &Picture,
        settings: &Settings,
        patience: jiff::SignedDuration,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut batch = Batch::default();
        for arrived in hearing.mailbox.take(AT_ONCE) {
            batch.oldest = Some(batch.oldest.map_or(arrived.at, |at| at.min(arrived.at)));
            hearing.one(arrived, picture, settings, now, &mut batch);
        }
        hearing.read_again(now, &mut batch);
        let given_up = hearing.pending.given_up(now, patience);
        let mut records = Vec::new();
        let mut steps = None;
        let mut assessment = None;
        batch.documents.sort_by_key(|document| document.as_ptr());
        batch.documents.dedup_by_key(|document| document.as_ptr());
        if !batch.documents.is_empty() {
            let names = || batch.names.iter().map(|name| &**name);
            let mut activities = hearing.memory.naming(names());
            activities.extend(hearing.filed.naming(names()));
            let evidence = &mut *self.evidence;
            let seen = picture.look(&batch.documents, activities, settings, evidence, now)?;
            hearing.wants_scan |= seen.needs_scan;
            records.extend(seen.records);
            batch.took.gaps = seen.assessment.gaps.len() as u64;
            steps = Some(seen.steps);
            assessment = Some(seen.assessment);
        }
        records.extend(self.not_observed(&given_up, now)?);
        if !records.is_empty() {
            self.append(records)?;
        }
        if let Some(assessment) = &assessment {
            self.learn_from(assessment);
            self.fix(assessment, false)?;
        }
        if batch.blinds {
            self.watch_hearing(hearing)?;
        }
        // All of it lasts now.
        batch.took.given_up = given_up.len() as u64;
        for (one, told) in given_up {
            events::GaveUp {
                config_type: &one.mark.config_type,
                names: &one.mark.names,
                why: one.why,
                detail: &one.detail,
                told_before: told,
            }
            .emit();
            batch.done.extend(one.receipts);
        }
        if let Some(steps) = &steps {
            events::few_seen(steps);
        }
        hearing.mailbox.done(batch.done);
        batch.took.waiting = hearing.pending.len() as u64;
        let taken = batch.oldest.map(|at| at.elapsed());
        batch.took.emit(taken);
        Ok(())
    }

    /// One record for all resources that nothing newer was seen of, and were not told before.
    fn not_observed(
        &self,
        given_up: &[(GivenUp, bool)],
        now: Timestamp,
    ) -> Result<Option<Encoded>, Failure> {
        let new: Vec<&GivenUp> = given_up
            .iter()
            .filter(|(_, told)| !told)
            .map(|(one, _)| one)
            .collect();
        if new.is_empty() {
            return Ok(None);
        }
        let mut record = ServiceRecord::new(ServiceEvent::NotObserved, now, self.version);
        record.problem_count = new.len() as u64;
        record.problems = new
            .iter()
            .map(|one| {
                let mark = &one.mark;
                let names: Vec<&str> = mark.names.iter().map(|name| &**name).collect();
                format!(
                    "{} {} in {} {}: {} ({})",
                    mark.config_type,
                    names.join(" or "),
                    mark.account,
                    mark.region,
                    one.why,
                    one.detail
                )
            })
            .collect();
        let encoded = record.encode().map_err(super::super::cycle::unwritable)?;
        Ok(Some(encoded))
    }
}
