//! Whether a deviation was authorised: the table of verdicts. Every verdict has its reasons.

mod actor;
mod covered;
mod uncovered;

pub use actor::may_implement;
use jiff::Timestamp;

use super::approvals::{ApprovalPolicy, PlanStanding, Standing, short};
use crate::model::{
    Attribution, ChangeNumber, Deviation, DeviationKind, IdentityMap, Judgement, PendingView,
    Relation, Sha256Digest, Verdict,
};

/// What a deviation is judged by.
struct Case<'c> {
    now: Timestamp,
    deviation: &'c Deviation,
    standings: &'c [PlanStanding],
    attribution: Option<&'c Attribution>,
    people: Option<&'c IdentityMap>,
    policy: &'c ApprovalPolicy,
}

/// Judges one deviation.
///
/// `standings` holds the plans of the deviation's workspace; their order does not matter. Findings
/// about a whole plan name it in [`Deviation::pending`].
pub fn judge(
    now: Timestamp,
    deviation: &Deviation,
    standings: &[PlanStanding],
    attribution: Option<&Attribution>,
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
) -> Judgement {
    let case = Case {
        now,
        deviation,
        standings,
        attribution,
        people,
        policy,
    };
    match deviation.kind {
        DeviationKind::Changed | DeviationKind::Missing | DeviationKind::Unmanaged => {
            case.judge_resource()
        }
        DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => case.judge_plan(),
    }
}

impl<'c> Case<'c> {
    /// A plan that nothing approves is not pending: it neither covers nor awaits anything.
    fn judge_resource(&self) -> Judgement {
        let covering = self.related(Relation::EqualsAfter);
        let mut judgements: Vec<Judgement> = covering
            .flat_map(|plan| covered::judge(self, plan))
            .collect();
        judgements.sort_by_key(|judgement| rank(judgement.verdict));
        if let Some(best) = judgements.into_iter().next() {
            return best;
        }
        if let Some(unjudged) = self.unjudged() {
            return unjudged;
        }
        // Going back on what was applied is not excused by a plan that starts from there.
        if !self.deviation.earlier.is_empty() {
            return uncovered::unauthorised(self);
        }
        let unapplied: Vec<Judgement> = self
            .related(Relation::EqualsBefore)
            .filter_map(|plan| uncovered::unapplied(self, plan))
            .chain(
                self.related(Relation::BeforeOrUndone)
                    .filter_map(|plan| uncovered::unapplied_or_undone(self, plan)),
            )
            .collect();
        let decided = unapplied
            .iter()
            .find(|judgement| judgement.verdict != Verdict::Indeterminate);
        match decided.or(unapplied.first()) {
            Some(judgement) => judgement.clone(),
            None => uncovered::unauthorised(self),
        }
    }

    /// The plans to which live stands so, newest first.
    fn related(&self, wanted: Relation) -> impl Iterator<Item = &'c PlanStanding> + '_ {
        let views = self.deviation.pending.iter().rev();
        views
            .filter(move |view| view.relation == wanted)
            .filter_map(|view| self.standing_of(&view.plan))
    }

    /// A plan that covers the deviation and of which it was not said how it stands, or one of which
    /// it cannot be told whether it covers the deviation.
    fn unjudged(&self) -> Option<Judgement> {
        let open = |view: &PendingView| match (view.relation, self.standing_of(&view.plan)) {
            (Relation::EqualsAfter, None) => Some(("covers", "how it stands is not known")),
            (Relation::Unknown, standing) => standing
                .is_none_or(|plan| plan.standing != Standing::Unapproved)
                .then_some(("touches", "how live stands to it cannot be told")),
            (Relation::EqualsAfter, Some(_))
            | (Relation::EqualsBefore | Relation::BeforeOrUndone | Relation::Neither, _) => None,
        };
        let mut views = self.deviation.pending.iter();
        let (plan, (verb, why)) = views.find_map(|view| Some((&view.plan, open(view)?)))?;
        let reason = format!("plan {} {verb} {}, and {why}", short(plan), self.subject());
        Some(judgement(Verdict::Indeterminate, vec![reason], None))
    }

    fn standing_of(&self, plan: &Sha256Digest) -> Option<&'c PlanStanding> {
        self.standings.iter().find(|one| one.plan.digest == *plan)
    }

    fn judge_plan(&self) -> Judgement {
        let views = self.deviation.pending.iter();
        let plans: Vec<&PlanStanding> = views
            .filter_map(|view| self.standing_of(&view.plan))
            .collect();
        let is_unapproved_plan = self.deviation.kind == DeviationKind::UnapprovedPlan;
        let verdicts = plans.iter().map(|plan| match plan.standing {
            Standing::Indeterminate => Verdict::Indeterminate,
            Standing::Emergency { .. } if is_unapproved_plan => Verdict::EmergencyPending,
            Standing::Emergency { .. }
            | Standing::Approved
            | Standing::Assumed
            | Standing::Unapproved => Verdict::Unauthorised,
        });
        let verdict = verdicts.min_by_key(|verdict| rank(*verdict));
        let verdict = verdict.unwrap_or(Verdict::Unauthorised);
        let mut reasons = vec![self.plan_sentence(verdict)];
        reasons.extend(plans.iter().flat_map(|plan| plan.reasons.iter().cloned()));
        let change = plans.iter().find_map(|plan| plan.change());
        judgement(verdict, reasons, change.map(|change| &change.number))
    }

    fn plan_sentence(&self, verdict: Verdict) -> String {
        let what = self.subject();
        match self.deviation.kind {
            DeviationKind::UnapprovedPlan => match verdict {
                Verdict::Indeterminate => "whether the plan is approved cannot be judged",
                Verdict::EmergencyPending => "the plan is not approved in full yet",
                Verdict::Authorised
                | Verdict::AwaitingApply
                | Verdict::NotApplied
                | Verdict::OutOfWindow
                | Verdict::Late
                | Verdict::Unauthorised => "the plan is not approved",
            }
            .to_owned(),
            DeviationKind::PlanTampered => "the plan file is not the approved one".to_owned(),
            DeviationKind::AppliedNotApproved => {
                format!("the state differs from the approved plan at {what}")
            }
            DeviationKind::Changed | DeviationKind::Missing | DeviationKind::Unmanaged => {
                format!("no change record covers {what}")
            }
        }
    }

    /// What deviates, as reasons name it: the attribute, else the resource.
    fn subject(&self) -> &'c str {
        let Deviation {
            attribute,
            address,
            provider_id,
            type_name,
            ..
        } = self.deviation;
        let attribute = attribute.as_ref().map(|path| path.as_str());
        let address = address.as_ref().map(|address| address.as_str());
        let provider_id = provider_id.as_ref().map(|id| id.as_str());
        attribute
            .or(address)
            .or(provider_id)
            .unwrap_or(type_name.as_str())
    }
}

/// Which of several judgements of one covered deviation holds. What is certain and in order comes
/// before what may yet prove to be, and that before what is certainly not in order.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Authorised => 0,
        Verdict::Late => 1,
        Verdict::EmergencyPending => 2,
        Verdict::Indeterminate => 3,
        Verdict::OutOfWindow => 4,
        Verdict::Unauthorised => 5,
        Verdict::AwaitingApply => 6,
        Verdict::NotApplied => 7,
    }
}

fn judgement(verdict: Verdict, reasons: Vec<String>, change: Option<&ChangeNumber>) -> Judgement {
    Judgement {
        verdict,
        reasons,
        change: change.cloned(),
    }
}
