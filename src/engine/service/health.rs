//! Whether the engine is alive and ready, for whoever asks from outside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Work that shows no sign of life for so long is stuck.
pub const STALLED_AFTER: Duration = Duration::from_secs(300);
/// The loop turns at least so often; three times that without a turn is an end.
pub const TURN: Duration = Duration::from_secs(5);

/// Shared by the loop and by the pages.
pub struct Health {
    begun: Instant,
    turned: AtomicU64,
    scanned: AtomicBool,
    stopping: AtomicBool,
    stalled: AtomicBool,
    status: Mutex<String>,
    aside: Mutex<Option<String>>,
}

impl Health {
    /// `begun` is now, by a clock that is never set back.
    pub fn new(begun: Instant) -> Self {
        Self {
            begun,
            turned: AtomicU64::new(0),
            scanned: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            stalled: AtomicBool::new(false),
            status: Mutex::new("starting".to_owned()),
            aside: Mutex::default(),
        }
    }

    fn millis(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.begun).as_millis();
        u64::try_from(since).unwrap_or(u64::MAX)
    }

    /// The loop went round; `stalled` says that the work it waits for does not move.
    pub(super) fn turn(&self, now: Instant, stalled: bool) {
        self.turned.store(self.millis(now), Ordering::Relaxed);
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    pub(super) fn scanned(&self) {
        self.scanned.store(true, Ordering::Relaxed);
    }

    pub(super) fn stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn say(&self, status: &str) {
        let mut own = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.clone_into(&mut own);
    }

    /// Says what is to be known beside the status, whatever that is; whether that is new.
    pub(super) fn say_aside(&self, aside: Option<String>) -> bool {
        let mut own = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *own != aside;
        *own = aside;
        is_new
    }

    pub fn status(&self) -> String {
        let own = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        match &*aside {
            Some(aside) => format!("{own}; {aside}"),
            None => own.clone(),
        }
    }

    /// Whether the loop turns and the work moves.
    pub fn is_alive(&self, now: Instant) -> bool {
        let since = self
            .millis(now)
            .saturating_sub(self.turned.load(Ordering::Relaxed));
        let turns = u128::from(since) < (TURN * 3).as_millis();
        turns && !self.stalled.load(Ordering::Relaxed)
    }

    /// Whether a scan was recorded, and the engine is not about to end.
    pub fn is_ready(&self, now: Instant) -> bool {
        self.is_alive(now)
            && self.scanned.load(Ordering::Relaxed)
            && !self.stopping.load(Ordering::Relaxed)
    }
}
