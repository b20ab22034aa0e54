//! What a scan came to.

use metrics::{counter, gauge, histogram};
use tracing::{error, info};

use super::{MOST_TOLD, gauges};
use crate::engine::scan::Outcome;
use crate::evidence::lifecycle::Steps;
use crate::evidence::record::FindingEvent;
use crate::model::Severity;
use crate::ports::InputError;

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
pub(super) fn steps(steps: &Steps) -> Vec<(&'static str, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for record in &steps.findings {
        *counts.entry(step_name(record.event)).or_insert(0) += 1;
    }
    for record in &steps.states {
        *counts.entry(record.event.as_str()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

pub(super) fn step_name(event: FindingEvent) -> &'static str {
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
