//! What a running engine tells: one struct for each event, which writes the line of the log and moves
//! the metric, so that the two never disagree.

use metrics::{counter, gauge, histogram};
use tracing::{error, info, warn};

use super::reload::{Refusal, Reloaded};
use crate::evidence::lifecycle::Steps;
use crate::evidence::record::{FindingEvent, StateRecord, WatchEvent, WatchRecord};
use crate::model::Severity;
use crate::ports::InputError;

use super::super::scan::Outcome;

mod gauges;
mod hearing;
mod sources;

pub use gauges::{describe, queues, standing, watching};
pub use hearing::{
    ClocksApart, GaveUp, LookedUp, LookupFailed, MessageRefused, NotDeleted, NotHeld, QueueBack,
    QueueFailed, Took, few_seen,
};
pub use sources::SourceAsked;

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

pub struct ScanFinished {
    seconds: f64,
    started_at: String,
    finished_at: jiff::Timestamp,
    deviations: Vec<(Severity, u64)>,
    needs_a_person: u64,
    gaps: u64,
    coverage: crate::model::Coverage,
    findings: Vec<(&'static str, u64)>,
    records: u64,
    warnings: usize,
}

impl ScanFinished {
    pub fn of(outcome: &Outcome) -> Self {
        let assessment = &outcome.assessment;
        let deviations = Severity::ALL.into_iter().map(|severity| {
            let own = assessment.deviations.iter();
            let own = own.filter(|judged| judged.ruling.severity == severity);
            (severity, own.count() as u64)
        });
        let people = assessment.deviations.iter();
        let people = people.filter(|judged| assessment.needs_a_person(judged));
        let taken = outcome.finished_at.duration_since(outcome.started_at);
        Self {
            seconds: taken.as_secs_f64(),
            started_at: outcome.started_at.to_string(),
            finished_at: outcome.finished_at,
            deviations: deviations.collect(),
            needs_a_person: people.count() as u64,
            gaps: assessment.gaps.len() as u64,
            coverage: assessment.coverage,
            findings: steps(&outcome.steps),
            records: outcome.evidence.tree_size,
            warnings: outcome.warnings.len(),
        }
    }

    pub fn emit(&self) {
        counter!("driftwarden_scans_total", "result" => "done").increment(1);
        histogram!("driftwarden_scan_duration_seconds").record(self.seconds);
        let finished = gauges::seconds(self.finished_at);
        gauge!("driftwarden_last_scan_timestamp_seconds").set(finished);
        counter!("driftwarden_evidence_records_total").absolute(self.records);
        for (severity, count) in &self.deviations {
            let name = "driftwarden_deviations";
            gauge!(name, "severity" => severity.as_str()).set(gauges::number(*count));
        }
        gauge!("driftwarden_deviations_for_a_person").set(gauges::number(self.needs_a_person));
        gauge!("driftwarden_gaps").set(gauges::number(self.gaps));
        for (class, count) in [
            ("approved", self.coverage.approved),
            ("observed", self.coverage.observed),
            ("unknown", self.coverage.unknown),
            ("excluded", self.coverage.excluded),
            ("unmanaged", self.coverage.unmanaged),
        ] {
            gauge!("driftwarden_resources", "class" => class).set(gauges::number(count));
        }
        let events = |event: &str| {
            let found = self.findings.iter().find(|(name, _)| *name == event);
            found.map_or(0, |(_, count)| *count)
        };
        for (event, count) in &self.findings {
            counter!("driftwarden_finding_events_total", "event" => *event).increment(*count);
        }
        let deviations: u64 = self.deviations.iter().map(|(_, count)| count).sum();
        info!(
            event = "scan_finished",
            started_at = self.started_at,
            seconds = self.seconds,
            deviations,
            needs_a_person = self.needs_a_person,
            gaps = self.gaps,
            approved = self.coverage.approved,
            observed = self.coverage.observed,
            opened = events("opened"),
            resolved = events("resolved"),
            records = self.records,
            warnings = self.warnings,
            "a scan is recorded"
        );
    }
}

/// How many findings took which step.
fn steps(steps: &Steps) -> Vec<(&'static str, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for record in &steps.findings {
        *counts.entry(step_name(record.event)).or_insert(0) += 1;
    }
    for record in &steps.states {
        *counts.entry(record.event.as_str()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

fn step_name(event: FindingEvent) -> &'static str {
    match event {
        FindingEvent::Opened => "opened",
        FindingEvent::Changed => "changed",
        FindingEvent::Resolved => "resolved",
    }
}

pub struct ScanFailed<'e> {
    pub problems: &'e [InputError],
}

impl ScanFailed<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_scans_total", "result" => "failed").increment(1);
        let problems = self.problems.len();
        for problem in self.problems.iter().take(MOST_TOLD) {
            error!(
                event = "scan_failed",
                problems,
                problem = problem.what,
                help = problem.help.as_deref().unwrap_or_default(),
                "a scan could not do its job; nothing of it is recorded"
            );
        }
    }
}

/// Problems of one event that are told one by one.
const MOST_TOLD: usize = 20;

pub struct ScanInterrupted {}

impl ScanInterrupted {
    pub fn emit(&self) {
        counter!("driftwarden_scans_total", "result" => "interrupted").increment(1);
        info!(
            event = "scan_interrupted",
            "a scan was given up; nothing of it is recorded"
        );
    }
}

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
