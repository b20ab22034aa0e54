//! What the log says about itself: that its disk was full, that the clock could not be believed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RecordError;
use crate::evidence::statement;

/// The disk was full, and something was refused for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreFullRecord {
    pub at: Timestamp,
    /// What did not fit, relative to the log's folder.
    pub path: String,
}

/// The clock said something that cannot be, and the records around this one have another time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockAnomalyRecord {
    /// The time that is recorded instead.
    pub at: Timestamp,
    pub clock: Timestamp,
    pub kind: ClockAnomaly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockAnomaly {
    /// It is behind the newest record.
    Behind,
    /// It is much later than the newest record.
    Ahead,
}

impl StoreFullRecord {
    /// # Errors
    /// The entry would be too large.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        Ok(statement::encode(statement::STORE_FULL, &[], self)?)
    }
}

impl ClockAnomalyRecord {
    /// # Errors
    /// The entry would be too large.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        Ok(statement::encode(statement::CLOCK_ANOMALY, &[], self)?)
    }
}

impl ClockAnomaly {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Behind => "behind",
            Self::Ahead => "ahead",
        }
    }
}
