//! The thread that carries. It waits for those outside, so that nothing else does; where they do not
//! answer it tries again and again, with growing pauses.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::super::cycle::Clock;
use super::super::events;
use super::super::halt::Halt;
use super::Carried;
use crate::ports::{Alarm, EverybodyOutside, EvidenceError};

/// How often it is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two tries that went well: each leaves objects outside that are there for years.
    pub least: Duration,
    /// After the first failure; it doubles from one to the next.
    pub first: Duration,
    pub longest: Duration,
    /// Those who have everything are asked so often whether they still have.
    pub checks: Duration,
    /// How often the metrics are set meanwhile.
    pub gauges: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            least: Duration::from_secs(10),
            first: Duration::from_secs(2),
            longest: Duration::from_secs(60),
            checks: Duration::from_secs(15 * 60),
            gauges: Duration::from_secs(10),
        }
    }
}

pub struct Carrier {
    pub carried: Arc<Carried>,
    pub halt: Arc<Halt>,
    pub clock: Clock,
    /// A number by chance, for the jitter.
    pub chance: fn() -> u32,
    pub pace: Pace,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Everybody was told.
    Told,
    /// Somebody was, others not.
    Partly,
    /// Nobody was.
    Failed,
    /// Nothing may be appended any more.
    Over,
}

impl Carrier {
    /// Goes round for as long as the process lives.
    pub fn run(&self, everybody: &mut dyn EverybodyOutside) {
        let mut failures: u32 = 0;
        loop {
            let began = Instant::now();
            let turn = self.round(everybody);
            failures = match turn {
                Turn::Told => 0,
                Turn::Partly | Turn::Failed => failures.saturating_add(1),
                Turn::Over => return,
            };
            let again = match turn {
                Turn::Told | Turn::Over => self.pace.checks,
                Turn::Partly | Turn::Failed => self.backoff(failures),
            };
            // Who is reached is not kept waiting by who is not.
            let not_before = match turn {
                Turn::Told | Turn::Partly | Turn::Over => self.pace.least,
                Turn::Failed => again,
            };
            self.wait(began, Instant::now() + again, not_before);
        }
    }

    /// One try.
    pub fn round(&self, everybody: &mut dyn EverybodyOutside) -> Turn {
        let began = self.carried.begin((self.clock)());
        let brought = everybody.bring_up(began.at);
        let now = (self.clock)();
        let changes = match &brought {
            Ok(brought) => self.carried.end(began, Ok(brought), now),
            Err(alarm) if alarm.forbids => {
                self.halt.forbid(forbidden(alarm));
                self.carried.alarm();
                return Turn::Over;
            }
            Err(alarm) => self.carried.end(began, Err(alarm.what.clone()), now),
        };
        let failed = changes.iter().filter(|own| own.lag.problem.is_some());
        let turn = match failed.count() {
            0 => Turn::Told,
            all if all == changes.len() => Turn::Failed,
            _ => Turn::Partly,
        };
        for change in &changes {
            events::OutsideTold { change }.emit();
        }
        self.carried.gauge(now);
        turn
    }

    /// Waits until it is time for the next try, or something was published and it may be carried.
    fn wait(&self, began: Instant, again: Instant, least: Duration) {
        loop {
            let inner = self.carried.inner();
            let now = Instant::now();
            let next = match inner.wanted {
                true => again.min(began + least),
                false => again,
            };
            if now >= next || (inner.hurries && inner.wanted) {
                return;
            }
            let time = next.duration_since(now).min(self.pace.gauges);
            let waited = self.carried.bell.wait_timeout(inner, time);
            drop(waited.unwrap_or_else(PoisonError::into_inner).0);
            self.carried.gauge((self.clock)());
        }
    }

    /// Up to a quarter more, so that many installations do not come back at once.
    fn backoff(&self, failures: u32) -> Duration {
        let doubled = failures.saturating_sub(1).min(10);
        let pause = self.pace.first.saturating_mul(1 << doubled);
        let pause = pause.min(self.pace.longest);
        pause + pause * ((self.chance)() % 256) / 1024
    }
}

/// Why nothing is recorded any more.
fn forbidden(alarm: &Alarm) -> EvidenceError {
    EvidenceError {
        what: format!("nothing more is recorded: {}", alarm.what),
        help: Some(
            "somebody outside knows of another history than the folder here: leave both as they are \
             and find out which is right; docs/evidence-outside.md tells more"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
#[path = "carrier_tests.rs"]
mod carrier_tests;
