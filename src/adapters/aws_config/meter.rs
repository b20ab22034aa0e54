//! The clocks of a source, and its budget as the calls see it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::budget::{Budget, Grant, Limits, Purpose};
use crate::ports::{CallMeter, CallPlace};

/// Tells the time and lets it pass.
pub trait Time: Send + Sync {
    /// Since some moment; never goes back.
    fn elapsed(&self) -> Duration;
    fn pause(&self, time: Duration);
    fn wall(&self) -> Timestamp;
}

/// The clocks of the machine.
#[derive(Debug)]
pub struct SystemTime {
    began: Instant,
    wall: fn() -> Timestamp,
}

impl SystemTime {
    pub fn new(wall: fn() -> Timestamp) -> Self {
        Self {
            began: Instant::now(),
            wall,
        }
    }
}

impl Time for SystemTime {
    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn wall(&self) -> Timestamp {
        (self.wall)()
    }
}

/// The budget of one source, for its calls and for the tries that the SDK adds to them.
#[derive(Clone)]
pub struct Meter {
    budget: Arc<Mutex<Budget>>,
    pub(super) time: Arc<dyn Time>,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    pub fn new(limits: Limits, time: Arc<dyn Time>) -> Self {
        Self {
            budget: Arc::new(Mutex::new(Budget::new(limits))),
            time,
        }
    }

    pub(super) fn take(&self, at: &CallPlace, api: &'static str, purpose: Purpose) -> Grant {
        let now = self.time.elapsed();
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.take(at, api, purpose, now)
    }

    pub(super) fn begin_scan(&self) {
        let now = self.time.elapsed();
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.begin_scan(now);
    }
}

impl CallMeter for Meter {
    fn may_try_again(&self, at: &CallPlace, api: &'static str) -> bool {
        self.take(at, api, Purpose::Scan) == Grant::Go
    }
}
