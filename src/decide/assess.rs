//! The heart: everything that was read, in; what is the case and what follows, out.

mod few;
mod judging;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::approvals::{ApprovalPolicy, PlanTrouble, RankedPlan, approval_status};
use super::attribute::ActivityIndex;
use super::baseline::{Approved, StateDifference, StateUnknown};
use super::compare::Comparison;
use super::ignoring::{Authors, Ignoring};
use super::rules::RuleSet;
use crate::model::{
    Address, ApprovalStatus, Assessment, Deviation, DeviationKind, Fidelity, Gap, GapReason,
    IdentityMap, IgnoreChanges, PendingView, ProviderId, Relation, SourceLocation, TypeName, Value,
    WorkspaceName, WorkspaceStatus,
};

pub use few::assess_few;
use judging::{Judging, standings};

/// Everything a judgement rests on.
pub struct Inputs<'a> {
    pub workspaces: &'a BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    pub approved: &'a Approved,
    pub comparison: Comparison,
    pub activity: &'a ActivityIndex,
    pub people: Option<&'a IdentityMap>,
    pub policy: &'a ApprovalPolicy,
    /// Finds the Terraform source of an address, where source was given.
    pub locate: &'a dyn Fn(&WorkspaceName, &Address) -> Option<SourceLocation>,
    pub authors: &'a dyn Authors,
}

impl<'a> Inputs<'a> {
    /// What deviations are judged by, where these workspaces have a say.
    fn judging(
        &self,
        now: Timestamp,
        workspaces: impl Iterator<Item = (&'a WorkspaceName, &'a Vec<RankedPlan>)>,
        rules: &'a RuleSet,
    ) -> Judging<'a> {
        Judging {
            now,
            standings: standings(workspaces),
            activity: self.activity,
            people: self.people,
            policy: self.policy,
            locate: self.locate,
            rules,
        }
    }
}

/// Judges everything that was found.
pub fn assess(now: Timestamp, inputs: Inputs<'_>, rules: &RuleSet) -> Assessment {
    let judging = inputs.judging(now, inputs.workspaces.iter(), rules);
    let Inputs {
        workspaces,
        approved,
        mut comparison,
        authors,
        ..
    } = inputs;
    let mut deviations = std::mem::take(&mut comparison.deviations);
    let differences = approved.state_differences.iter();
    for difference in differences {
        state_difference(difference, approved, authors, &mut deviations);
    }
    for (name, plans) in workspaces {
        deviations.extend(plans.iter().filter_map(|plan| plan_trouble(name, plan)));
    }
    let unplaced = std::mem::take(&mut comparison.unplaced);
    let judged = judging.each(deviations, &unplaced);
    let mut gaps = std::mem::take(&mut comparison.gaps);
    gaps.extend(
        workspaces
            .iter()
            .filter_map(|(name, plans)| no_baseline(name, plans)),
    );
    let in_state = state_unknowns(approved, &gaps);
    comparison.coverage.not_comparable += in_state.len() as u64;
    gaps.extend(in_state);
    gaps.sort();
    let ignored = ignore_changes(approved, authors);
    Assessment {
        baselines: workspaces
            .iter()
            .map(|(name, plans)| WorkspaceStatus {
                ignore_changes: (ignored.get(name).copied()).unwrap_or(IgnoreChanges::Unknown),
                ..status(name, plans)
            })
            .collect(),
        coverage: comparison.coverage,
        deviations: judged,
        gaps,
        set_aside: Vec::new(),
        accepted: BTreeMap::new(),
        fixes: BTreeMap::new(),
    }
}

/// The newest plan with standing speaks for the workspace; without one, the newest of all.
fn status(name: &WorkspaceName, plans: &[RankedPlan]) -> WorkspaceStatus {
    let standing = |plan: &&RankedPlan| {
        matches!(
            approval_status(&plan.standing),
            ApprovalStatus::Approved | ApprovalStatus::Assumed
        )
    };
    let speaks = plans.iter().rev().find(standing).or(plans.last());
    match speaks {
        None => WorkspaceStatus {
            workspace: name.clone(),
            plan_sha256: None,
            change: None,
            approval: ApprovalStatus::Unapproved,
            reasons: vec!["there is no plan".to_owned()],
            ignore_changes: IgnoreChanges::Unknown,
        },
        Some(plan) => WorkspaceStatus {
            workspace: name.clone(),
            plan_sha256: Some(plan.standing.plan.digest),
            change: plan.standing.change().map(|change| change.number.clone()),
            approval: approval_status(&plan.standing),
            reasons: plan.standing.reasons.clone(),
            ignore_changes: IgnoreChanges::Unknown,
        },
    }
}

/// Of each workspace, whether the source tells what is ignored in every approved resource.
fn ignore_changes(
    approved: &Approved,
    authors: &dyn Authors,
) -> BTreeMap<WorkspaceName, IgnoreChanges> {
    let given = approved.workspaces.iter();
    let mut told: Vec<Option<IgnoreChanges>> = given
        .map(|name| authors.has_source(name).then_some(IgnoreChanges::Known))
        .collect();
    for own in &approved.resources {
        let at = usize::try_from(own.workspace).ok();
        let (Some(at), None) = (at, own.unapproved()) else {
            continue;
        };
        let (Some(name), Some(told)) = (approved.workspaces.get(at), told.get_mut(at)) else {
            continue;
        };
        if *told == Some(IgnoreChanges::Known) {
            let address = Address::from(&*own.address);
            if authors.lifecycle(name, &address).is_none() {
                *told = Some(IgnoreChanges::InPart);
            }
        }
    }
    let told = approved.workspaces.iter().cloned().zip(told);
    told.map(|(name, told)| (name, told.unwrap_or(IgnoreChanges::Unknown)))
        .collect()
}

fn no_baseline(name: &WorkspaceName, plans: &[RankedPlan]) -> Option<Gap> {
    let stands = plans.iter().any(|plan| {
        matches!(
            approval_status(&plan.standing),
            ApprovalStatus::Approved | ApprovalStatus::Assumed
        )
    });
    (!stands).then(|| Gap {
        workspace: Some(name.clone()),
        address: None,
        attribute: None,
        type_name: None,
        account: None,
        region: None,
        reason: GapReason::NoBaseline,
        detail:
            "no plan of the workspace is approved, so nothing says what its resources should be"
                .to_owned(),
    })
}

/// Plan trouble is a finding about the workspace; the plan file is what deviates.
fn plan_trouble(name: &WorkspaceName, plan: &RankedPlan) -> Option<Deviation> {
    let trouble: PlanTrouble = plan.trouble?;
    let meta = &plan.standing.plan;
    Some(Deviation {
        kind: trouble.kind(),
        workspace: Some(name.clone()),
        address: None,
        type_name: TypeName::from("terraform_plan"),
        provider_id: Some(ProviderId::from(meta.file.as_str())),
        account: None,
        region: None,
        attribute: None,
        approved: Value::Null,
        live: Value::string(meta.digest.to_string()),
        fidelity: Fidelity::Exact,
        observed_at: None,
        tags: BTreeMap::new(),
        subjects: Vec::new(),
        source: None,
        within: None,
        pending: vec![PendingView {
            plan: meta.digest,
            relation: Relation::Neither,
        }],
        earlier: Vec::new(),
        notes: Vec::new(),
    })
}

/// What the state does not tell, but for attributes of which live does not either: they have a gap.
fn state_unknowns(approved: &Approved, gaps: &[Gap]) -> Vec<Gap> {
    let place = |gap: &Gap| {
        let Gap {
            workspace,
            address,
            attribute,
            ..
        } = gap;
        (workspace.clone(), address.clone(), attribute.clone())
    };
    let known = gaps.iter().filter(|gap| gap.attribute.is_some());
    let known: BTreeSet<_> = known.map(place).collect();
    let unknowns = approved.state_unknowns.iter();
    unknowns
        .map(|unknown| state_unknown(unknown, approved))
        .filter(|gap| !known.contains(&place(gap)))
        .collect()
}

fn state_unknown(unknown: &StateUnknown, approved: &Approved) -> Gap {
    let StateUnknown {
        workspace,
        address,
        type_name,
        attribute,
        why,
    } = unknown;
    Gap {
        workspace: approved.workspace(*workspace).cloned(),
        address: Some(Address::from(&**address)),
        attribute: Some(attribute.clone()),
        type_name: Some(type_name.clone()),
        account: None,
        region: None,
        reason: GapReason::NotComparable,
        detail: format!("approved against the state: {why}"),
    }
}

/// What the state has and no approved plan says. If live only follows the state, that is one
/// deviation and not two.
fn state_difference(
    difference: &StateDifference,
    approved: &Approved,
    authors: &dyn Authors,
    deviations: &mut Vec<Deviation>,
) {
    let workspace = approved.workspace(difference.workspace).cloned();
    let address = Address::from(&*difference.address);
    let pending = difference.plan.map(|plan| PendingView {
        plan,
        relation: Relation::Neither,
    });
    let pending: Vec<PendingView> = pending.into_iter().collect();
    let twin = deviations.iter().position(|deviation| {
        deviation.kind == DeviationKind::Changed
            && deviation.workspace == workspace
            && deviation.address.as_ref() == Some(&address)
            && deviation.attribute == difference.attribute
            && deviation.live == difference.in_state
    });
    if let Some(twin) = twin.and_then(|at| deviations.get_mut(at)) {
        twin.kind = DeviationKind::AppliedNotApproved;
        twin.pending = pending;
        return;
    }
    let mut notes = vec!["the value is the state's".to_owned()];
    if let (Some(attribute), Some(workspace)) = (&difference.attribute, &workspace) {
        let lifecycle = authors.lifecycle(workspace, &address);
        notes.extend(Ignoring::of(lifecycle.as_ref(), attribute).note());
    }
    deviations.push(Deviation {
        kind: DeviationKind::AppliedNotApproved,
        workspace,
        address: Some(address),
        type_name: difference.type_name.clone(),
        provider_id: difference.provider_id.clone().map(ProviderId::from),
        account: None,
        region: None,
        attribute: difference.attribute.clone(),
        approved: difference.approved.clone(),
        live: difference.in_state.clone(),
        fidelity: Fidelity::Mapped,
        observed_at: None,
        tags: BTreeMap::new(),
        subjects: difference.provider_id.clone().into_iter().collect(),
        source: None,
        within: None,
        pending,
        earlier: Vec::new(),
        notes,
    });
}
