//! A deviation that a pending plan covers: resource, attribute and value are in the plan. Who, when
//! and after which approvals decides the rest.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::approvals::{
    Party, PlanStanding, RecordStanding, Side, Standing, complete_since,
};
use super::actor::{ActorNames, Allowed};
use super::{Case, judgement};
use crate::model::{Attribution, Confidence, Judgement, PersonId, Verdict};

/// What was found wrong, and what could not be found out. What is wrong for certain decides before
/// what is open.
#[derive(Default)]
struct Doubts {
    wrong: Vec<(Verdict, String)>,
    open: Vec<String>,
}

/// One judgement for each way in which the plan may cover the deviation; none if nothing approves
/// the plan.
pub(super) fn judge(case: &Case<'_>, plan: &PlanStanding) -> Vec<Judgement> {
    if plan.standing == Standing::Assumed {
        let what = case.subject();
        let reason = format!(
            "the plan sets {what} to this value, and the configuration takes the plan as approved"
        );
        return vec![judgement(Verdict::Authorised, vec![reason], None)];
    }
    plan.records
        .iter()
        .filter_map(|record| by_record(case, record))
        .collect()
}

fn by_record(case: &Case<'_>, standing: &RecordStanding) -> Option<Judgement> {
    let number = &standing.record.number;
    let covers = format!("{number} covers {}", case.subject());
    let (verdict, reasons) = match &standing.standing {
        Standing::Assumed | Standing::Unapproved => return None,
        Standing::Indeterminate => (Verdict::Indeterminate, standing.reasons.clone()),
        Standing::Approved => match made(case) {
            Err(open) => (Verdict::Indeterminate, vec![open]),
            Ok(made) => by_approved(case, standing, made),
        },
        Standing::Emergency { approver, .. } => match made(case) {
            Err(open) => (Verdict::Indeterminate, vec![open]),
            Ok(made) => by_emergency(case, standing, made, approver),
        },
    };
    let reasons = std::iter::once(covers).chain(reasons).collect();
    Some(judgement(verdict, reasons, Some(number)))
}

/// Who made the change and when, as far as it can be relied on.
fn made<'c>(case: &Case<'c>) -> Result<&'c Attribution, String> {
    let Some(made) = case.attribution else {
        return Err("who made the change, and when, is not known".to_owned());
    };
    match made.confidence {
        Confidence::Medium | Confidence::High => {}
        Confidence::Low => {
            return Err("who made the change is known with low confidence only".to_owned());
        }
    }
    match case.policy.side(made.at, case.now) {
        Side::Before | Side::Near => Ok(made),
        Side::After => Err(format!("the change is dated {}, in the future", made.at)),
    }
}

fn by_approved(
    case: &Case<'_>,
    standing: &RecordStanding,
    made: &Attribution,
) -> (Verdict, Vec<String>) {
    let actor = ActorNames::of(made, case.deviation.account.as_ref(), case.people);
    let mut doubts = Doubts::default();
    doubts.of_actor(case, standing, &actor);
    let late = doubts.of_approvals(case, standing, &actor, made.at);
    doubts.of_window(case, standing, made.at);
    let (at, who) = (made.at, actor.shown());
    doubts.unless(|| match late {
        Some(reason) => (Verdict::Late, vec![reason]),
        None => {
            let window = standing.record.window.map_or("", |_| "in its window, ");
            let reason = format!("{who} made the change at {at}, {window}after its approvals");
            (Verdict::Authorised, vec![reason])
        }
    })
}

fn by_emergency(
    case: &Case<'_>,
    standing: &RecordStanding,
    made: &Attribution,
    approver: &PersonId,
) -> (Verdict, Vec<String>) {
    let actor = ActorNames::of(made, case.deviation.account.as_ref(), case.people);
    let number = &standing.record.number;
    let mut doubts = Doubts::default();
    doubts.of_actor(case, standing, &actor);
    doubts.of_window(case, standing, made.at);
    let due = case.policy.complete_by(made.at);
    match case.policy.side(case.now, due) {
        Side::Before => {}
        Side::Near => doubts
            .open
            .push(near("now", "the deadline for full approval", due)),
        Side::After => doubts.wrong.push((
            Verdict::Unauthorised,
            format!("the emergency {number} expired: its full approval was due by {due}"),
        )),
    }
    doubts.unless(|| {
        let mut reasons = vec![format!(
            "{number} is an emergency change that {} answers for; its full approval is due by {due}",
            approver.0
        )];
        let acknowledge_by = case.policy.acknowledge_by(made.at);
        let silent = standing.approvals.is_empty();
        if silent && case.policy.side(case.now, acknowledge_by) == Side::After {
            reasons.push(format!(
                "nobody has approved {number}; a first approval was due by {acknowledge_by}"
            ));
        }
        (Verdict::EmergencyPending, reasons)
    })
}

impl Doubts {
    /// The worst of what is wrong, else what is open, else what `otherwise` says.
    fn unless(self, otherwise: impl FnOnce() -> (Verdict, Vec<String>)) -> (Verdict, Vec<String>) {
        let worst = self.wrong.iter().map(|(verdict, _)| *verdict);
        match worst.max_by_key(|verdict| super::rank(*verdict)) {
            Some(verdict) => {
                let reasons = self.wrong.into_iter().map(|(_, reason)| reason);
                (verdict, reasons.chain(self.open).collect())
            }
            None if self.open.is_empty() => otherwise(),
            None => (Verdict::Indeterminate, self.open),
        }
    }

    fn of_actor(&mut self, case: &Case<'_>, standing: &RecordStanding, actor: &ActorNames<'_>) {
        match actor.allowed(&standing.record, case.people) {
            Allowed::Yes => {}
            Allowed::No(reason) => self.wrong.push((Verdict::Unauthorised, reason)),
            Allowed::Unknown(reason) => self.open.push(reason),
        }
        let answers = standing.emergency.clone().map(Party::Known);
        if let Some(party) = answers.filter(|party| actor.suspects().contains(party)) {
            self.wrong.push((
                Verdict::Unauthorised,
                format!(
                    "{} is the emergency approver of {} and also made the change",
                    party.shown(),
                    standing.record.number
                ),
            ));
        }
    }

    /// Whether the approvals were there before the change. Gives the reason for `late` where the
    /// change is a proper emergency that was approved in time afterwards.
    fn of_approvals(
        &mut self,
        case: &Case<'_>,
        standing: &RecordStanding,
        actor: &ActorNames<'_>,
        at: Timestamp,
    ) -> Option<String> {
        let number = &standing.record.number;
        let Some(complete) = complete_since(&standing.approvals, actor.suspects()) else {
            let who = acting_approvers(standing, actor);
            let reason = format!(
                "{who} approved {number} and also made the change; without that approval two \
                 independent ones are not there"
            );
            self.wrong.push((Verdict::Unauthorised, reason));
            return None;
        };
        match case.policy.side(at, complete) {
            Side::After => return None,
            Side::Near => {
                self.open
                    .push(near_change(at, "the last approval needed", complete));
                return None;
            }
            Side::Before => {}
        }
        let after = format!("{number} was approved at {complete}, after the change at {at}");
        if standing.emergency.is_none() {
            self.wrong.push((Verdict::Unauthorised, after));
            return None;
        }
        let due = case.policy.complete_by(at);
        match case.policy.side(complete, due) {
            Side::Before => return Some(format!("{after}, as an emergency, and before {due}")),
            Side::Near => self.open.push(near("the full approval", "its deadline", due)),
            Side::After => self.wrong.push((
                Verdict::Unauthorised,
                format!("the emergency {number} expired: its full approval was due by {due} and came at {complete}"),
            )),
        }
        None
    }

    fn of_window(&mut self, case: &Case<'_>, standing: &RecordStanding, at: Timestamp) {
        let number = &standing.record.number;
        let Some(window) = standing.record.window else {
            // An emergency is not planned: without a window its deadline alone bounds it.
            if standing.emergency.is_none() {
                self.open.push(format!("{number} has no window"));
            }
            return;
        };
        let (start, end) = (window.start, window.end);
        let outside = match case.policy.side(at, start) {
            Side::Before => Some(format!("before the window of {number} began at {start}")),
            Side::Near => {
                self.open
                    .push(near_change(at, "the start of the window", start));
                None
            }
            Side::After => None,
        };
        let over = match case.policy.side(at, end) {
            Side::After => Some(format!("after the window of {number} ended at {end}")),
            Side::Near => {
                self.open
                    .push(near_change(at, "the end of the window", end));
                None
            }
            Side::Before => None,
        };
        if let Some(where_to) = outside.or(over) {
            let reason = format!("the change was made at {at}, {where_to}");
            self.wrong.push((Verdict::OutOfWindow, reason));
        }
    }
}

fn acting_approvers(standing: &RecordStanding, actor: &ActorNames<'_>) -> String {
    let acting: BTreeSet<&str> = standing
        .approvals
        .iter()
        .filter(|approval| actor.suspects().contains(&approval.by))
        .map(|approval| approval.by.shown())
        .collect();
    acting.into_iter().collect::<Vec<_>>().join(" and ")
}

fn near_change(at: Timestamp, bound_name: &str, bound: Timestamp) -> String {
    near(&format!("the change at {at}"), bound_name, bound)
}

fn near(what: &str, bound_name: &str, bound: Timestamp) -> String {
    format!("{what} is too near to {bound_name}, {bound}, for the clocks to tell which came first")
}
