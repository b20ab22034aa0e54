//! What a running engine tells: one struct for each event, which writes the line of the log and moves
//! the metric, so that the two never disagree.

use metrics::{counter, gauge};
use tracing::{error, info, warn};

use super::reload::{Refusal, Reloaded};
use crate::evidence::record::{SettledRecord, StateRecord, WatchEvent, WatchRecord};
use crate::ports::InputError;

mod fixing;
mod gauges;
mod hearing;
mod outside;
mod paging;
mod scans;
mod sources;

pub use fixing::Fixing;
pub use gauges::{describe, queues, standing, watching};
pub use hearing::{
    ClocksApart, GaveUp, LookedUp, LookupFailed, MessageRefused, NotDeleted, NotHeld, QueueBack,
    QueueFailed, Took, few_seen,
};
pub use outside::{LookedInVain, OutsideTold, outside};
pub use paging::{Arrived, Decided, Sent, Silenced, messages};
pub use scans::{ScanFailed, ScanFinished, ScanInterrupted};
pub use sources::{Gathered, GatheredInVain, SourceAsked};

pub struct Started {
    pub version: &'static str,
    pub records: u64,
}

impl Started {
    pub fn emit(&self) {
        let Self { version, records } = *self;
        gauge!("driftwarden_build_info", "version" => version).set(1.0);
        counter!("driftwarden_evidence_records_total").absolute(records);
        info!(event = "started", version, records, "the engine began");
    }
}

/// The year ended, and the log goes on in another, with so many records to begin with.
pub struct LogContinued {
    pub records: u64,
}

impl LogContinued {
    pub fn emit(&self) {
        let Self { records } = *self;
        info!(
            event = "log_continued",
            records, "the log goes on in that of another year"
        );
    }
}

pub struct Stopped {}

impl Stopped {
    pub fn emit(&self) {
        info!(event = "stopped", "the engine ended as it was told to");
    }
}

/// Problems of one event that are told one by one.
const MOST_TOLD: usize = 20;

/// Tells what a reload came to.
pub fn told(reloaded: &Reloaded) {
    let areas = reloaded.accepted.iter();
    let areas: Vec<String> = areas.map(|(area, _)| area.name()).collect();
    if !areas.is_empty() {
        ConfigurationAccepted { areas }.emit();
    }
    for refusal in &reloaded.refused {
        ConfigurationRejected { refusal }.emit();
    }
}

struct ConfigurationAccepted {
    areas: Vec<String>,
}

impl ConfigurationAccepted {
    fn emit(&self) {
        let name = "driftwarden_configuration_reloads_total";
        counter!(name, "result" => "accepted").increment(1);
        let areas = self.areas.join(", ");
        info!(
            event = "configuration_accepted",
            areas, "what was written is in force"
        );
    }
}

struct ConfigurationRejected<'e> {
    refusal: &'e Refusal,
}

impl ConfigurationRejected<'_> {
    fn emit(&self) {
        let name = "driftwarden_configuration_reloads_total";
        counter!(name, "result" => "rejected").increment(1);
        let area = self.refusal.area.name();
        for problem in self.refusal.problems.iter().take(MOST_TOLD) {
            error!(
                event = "configuration_rejected",
                area,
                problem = problem.what,
                help = problem.help.as_deref().unwrap_or_default(),
                "what was written is refused; what was in force before still is"
            );
        }
    }
}

pub struct Watch<'e> {
    pub record: &'e WatchRecord,
}

impl Watch<'_> {
    pub fn emit(&self) {
        let WatchRecord {
            event,
            at: _,
            watch,
            subject,
            detail,
        } = self.record;
        let watch = watch.as_str();
        match event {
            WatchEvent::Opened => warn!(
                event = "watch_opened",
                watch, subject, detail, "the detector itself is not as it should be"
            ),
            WatchEvent::Resolved => info!(
                event = "watch_resolved",
                watch, subject, detail, "the detector itself is as it should be again"
            ),
        }
    }
}

pub struct Acknowledged<'e> {
    pub record: &'e StateRecord,
}

impl Acknowledged<'_> {
    pub fn emit(&self) {
        let event = self.record.event.as_str();
        counter!("driftwarden_finding_events_total", "event" => event).increment(1);
        info!(
            event = "finding_acknowledged",
            finding = self.record.finding.as_str(),
            by = self.record.by.as_deref().unwrap_or_default(),
            "a person knows of a finding"
        );
    }
}

/// A workspace was settled.
pub struct Settled<'e> {
    pub record: &'e SettledRecord,
}

impl Settled<'_> {
    pub fn emit(&self) {
        let not_settled: u64 = self.record.not_settled.values().sum();
        info!(
            event = "settled",
            workspace = self.record.workspace.as_str(),
            resources = self.record.settled,
            not_settled,
            sha256 = %self.record.sha256,
            "a workspace has a settled baseline"
        );
    }
}

pub struct RequestRefused<'e> {
    pub name: &'e str,
    pub why: &'e super::super::requests::Refused,
}

impl RequestRefused<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_requests_refused_total").increment(1);
        warn!(
            event = "request_refused",
            request = self.name,
            problem = self.why.what,
            help = self.why.help,
            "a request from the inbox is refused"
        );
    }
}

pub struct InboxUnreadable<'e> {
    pub error: &'e InputError,
}

impl InboxUnreadable<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_inbox_errors_total").increment(1);
        warn!(
            event = "inbox_unreadable",
            problem = self.error.what,
            help = self.error.help.as_deref().unwrap_or_default(),
            "the inbox cannot be used"
        );
    }
}

/// A signal came.
pub struct Signalled {
    pub signal: &'static str,
}

impl Signalled {
    pub fn emit(&self) {
        info!(event = "signal", signal = self.signal, "a signal came");
    }
}

/// The engine goes on no longer.
pub struct Ended<'e> {
    pub why: &'e str,
    pub help: Option<&'e str>,
}

impl Ended<'_> {
    pub fn emit(&self) {
        error!(
            event = "ended",
            problem = self.why,
            help = self.help.unwrap_or_default(),
            "the engine cannot go on"
        );
    }
}
