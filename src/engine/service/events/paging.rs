//! Messages to people and other systems: decided, sent, arrived.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use tracing::{debug, info, warn};

use super::super::paging::{Letter, Outcome, Tried};
use super::gauges::number;
use crate::decide::paging::Decision;
use crate::evidence::record::{NotificationEvent, NotificationRecord};
use crate::model::{Arrival, Delivery, Told};

/// A message is recorded, or findings are held back.
pub struct Decided<'e> {
    pub decision: &'e Decision,
}

impl Decided<'_> {
    pub fn emit(&self) {
        match self.decision {
            Decision::Say(message) => {
                let (step, kind) = (message.step.as_str(), message.kind.as_str());
                let name = "driftwarden_pages_queued_total";
                counter!(name, "step" => step, "kind" => kind).increment(1);
                info!(
                    event = "message_queued",
                    key = message.key.as_str(),
                    sequence = message.sequence,
                    step,
                    kind,
                    severity = message.severity.as_str(),
                    findings = message.total,
                    channels = message.channels.join(","),
                    why = message.why.as_deref().unwrap_or_default(),
                    "a message is to be sent"
                );
            }
            Decision::Hold { why, findings } => {
                counter!("driftwarden_findings_held_total").increment(findings.len() as u64);
                info!(
                    event = "findings_held",
                    findings = findings.len(),
                    why = why.words(),
                    "nobody is told of findings for now"
                );
            }
        }
    }
}

/// A try of a courier.
pub struct Sent<'e> {
    pub channel: &'e str,
    pub letter: &'e Letter,
    pub tried: &'e Tried,
    pub took: Duration,
}

impl Sent<'_> {
    pub fn emit(&self) {
        let channel = self.channel.to_owned();
        let result = match self.tried {
            Tried::Done(Outcome::Delivered { .. }) => "delivered",
            Tried::Done(Outcome::Refused(_)) => "refused",
            Tried::Done(Outcome::Failed(_)) | Tried::Again { .. } => "failed",
        };
        let failing = if result == "failed" { 1.0 } else { 0.0 };
        gauge!("driftwarden_channel_failing", "channel" => channel.clone()).set(failing);
        let name = "driftwarden_page_tries_total";
        counter!(name, "channel" => channel.clone(), "result" => result).increment(1);
        let name = "driftwarden_page_send_seconds";
        histogram!(name, "channel" => channel).record(self.took.as_secs_f64());
        match self.tried {
            Tried::Again { what, .. } => warn!(
                event = "message_failed",
                channel = self.channel,
                key = self.letter.key.as_str(),
                sequence = self.letter.sequence,
                problem = what,
                "a channel did not take a message; it is tried again"
            ),
            Tried::Done(_) => debug!(
                event = "message_tried",
                channel = self.channel,
                key = self.letter.key.as_str(),
                sequence = self.letter.sequence,
                result,
                "a channel answered"
            ),
        }
    }
}

/// What became of a message is recorded.
pub struct Arrived<'e> {
    pub delivery: &'e Delivery,
}

impl Arrived<'_> {
    pub fn emit(&self) {
        let Delivery {
            key,
            sequence,
            channel,
            at: _,
            arrival,
        } = self.delivery;
        let key = key.as_str();
        match arrival {
            Arrival::Delivered { answer, .. } => info!(
                event = "message_delivered",
                key, sequence, channel, answer, "a message arrived"
            ),
            Arrival::Failed { .. } => {}
            Arrival::Refused { what } => {
                counter!("driftwarden_pages_lost_total").increment(1);
                warn!(
                    event = "message_refused",
                    key,
                    sequence,
                    channel,
                    problem = what,
                    "a message reaches nobody through this channel"
                );
            }
            Arrival::FailedOver { to, what } => {
                counter!("driftwarden_pages_failed_over_total").increment(1);
                warn!(
                    event = "message_failed_over",
                    key,
                    sequence,
                    channel,
                    to,
                    problem = what,
                    "a message goes to another channel"
                );
            }
        }
    }
}

/// A silence began or ended.
pub struct Silenced<'e> {
    pub record: &'e NotificationRecord,
}

impl Silenced<'_> {
    pub fn emit(&self) {
        match &self.record.event {
            NotificationEvent::SilenceSet { silence } => info!(
                event = "silence_set",
                silence = silence.id,
                owner = silence.owner,
                expires = silence.expires.to_string(),
                of = silence.matches.words(),
                "findings are silent"
            ),
            NotificationEvent::SilenceEnded { id, by } => {
                info!(event = "silence_ended", silence = id, by, "a silence ended");
            }
            NotificationEvent::Queued { .. }
            | NotificationEvent::Also { .. }
            | NotificationEvent::Arrival { .. }
            | NotificationEvent::Held { .. } => {}
        }
    }
}

/// What stands: open alerts, and messages that wait, by channel.
pub fn messages(told: &Told, now: Timestamp) {
    let open = told.alerts().filter(|(_, alert)| !alert.closed).count();
    gauge!("driftwarden_alerts_open").set(number(open as u64));
    gauge!("driftwarden_findings_held").set(number(told.held().count() as u64));
    let silences = told.silences().filter(|silence| silence.holds_at(now));
    gauge!("driftwarden_silences").set(number(silences.count() as u64));
    let mut waiting: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
    let channels = told.alerts().flat_map(|(_, alert)| alert.channels.keys());
    channels.for_each(|channel| {
        waiting.entry(channel).or_default();
    });
    for (_, channel, _, pending) in told.pending() {
        let own = waiting.entry(channel).or_default();
        own.0 += 1;
        let age = now.duration_since(pending.since).as_secs_f64();
        own.1 = own.1.max(age);
    }
    for (channel, (count, age)) in waiting {
        let name = channel.to_owned();
        gauge!("driftwarden_pages_waiting", "channel" => name.clone()).set(number(count));
        gauge!("driftwarden_pages_oldest_seconds", "channel" => name).set(age);
    }
}

/// What each of these metrics means.
pub const COUNTERS: [(&str, &str); 5] = [
    (
        "driftwarden_pages_queued_total",
        "Messages that were recorded to be sent, by step and kind.",
    ),
    (
        "driftwarden_page_tries_total",
        "Tries to get a message out, by channel and result.",
    ),
    (
        "driftwarden_pages_lost_total",
        "Messages that a channel refused and no other took.",
    ),
    (
        "driftwarden_pages_failed_over_total",
        "Messages that went to a fail-over channel.",
    ),
    (
        "driftwarden_findings_held_total",
        "Findings that nobody was told of for a reason that the log has.",
    ),
];
pub const GAUGES: [(&str, &str); 6] = [
    ("driftwarden_alerts_open", "Alerts that are not over."),
    (
        "driftwarden_findings_held",
        "Open findings that nobody is told of for now.",
    ),
    ("driftwarden_silences", "Silences that hold."),
    (
        "driftwarden_pages_waiting",
        "Messages that a channel does not have yet.",
    ),
    (
        "driftwarden_pages_oldest_seconds",
        "Age of the oldest message that a channel does not have yet.",
    ),
    (
        "driftwarden_channel_failing",
        "1 while a channel does not take messages.",
    ),
];
