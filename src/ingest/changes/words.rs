//! The words of ticket systems in our terms. A word that is not listed authorises nothing.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::document::{Invalid, did_you_mean, text};
use crate::model::{ApprovalRole, ChangeState, ChangeType, Decision};

/// `In Progress`, `in-progress` and `in_progress` are one word.
fn folded(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

fn state_of(text: &str) -> ChangeState {
    let shown = text.trim().to_owned();
    // ServiceNow's numbers are matched before folding, which would turn the minus into an
    // underscore.
    match shown.as_str() {
        "-5" | "-4" | "-3" => return ChangeState::NotYet(shown),
        "-2" | "-1" | "0" | "3" => return ChangeState::Standing(shown),
        "4" => return ChangeState::Withdrawn(shown),
        _ => {}
    }
    match folded(text).as_str() {
        "approved" | "scheduled" | "implement" | "implemented" | "in_progress" | "review"
        | "done" | "complete" | "completed" | "closed" => ChangeState::Standing(shown),
        "new"
        | "draft"
        | "assess"
        | "authorize"
        | "authorise"
        | "requested"
        | "submitted"
        | "pending"
        | "pending_approval"
        | "waiting_for_approval" => ChangeState::NotYet(shown),
        "canceled" | "cancelled" | "rejected" | "declined" | "failed" | "withdrawn" => {
            ChangeState::Withdrawn(shown)
        }
        _ => ChangeState::Unknown(shown),
    }
}

pub(super) fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChangeState, D::Error> {
    struct StateVisitor;

    impl Visitor<'_> for StateVisitor {
        type Value = ChangeState;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the state of a change, as a word or as ServiceNow's number")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<ChangeState, E> {
            Ok(state_of(text))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<ChangeState, E> {
            Ok(state_of(&number.to_string()))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<ChangeState, E> {
            Ok(state_of(&number.to_string()))
        }
    }

    deserializer.deserialize_any(StateVisitor)
}

pub(super) fn change_type<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ChangeType, D::Error> {
    text(deserializer, |text| match folded(text).as_str() {
        "normal" => Ok(ChangeType::Normal),
        "standard" => Ok(ChangeType::Standard),
        "emergency" => Ok(ChangeType::Emergency),
        word => Err(Invalid::new(
            format!("unknown type of change `{text}`"),
            did_you_mean(word, &["normal", "standard", "emergency"]),
        )),
    })
}

/// A group that is neither technical nor regulatory is real in ticket systems; its approvals are
/// kept and do not count.
pub(super) fn role<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ApprovalRole>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(match text.as_deref().map(folded).as_deref() {
        Some("technical") => Some(ApprovalRole::Technical),
        Some("regulatory") => Some(ApprovalRole::Regulatory),
        Some(_) | None => None,
    })
}

pub(super) fn decision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decision, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(match folded(&text).as_str() {
        "approved" => Decision::Approved,
        "rejected" | "declined" => Decision::Rejected,
        "withdrawn" | "revoked" => Decision::Withdrawn,
        "requested" | "pending" => Decision::Requested,
        _ => Decision::Unknown(text.trim().to_owned()),
    })
}
