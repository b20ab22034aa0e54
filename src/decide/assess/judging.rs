//! Judging deviations one by one: who made each, whether it was authorised, what follows.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decide::approvals::{ApprovalPolicy, PlanStanding, RankedPlan};
use crate::decide::attribute::ActivityIndex;
use crate::decide::authorise::judge;
use crate::decide::compare::Unplaced;
use crate::decide::rules::{RuleContext, RuleSet};
use crate::model::{
    Address, Deviation, IdentityMap, Judged, Judgement, SourceLocation, Verdict, WorkspaceName,
    sort_deviations,
};

pub(super) type Standings<'a> = BTreeMap<&'a WorkspaceName, Vec<PlanStanding>>;

pub(super) fn standings<'a>(
    workspaces: impl Iterator<Item = (&'a WorkspaceName, &'a Vec<RankedPlan>)>,
) -> Standings<'a> {
    let standings = workspaces.map(|(name, plans)| {
        let plans = plans.iter().map(|plan| plan.standing.clone());
        (name, plans.collect())
    });
    standings.collect()
}

/// What each deviation is judged by.
pub(super) struct Judging<'a> {
    pub(super) now: Timestamp,
    pub(super) standings: Standings<'a>,
    pub(super) activity: &'a ActivityIndex,
    pub(super) people: Option<&'a IdentityMap>,
    pub(super) policy: &'a ApprovalPolicy,
    pub(super) locate: &'a dyn Fn(&WorkspaceName, &Address) -> Option<SourceLocation>,
    pub(super) rules: &'a RuleSet,
}

impl Judging<'_> {
    pub(super) fn each(&self, deviations: Vec<Deviation>, unplaced: &Unplaced) -> Vec<Judged> {
        let judged = deviations.into_iter();
        let mut judged: Vec<Judged> = judged.map(|one| self.one(one, unplaced)).collect();
        sort_deviations(&mut judged);
        judged
    }

    fn one(&self, mut deviation: Deviation, unplaced: &Unplaced) -> Judged {
        deviation.source = match (&deviation.workspace, &deviation.address) {
            (Some(workspace), Some(address)) => (self.locate)(workspace, address),
            _ => None,
        };
        let attribution = self.activity.attribute(&deviation);
        let plans = deviation.workspace.as_ref();
        let plans = plans.and_then(|name| self.standings.get(name));
        let plans = plans.map_or(&[][..], Vec::as_slice);
        let (people, policy) = (self.people, self.policy);
        let judgement = judge(
            self.now,
            &deviation,
            plans,
            attribution.as_ref(),
            people,
            policy,
        );
        let judgement = match unplaced.doubt(&deviation) {
            Some(doubt) if judgement.verdict == Verdict::Unauthorised => Judgement {
                verdict: Verdict::Indeterminate,
                reasons: vec![doubt],
                change: None,
            },
            Some(_) | None => judgement,
        };
        let context = RuleContext {
            deviation: &deviation,
            judgement: &judgement,
            attribution: attribution.as_ref(),
        };
        let ruling = self.rules.rule(&context);
        Judged {
            deviation,
            judgement,
            attribution,
            ruling,
        }
    }
}
