//! Telling: what came back from channels, what is to be told now, and what is handed to them. All of
//! it is recorded before anything is sent, and what is recorded is sent until it arrives.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::super::events;
use super::super::paging::{Outcome, Report, Ring, Stage, Telling};
use super::Cycle;
use super::recording::unwritable;
use crate::decide::paging::{Decision, Policy};
use crate::engine::inputs::{Failure, SmallInputs};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::NotificationRecord;
use crate::model::{AlertKey, Arrival, Assessment, Delivery, IdentityMap, Told};

/// After a pass none is made for so many times as long as it took: with many open findings passes would
/// take all there is.
const PAUSE: i32 = 4;
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// So often it is looked whether time alone asks for a message, while something is open.
const TICK: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(60);

impl Cycle {
    /// What is rung when something came back from a channel, or is new of those outside.
    pub fn ring_with(&mut self, ring: Ring) {
        if let Some(outside) = &self.outside {
            outside.ring_with(Arc::clone(&ring));
        }
        self.paging.ring_with(ring);
    }

    /// Tells what is to be told.
    ///
    /// # Errors
    /// The log cannot be written: nothing is told then.
    pub fn tell(&mut self) -> Result<(), Failure> {
        let telling = self.in_force.loaded.telling.clone();
        let reports = self.paging.post.reports();
        let now = self.now();
        let deliveries = self.deliveries(reports, &telling, now);
        let mut records: Vec<NotificationRecord> = Vec::new();
        records.extend(deliveries.iter().cloned().map(NotificationRecord::arrival));
        let decisions = self.decisions(&telling, now);
        for decision in &decisions {
            records.extend(match decision {
                Decision::Say(message) => NotificationRecord::queued(message.clone()),
                Decision::Hold { why, findings } => NotificationRecord::held(now, why, findings),
            });
        }
        let encoded = records.iter().map(NotificationRecord::encode);
        let encoded = encoded.collect::<Result<Vec<_>, _>>().map_err(unwritable)?;
        if !encoded.is_empty() {
            self.append(encoded)?;
        }
        for delivery in &deliveries {
            events::Arrived { delivery }.emit();
        }
        for decision in &decisions {
            events::Decided { decision }.emit();
        }
        self.hand_out(&telling, now);
        self.repeat(&telling, now);
        self.beat(&telling, now);
        events::messages(self.evidence.ledger().told(), now);
        // What is on its way need not wait for this.
        self.publish_in_time()
    }

    /// A pass looks at everything that is open: none is made where it can find nothing new.
    fn decisions(&mut self, telling: &Telling, now: Timestamp) -> Vec<Decision> {
        let size = self.evidence.previous().tree_size;
        let tick = SignedDuration::try_from(TICK).unwrap_or(SignedDuration::ZERO);
        let is_quiet = self.paging.quiet.is_some_and(|(at_size, at)| {
            size == at_size && (at..at.saturating_add(tick).unwrap_or(at)).contains(&now)
        });
        if is_quiet || self.rest_from_passes(now).is_some() {
            return Vec::new();
        }
        let began = (self.clock)();
        let decisions = Stage {
            now,
            origin: &telling.origin,
            ledger: self.evidence.ledger(),
            policy: &telling.policy,
        }
        .judge(&mut self.paging.known);
        self.paging.quiet = decisions.is_empty().then_some((size, now));
        let took = (self.clock)().duration_since(began);
        let pause = took.saturating_mul(PAUSE).min(LONGEST_PAUSE);
        self.paging.pause = now.checked_add(pause).ok().map(|until| (now, until));
        decisions
    }

    /// How long no pass is made.
    fn rest_from_passes(&self, now: Timestamp) -> Option<Duration> {
        let (since, until) = self.paging.pause?;
        let rests = (since..until).contains(&now);
        let rest = rests.then(|| until.duration_since(now));
        rest.and_then(|rest| Duration::try_from(rest).ok())
    }

    /// Hands out what a run before did not get out, before anything else is done.
    pub(super) fn resume(&mut self, now: Timestamp) {
        let telling = self.in_force.loaded.telling.clone();
        self.paging.take_up(&telling);
        self.learn();
        self.hand_out(&telling, now);
    }

    /// Takes up how people want to be told, as it is in force now.
    pub(super) fn tell_otherwise(&mut self) {
        let telling = self.in_force.loaded.telling.clone();
        self.paging.take_up(&telling);
        self.paging.known.forget_risks();
        self.paging.quiet = None;
        self.learn();
    }

    /// Who people are, and which changes are planned.
    fn learn(&mut self) {
        let (inputs, _) = SmallInputs::written(&self.in_force.estate);
        self.paging
            .known
            .take_written(inputs.people, inputs.changes);
    }

    /// Learns from a look what the log does not keep.
    pub(in crate::engine::service) fn learn_from(&mut self, assessment: &Assessment) {
        let policy = Arc::<Policy>::clone(&self.in_force.loaded.telling.policy);
        let ledger = self.evidence.ledger();
        self.paging.known.take(assessment, ledger, &policy);
        if !assessment.deviations.is_empty() {
            self.paging.quiet = None;
        }
    }

    /// How long nothing is to be told, if nothing happens.
    pub(super) fn rest_from_telling(&mut self) -> Option<Duration> {
        let now = self.now();
        let telling = &self.in_force.loaded.telling;
        if telling.policy.routes.is_empty() && telling.heartbeat.is_none() {
            return None;
        }
        let told = self.evidence.ledger().told();
        let is_open = told.alerts().next().is_some() || told.held().next().is_some();
        let rest = if is_open { TICK } else { IDLE };
        let beat = telling.heartbeat.as_ref();
        let beat = beat.map_or(rest, |(_, every)| every.unsigned_abs());
        let pass = self.paging.quiet.is_none();
        let pass = pass.then(|| self.rest_from_passes(now)).flatten();
        Some(rest.min(beat).min(pass.unwrap_or(rest)))
    }

    /// What became of letters, for the log; and what goes to another channel.
    fn deliveries(
        &mut self,
        reports: Vec<Report>,
        telling: &Telling,
        now: Timestamp,
    ) -> Vec<Delivery> {
        // Receivers answer with addresses of mail at most; whoever a person is, that is a digest.
        let people_key = &self.in_force.loaded.settings.people_key;
        let people = Pseudonymiser::new(people_key, &IdentityMap::default());
        let told = self.evidence.ledger().told();
        let mut deliveries = Vec::new();
        let mut gone: BTreeSet<(AlertKey, String, u32)> = BTreeSet::new();
        for report in reports {
            let place = (report.key.clone(), report.channel.clone(), report.sequence);
            if !told.is_pending(&report.key, &report.channel, report.sequence) {
                continue;
            }
            let arrival = match report.outcome {
                Outcome::Delivered { answer, thread } => Arrival::Delivered {
                    answer: people.mails(&answer),
                    thread,
                },
                Outcome::Failed(what) => Arrival::Failed {
                    what: people.mails(&what),
                },
                Outcome::Refused(what) => elsewhere(told, &place, people.mails(&what)),
            };
            if !matches!(arrival, Arrival::Failed { .. }) {
                self.paging.handed.remove(&place);
                gone.insert(place);
            }
            deliveries.push(delivery(
                &report.key,
                report.sequence,
                &report.channel,
                now,
                arrival,
            ));
        }
        for (key, channel, sequence, pending) in told.pending() {
            let place = (key.clone(), channel.to_owned(), sequence);
            if gone.contains(&place) {
                continue;
            }
            let fails = pending
                .failed_at
                .is_some_and(|since| now.duration_since(since) >= telling.policy.failover_after);
            let arrival = match telling.knows(channel) {
                false => elsewhere(told, &place, "no channel has this name any more".to_owned()),
                true if fails && other(told, &place).is_some() => {
                    let what = format!("it was not taken for {}", telling.policy.failover_after);
                    elsewhere(told, &place, what)
                }
                true => continue,
            };
            self.paging.post.withdraw(channel, key, sequence);
            self.paging.handed.remove(&place);
            deliveries.push(delivery(key, sequence, channel, now, arrival));
        }
        deliveries
    }
}

fn delivery(
    key: &AlertKey,
    sequence: u32,
    channel: &str,
    at: Timestamp,
    arrival: Arrival,
) -> Delivery {
    Delivery {
        key: key.clone(),
        sequence,
        channel: channel.to_owned(),
        at,
        arrival,
    }
}

/// The fail-over channel of an alert, unless it has the message, or is to have it.
fn other(told: &Told, (key, channel, sequence): &(AlertKey, String, u32)) -> Option<String> {
    let alert = told.alert(key)?;
    let to = alert.failover.as_ref().filter(|to| *to != channel)?;
    let has = alert.channels.get(to).map_or(0, |own| own.delivered) >= *sequence;
    let waits = told.is_pending(key, to, *sequence);
    (!has && !waits).then(|| to.clone())
}

fn elsewhere(told: &Told, place: &(AlertKey, String, u32), what: String) -> Arrival {
    match other(told, place) {
        Some(to) => Arrival::FailedOver { to, what },
        None => Arrival::Refused { what },
    }
}
