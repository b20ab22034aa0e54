//! What stands rather than happens, and what every metric means.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};

use super::super::hearing::QueueHealth;
use super::hearing::KINDS;
use super::{outside, paging};
use crate::evidence::ledger::Ledger;
use crate::ingest::queue::Refusal;
use crate::model::{FindingState, WatchKind};

/// Says of every metric what it means, and lets those that count begin at zero.
pub fn describe() {
    let counters = [
        ("driftwarden_scans_total", "Scans by how they ended."),
        (
            "driftwarden_finding_events_total",
            "Steps in the life of findings that were recorded.",
        ),
        (
            "driftwarden_configuration_reloads_total",
            "Times that something written was accepted or rejected.",
        ),
        (
            "driftwarden_requests_refused_total",
            "Requests from the inbox that were refused.",
        ),
        (
            "driftwarden_inbox_errors_total",
            "Times that the inbox could not be used.",
        ),
        (
            "driftwarden_fix_steps_total",
            "Steps of fixes that were recorded, by step.",
        ),
        (
            "driftwarden_evidence_records_total",
            "Records in the evidence log.",
        ),
        (
            "driftwarden_source_calls_total",
            "Calls to sources that are asked, by what came of them.",
        ),
        (
            "driftwarden_gathered_in_vain_total",
            "Sweeps of sources whose answers were not used.",
        ),
        ("driftwarden_events_total", "What came by events, by kind."),
        (
            "driftwarden_messages_refused_total",
            "Messages that cannot be used and are left to the dead-letter queue.",
        ),
        (
            "driftwarden_event_gaps_total",
            "Resources of events of which nothing newer was seen in time.",
        ),
        (
            "driftwarden_event_reads_total",
            "Resources that were read again because of events.",
        ),
        (
            "driftwarden_event_clocks_apart_total",
            "Events of a time that had not come.",
        ),
        (
            "driftwarden_queue_failures_total",
            "Calls to queues that gave no answer, by call.",
        ),
        (
            "driftwarden_lookups_total",
            "Times that a trail was asked what was done before, by result.",
        ),
    ];
    for (name, text) in counters
        .into_iter()
        .chain(paging::COUNTERS)
        .chain([outside::TRIES])
    {
        describe_counter!(name, text);
    }
    describe_histogram!(
        "driftwarden_scan_duration_seconds",
        Unit::Seconds,
        "How long scans took."
    );
    describe_histogram!(
        "driftwarden_event_duration_seconds",
        Unit::Seconds,
        "How long messages waited until what they led to lasted."
    );
    let gauges = [
        (
            "driftwarden_events_waiting",
            "Resources that events were about and that are read again.",
        ),
        (
            "driftwarden_last_event_timestamp_seconds",
            "When the newest call that was heard of was made.",
        ),
        (
            "driftwarden_queue_messages",
            "Messages that wait in a queue, about.",
        ),
        (
            "driftwarden_queue_lag_seconds",
            "Age of the oldest message of the last delivery; 0 where none waits.",
        ),
        (
            "driftwarden_queue_answered_timestamp_seconds",
            "When a queue last gave an answer.",
        ),
        ("driftwarden_build_info", "The version that runs; always 1."),
        (
            "driftwarden_last_scan_timestamp_seconds",
            "When the last recorded scan ended.",
        ),
        (
            "driftwarden_evidence_last_record_timestamp_seconds",
            "When the evidence log was last known to take a scan.",
        ),
        (
            "driftwarden_deviations",
            "Deviations of the last scan by severity.",
        ),
        (
            "driftwarden_deviations_for_a_person",
            "Deviations of the last scan that are to be acted on or undecided, and not accepted.",
        ),
        ("driftwarden_gaps", "Gaps of the last scan."),
        (
            "driftwarden_source_not_read",
            "Parts of the estate that a source told nothing of in the last scan, by why.",
        ),
        (
            "driftwarden_resources",
            "Resources of the last scan by class.",
        ),
        (
            "driftwarden_findings",
            "Unresolved findings by where they stand.",
        ),
        (
            "driftwarden_watch_open",
            "What the detector sees wrong with itself, by what is watched.",
        ),
    ];
    describe_histogram!(
        "driftwarden_page_send_seconds",
        Unit::Seconds,
        "How long channels took to answer."
    );
    for (name, text) in gauges
        .into_iter()
        .chain(paging::GAUGES)
        .chain(outside::GAUGES)
    {
        describe_gauge!(name, text);
    }
    for result in ["done", "failed", "interrupted"] {
        counter!("driftwarden_scans_total", "result" => result).increment(0);
    }
    for result in ["accepted", "rejected"] {
        let name = "driftwarden_configuration_reloads_total";
        counter!(name, "result" => result).increment(0);
    }
    for kind in KINDS {
        counter!("driftwarden_events_total", "kind" => kind).increment(0);
    }
    for reason in Refusal::WORDS {
        counter!("driftwarden_messages_refused_total", "reason" => reason).increment(0);
    }
    for call in ["receive", "delete", "hold"] {
        counter!("driftwarden_queue_failures_total", "call" => call).increment(0);
    }
    counter!("driftwarden_requests_refused_total").increment(0);
    counter!("driftwarden_inbox_errors_total").increment(0);
}

/// How many findings stand where.
pub fn standing(ledger: &Ledger) {
    let mut counts: BTreeMap<FindingState, u64> = BTreeMap::new();
    for open in ledger.open_findings() {
        *counts.entry(open.standing.state()).or_default() += 1;
    }
    for state in FindingState::ALL {
        let count = counts.get(&state).copied().unwrap_or_default();
        gauge!("driftwarden_findings", "state" => state.as_str()).set(number(count));
    }
}

/// How the queues are.
pub fn queues(health: &BTreeMap<Arc<str>, QueueHealth>, now: Timestamp) {
    for (queue, health) in health {
        let name = || queue.to_string();
        gauge!("driftwarden_queue_messages", "queue" => name()).set(number(health.waiting));
        let lag = health.lag(now).as_secs_f64();
        gauge!("driftwarden_queue_lag_seconds", "queue" => name()).set(lag);
        if let Some(answered) = health.answered {
            let metric = "driftwarden_queue_answered_timestamp_seconds";
            gauge!(metric, "queue" => name()).set(seconds(answered));
        }
    }
}

/// What the detector sees wrong with itself.
pub fn watching(ledger: &Ledger, last_record: Timestamp) {
    for kind in WatchKind::ALL {
        let open = ledger.watches().filter(|record| record.watch == kind);
        let open = number(open.count() as u64);
        gauge!("driftwarden_watch_open", "watch" => kind.as_str()).set(open);
    }
    let name = "driftwarden_evidence_last_record_timestamp_seconds";
    gauge!(name).set(seconds(last_record));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float, and no count here comes near 2^53"
)]
pub fn number(count: u64) -> f64 {
    count as f64
}

pub fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}
