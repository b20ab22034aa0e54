//! Everything that was told, replayed message by message. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::super::{AlertKey, DeviationId, FindingKey, PageStep, Severity};
use super::{Alert, AlertKind, Arrival, Delivery, Doing, Hold, Message, Pending, Silence};

/// Pages are counted over no longer time than this.
pub const LONGEST_COUNT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub(super) alerts: BTreeMap<AlertKey, Alert>,
    members: BTreeMap<FindingKey, Membership>,
    /// Exports by finding and route.
    exports: BTreeMap<(FindingKey, String), AlertKey>,
    /// Findings that were told of once and for all, in the version of then.
    pub(super) once: BTreeMap<FindingKey, DeviationId>,
    held: BTreeMap<FindingKey, Hold>,
    silences: BTreeMap<String, Silence>,
    /// Pages of late: when, whose work, whether critical.
    pages: Vec<(Timestamp, Doing, bool)>,
    pub(super) digests: BTreeMap<String, Timestamp>,
    pub(super) pending: BTreeMap<(AlertKey, String, u32), Pending>,
}

/// The alert that tells of a finding, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub alert: AlertKey,
    pub at: Timestamp,
}

impl Told {
    pub fn alerts(&self) -> impl Iterator<Item = (&AlertKey, &Alert)> {
        self.alerts.iter()
    }

    pub fn alert(&self, key: &AlertKey) -> Option<&Alert> {
        self.alerts.get(key)
    }

    pub fn membership(&self, finding: &FindingKey) -> Option<&Membership> {
        self.members.get(finding)
    }

    pub fn export(&self, finding: &FindingKey, route: &str) -> Option<&AlertKey> {
        self.exports.get(&(finding.clone(), route.to_owned()))
    }

    /// Whether this version of a finding was told of once and for all.
    pub fn was_told_once(&self, finding: &FindingKey, version: &DeviationId) -> bool {
        self.once.get(finding) == Some(version)
    }

    pub fn hold(&self, finding: &FindingKey) -> Option<&Hold> {
        self.held.get(finding)
    }

    pub fn held(&self) -> impl Iterator<Item = (&FindingKey, &Hold)> {
        self.held.iter()
    }

    pub fn silences(&self) -> impl Iterator<Item = &Silence> {
        self.silences.values()
    }

    pub fn digest(&self, route: &str) -> Option<Timestamp> {
        self.digests.get(route).copied()
    }

    pub fn pages(&self) -> &[(Timestamp, Doing, bool)] {
        &self.pages
    }

    /// Every message that a channel does not have: alert, channel, sequence.
    pub fn pending(&self) -> impl Iterator<Item = (&AlertKey, &str, u32, &Pending)> {
        let all = self.pending.iter();
        all.map(|((key, channel, sequence), own)| (key, channel.as_str(), *sequence, own))
    }

    pub fn is_pending(&self, key: &AlertKey, channel: &str, sequence: u32) -> bool {
        let wanted = (key.clone(), channel.to_owned(), sequence);
        self.pending.contains_key(&wanted)
    }

    /// Takes in that a message is to be sent.
    pub fn queue(&mut self, message: &Message) {
        let alert = self
            .alerts
            .entry(message.key.clone())
            .or_insert_with(|| Alert::new(message));
        alert.take(message);
        for channel in &message.channels {
            let place = (message.key.clone(), channel.clone(), message.sequence);
            let pending = Pending {
                since: message.at,
                failed_at: None,
            };
            self.pending.insert(place, pending);
        }
        self.cover(
            message.kind,
            &message.key,
            &message.route,
            message.at,
            &message.findings,
        );
        let is_page = message.kind.is_page() && message.step == PageStep::Trigger;
        if is_page && message.sequence == 1 {
            let doing = message.doing.clone().unwrap_or_default();
            let critical =
                message.kind == AlertKind::Finding && message.severity == Severity::Critical;
            self.pages.push((message.at, doing, critical));
            self.pages
                .retain(|(at, ..)| message.at.duration_since(*at) <= LONGEST_COUNT);
        }
        if message.kind == AlertKind::Digest {
            self.digests.insert(message.route.clone(), message.at);
        }
        if message.step == PageStep::Resolve {
            self.let_go(&message.key);
        }
        self.tidy(&message.key);
    }

    /// Findings that an alert tells of from now on.
    pub fn cover(
        &mut self,
        kind: AlertKind,
        key: &AlertKey,
        route: &str,
        at: Timestamp,
        findings: &[FindingKey],
    ) {
        if let Some(alert) = self.alerts.get_mut(key) {
            alert.members.extend(findings.iter().cloned());
        }
        if kind.is_once() {
            return;
        }
        for finding in findings {
            if kind == AlertKind::Export {
                let place = (finding.clone(), route.to_owned());
                self.exports.insert(place, key.clone());
                continue;
            }
            self.held.remove(finding);
            let alert = key.clone();
            let now = Membership { alert, at };
            let before = self.members.insert(finding.clone(), now);
            let left = before.filter(|before| before.alert != *key);
            if let Some(other) = left.and_then(|left| self.alerts.get_mut(&left.alert)) {
                other.members.remove(finding);
            }
        }
    }

    /// These versions of findings were told of once and for all.
    pub fn told_once(&mut self, findings: impl IntoIterator<Item = (FindingKey, DeviationId)>) {
        for (finding, version) in findings {
            self.held.remove(&finding);
            self.once.insert(finding, version);
        }
    }

    /// Nothing is told of these findings, for that reason.
    pub fn held_back(&mut self, why: &Hold, findings: &[FindingKey]) {
        let held = findings
            .iter()
            .map(|finding| (finding.clone(), why.clone()));
        self.held.extend(held);
    }

    /// The log says that a finding is over; its alert is told by another message.
    pub fn over(&mut self, finding: &FindingKey) {
        self.once.remove(finding);
        self.held.remove(finding);
    }

    pub fn silence(&mut self, silence: Silence) {
        self.silences.retain(|_, own| own.expires > silence.since);
        self.silences.insert(silence.id.clone(), silence);
    }

    pub fn end_silence(&mut self, id: &str) {
        self.silences.remove(id);
    }

    /// Takes in what became of a message.
    pub fn arrive(&mut self, delivery: &Delivery) {
        let Delivery {
            key,
            sequence,
            channel,
            at,
            arrival,
        } = delivery;
        let place = (key.clone(), channel.clone(), *sequence);
        match arrival {
            Arrival::Failed { .. } => {
                if let Some(pending) = self.pending.get_mut(&place) {
                    pending.failed_at.get_or_insert(*at);
                }
            }
            Arrival::Delivered { thread, .. } => {
                self.pending.remove(&place);
                if let Some(alert) = self.alerts.get_mut(key) {
                    let own = alert.channels.entry(channel.clone()).or_default();
                    own.delivered = own.delivered.max(*sequence);
                    if thread.is_some() {
                        own.thread.clone_from(thread);
                    }
                }
            }
            Arrival::Refused { .. } => {
                self.pending.remove(&place);
            }
            Arrival::FailedOver { to, .. } => {
                self.pending.remove(&place);
                let pending = Pending {
                    since: *at,
                    failed_at: None,
                };
                let instead = (key.clone(), to.clone(), *sequence);
                self.pending.insert(instead, pending);
                if let Some(alert) = self.alerts.get_mut(key) {
                    alert.channels.entry(to.clone()).or_default();
                }
            }
        }
        self.tidy(key);
    }

    /// The alerts by which systems that keep everything have a finding.
    pub fn exports_of(&self, finding: &FindingKey) -> Vec<AlertKey> {
        let first = (finding.clone(), String::new());
        let own = self.exports.range(first..);
        let own = own.take_while(|((other, _), _)| other == finding);
        own.map(|(_, key)| key.clone()).collect()
    }

    fn let_go(&mut self, key: &AlertKey) {
        let Some(alert) = self.alerts.get(key) else {
            return;
        };
        for finding in &alert.members {
            if self
                .members
                .get(finding)
                .is_some_and(|own| own.alert == *key)
            {
                self.members.remove(finding);
            }
            let place = (finding.clone(), alert.route.clone());
            if self.exports.get(&place) == Some(key) {
                self.exports.remove(&place);
            }
        }
    }

    /// Forgets messages that arrived everywhere, and an alert whose last word did.
    fn tidy(&mut self, key: &AlertKey) {
        let first = (key.clone(), String::new(), 0);
        let own = self.pending.range(first..);
        let own = own.take_while(|((other, ..), _)| other == key);
        let waiting: BTreeSet<u32> = own.map(|((_, _, sequence), _)| *sequence).collect();
        let Some(alert) = self.alerts.get_mut(key) else {
            return;
        };
        alert
            .waiting
            .retain(|sequence, _| waiting.contains(sequence));
        if alert.closed && waiting.is_empty() {
            self.alerts.remove(key);
        }
    }
}
