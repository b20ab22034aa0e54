//! Guards that look at the finding itself.

use super::{Question, way};
use crate::decide::ignoring;
use crate::model::{Action, Fidelity, FindingState, FixWay, Verdict};

pub(super) fn action(question: &Question<'_>) -> Option<String> {
    match question.subject.action {
        Action::Remediate => None,
        own @ (Action::Alert | Action::Record | Action::Ignore) => {
            Some(format!("the action of its rule is `{own}`"))
        }
    }
}

pub(super) fn verdict(question: &Question<'_>) -> Option<String> {
    match question.subject.verdict {
        Verdict::Unauthorised => None,
        own @ (Verdict::Authorised
        | Verdict::AwaitingApply
        | Verdict::NotApplied
        | Verdict::OutOfWindow
        | Verdict::Late
        | Verdict::EmergencyPending
        | Verdict::Indeterminate) => Some(format!("its verdict is `{own}`, not `unauthorised`")),
    }
}

pub(super) fn standing(question: &Question<'_>) -> Option<String> {
    let why = match question.subject.state {
        FindingState::Open | FindingState::Acknowledged => return None,
        // Its own intent is what it is taken up by; any other is for the guard `again`.
        FindingState::Fixing => return None,
        FindingState::Accepted => "a waiver accepts it",
        FindingState::Suspected => "it was not seen in enough scans yet",
        FindingState::Flapping => "it is flapping",
    };
    Some(why.to_owned())
}

/// What would be changed must be what was just seen.
pub(super) fn observation(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    match question.seen {
        None => Some("this look did not see it".to_owned()),
        Some(seen) if *seen != subject.deviation => {
            Some("what this look saw is not what is recorded".to_owned())
        }
        Some(_) if subject.values_elsewhere => {
            Some("its values are too large for its record".to_owned())
        }
        Some(_) => None,
    }
}

pub(super) fn fidelity(question: &Question<'_>) -> Option<String> {
    match question.subject.fidelity {
        Fidelity::Exact | Fidelity::Mapped => None,
        Fidelity::Presence => {
            Some("its attributes are matched by name only, which nobody reviewed".to_owned())
        }
    }
}

/// What the author told Terraform to leave alone is in no plan: only the source says it.
pub(super) fn authors(question: &Question<'_>) -> Option<String> {
    let is_of_attribute = way(question.subject) == Some(FixWay::SetBack);
    let mut notes = question.subject.notes.iter();
    let unknown = notes.any(|note| note == ignoring::UNKNOWN);
    (is_of_attribute && unknown).then(|| {
        "whether ignore_changes sets it aside is not known: give `source` in its `baseline`"
            .to_owned()
    })
}
