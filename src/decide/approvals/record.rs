//! The standing of one change record.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::emergency::Emergency;
use super::party::{Party, resolve, resolve_all};
use super::votes::{Ballot, CountedApproval, Tally, complete_since, role_word};
use super::{ApprovalPolicy, Standing};
use crate::model::{ApprovalRole, ChangeRecord, ChangeState, Decision, IdentityMap, PersonId};

/// One change record, and what it gives the plan that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordStanding {
    pub record: ChangeRecord,
    pub standing: Standing,
    /// Why the record does not give full standing. Empty if it does.
    pub reasons: Vec<String>,
    /// The approvals that count, oldest first.
    pub approvals: Vec<CountedApproval>,
    /// Who answers for the change if it is a proper emergency; approval after such a change is
    /// `late`, after any other it is too late.
    pub emergency: Option<PersonId>,
}

impl RecordStanding {
    /// The last approval that counts. An emergency nobody has approved yet is placed at the start
    /// of its window, so that its plan is newer than the baseline that it changes.
    pub fn last_approval(&self) -> Option<Timestamp> {
        let last = self.approvals.last().map(|approval| approval.at);
        let begins = self.record.window.map(|window| window.start);
        last.or(begins).filter(|_| self.may_stand())
    }

    /// Whether it stands, or may prove to.
    pub fn may_stand(&self) -> bool {
        match self.standing {
            Standing::Approved
            | Standing::Assumed
            | Standing::Emergency { .. }
            | Standing::Indeterminate => true,
            Standing::Unapproved => false,
        }
    }

    pub(super) fn strongest_first(a: &Self, b: &Self) -> std::cmp::Ordering {
        let key = |one: &Self| {
            let rank = match one.standing {
                Standing::Approved => 0,
                Standing::Assumed => 1,
                Standing::Emergency { .. } => 2,
                Standing::Indeterminate => 3,
                Standing::Unapproved => 4,
            };
            (rank, Reverse(one.last_approval()))
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.record.number.cmp(&b.record.number))
            .then_with(|| a.record.origin.cmp(&b.record.origin))
            .then_with(|| a.record.digest.cmp(&b.record.digest))
    }
}

/// Judges one record; another one of its number that says something else takes its standing away.
pub(super) fn judge_among(
    record: &ChangeRecord,
    all: &[ChangeRecord],
    plan_made: Option<Timestamp>,
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> RecordStanding {
    let mut judged = judge(record, plan_made, people, policy, now);
    let twin = all
        .iter()
        .find(|other| other.number == record.number && !other.same_content(record));
    if twin.is_some() {
        judged.standing = Standing::Unapproved;
        judged.reasons = vec![format!(
            "{} is there more than once, with different content",
            record.number
        )];
    }
    judged
}

fn judge(
    record: &ChangeRecord,
    plan_made: Option<Timestamp>,
    people: Option<&IdentityMap>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> RecordStanding {
    let ballot = Ballot {
        record,
        people,
        requester: record.requested_by.as_deref().map(|by| resolve(by, people)),
        author: record.author.as_deref().map(|by| resolve(by, people)),
        implementers: resolve_all(&record.implemented_by, people),
        plan_made,
        latest: now.checked_add(policy.clock_tolerance).unwrap_or(now),
    };
    let tally = ballot.count();
    let emergency = Emergency::of(&ballot);
    let (standing, reasons) = standing(&ballot, &tally, &emergency, policy, now);
    RecordStanding {
        record: record.clone(),
        standing,
        reasons,
        approvals: tally.counted,
        emergency: emergency.answerable(),
    }
}

/// What is known for certain to be wrong comes first: it stays wrong whoever the unmapped are.
fn standing(
    ballot: &Ballot<'_>,
    tally: &Tally,
    emergency: &Emergency,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> (Standing, Vec<String>) {
    if let Some(reason) = ended(ballot.record) {
        return (Standing::Unapproved, vec![reason]);
    }
    let mut lacks = waiting(ballot.record);
    lacks.extend(shortfall(ballot, tally));
    let mut unknowns = unknowns(ballot);
    unknowns.extend(emergency.unknown());
    match (lacks.is_empty(), emergency) {
        (true, _) if unknowns.is_empty() => (Standing::Approved, Vec::new()),
        (true, _) => (Standing::Indeterminate, unknowns),
        (false, Emergency::Not) => (Standing::Unapproved, lacks),
        (false, Emergency::Improper(reasons)) => {
            let reasons = reasons.iter().cloned().chain(lacks).collect();
            (Standing::Unapproved, reasons)
        }
        (false, Emergency::Unmapped(_)) => (Standing::Indeterminate, unknowns),
        (false, Emergency::Proper(_)) if !unknowns.is_empty() => {
            (Standing::Indeterminate, unknowns)
        }
        (false, Emergency::Proper(approver)) => {
            super::emergency::pending(ballot.record, approver, lacks, policy, now)
        }
    }
}

fn ended(record: &ChangeRecord) -> Option<String> {
    let number = &record.number;
    match &record.state {
        ChangeState::Withdrawn(word) => {
            Some(format!("{number} no longer stands: its state is `{word}`"))
        }
        ChangeState::Unknown(word) => Some(format!(
            "{number} has the state `{word}`, which is not known and authorises nothing"
        )),
        ChangeState::Standing(_) | ChangeState::NotYet(_) => None,
    }
}

fn waiting(record: &ChangeRecord) -> Vec<String> {
    match &record.state {
        ChangeState::NotYet(word) => vec![format!(
            "{} is not approved yet: its state is `{word}`",
            record.number
        )],
        ChangeState::Standing(_) | ChangeState::Withdrawn(_) | ChangeState::Unknown(_) => {
            Vec::new()
        }
    }
}

/// What the approvals lack even if every unmapped approver were whom the record needs.
fn shortfall(ballot: &Ballot<'_>, tally: &Tally) -> Vec<String> {
    if complete_since(&tally.counted, &BTreeSet::new()).is_some() {
        return Vec::new();
    }
    let number = &ballot.record.number;
    let mut reasons = tally.discounted.clone();
    let missing: Vec<ApprovalRole> = [ApprovalRole::Technical, ApprovalRole::Regulatory]
        .into_iter()
        .filter(|role| !tally.counted.iter().any(|one| one.role == *role))
        .collect();
    for role in &missing {
        let word = role_word(*role);
        reasons.push(format!("{number} has no {word} approval that counts"));
    }
    if missing.is_empty() {
        let who = tally.counted.first().map_or("", |one| one.by.shown());
        reasons.push(format!(
            "the technical and the regulatory approval of {number} are both by {who}; two \
             different people must approve"
        ));
    }
    reasons
}

/// Everybody who must be mapped and is not. Reasons give the part somebody plays, not the name:
/// they reach the evidence log, where only pseudonymous ids appear.
fn unknowns(ballot: &Ballot<'_>) -> Vec<String> {
    let record = ballot.record;
    let number = &record.number;
    if ballot.people.is_none() {
        return vec![format!(
            "there is no identity map, so the approvals of {number} cannot be judged"
        )];
    }
    let mut unmapped = Vec::new();
    let mut reasons = Vec::new();
    match &ballot.requester {
        None => reasons.push(format!("{number} does not name its requester")),
        Some(Party::Unmapped(_)) => unmapped.push(format!("the requester of {number}")),
        Some(Party::Known(_)) => {}
    }
    if ballot.author.as_ref().is_some_and(Party::is_unmapped) {
        unmapped.push(format!("the author of {number}"));
    }
    let implementers: BTreeSet<&String> = record.implemented_by.iter().collect();
    let unmapped_implementers = implementers
        .iter()
        .filter(|name| resolve(name, ballot.people).is_unmapped())
        .count();
    if unmapped_implementers > 0 {
        unmapped.push(format!(
            "{unmapped_implementers} of {} in `implemented_by` of {number}",
            implementers.len()
        ));
    }
    let deciders: BTreeSet<(Timestamp, Party)> = record
        .approvals
        .iter()
        .filter(|approval| approval.decision != Decision::Requested)
        .map(|approval| (approval.at, resolve(&approval.by, ballot.people)))
        .filter(|(_, by)| by.is_unmapped())
        .collect();
    for (at, _) in deciders {
        unmapped.push(format!("whoever decided on {number} at {at}"));
    }
    let unmapped = unmapped.iter();
    reasons.extend(unmapped.map(|part| format!("{part} is not in the identity map")));
    reasons
}
