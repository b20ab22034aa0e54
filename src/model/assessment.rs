//! The result of one assessment: what the report shows and the evidence log records.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::activity::Attribution;
use super::deviation::Deviation;
use super::exact::SetAside;
use super::fix::FixStanding;
use super::gap::Gap;
use super::ids::{Address, DeviationId, ProviderId};
use super::lifecycle::Acceptance;
use super::ruling::Ruling;
use super::verdict::{Judgement, Verdict};
use super::workspace::{ApprovalStatus, WorkspaceStatus};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assessment {
    /// By workspace name.
    pub baselines: Vec<WorkspaceStatus>,
    pub coverage: Coverage,
    /// Most severe first, then by workspace, address, attribute: the same input gives the same order.
    pub deviations: Vec<Judged>,
    pub gaps: Vec<Gap>,
    /// Differences that are no deviations, because a provider says so; sorted.
    pub set_aside: Vec<SetAside>,
    /// What a standing waiver accepts. It is shown, and it is not acted on.
    pub accepted: BTreeMap<DeviationId, Acceptance>,
    /// How the fix of a deviation stands, where its rule asks for one and the log says so.
    pub fixes: BTreeMap<DeviationId, FixStanding>,
}

/// A deviation with everything that was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub deviation: Deviation,
    pub judgement: Judgement,
    pub attribution: Option<Attribution>,
    pub ruling: Ruling,
}

/// Counts of resources. `approved` is the sum of observed, unknown and excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Resources in baselines, data sources left out.
    pub approved: u64,
    /// Approved resources whose live state was seen, absence seen by a source that covers the type
    /// included.
    pub observed: u64,
    /// Approved resources of which nothing is known; each has a gap.
    pub unknown: u64,
    /// Approved resources outside the configured scope.
    pub excluded: u64,
    /// Live resources in scope that nobody approved.
    pub unmanaged: u64,
    /// Attributes of observed resources that could not be compared; each has a gap.
    #[serde(default)]
    pub not_comparable: u64,
    /// Observed resources of types that are matched by name only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub by_name: u64,
    /// Attributes of these of which it cannot be told whether they are as approved; they have no
    /// gap.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unclear_by_name: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Figures of one scan, for the manifest and the report's last lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanTotals {
    pub plans: u64,
    pub plan_bytes: u64,
    pub live_files: u64,
    pub live_bytes: u64,
    pub live_items: u64,
}

impl Assessment {
    /// Whether everything in scope was seen and nothing is to be acted on.
    pub fn is_clean(&self) -> bool {
        self.gaps.is_empty()
            && self
                .baselines
                .iter()
                .all(|baseline| match baseline.approval {
                    ApprovalStatus::Approved | ApprovalStatus::Assumed => true,
                    ApprovalStatus::Unapproved | ApprovalStatus::Indeterminate => false,
                })
            && !self.deviations.iter().any(|one| self.needs_a_person(one))
    }

    /// Whether a deviation is to be acted on or undecided, and no waiver accepts it.
    pub fn needs_a_person(&self, judged: &Judged) -> bool {
        judged.needs_a_person() && self.acceptance(judged).is_none()
    }

    pub fn acceptance(&self, judged: &Judged) -> Option<&Acceptance> {
        if self.accepted.is_empty() {
            return None;
        }
        self.accepted.get(&judged.deviation.id())
    }

    pub fn fix(&self, judged: &Judged) -> Option<&FixStanding> {
        if self.fixes.is_empty() {
            return None;
        }
        self.fixes.get(&judged.deviation.id())
    }
}

impl Judged {
    pub fn needs_a_person(&self) -> bool {
        self.ruling.action.is_to_be_acted_on() || self.judgement.verdict == Verdict::Indeterminate
    }
}

/// Puts deviations in the order of every report: most severe first, then workspace, address (or the
/// provider's id), attribute, kind. What these leave equal is ordered by the remaining fields, so
/// the result does not depend on the order before.
pub fn sort_deviations(deviations: &mut [Judged]) {
    deviations.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
}

fn sort_key(judged: &Judged) -> impl Ord + '_ {
    let deviation = &judged.deviation;
    let name = deviation.address.as_ref().map(Address::as_str);
    let name = name.or(deviation.provider_id.as_ref().map(ProviderId::as_str));
    (
        Reverse(judged.ruling.severity),
        &deviation.workspace,
        name,
        &deviation.attribute,
        deviation.kind,
        (&deviation.type_name, &deviation.provider_id),
        (&deviation.account, &deviation.region),
        (&deviation.approved, &deviation.live),
    )
}
