//! How an installation wants fixes to be bounded.

use jiff::{SignedDuration, Timestamp};

use crate::model::FixMode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixPolicy {
    pub mode: FixMode,
    pub freezes: Vec<Freeze>,
    pub limits: Limits,
    pub breaker: Breaker,
    /// Types that alone are fixed. `None`: all that are reviewed.
    pub allow: Option<Vec<String>>,
    pub deny_types: Vec<String>,
    /// `TYPE/attribute`.
    pub deny_attributes: Vec<String>,
    pub deny_workspaces: Vec<String>,
    /// Rules whose fixes a person must say yes to.
    pub approval_for: Vec<String>,
    /// So long what was handed over may take.
    pub deadline: SignedDuration,
}

/// A time in which nothing is fixed: its first instant, and the first after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    pub name: String,
    pub from: Timestamp,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub rule: Limit,
    pub workspace: Limit,
    pub estate: Limit,
}

/// Fixes at most within an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub count: u32,
    /// In per cent of the approved resources; one is always within it.
    pub share: u32,
}

/// After so many failures one after the other, nothing is fixed for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    pub failures: u32,
    pub pause: SignedDuration,
}

impl Default for FixPolicy {
    fn default() -> Self {
        Self {
            mode: FixMode::DryRun,
            freezes: Vec::new(),
            limits: Limits {
                rule: Limit { count: 5, share: 5 },
                workspace: Limit {
                    count: 10,
                    share: 10,
                },
                estate: Limit {
                    count: 20,
                    share: 5,
                },
            },
            breaker: Breaker {
                failures: 3,
                pause: SignedDuration::from_hours(1),
            },
            allow: None,
            deny_types: Vec::new(),
            deny_attributes: Vec::new(),
            deny_workspaces: Vec::new(),
            approval_for: Vec::new(),
            deadline: SignedDuration::from_hours(24),
        }
    }
}
