//! Whether a deviation was authorised.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::ChangeNumber;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Authorised,
    AwaitingApply,
    NotApplied,
    OutOfWindow,
    Late,
    EmergencyPending,
    Unauthorised,
    Indeterminate,
}

/// A verdict never comes without its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    /// In the order in which they were found; never empty.
    pub reasons: Vec<String>,
    /// The change record that the verdict rests on.
    pub change: Option<ChangeNumber>,
}

impl Verdict {
    pub const ALL: [Self; 8] = [
        Self::Authorised,
        Self::AwaitingApply,
        Self::NotApplied,
        Self::OutOfWindow,
        Self::Late,
        Self::EmergencyPending,
        Self::Unauthorised,
        Self::Indeterminate,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::AwaitingApply => "awaiting_apply",
            Self::NotApplied => "not_applied",
            Self::OutOfWindow => "out_of_window",
            Self::Late => "late",
            Self::EmergencyPending => "emergency_pending",
            Self::Unauthorised => "unauthorised",
            Self::Indeterminate => "indeterminate",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
