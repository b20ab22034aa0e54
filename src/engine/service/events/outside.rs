//! What is told of those outside who keep or vouch for the log.

use metrics::{counter, gauge};
use tracing::{info, warn};

use super::super::carrying::{Change, Lag};
use super::gauges::number;
use crate::model::{OutsidePlace, PlaceKind};

pub const GAUGES: [(&str, &str); 6] = [
    (
        "driftwarden_evidence_mirror_behind_entries",
        "Records that the mirror lacks, by what it has confirmed.",
    ),
    (
        "driftwarden_evidence_mirror_behind_seconds",
        "Age of the oldest record that the mirror lacks; 0 where it lacks none.",
    ),
    (
        "driftwarden_evidence_witness_behind_entries",
        "Records that a witness has not cosigned.",
    ),
    (
        "driftwarden_evidence_witness_behind_seconds",
        "Age of the oldest record that a witness has not cosigned; 0 where there is none.",
    ),
    (
        "driftwarden_evidence_timestamps_behind_entries",
        "Records that no time stamp is over.",
    ),
    (
        "driftwarden_evidence_timestamps_behind_seconds",
        "Age of the oldest record that no time stamp is over; 0 where there is none.",
    ),
];

pub const TRIES: (&str, &str) = (
    "driftwarden_evidence_outside_tries_total",
    "Tries to bring a place outside up to the log, by result.",
);

/// How far everybody outside is behind.
pub fn outside(lags: &[(&OutsidePlace, Lag)]) {
    for (place, lag) in lags {
        let (entries, seconds) = match place.kind {
            PlaceKind::Mirror => (
                "driftwarden_evidence_mirror_behind_entries",
                "driftwarden_evidence_mirror_behind_seconds",
            ),
            PlaceKind::Witness => (
                "driftwarden_evidence_witness_behind_entries",
                "driftwarden_evidence_witness_behind_seconds",
            ),
            PlaceKind::Timestamps => (
                "driftwarden_evidence_timestamps_behind_entries",
                "driftwarden_evidence_timestamps_behind_seconds",
            ),
        };
        gauge!(entries, "place" => place.name.clone()).set(number(lag.entries));
        gauge!(seconds, "place" => place.name.clone()).set(lag.age.as_secs_f64());
    }
}

/// A place outside was told of the log, or could not be.
pub struct OutsideTold<'e> {
    pub change: &'e Change,
}

impl OutsideTold<'_> {
    pub fn emit(&self) {
        let Change { place, before, lag } = self.change;
        let result = match lag.problem {
            None => "told",
            Some(_) => "failed",
        };
        let name = place.name.as_str();
        counter!(TRIES.0, "place" => name.to_owned(), "result" => result).increment(1);
        match (&before.problem, &lag.problem) {
            (None, Some(problem)) => warn!(
                event = "outside_failed",
                place = name,
                problem,
                records = lag.entries,
                "the evidence cannot be passed on; it is tried again until it can"
            ),
            (Some(_), None) => info!(
                event = "outside_back",
                place = name,
                records = lag.entries,
                "the evidence is passed on again"
            ),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

/// Nobody outside said in time whether they know more of the log.
pub struct LookedInVain {}

impl LookedInVain {
    pub fn emit(&self) {
        warn!(
            event = "outside_silent",
            "nobody outside said in time whether they know more of the log; they are asked on"
        );
    }
}
