//! Passing the log on to everybody outside this machine, beside everything else: a thread of its own
//! carries what was published, and the cycle learns from here how far it came.

mod carrier;
mod lag;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::events;
use super::paging::Ring;
use crate::evidence::ledger::Ledger;
use crate::evidence::watches::Condition;
use crate::model::OutsidePlace;
use crate::ports::BroughtUp;

pub use carrier::{Carrier, Pace, Turn};
pub use lag::Bounds;
pub(super) use lag::{Lag, watch_of};

use lag::{Began, Lags, ON_ITS_WAY};

/// Between the cycle and the thread that carries.
pub struct Carried {
    inner: Mutex<Inner>,
    bell: Condvar,
}

struct Inner {
    lags: Lags,
    /// Something was published since the last try began.
    wanted: bool,
    /// The engine ends: what is left is carried at once.
    hurries: bool,
    ring: Option<Ring>,
}

/// What a place said, before and after a try.
pub(super) struct Change {
    pub place: OutsidePlace,
    pub before: Lag,
    pub lag: Lag,
}

impl Carried {
    pub fn new(places: &[OutsidePlace]) -> Self {
        Self {
            inner: Mutex::new(Inner {
                lags: Lags::new(places),
                wanted: false,
                hurries: false,
                ring: None,
            }),
            bell: Condvar::new(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is rung when a place begins to fail, or has caught up.
    pub(super) fn ring_with(&self, ring: Ring) {
        self.inner().ring = Some(ring);
    }

    /// The log that is written has so many entries now.
    pub(super) fn published(&self, size: u64, now: Timestamp) {
        let mut inner = self.inner();
        if inner.lags.published(size, now) && !inner.wanted {
            inner.wanted = true;
            drop(inner);
            self.bell.notify_all();
        }
    }

    /// Another log is written from now on.
    pub(super) fn go_on(&self) {
        self.inner().lags.go_on();
    }

    pub(super) fn conditions(
        &self,
        bounds: Bounds,
        ledger: &Ledger,
        now: Timestamp,
    ) -> Vec<Condition> {
        self.inner().lags.conditions(bounds, ledger, now)
    }

    pub(super) fn due(&self, bounds: Bounds, now: Timestamp) -> Option<SignedDuration> {
        self.inner().lags.due(bounds, now)
    }

    /// Says how far everybody is, for the metrics.
    pub(super) fn gauge(&self, now: Timestamp) {
        let inner = self.inner();
        let lags: Vec<_> = inner.lags.all(now).collect();
        events::outside(&lags);
    }

    fn begin(&self, now: Timestamp) -> Began {
        let mut inner = self.inner();
        inner.wanted = false;
        inner.lags.begin(now)
    }

    /// Takes up what a try came to.
    fn end(&self, began: Began, came: Result<&BroughtUp, String>, now: Timestamp) -> Vec<Change> {
        let mut inner = self.inner();
        let before: Vec<(OutsidePlace, Lag)> = owned(&inner.lags, now);
        match came {
            Ok(brought) => inner.lags.answered(began, brought),
            Err(why) => inner.lags.failed(began, why),
        }
        let after = owned(&inner.lags, now);
        let pairs = before.into_iter().zip(after);
        let changes = pairs.map(|((_, before), (place, lag))| Change { place, before, lag });
        let changes: Vec<Change> = changes.collect();
        let is_news = changes.iter().any(Change::is_news);
        let ring = inner.ring.clone().filter(|_| is_news);
        drop(inner);
        self.bell.notify_all();
        if let Some(ring) = ring {
            ring();
        }
        changes
    }

    /// Rings, because the engine must not go on.
    fn alarm(&self) {
        let ring = self.inner().ring.clone();
        if let Some(ring) = ring {
            ring();
        }
    }

    /// Waits for the end of an engine until everybody has everything, and not for long: what is left is
    /// carried by the next run. Nothing is waited for where the last try failed.
    pub fn farewell(&self, within: Duration) {
        let until = Instant::now() + within;
        let mut inner = self.inner();
        inner.hurries = true;
        self.bell.notify_all();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || inner.lags.is_settled() || inner.lags.all_fail() {
                return;
            }
            let waited = self.bell.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Change {
    /// Whether it began or ceased to fail, or has caught up.
    fn is_news(&self) -> bool {
        let is_late = |lag: &Lag| lag.age >= ON_ITS_WAY;
        self.before.problem.is_some() != self.lag.problem.is_some()
            || is_late(&self.before) != is_late(&self.lag)
    }
}

fn owned(lags: &Lags, now: Timestamp) -> Vec<(OutsidePlace, Lag)> {
    let all = lags.all(now);
    all.map(|(place, lag)| (place.clone(), lag)).collect()
}
