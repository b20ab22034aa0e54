//! Emergency changes: done first, approved in full within a deadline.

use jiff::Timestamp;

use super::party::{Party, resolve, unfit};
use super::votes::Ballot;
use super::{ApprovalPolicy, Side, Standing};
use crate::model::{ChangeRecord, ChangeType, PersonId};

/// Whether a record is an emergency change for which somebody answers.
pub(super) enum Emergency {
    Not,
    /// Why it is none, although it says so.
    Improper(Vec<String>),
    /// Whoever answers for it is not in the identity map.
    Unmapped(String),
    Proper(PersonId),
}

impl Emergency {
    pub(super) fn of(ballot: &Ballot<'_>) -> Self {
        let record = ballot.record;
        match record.change_type {
            ChangeType::Normal | ChangeType::Standard => return Self::Not,
            ChangeType::Emergency => {}
        }
        let number = &record.number;
        let mut wrong = Vec::new();
        if record.incident.is_none() {
            wrong.push(format!(
                "{number} is an emergency change without an incident"
            ));
        }
        let Some(name) = &record.emergency_approver else {
            wrong.push(format!(
                "{number} is an emergency change without a named approver"
            ));
            return Self::Improper(wrong);
        };
        let approver = resolve(name, ballot.people);
        if let Some(why) = excluded(&approver, ballot) {
            let who = approver.shown();
            wrong.push(format!("the emergency approver of {number}, {who}, {why}"));
        }
        if !wrong.is_empty() {
            return Self::Improper(wrong);
        }
        match approver {
            Party::Known(id) => Self::Proper(id),
            Party::Unmapped(_) => Self::Unmapped(format!(
                "the emergency approver of {number} is not in the identity map"
            )),
        }
    }

    pub(super) fn unknown(&self) -> Option<String> {
        match self {
            Self::Unmapped(reason) => Some(reason.clone()),
            Self::Not | Self::Improper(_) | Self::Proper(_) => None,
        }
    }

    pub(super) fn answerable(self) -> Option<PersonId> {
        match self {
            Self::Proper(id) => Some(id),
            Self::Not | Self::Improper(_) | Self::Unmapped(_) => None,
        }
    }
}

fn excluded(approver: &Party, ballot: &Ballot<'_>) -> Option<&'static str> {
    if ballot.requester.as_ref() == Some(approver) {
        return Some("requested the change");
    }
    if ballot.author.as_ref() == Some(approver) {
        return Some("is its author");
    }
    if ballot.implementers.contains(approver) {
        return Some("implements it");
    }
    unfit(approver, ballot.people)
}

/// An emergency whose full approval is outstanding. A change inside the window is due for approval
/// by the end of the window and the time given, at the latest.
pub(super) fn pending(
    record: &ChangeRecord,
    approver: &PersonId,
    lacks: Vec<String>,
    policy: &ApprovalPolicy,
    now: Timestamp,
) -> (Standing, Vec<String>) {
    let number = &record.number;
    let complete_by = record.window.map(|window| policy.complete_by(window.end));
    if let Some(due) = complete_by.filter(|due| policy.side(now, *due) == Side::After) {
        let mut reasons = vec![format!(
            "the emergency {number} expired: its full approval was due by {due}"
        )];
        reasons.extend(lacks);
        return (Standing::Unapproved, reasons);
    }
    let due = match complete_by {
        Some(due) => format!("by {due} at the latest"),
        None => format!(
            "{} hours after the change",
            policy.emergency_complete.as_hours()
        ),
    };
    let mut reasons = vec![format!(
        "{number} is an emergency change that {} answers for; its full approval is due {due}",
        approver.0
    )];
    reasons.extend(lacks);
    let approver = approver.clone();
    let standing = Standing::Emergency {
        approver,
        complete_by,
    };
    (standing, reasons)
}
