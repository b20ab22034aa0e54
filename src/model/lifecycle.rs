//! A finding through its life, beside what its deviation says.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{ChangeNumber, DeviationId, FindingKey, Sha256Digest};

/// Where an unresolved finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingState {
    /// Seen, but not yet in as many looks as it takes to be announced.
    Suspected,
    Open,
    /// A fix is under way.
    Fixing,
    /// A person knows of it.
    Acknowledged,
    /// It opens and closes time and again; that is said once.
    Flapping,
    /// A waiver stands: it is known, and not acted on.
    Accepted,
}

impl FindingState {
    pub const ALL: [Self; 6] = [
        Self::Suspected,
        Self::Open,
        Self::Fixing,
        Self::Acknowledged,
        Self::Flapping,
        Self::Accepted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Open => "open",
            Self::Fixing => "fixing",
            Self::Acknowledged => "acknowledged",
            Self::Flapping => "flapping",
            Self::Accepted => "accepted",
        }
    }
}

impl fmt::Display for FindingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// When a finding is announced, and when it is flapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifecyclePolicy {
    /// Looks in which a finding must be seen before it is announced; one announces at once.
    pub confirm_after: u32,
    /// A finding that opened more often than this within `flap_window` is flapping.
    pub flap_count: u32,
    pub flap_window: SignedDuration,
}

impl Default for LifecyclePolicy {
    fn default() -> Self {
        Self {
            confirm_after: 1,
            flap_count: 3,
            flap_window: SignedDuration::from_hours(24),
        }
    }
}

/// A finding accepted on purpose, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    pub name: String,
    pub finding: FindingKey,
    /// The version that is accepted. Absent: whatever the finding becomes.
    pub deviation: Option<DeviationId>,
    pub owner: String,
    pub reason: String,
    pub expires: Timestamp,
    pub change: ChangeNumber,
    pub approved_by: String,
    /// Where it stands, `file:line:column`, for messages.
    pub place: String,
    pub file: String,
    pub sha256: Sha256Digest,
}

/// A waiver that stands, with the people by their pseudonymous ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    pub waiver: String,
    pub owner: String,
    pub approved_by: String,
    pub reason: String,
    pub expires: Timestamp,
    pub change: ChangeNumber,
    /// The file that holds it.
    pub file: String,
    pub file_sha256: Sha256Digest,
}

/// What the detector watches about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchKind {
    /// No new live file for too long.
    LiveStale,
    /// A source that is asked did not tell everything that it was asked for.
    SourceNotRead,
    /// No new file of a trail for too long.
    TrailStale,
    /// The rules in force are not those that were approved.
    RulesNotApproved,
    /// Nothing was recorded for too long.
    EvidenceStale,
    /// What people wrote was refused, and what was in force before still is.
    ConfigurationRejected,
    /// A trail was stopped, deleted or changed: what is done may go unseen.
    TrailChanged,
    /// A recorder of AWS Config was stopped, deleted or changed.
    RecorderChanged,
    /// The queue of events cannot be asked, or nothing came from it for too long.
    QueueStale,
    /// Events wait in the queue for too long.
    QueueLagging,
    /// A fix did not come to its end: it failed, nobody carried it out in time, or it did not last.
    FixTrouble,
    /// The mirror lacks records of the evidence log for too long, or too many.
    MirrorBehind,
    /// A witness has not cosigned the evidence log for too long.
    WitnessBehind,
    /// The evidence log has no time stamp for too long.
    TimestampsBehind,
}

impl WatchKind {
    pub const ALL: [Self; 14] = [
        Self::LiveStale,
        Self::SourceNotRead,
        Self::TrailStale,
        Self::RulesNotApproved,
        Self::EvidenceStale,
        Self::ConfigurationRejected,
        Self::TrailChanged,
        Self::RecorderChanged,
        Self::QueueStale,
        Self::QueueLagging,
        Self::FixTrouble,
        Self::MirrorBehind,
        Self::WitnessBehind,
        Self::TimestampsBehind,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::LiveStale => "live_stale",
            Self::SourceNotRead => "source_not_read",
            Self::TrailStale => "trail_stale",
            Self::RulesNotApproved => "rules_not_approved",
            Self::EvidenceStale => "evidence_stale",
            Self::ConfigurationRejected => "configuration_rejected",
            Self::TrailChanged => "trail_changed",
            Self::RecorderChanged => "recorder_changed",
            Self::QueueStale => "queue_stale",
            Self::QueueLagging => "queue_lagging",
            Self::FixTrouble => "fix_trouble",
            Self::MirrorBehind => "mirror_behind",
            Self::WitnessBehind => "witness_behind",
            Self::TimestampsBehind => "timestamps_behind",
        }
    }
}
