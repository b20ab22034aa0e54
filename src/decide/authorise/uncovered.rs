//! A deviation that no pending plan covers: the plan was not carried out yet, or nothing allows it.

use super::super::approvals::{PlanStanding, RecordStanding, Side, Standing, short};
use super::{Case, judgement};
use crate::model::{DeviationKind, Judgement, Relation, Sha256Digest, Verdict};

/// Live is still what it was when the plan was made. Nothing if nothing approves the plan.
pub(super) fn unapplied(case: &Case<'_>, plan: &PlanStanding) -> Option<Judgement> {
    let what = case.subject();
    match &plan.standing {
        Standing::Unapproved => None,
        Standing::Assumed => {
            let reason = format!(
                "the plan sets {what}, the configuration takes the plan as approved, and it was \
                 not carried out yet"
            );
            Some(judgement(Verdict::AwaitingApply, vec![reason], None))
        }
        Standing::Indeterminate => {
            let change = plan.change().map(|change| &change.number);
            let reasons = plan.reasons.clone();
            Some(judgement(Verdict::Indeterminate, reasons, change))
        }
        Standing::Approved | Standing::Emergency { .. } => {
            // A change that was put off has several records; the one with the latest window counts.
            let latest = plan
                .records
                .iter()
                .filter(|one| match one.standing {
                    Standing::Approved | Standing::Emergency { .. } => true,
                    Standing::Assumed | Standing::Indeterminate | Standing::Unapproved => false,
                })
                .max_by_key(|one| one.record.window.map(|window| window.end))?;
            Some(by_window(case, latest))
        }
    }
}

/// As [`unapplied`], where nothing tells that the plan was not carried out and undone since. A change
/// record has a window that says until when that is in order; a plan that is only taken as approved
/// has none.
pub(super) fn unapplied_or_undone(case: &Case<'_>, plan: &PlanStanding) -> Option<Judgement> {
    if !matches!(plan.standing, Standing::Assumed) {
        return unapplied(case, plan);
    }
    let what = case.subject();
    let reason = format!(
        "the plan sets {what}, and the configuration takes the plan as approved; it was not carried \
         out yet, or was undone since: give the state after apply"
    );
    Some(judgement(Verdict::Indeterminate, vec![reason], None))
}

fn by_window(case: &Case<'_>, standing: &RecordStanding) -> Judgement {
    let number = &standing.record.number;
    let what = case.subject();
    let (verdict, reason) = match standing.record.window {
        None => (
            Verdict::Indeterminate,
            format!(
                "{number} sets {what} and was not carried out; it has no window, so whether it \
                 still will be is not known"
            ),
        ),
        Some(window) => match case.policy.side(case.now, window.end) {
            Side::Before => (
                Verdict::AwaitingApply,
                format!("{number} sets {what}; its window ends at {}", window.end),
            ),
            Side::Near => (
                Verdict::Indeterminate,
                format!(
                    "{number} sets {what}; now is too near to the end of its window, {}, for the \
                     clocks to tell whether it is over",
                    window.end
                ),
            ),
            Side::After => (
                Verdict::NotApplied,
                format!(
                    "{number} sets {what}; its window ended at {} without it",
                    window.end
                ),
            ),
        },
    };
    judgement(verdict, vec![reason], Some(number))
}

/// Nothing that stands covers the deviation. Says so first, then what comes near to covering it.
pub(super) fn unauthorised(case: &Case<'_>) -> Judgement {
    let what = case.subject();
    let mut reasons = gone_back(case);
    let mut near = Vec::new();
    let mut change = None;
    for view in case.deviation.pending.iter().rev() {
        let Some(plan) = case.standing_of(&view.plan) else {
            continue;
        };
        match view.relation {
            Relation::EqualsAfter => {
                near.extend(no_standing(plan, what));
                change = change.or(plan.change().map(|change| &change.number));
            }
            Relation::Neither => near.extend(other_value(plan, what)),
            Relation::EqualsBefore | Relation::BeforeOrUndone | Relation::Unknown => {}
        }
    }
    if reasons.is_empty() && change.is_none() {
        reasons.push(nothing_covers(case, what));
    }
    reasons.extend(near);
    judgement(Verdict::Unauthorised, reasons, change)
}

fn nothing_covers(case: &Case<'_>, what: &str) -> String {
    match case.deviation.kind {
        DeviationKind::Unmanaged => "no approved plan contains it".to_owned(),
        DeviationKind::Changed
        | DeviationKind::Missing
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => format!("no change record covers {what}"),
    }
}

/// Live is what a plan sets that nothing approves.
fn no_standing(plan: &PlanStanding, what: &str) -> Vec<String> {
    let first = match plan.change() {
        Some(change) => format!("{} covers {what}, but does not stand", change.number),
        None => format!(
            "plan {} sets {what} to this value",
            short(&plan.plan.digest)
        ),
    };
    std::iter::once(first)
        .chain(plan.reasons.iter().cloned())
        .collect()
}

fn other_value(plan: &PlanStanding, what: &str) -> Option<String> {
    let change = plan.change()?;
    match plan.standing {
        Standing::Approved | Standing::Emergency { .. } => {
            Some(format!("{} sets {what} to another value", change.number))
        }
        Standing::Assumed | Standing::Indeterminate | Standing::Unapproved => None,
    }
}

/// Live is at an earlier state than the one that was seen applied.
fn gone_back(case: &Case<'_>) -> Vec<String> {
    let what = case.subject();
    let views = case.deviation.earlier.iter().rev();
    views
        .map(|view| {
            let to = named(case, &view.baseline);
            match &view.plan {
                None => {
                    format!("reverted: {what} is what it was before {to}, which was seen applied")
                }
                Some(plan) if view.was_applied => format!(
                    "reverted: {what} is back at what {} set, after {to} was seen applied",
                    named(case, plan)
                ),
                Some(plan) => format!(
                    "superseded: {what} is what {} sets, but {to} came later and was seen applied",
                    named(case, plan)
                ),
            }
        })
        .collect()
}

/// A plan by its change record, else by its digest.
fn named(case: &Case<'_>, plan: &Sha256Digest) -> String {
    match case.standing_of(plan).and_then(PlanStanding::change) {
        Some(change) => change.number.to_string(),
        None => format!("plan {}", short(plan)),
    }
}
