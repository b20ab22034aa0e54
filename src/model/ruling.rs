//! What a rule gives a deviation: its severity, its action and its duties.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::RuleId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Ignore,
    Record,
    Alert,
    Remediate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ruling {
    pub severity: Severity,
    pub action: Action,
    /// The rule that decided; `None` where no rule matched and the default holds.
    pub rule: Option<RuleId>,
    #[serde(flatten)]
    pub duties: Duties,
    /// Whatever the reader must know about how the rule came to decide: a `when` that could not be
    /// evaluated, for example.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duties {
    pub description: Option<String>,
    pub owner: Option<String>,
    pub sla_seconds: Option<u64>,
    pub runbook: Option<String>,
    pub controls: Vec<String>,
}

impl Severity {
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Ignore, Self::Record, Self::Alert, Self::Remediate];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Record => "record",
            Self::Alert => "alert",
            Self::Remediate => "remediate",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }

    /// Whether somebody, or driftwarden, is to act on it.
    pub fn is_to_be_acted_on(self) -> bool {
        match self {
            Self::Alert | Self::Remediate => true,
            Self::Ignore | Self::Record => false,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
