//! How each plan stands: which change records approve it, and whether their approvals hold.

mod emergency;
mod party;
mod plans;
mod policy;
mod record;
mod votes;

use jiff::Timestamp;

pub use party::Party;
pub(super) use party::resolve;
pub use plans::{PlanTrouble, RankedPlan, rank_plans};
pub use policy::{ApprovalPolicy, Side};
pub use record::RecordStanding;
pub use votes::{CountedApproval, complete_since};

use crate::model::{
    ApprovalStatus, ChangeRecord, IdentityMap, PersonId, PlanMeta, Sha256Digest, WorkspaceName,
};

/// What a change record, or the configuration, gives a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Two independent people approved it, and the approvals hold.
    Approved,
    /// The configuration takes it as approved without a change record.
    Assumed,
    /// An emergency change whose full approval is not there yet.
    Emergency {
        approver: PersonId,
        /// When the time for full approval is over at the latest; the time of the change itself may
        /// make it sooner. `None` where the record has no window.
        complete_by: Option<Timestamp>,
    },
    /// Something needed to judge the approvals is missing.
    Indeterminate,
    /// Nothing approves it.
    Unapproved,
}

/// One plan, and why it stands as it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStanding {
    pub plan: PlanMeta,
    pub standing: Standing,
    /// Why the plan does not stand in full. Empty if it is approved.
    pub reasons: Vec<String>,
    /// The last approval that counts, by which plans are ordered. See
    /// [`RecordStanding::last_approval`].
    pub approved_at: Option<Timestamp>,
    /// Every record that names the plan, strongest first; the first one gives the standing.
    pub records: Vec<RecordStanding>,
}

impl PlanStanding {
    /// The record that the standing rests on.
    pub fn change(&self) -> Option<&ChangeRecord> {
        self.records.first().map(|standing| &standing.record)
    }
}

/// Judges one plan of a workspace by all change records.
///
/// With `assumed`, the configuration answers for the plan and no record is looked at. Otherwise
/// every record that names the plan's digest and no other workspace is judged, and the strongest
/// counts, whatever their order.
pub fn plan_standing(
    plan: &PlanMeta,
    workspace: &WorkspaceName,
    assumed: bool,
    changes: &[ChangeRecord],
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> PlanStanding {
    if assumed {
        return PlanStanding {
            plan: plan.clone(),
            standing: Standing::Assumed,
            reasons: vec!["the configuration takes the plan as approved".to_owned()],
            approved_at: None,
            records: Vec::new(),
        };
    }
    let mut records: Vec<RecordStanding> = changes
        .iter()
        .filter(|record| binds(record, &plan.digest, workspace))
        .map(|record| record::judge_among(record, changes, plan.timestamp, people, policy, now))
        .collect();
    records.sort_by(RecordStanding::strongest_first);
    records.dedup_by(|later, kept| later.record.same_content(&kept.record));
    let (standing, reasons, approved_at) = match records.first() {
        Some(best) => (
            best.standing.clone(),
            best.reasons.clone(),
            best.last_approval()
                .or(plan.timestamp.filter(|_| best.may_stand())),
        ),
        None => (
            Standing::Unapproved,
            vec![names_nothing(plan, workspace, changes)],
            None,
        ),
    };
    PlanStanding {
        plan: plan.clone(),
        standing,
        reasons,
        approved_at,
        records,
    }
}

/// The standing as the report shows it.
pub fn approval_status(standing: &PlanStanding) -> ApprovalStatus {
    match &standing.standing {
        Standing::Approved => ApprovalStatus::Approved,
        Standing::Assumed => ApprovalStatus::Assumed,
        Standing::Emergency { .. } | Standing::Indeterminate => ApprovalStatus::Indeterminate,
        Standing::Unapproved => ApprovalStatus::Unapproved,
    }
}

/// A record that names no workspace binds by the digest alone.
fn binds(record: &ChangeRecord, digest: &Sha256Digest, workspace: &WorkspaceName) -> bool {
    record.plan_sha256.as_ref() == Some(digest)
        && record.workspace.as_ref().is_none_or(|own| own == workspace)
}

fn names_nothing(plan: &PlanMeta, workspace: &WorkspaceName, changes: &[ChangeRecord]) -> String {
    let digest = short(&plan.digest);
    let elsewhere = changes
        .iter()
        .filter(|record| record.plan_sha256.as_ref() == Some(&plan.digest))
        .filter_map(|record| Some((&record.number, record.workspace.as_ref()?)))
        .min();
    match elsewhere {
        Some((number, other)) => format!(
            "no change record names plan {digest} for workspace `{workspace}`; {number} names it \
             for workspace `{other}`"
        ),
        None => format!("no change record names plan {digest}"),
    }
}

/// Enough of a digest to tell plans apart in a sentence.
pub(super) fn short(digest: &Sha256Digest) -> String {
    let mut text = digest.to_string();
    text.truncate(12);
    text
}
