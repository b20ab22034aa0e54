//! What is told of queues and of the events that came from them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use metrics::{counter, gauge, histogram};
use tracing::{info, warn};

use super::gauges::{number, seconds};
use crate::evidence::lifecycle::Steps;
use crate::ports::QueueError;

/// What a batch of messages held.
#[derive(Default)]
pub struct Took {
    pub calls: u64,
    pub items: u64,
    pub oversized: u64,
    pub nothing: u64,
    pub duplicates: u64,
    pub failed_calls: u64,
    /// Events of no resource that is compared.
    pub unresolved: u64,
    /// Items older than what is known.
    pub older: u64,
    pub clocks_apart: u64,
    pub read_again: u64,
    pub gaps: u64,
    pub given_up: u64,
    pub waiting: u64,
    /// The newest call.
    pub newest: Option<Timestamp>,
}

pub const KINDS: [&str; 8] = [
    "call",
    "item",
    "oversized",
    "nothing",
    "duplicate",
    "failed_call",
    "unresolved",
    "older",
];

impl Took {
    /// `taken`: how long the oldest message waited until what it led to lasted.
    pub fn emit(&self, taken: Option<Duration>) {
        let counts = [
            self.calls,
            self.items,
            self.oversized,
            self.nothing,
            self.duplicates,
            self.failed_calls,
            self.unresolved,
            self.older,
        ];
        for (kind, count) in KINDS.into_iter().zip(counts) {
            counter!("driftwarden_events_total", "kind" => kind).increment(count);
        }
        counter!("driftwarden_event_clocks_apart_total").increment(self.clocks_apart);
        counter!("driftwarden_event_reads_total").increment(self.read_again);
        gauge!("driftwarden_events_waiting").set(number(self.waiting));
        if let Some(newest) = self.newest {
            gauge!("driftwarden_last_event_timestamp_seconds").set(seconds(newest));
        }
        let Some(taken) = taken else { return };
        histogram!("driftwarden_event_duration_seconds").record(taken.as_secs_f64());
        info!(
            event = "events_taken",
            calls = self.calls,
            items = self.items,
            oversized = self.oversized,
            duplicates = self.duplicates,
            failed_calls = self.failed_calls,
            unresolved = self.unresolved,
            older = self.older,
            gaps = self.gaps,
            waiting = self.waiting,
            seconds = taken.as_secs_f64(),
            "what came by events is looked at, and what follows is recorded"
        );
    }
}

/// Counts what a look at few resources recorded.
pub fn few_seen(steps: &Steps) {
    for (event, count) in super::scans::steps(steps) {
        counter!("driftwarden_finding_events_total", "event" => event).increment(count);
    }
    for record in &steps.findings {
        info!(
            event = "finding_by_event",
            step = super::scans::step_name(record.event),
            finding = record.finding.as_str(),
            verdict = record.verdict.as_str(),
            severity = record.severity.as_str(),
            "an event led to a record of a finding"
        );
    }
}

pub struct MessageRefused<'e> {
    pub id: &'e str,
    pub word: &'static str,
    pub why: &'e str,
    pub is_new: bool,
}

impl MessageRefused<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_messages_refused_total", "reason" => self.word).increment(1);
        if self.is_new {
            warn!(
                event = "message_refused",
                message = self.id,
                reason = self.word,
                problem = self.why,
                help = "it is left to the queue, which moves it to its dead-letter queue",
                "a message cannot be used"
            );
        }
    }
}

pub struct ClocksApart<'e> {
    pub event_id: &'e str,
    pub ahead: SignedDuration,
}

impl ClocksApart<'_> {
    pub fn emit(&self) {
        warn!(
            event = "event_clocks_apart",
            id = self.event_id,
            ahead_seconds = self.ahead.as_secs(),
            help = "set the clock of this machine by NTP; an event after what was observed accuses nobody",
            "an event is of a time that has not come"
        );
    }
}

pub struct GaveUp<'e> {
    pub config_type: &'e str,
    pub names: &'e [Box<str>],
    pub why: &'static str,
    pub detail: &'e str,
    pub told_before: bool,
}

impl GaveUp<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_event_gaps_total", "reason" => self.why).increment(1);
        if !self.told_before {
            let names: Vec<&str> = self.names.iter().map(|name| &**name).collect();
            warn!(
                event = "resource_not_observed",
                config_type = self.config_type,
                names = names.join(" or "),
                reason = self.why,
                problem = self.detail,
                "an event was about a resource of which nothing newer was seen; a scan may tell"
            );
        }
    }
}

pub struct QueueFailed<'e> {
    pub queue: &'e str,
    pub error: &'e QueueError,
    pub is_new: bool,
}

impl QueueFailed<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_queue_failures_total", "call" => "receive").increment(1);
        if self.is_new {
            warn!(
                event = "queue_failed",
                queue = self.queue,
                problem = self.error.what,
                help = self.error.help.as_deref().unwrap_or_default(),
                "a queue gives no answer; it is asked again"
            );
        }
    }
}

pub struct QueueBack<'e> {
    pub queue: &'e str,
}

impl QueueBack<'_> {
    pub fn emit(&self) {
        info!(
            event = "queue_back",
            queue = self.queue,
            "a queue gives answers again"
        );
    }
}

pub struct NotDeleted<'e> {
    pub queue: &'e str,
    pub error: &'e QueueError,
    pub messages: usize,
}

impl NotDeleted<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_queue_failures_total", "call" => "delete").increment(1);
        warn!(
            event = "messages_not_deleted",
            queue = self.queue,
            messages = self.messages,
            problem = self.error.what,
            help = self.error.help.as_deref().unwrap_or_default(),
            "messages cannot be deleted; they come again and are known then"
        );
    }
}

pub struct NotHeld<'e> {
    pub queue: &'e str,
    pub error: &'e QueueError,
}

impl NotHeld<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_queue_failures_total", "call" => "hold").increment(1);
        warn!(
            event = "messages_not_held",
            queue = self.queue,
            problem = self.error.what,
            help = self.error.help.as_deref().unwrap_or_default(),
            "messages cannot be held on to; they come again"
        );
    }
}

pub struct LookupFailed<'e> {
    pub name: &'e str,
    pub error: &'e QueueError,
    pub is_last: bool,
}

impl LookupFailed<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_lookups_total", "result" => "failed").increment(1);
        warn!(
            event = "lookup_failed",
            activity = self.name,
            problem = self.error.what,
            help = self.error.help.as_deref().unwrap_or_default(),
            is_given_up = self.is_last,
            "a trail cannot be asked what was done before"
        );
    }
}

pub struct LookedUp<'e> {
    pub name: &'e str,
    pub records: usize,
    pub cut_off: Option<Timestamp>,
}

impl LookedUp<'_> {
    pub fn emit(&self) {
        let result = match self.cut_off {
            Some(_) => "cut_off",
            None => "whole",
        };
        counter!("driftwarden_lookups_total", "result" => result).increment(1);
        info!(
            event = "looked_up",
            activity = self.name,
            records = self.records,
            cut_off = self.cut_off.map(|at| at.to_string()).unwrap_or_default(),
            "a trail told what was done before"
        );
    }
}
