//! The work of a running engine, step by step and without waiting: begin, reload, look, end. Each
//! step records what it did, or nothing.

mod asked;
mod carrying;
mod fixing;
mod gathering;
mod handing;
mod recording;
mod telling;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::super::inputs::Failure;
use super::super::scan::{Outcome, scan, scan_hearing};
use super::carrying::Carried;
use super::events;
use super::gathering::Gathering;
use super::halt::Halt;
use super::hearing::Hearing;
use super::held::Area;
use super::paging::Paging;
use super::reload::{self, InForce, Installation, Reloaded, Timing};
use crate::decide::sweep::Sweep;
use crate::evidence::record::{ServiceEvent, ServiceRecord};
use crate::model::WorkspaceName;
use crate::ports::{EvidenceSink, Inbox, InputError};
pub(super) use fixing::beating;
pub(super) use recording::unwritable;

/// Tells the time.
pub type Clock = fn() -> Timestamp;

/// Everything that a running engine holds.
pub struct Cycle {
    pub(super) evidence: Box<dyn EvidenceSink + Send>,
    installation: Box<dyn Installation>,
    inbox: Box<dyn Inbox>,
    pub(super) in_force: InForce,
    /// How far slow sweeps are; a restart begins anew.
    sweep: Mutex<Sweep>,
    pub(super) clock: Clock,
    halt: Arc<Halt>,
    pub(super) version: &'static str,
    /// What is refused now: recorded once, not at each reload.
    refused: BTreeMap<Area, Vec<String>>,
    /// The last failure of a scan, for the same reason.
    failed: Option<String>,
    last_record: Timestamp,
    /// Absent where no event is listened for.
    pub(super) hearing: Option<Hearing>,
    last_watch: Timestamp,
    pub(super) paging: Paging,
    /// The name of the log that is written.
    origin: Option<String>,
    /// Since when something is recorded that readers of the log do not see.
    unshown_since: Option<Timestamp>,
    /// Approved resources of each workspace, as the last scan counted them.
    sizes: BTreeMap<WorkspaceName, u64>,
    /// Absent where nobody outside keeps or vouches for the log.
    outside: Option<Arc<Carried>>,
    gathering: Gathering,
}

/// What a running engine is made of.
pub struct Parts {
    pub evidence: Box<dyn EvidenceSink + Send>,
    pub installation: Box<dyn Installation>,
    pub inbox: Box<dyn Inbox>,
    pub clock: Clock,
    pub halt: Arc<Halt>,
    pub version: &'static str,
    pub hearing: Option<Hearing>,
    pub paging: Paging,
}

/// What a scan of the cycle came to.
pub enum Scanned {
    Done(Box<Outcome>),
    /// It could not do its job, and said so.
    Failed,
    /// It was to stop, and recorded nothing.
    Interrupted,
}

impl Cycle {
    /// Reads everything, and records that the engine began and by what.
    ///
    /// # Errors
    /// Something that people wrote is wrong, or the log cannot be written.
    pub fn begin(mut parts: Parts) -> Result<Self, Failure> {
        let now = parts.evidence.read_clock((parts.clock)());
        let ledger = parts.evidence.ledger();
        let begun = reload::begin(
            &*parts.installation,
            parts.version,
            ledger,
            &parts.halt,
            now,
        );
        let (in_force, reloaded) = begun.map_err(Failure::Inputs)?;
        let mut cycle = Self {
            evidence: parts.evidence,
            installation: parts.installation,
            inbox: parts.inbox,
            in_force,
            sweep: Mutex::default(),
            clock: parts.clock,
            halt: parts.halt,
            version: parts.version,
            refused: BTreeMap::new(),
            failed: None,
            last_record: now,
            hearing: parts.hearing,
            last_watch: now,
            paging: parts.paging,
            origin: None,
            unshown_since: None,
            sizes: BTreeMap::new(),
            outside: None,
            gathering: Gathering::default(),
        };
        let started = ServiceRecord::new(ServiceEvent::Started, now, cycle.version);
        let mut records = vec![started];
        records.extend(cycle.accepted(&cycle.in_force, &reloaded, now));
        cycle.record(&records)?;
        events::Started {
            version: cycle.version,
            records: cycle.evidence.previous().tree_size,
        }
        .emit();
        events::told(&reloaded);
        cycle.publish()?;
        cycle.resume(now);
        Ok(cycle)
    }

    pub fn timing(&self) -> Timing {
        self.in_force.loaded.timing
    }

    /// The time to record with.
    pub(super) fn now(&mut self) -> Timestamp {
        self.evidence.read_clock((self.clock)())
    }

    /// At New Year the log goes on in another.
    fn go_on(&mut self) -> Result<(), Failure> {
        let clock = (self.clock)();
        if self.evidence.go_on(clock)? {
            if let Some(outside) = &self.outside {
                outside.go_on();
            }
            events::LogContinued {
                records: self.evidence.previous().tree_size,
            }
            .emit();
        }
        Ok(())
    }

    /// What is recorded is seen before something begins that may take long.
    fn go_on_to_long_work(&mut self) -> Result<(), Failure> {
        self.go_on()?;
        self.publish()
    }

    /// Reads what people write again: whether something else is in force now.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn reload(&mut self) -> Result<bool, Failure> {
        self.go_on_to_long_work()?;
        let now = self.now();
        let ledger = self.evidence.ledger();
        let mut candidate = self.in_force.clone();
        let mut reloaded =
            reload::again(&mut candidate, &*self.installation, ledger, &self.halt, now);
        if self.halt.is_stopped() {
            // What was read may have been cut short.
            return Ok(false);
        }
        let known = std::mem::take(&mut self.refused);
        self.refused = refusals(&reloaded);
        reloaded
            .refused
            .retain(|one| known.get(&one.area) != self.refused.get(&one.area));
        let mut records = Vec::new();
        records.extend(self.accepted(&candidate, &reloaded, now));
        records.extend(reloaded.refused.iter().map(|one| self.rejected(one, now)));
        // Only what is recorded comes into force.
        self.record(&records)?;
        self.in_force = candidate;
        if !reloaded.accepted.is_empty() {
            self.gather_anew();
        }
        self.tell_otherwise();
        self.watch()?;
        self.publish()?;
        events::told(&reloaded);
        Ok(!reloaded.accepted.is_empty())
    }

    /// One scan by what is in force.
    ///
    /// # Errors
    /// The log cannot be written: nothing may go on.
    pub fn scan(&mut self) -> Result<Scanned, Failure> {
        self.go_on_to_long_work()?;
        let clock = self.clock;
        let settings = Arc::clone(&self.in_force.loaded.settings);
        let halt = Arc::clone(&self.halt);
        let estate = &self.estate_to_scan();
        let evidence = &mut *self.evidence;
        let sweep = Some(&self.sweep);
        let done = match &mut self.hearing {
            None => scan(estate, evidence, &settings, &clock, &*halt, sweep),
            Some(hearing) => {
                let heard = hearing.heard();
                let done = scan_hearing(estate, evidence, &settings, &clock, &*halt, sweep, &heard);
                done.map(|(outcome, picture)| {
                    let took = outcome.finished_at.duration_since(outcome.started_at);
                    hearing.scanned(picture, took);
                    outcome
                })
            }
        };
        match done {
            Ok(outcome) => {
                self.failed = None;
                self.last_record = outcome.finished_at;
                self.learn_from(&outcome.assessment);
                self.sizes.clone_from(&outcome.sizes);
                self.gathering.scanned(outcome.asked_for.clone());
                self.fix(&outcome.assessment, true)?;
                self.watch_with(Some(&outcome))?;
                self.publish()?;
                for report in &outcome.reports {
                    events::SourceAsked { report }.emit();
                }
                events::ScanFinished::of(&outcome).emit();
                events::standing(self.evidence.ledger());
                Ok(Scanned::Done(Box::new(outcome)))
            }
            Err(Failure::Inputs(_)) if halt.is_stopped() => {
                self.scan_came_to_nothing();
                events::ScanInterrupted {}.emit();
                Ok(Scanned::Interrupted)
            }
            Err(Failure::Inputs(problems)) => {
                self.scan_failed(&problems)?;
                Ok(Scanned::Failed)
            }
            Err(failure @ (Failure::Evidence(_) | Failure::Internal(_))) => Err(failure),
        }
    }

    fn scan_came_to_nothing(&mut self) {
        if let Some(hearing) = &mut self.hearing {
            hearing.scan_failed();
        }
    }

    fn scan_failed(&mut self, problems: &[InputError]) -> Result<(), Failure> {
        self.scan_came_to_nothing();
        let now = self.now();
        events::ScanFailed { problems }.emit();
        let all: Vec<String> = problems.iter().map(|one| one.what.clone()).collect();
        let all = all.join("\n");
        if self.failed.as_ref() != Some(&all) {
            // Messages about trails and items may name people; the engine's own log has them.
            let mut record = ServiceRecord::new(ServiceEvent::ScanFailed, now, self.version);
            record.problem_count = problems.len() as u64;
            self.record(&[record])?;
            self.failed = Some(all);
        }
        self.watch()?;
        self.publish()
    }

    /// Records that the engine ends as it was told to.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn end(mut self) -> Result<(), Failure> {
        let now = self.now();
        let stopped = ServiceRecord::new(ServiceEvent::Stopped, now, self.version);
        self.record(&[stopped])?;
        self.publish()?;
        events::Stopped {}.emit();
        Ok(())
    }
}

fn refusals(reloaded: &Reloaded) -> BTreeMap<Area, Vec<String>> {
    let mut refusals = BTreeMap::new();
    for refusal in &reloaded.refused {
        let files = refusal.files.iter().map(|file| file.sha256.to_string());
        let problems = refusal.problems.iter().map(|problem| problem.what.clone());
        refusals.insert(refusal.area.clone(), files.chain(problems).collect());
    }
    refusals
}
