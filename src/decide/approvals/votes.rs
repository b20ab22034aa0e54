//! Which approvals of a record count, and when they came to be enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;

use super::party::{Party, resolve, unfit};
use crate::model::{Approval, ApprovalRole, ChangeRecord, Decision, IdentityMap};

/// One approval that no rule takes away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountedApproval {
    pub at: Timestamp,
    pub role: ApprovalRole,
    pub by: Party,
}

/// Why an approval does not count.
enum Discount {
    Future,
    OlderThanPlan(Timestamp),
    OlderThanEdit(Timestamp),
    TakenBack(Timestamp),
    Requester,
    Author,
    Implementer,
    Unfit(&'static str),
    NoRole,
    RoleNotGranted(ApprovalRole),
}

/// What the approvals of one record are held against.
pub(super) struct Ballot<'r> {
    pub(super) record: &'r ChangeRecord,
    pub(super) people: Option<&'r IdentityMap>,
    pub(super) requester: Option<Party>,
    pub(super) author: Option<Party>,
    pub(super) implementers: BTreeSet<Party>,
    /// When the plan was made, where the plan says so.
    pub(super) plan_made: Option<Timestamp>,
    /// An approval dated later than this is in the future.
    pub(super) latest: Timestamp,
}

/// The approvals that count, oldest first, and a sentence for each that does not.
pub(super) struct Tally {
    pub(super) counted: Vec<CountedApproval>,
    pub(super) discounted: Vec<String>,
}

impl Ballot<'_> {
    pub(super) fn count(&self) -> Tally {
        let last_no = self.last_refusals();
        let mut counted = BTreeSet::new();
        let mut discounted = BTreeSet::new();
        for approval in &self.record.approvals {
            let by = resolve(&approval.by, self.people);
            if let Decision::Unknown(word) = &approval.decision {
                discounted.insert((approval.at, self.unknown_word(&by, word)));
            }
            if !is_yes(&approval.decision) {
                continue;
            }
            match (self.discount(approval, &by, &last_no), approval.role) {
                (None, Some(role)) => {
                    let at = approval.at;
                    counted.insert(CountedApproval { at, role, by });
                }
                (None, None) => {
                    discounted
                        .insert((approval.at, self.sentence(approval, &by, &Discount::NoRole)));
                }
                (Some(why), _) => {
                    discounted.insert((approval.at, self.sentence(approval, &by, &why)));
                }
            }
        }
        Tally {
            counted: counted.into_iter().collect(),
            discounted: discounted.into_iter().map(|(_, text)| text).collect(),
        }
    }

    /// When each party last said anything but yes: it takes away whatever the party approved
    /// before, in any role. A word that is not known counts as such.
    fn last_refusals(&self) -> BTreeMap<Party, Timestamp> {
        let mut last = BTreeMap::new();
        for approval in &self.record.approvals {
            if !is_yes(&approval.decision) {
                let by = resolve(&approval.by, self.people);
                let at = last.entry(by).or_insert(approval.at);
                *at = approval.at.max(*at);
            }
        }
        last
    }

    fn discount(
        &self,
        approval: &Approval,
        by: &Party,
        last_no: &BTreeMap<Party, Timestamp>,
    ) -> Option<Discount> {
        let at = approval.at;
        if at > self.latest {
            return Some(Discount::Future);
        }
        if let Some(no) = last_no.get(by).filter(|no| **no >= at) {
            return Some(Discount::TakenBack(*no));
        }
        if let Some(edit) = self.record.updated_at.filter(|edit| at < *edit) {
            return Some(Discount::OlderThanEdit(edit));
        }
        if let Some(made) = self.plan_made.filter(|made| at < *made) {
            return Some(Discount::OlderThanPlan(made));
        }
        if self.requester.as_ref() == Some(by) {
            return Some(Discount::Requester);
        }
        if self.author.as_ref() == Some(by) {
            return Some(Discount::Author);
        }
        if self.implementers.contains(by) {
            return Some(Discount::Implementer);
        }
        if let Some(why) = unfit(by, self.people) {
            return Some(Discount::Unfit(why));
        }
        let Some(role) = approval.role else {
            return Some(Discount::NoRole);
        };
        (!self.grants(by, role)).then_some(Discount::RoleNotGranted(role))
    }

    fn grants(&self, by: &Party, role: ApprovalRole) -> bool {
        match by {
            // Whether the map would grant it is not known; the record is indeterminate anyway.
            Party::Unmapped(_) => true,
            Party::Known(id) => self
                .people
                .and_then(|people| people.find(&id.0))
                .is_some_and(|person| person.roles.contains(&role)),
        }
    }

    fn unknown_word(&self, by: &Party, word: &str) -> String {
        let (number, who) = (&self.record.number, by.shown());
        format!("the decision `{word}` on {number} by {who} is not known and approves nothing")
    }

    fn sentence(&self, approval: &Approval, by: &Party, why: &Discount) -> String {
        let number = &self.record.number;
        let (who, at) = (by.shown(), approval.at);
        format!("the approval of {number} by {who} at {at} does not count: {why}")
    }
}

fn is_yes(decision: &Decision) -> bool {
    match decision {
        Decision::Approved => true,
        Decision::Rejected | Decision::Withdrawn | Decision::Requested | Decision::Unknown(_) => {
            false
        }
    }
}

impl fmt::Display for Discount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Future => f.write_str("it is dated in the future"),
            Self::OlderThanPlan(made) => write!(f, "it is older than the plan, made at {made}"),
            Self::OlderThanEdit(edit) => {
                write!(f, "it is older than the last edit of the change, at {edit}")
            }
            Self::TakenBack(at) => write!(f, "the approver decided otherwise at {at}"),
            Self::Requester => f.write_str("the requester may not approve"),
            Self::Author => f.write_str("the author may not approve"),
            Self::Implementer => f.write_str("whoever implements the change may not approve it"),
            Self::Unfit(why) => write!(f, "the approver {why}"),
            Self::NoRole => f.write_str("its role is neither technical nor regulatory"),
            Self::RoleNotGranted(role) => write!(
                f,
                "the identity map does not grant the approver the {} role",
                role_word(*role)
            ),
        }
    }
}

pub(super) fn role_word(role: ApprovalRole) -> &'static str {
    match role {
        ApprovalRole::Technical => "technical",
        ApprovalRole::Regulatory => "regulatory",
    }
}

/// The first moment at which a technical and a regulatory approval by two different people were
/// there, leaving out the approvals of `without`. Expects the approvals oldest first.
pub fn complete_since(
    approvals: &[CountedApproval],
    without: &BTreeSet<Party>,
) -> Option<Timestamp> {
    let mut technical = BTreeSet::new();
    let mut regulatory = BTreeSet::new();
    for approval in approvals.iter().filter(|one| !without.contains(&one.by)) {
        match approval.role {
            ApprovalRole::Technical => technical.insert(&approval.by),
            ApprovalRole::Regulatory => regulatory.insert(&approval.by),
        };
        if two_people(&technical, &regulatory) {
            return Some(approval.at);
        }
    }
    None
}

/// Whether one of the first can be paired with somebody else of the second.
fn two_people(technical: &BTreeSet<&Party>, regulatory: &BTreeSet<&Party>) -> bool {
    match (technical.first(), regulatory.first()) {
        (Some(one), Some(other)) => one != other || technical.len() > 1 || regulatory.len() > 1,
        (None, _) | (_, None) => false,
    }
}
