//! All plans of one workspace: their order, and what is wrong with those that nobody approved.

use jiff::Timestamp;

use super::record::{RecordStanding, judge_among};
use super::{ApprovalPolicy, PlanStanding, Standing, plan_standing, short};
use crate::model::{ChangeRecord, DeviationKind, IdentityMap, PlanMeta, WorkspaceName};

/// What is wrong with a plan file, apart from what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanTrouble {
    /// Nobody approved it.
    Unapproved,
    /// A change record approves a plan of this workspace, and this file is not that plan.
    Tampered,
}

impl PlanTrouble {
    pub fn kind(self) -> DeviationKind {
        match self {
            Self::Unapproved => DeviationKind::UnapprovedPlan,
            Self::Tampered => DeviationKind::PlanTampered,
        }
    }
}

/// A plan in the order of its workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedPlan {
    pub standing: PlanStanding,
    /// `None` where the plan is approved, assumed, an emergency, or cannot be judged.
    pub trouble: Option<PlanTrouble>,
}

/// Judges all plans of one workspace. Oldest first: by last approval, then by the plan's own
/// timestamp, then by digest, and never by file time. Plans that nothing approves come before all
/// others. Two files of one digest are one plan.
pub fn rank_plans(
    plans: &[PlanMeta],
    workspace: &WorkspaceName,
    assumed: bool,
    changes: &[ChangeRecord],
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> Vec<RankedPlan> {
    let mut standings: Vec<PlanStanding> = plans
        .iter()
        .map(|plan| plan_standing(plan, workspace, assumed, changes, people, policy, now))
        .collect();
    standings.sort_by(|a, b| {
        let key = |one: &PlanStanding| (one.approved_at, one.plan.timestamp, one.plan.digest);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.plan.file.cmp(&b.plan.file))
    });
    standings.dedup_by(|later, kept| later.plan.digest == kept.plan.digest);
    let orphan = if standings.iter().any(is_unnamed) {
        orphan(&standings, workspace, changes, people, policy, now)
    } else {
        None
    };
    standings
        .into_iter()
        .map(|standing| with_trouble(standing, orphan.as_ref()))
        .collect()
}

fn with_trouble(mut standing: PlanStanding, orphan: Option<&RecordStanding>) -> RankedPlan {
    let trouble = match standing.standing {
        Standing::Approved
        | Standing::Assumed
        | Standing::Emergency { .. }
        | Standing::Indeterminate => None,
        Standing::Unapproved => match orphan.filter(|_| is_unnamed(&standing)) {
            Some(orphan) => {
                standing.reasons.extend(tampering(&standing, orphan));
                Some(PlanTrouble::Tampered)
            }
            None => Some(PlanTrouble::Unapproved),
        },
    };
    RankedPlan { standing, trouble }
}

/// A plan that no record names. One that a record names is not tampered with, however the record
/// stands: its bytes are what somebody was asked to approve.
fn is_unnamed(standing: &PlanStanding) -> bool {
    standing.standing == Standing::Unapproved && standing.records.is_empty()
}

/// A standing record of this workspace whose plan is on no file. Records older than an approved
/// plan on file are history: their plans may have been cleared away.
fn orphan(
    standings: &[PlanStanding],
    workspace: &WorkspaceName,
    changes: &[ChangeRecord],
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> Option<RecordStanding> {
    let newest = standings.iter().filter_map(|one| one.approved_at).max();
    changes
        .iter()
        .filter(|record| record.workspace.as_ref() == Some(workspace))
        .filter(|record| {
            let named = record.plan_sha256;
            named.is_some_and(|digest| standings.iter().all(|one| one.plan.digest != digest))
        })
        .map(|record| judge_among(record, changes, None, people, policy, now))
        .filter(|judged| judged.may_stand() && judged.last_approval() > newest)
        .min_by(RecordStanding::strongest_first)
}

fn tampering(standing: &PlanStanding, orphan: &RecordStanding) -> Vec<String> {
    let number = &orphan.record.number;
    let Some(approved) = orphan.record.plan_sha256 else {
        return Vec::new();
    };
    let mut reasons = vec![format!(
        "{number} approves plan {} of this workspace; the file has the digest {}",
        short(&approved),
        short(&standing.plan.digest)
    )];
    // What is open about the record's own approvals.
    reasons.extend(orphan.reasons.iter().cloned());
    reasons
}
