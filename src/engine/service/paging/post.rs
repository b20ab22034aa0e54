//! Between the cycle and the threads that talk to channels: letters go out, reports come back.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Ring;
use crate::model::{AlertKey, Page, Severity};

/// One message on its way to one channel.
#[derive(Clone, Debug)]
pub struct Letter {
    pub key: AlertKey,
    pub sequence: u32,
    pub page: Page,
    pub thread: Option<String>,
    /// Sent once, and not reported: a heartbeat is followed by another.
    pub is_fleeting: bool,
}

/// What became of a letter.
#[derive(Clone, Debug)]
pub struct Report {
    pub channel: String,
    pub key: AlertKey,
    pub sequence: u32,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered {
        answer: String,
        thread: Option<String>,
    },
    /// It failed for the first time, and is tried again.
    Failed(String),
    Refused(String),
}

/// A letter that waits, and for how long.
struct Waiting {
    letter: Arc<Letter>,
    tries: u32,
    not_before: Instant,
    number: u64,
}

#[derive(Default)]
struct Inner {
    waiting: BTreeMap<String, Vec<Waiting>>,
    reports: Vec<Report>,
    count: u64,
    closed: bool,
    ring: Option<Ring>,
}

#[derive(Default)]
pub struct Post {
    inner: Mutex<Inner>,
    bell: Condvar,
}

/// How a courier goes on after a try.
pub enum Tried {
    Done(Outcome),
    /// Again, not before that time; told if it is the first failure.
    Again {
        what: String,
        not_before: Instant,
    },
}

impl Post {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ring_with(&self, ring: Ring) {
        self.inner().ring = Some(ring);
    }

    pub fn give(&self, channel: &str, letter: Letter) {
        let mut inner = self.inner();
        inner.count += 1;
        let waiting = Waiting {
            letter: Arc::new(letter),
            tries: 0,
            not_before: Instant::now(),
            number: inner.count,
        };
        inner
            .waiting
            .entry(channel.to_owned())
            .or_default()
            .push(waiting);
        drop(inner);
        self.bell.notify_all();
    }

    /// Takes a letter back that a channel does not get out.
    pub fn withdraw(&self, channel: &str, key: &AlertKey, sequence: u32) {
        if let Some(own) = self.inner().waiting.get_mut(channel) {
            own.retain(|one| one.letter.key != *key || one.letter.sequence != sequence);
        }
    }

    /// The numbers of the letters that wait for a channel.
    #[cfg(test)]
    pub(super) fn waiting(&self, channel: &str) -> Vec<u32> {
        let inner = self.inner();
        let own = inner.waiting.get(channel).into_iter().flatten();
        own.map(|one| one.letter.sequence).collect()
    }

    /// What came back since the last time.
    pub fn reports(&self) -> Vec<Report> {
        std::mem::take(&mut self.inner().reports)
    }

    pub fn close(&self) {
        self.inner().closed = true;
        self.bell.notify_all();
    }

    /// The next letter of a channel with how often it was tried, the most severe first; `None` when
    /// nothing more is wanted. `not_before` is when the channel may be asked again.
    pub(super) fn next(&self, channel: &str, not_before: Instant) -> Option<(Arc<Letter>, u32)> {
        let mut inner = self.inner();
        loop {
            if inner.closed {
                return None;
            }
            let now = Instant::now();
            let own = inner.waiting.get(channel).map_or(&[][..], Vec::as_slice);
            let due = own
                .iter()
                .filter(|one| one.not_before <= now && not_before <= now);
            let best = due.min_by_key(|one| (std::cmp::Reverse(rank(one)), one.number));
            if let Some(best) = best {
                return Some((Arc::clone(&best.letter), best.tries));
            }
            let soonest = own.iter().map(|one| one.not_before.max(not_before)).min();
            let wait = soonest.map_or(Duration::from_secs(60), |at| at.duration_since(now));
            let waited = self.bell.wait_timeout(inner, wait);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Says what came of a try.
    pub(super) fn tried(&self, channel: &str, letter: &Letter, tried: Tried) {
        let mut inner = self.inner();
        let own = inner.waiting.entry(channel.to_owned()).or_default();
        let is_it =
            |one: &Waiting| one.letter.key == letter.key && one.letter.sequence == letter.sequence;
        let outcome = match tried {
            Tried::Done(outcome) => {
                own.retain(|one| !is_it(one));
                Some(outcome)
            }
            Tried::Again { .. } if letter.is_fleeting => {
                own.retain(|one| !is_it(one));
                None
            }
            Tried::Again { what, not_before } => {
                let known = own.iter_mut().find(|one| is_it(one));
                known.and_then(|one| {
                    one.tries = one.tries.saturating_add(1);
                    one.not_before = not_before;
                    (one.tries == 1).then_some(Outcome::Failed(what))
                })
            }
        };
        let Some(outcome) = outcome.filter(|_| !letter.is_fleeting) else {
            return;
        };
        inner.reports.push(Report {
            channel: channel.to_owned(),
            key: letter.key.clone(),
            sequence: letter.sequence,
            outcome,
        });
        let ring = inner.ring.clone();
        drop(inner);
        if let Some(ring) = ring {
            ring();
        }
    }
}

fn rank(one: &Waiting) -> Severity {
    one.letter.page.severity
}
