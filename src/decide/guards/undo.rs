//! Whether a fix may be undone. What guards ask of a finding (verdict, observation, fight) says nothing of
//! an undo, which a person wants; what they ask of type, time and amount holds for both.

use super::{Answer, Asked, Permit, Question, decided, history, limits, lists, window};
use crate::model::{Ended, Fix, FixReason, FixResult, Guard, Value};

const GUARDS: [(Guard, Asked); 10] = [
    (Guard::Mode, window::mode),
    (Guard::Reviewed, lists::reviewed),
    (Guard::Protected, lists::protected),
    (Guard::Denied, lists::denied),
    (Guard::Freeze, window::freeze),
    (Guard::StopFile, window::stop_file),
    (Guard::Breaker, history::breaker),
    (Guard::RuleLimit, limits::rule),
    (Guard::WorkspaceLimit, limits::workspace),
    (Guard::EstateLimit, limits::estate),
];

/// Asks the guards of an undo. The question is about what was fixed; `by` wants it undone.
pub fn judge_undo(question: &Question<'_>, fix: &Fix, by: &str) -> Answer {
    let undone = not_undone(fix).map(|(what, _)| FixReason {
        guard: Guard::Again,
        why: format!("it {what}"),
    });
    let mut decision = decided(question, &GUARDS);
    decision.reasons.extend(undone);
    let permit = Permit::of_undo(question, &decision, fix, by);
    Answer { decision, permit }
}

/// Why a fix cannot be undone, and what to do instead.
pub fn not_undone(fix: &Fix) -> Option<(&'static str, &'static str)> {
    const BY_HAND: &str = "restore what was there where it lies, or have it approved and applied; \
        `driftwarden evidence show` has what the log knows";
    let Some(outcome) = &fix.outcome else {
        return Some(("has no outcome yet", "wait for the next scan to settle it"));
    };
    if outcome.run.is_some() && !outcome.result.is_failure() {
        return Some((
            "was carried out by AWS, whose documents have no way back",
            BY_HAND,
        ));
    }
    match outcome.result {
        FixResult::Fixed => {}
        FixResult::Started => return Some(("is under way, or nobody read it since", BY_HAND)),
        FixResult::HandedOver => {
            return Some((
                "was handed over, and nobody here changed anything",
                "whoever carried out the handover file undoes it in the same way",
            ));
        }
        FixResult::HalfDone => {
            return Some(("was half done, so that its end is not known", BY_HAND));
        }
        FixResult::Interrupted => {
            return Some(("was interrupted, so that its end is not known", BY_HAND));
        }
        FixResult::AsApproved
        | FixResult::Restored
        | FixResult::Failed
        | FixResult::NotCarriedOut
        | FixResult::Unfit => {
            return Some(("changed nothing", "there is nothing to undo"));
        }
    }
    if fix.is_ended(Ended::Undone) {
        return Some(("was undone before", "there is nothing to undo"));
    }
    let Some(change) = &outcome.change else {
        return Some(("has no values before in its record", BY_HAND));
    };
    if change.values_elsewhere {
        return Some(("has values that are too large for its record", BY_HAND));
    }
    let is_secret = holds_secret(&change.before) || holds_secret(&change.after);
    is_secret.then_some((
        "changed a secret, of which the log has only that it is one",
        "set the secret by hand where it lies",
    ))
}

fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Sensitive(_) => true,
        Value::List(all) => all.iter().any(holds_secret),
        Value::Map(all) => {
            let is_mark = all.len() == 1 && all.get("sensitive") == Some(&Value::Bool(true));
            is_mark || all.values().any(holds_secret)
        }
    }
}
