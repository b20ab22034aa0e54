//! The durations that approvals and changes are judged by.

use jiff::{SignedDuration, Timestamp};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalPolicy {
    /// Clocks of the cloud, the ticket system and this machine may differ by this much: a change
    /// this near to a bound is `indeterminate`. Default 60 seconds.
    pub clock_tolerance: SignedDuration,
    /// How soon after an emergency change a first approval is due. Later, the reasons say so.
    /// Default 24 hours.
    pub emergency_acknowledge: SignedDuration,
    /// How soon after an emergency change the full approval is due; then it is `unauthorised`.
    /// Default 72 hours.
    pub emergency_complete: SignedDuration,
}

impl Default for ApprovalPolicy {
    fn default() -> Self {
        Self {
            clock_tolerance: SignedDuration::from_secs(60),
            emergency_acknowledge: SignedDuration::from_hours(24),
            emergency_complete: SignedDuration::from_hours(72),
        }
    }
}

/// On which side of a bound a time lies, as far as the clocks can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    /// Within the tolerance, the tolerance itself included.
    Near,
    After,
}

impl ApprovalPolicy {
    pub fn side(&self, time: Timestamp, bound: Timestamp) -> Side {
        let distance = time.duration_since(bound);
        if distance > self.clock_tolerance {
            Side::After
        } else if distance < -self.clock_tolerance {
            Side::Before
        } else {
            Side::Near
        }
    }

    /// When full approval of an emergency change made at `changed` is due.
    pub fn complete_by(&self, changed: Timestamp) -> Timestamp {
        plus(changed, self.emergency_complete)
    }

    /// When a first approval of an emergency change made at `changed` is due.
    pub fn acknowledge_by(&self, changed: Timestamp) -> Timestamp {
        plus(changed, self.emergency_acknowledge)
    }
}

fn plus(time: Timestamp, duration: SignedDuration) -> Timestamp {
    time.checked_add(duration).unwrap_or(Timestamp::MAX)
}
