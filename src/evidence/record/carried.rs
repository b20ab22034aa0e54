//! What a new log takes over from the one that it continues, so that it stands without it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    BaselineRecord, Destruction, Encoded, FindingRecord, HoldSet, KeyRevocation, PlanRecord,
    RecordError, SeenApplied, SeenBy, SettledRecord, WatchRecord, encode,
};
use crate::evidence::lifecycle::Standing;
use crate::evidence::statement::{self, Subject};
use crate::model::{
    Address, Alert, AlertKey, DeviationId, FindingKey, Fix, FixApproval, FixDecision, Pending,
    Sha256Digest, Silence, WorkspaceName,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// How many scans there were.
    Scans {
        count: u64,
    },
    /// A finding that is open, as its last record has it.
    Finding(Box<CarriedFinding>),
    /// How a plan stands.
    Plan(Box<PlanRecord>),
    /// What was seen applied.
    Applied(BaselineRecord),
    /// A hold that is not cleared.
    Hold(HoldSet),
    /// What vouches for a shard whose entries are gone.
    Destruction(Destruction),
    Revocation(KeyRevocation),
    /// When a finding opened of late, from which flapping is counted.
    Openings {
        finding: FindingKey,
        at: Vec<Timestamp>,
    },
    /// What the detector says of itself.
    Watch(WatchRecord),
    /// An alert that is open or not everywhere yet; its findings follow in records of their own.
    Alert(Box<CarriedAlert>),
    Members {
        alert: AlertKey,
        at: Timestamp,
        findings: Vec<FindingKey>,
    },
    /// Findings that were told of once and for all, with their versions.
    ToldOnce {
        findings: Vec<(FindingKey, DeviationId)>,
    },
    /// When a route last had its digest.
    Digest {
        route: String,
        at: Timestamp,
    },
    Silence(Silence),
    Fix(Box<Fix>),
    /// What was last decided of the fix of an open finding.
    FixDecided {
        finding: FindingKey,
        deviation: DeviationId,
        at: Timestamp,
        decision: FixDecision,
    },
    FixApproved {
        finding: FindingKey,
        approval: FixApproval,
    },
    /// The settled baseline of a workspace.
    Settled(Box<SettledRecord>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarriedAlert {
    pub key: AlertKey,
    pub alert: Alert,
    /// The messages that a channel does not have.
    pub pending: Vec<(String, u32, Pending)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarriedFinding {
    pub first_seen: Timestamp,
    pub last_changed: Timestamp,
    pub record: FindingRecord,
    #[serde(default)]
    pub standing: Standing,
}

impl Carried {
    /// What was seen applied of one plan, in as many records as the addresses need.
    pub fn applied(
        at: Timestamp,
        workspace: &WorkspaceName,
        plan_sha256: Sha256Digest,
        addresses: &BTreeSet<Address>,
    ) -> Vec<Self> {
        let seen = SeenApplied {
            workspace: workspace.clone(),
            plan_sha256,
            // By the log that is continued, which says of each how it was seen.
            seen_by: SeenBy::State,
            addresses: addresses.clone(),
            plan: None,
        };
        let records = BaselineRecord::of(at, &seen, &BTreeSet::new());
        records.into_iter().map(Self::Applied).collect()
    }

    /// # Errors
    /// It is too large even without its values.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        encode(
            statement::CARRIED,
            self,
            Self::subjects,
            |carried| match carried {
                Self::Finding(finding) => Some(finding.record.split()),
                Self::Scans { .. }
                | Self::Plan(_)
                | Self::Applied(_)
                | Self::Hold(_)
                | Self::Destruction(_)
                | Self::Revocation(_)
                | Self::Openings { .. }
                | Self::Watch(_)
                | Self::Alert(_)
                | Self::Members { .. }
                | Self::ToldOnce { .. }
                | Self::Digest { .. }
                | Self::Silence(_)
                | Self::Fix(_)
                | Self::FixDecided { .. }
                | Self::FixApproved { .. }
                | Self::Settled(_) => None,
            },
            |carried, digest| {
                if let Self::Finding(finding) = carried {
                    finding.record.details = Some(digest);
                }
            },
        )
    }

    /// The blobs that the record names are taken over with it.
    fn subjects(&self) -> Vec<Subject> {
        match self {
            Self::Finding(finding) => finding.record.subjects(),
            Self::Plan(plan) => plan.subjects(),
            Self::Settled(settled) => settled.subjects(),
            Self::Scans { .. }
            | Self::Applied(_)
            | Self::Hold(_)
            | Self::Destruction(_)
            | Self::Revocation(_)
            | Self::Openings { .. }
            | Self::Watch(_)
            | Self::Alert(_)
            | Self::Members { .. }
            | Self::ToldOnce { .. }
            | Self::Digest { .. }
            | Self::Silence(_)
            | Self::Fix(_)
            | Self::FixDecided { .. }
            | Self::FixApproved { .. } => Vec::new(),
        }
    }
}
