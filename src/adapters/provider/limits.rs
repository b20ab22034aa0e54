//! How long a provider may take.

use std::time::Duration;

/// Time limits of each kind of call, and how often a provider may die.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From starting to its handshake. A large provider takes a second or two.
    pub start: Duration,
    pub schema: Duration,
    pub configure: Duration,
    /// Of upgrading, reading, planning and importing.
    pub read: Duration,
    /// What fixes change is set in one call or a few.
    pub apply: Duration,
    /// Of each step of ending it, before the next harder one.
    pub stop: Duration,
    pub restarts_per_hour: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(60),
            schema: Duration::from_secs(60),
            configure: Duration::from_secs(120),
            read: Duration::from_secs(120),
            apply: Duration::from_secs(300),
            stop: Duration::from_secs(5),
            restarts_per_hour: 3,
        }
    }
}
