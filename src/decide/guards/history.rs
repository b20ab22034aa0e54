//! Guards that look at what was done before.

use jiff::SignedDuration;

use super::Question;
use crate::model::{Ended, Fix, FixResult, fits};

/// How far back an earlier fix says something of the next.
const RECENT: SignedDuration = SignedDuration::from_hours(24 * 30);

pub(super) fn approval(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    let rule = subject.rule.as_ref()?;
    let mut asking = question.policy.approval_for.iter();
    if !asking.any(|pattern| fits(pattern, rule.as_str())) {
        return None;
    }
    let approval = question
        .fixes
        .approval(&subject.finding, &subject.deviation);
    match approval {
        None => Some("nobody has said yes to it: `driftwarden findings approve`".to_owned()),
        Some(own) if subject.actor.as_ref() == Some(&own.by) => Some(format!(
            "{} said yes to the fix of their own change",
            own.by
        )),
        Some(_) => None,
    }
}

/// What was begun once is not begun again by itself; only what is known not to have been done is.
pub(super) fn again(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    let own = question
        .others()
        .filter(|fix| fix.finding == subject.finding && fix.deviation == subject.deviation);
    own.rev().find_map(|fix| {
        if fix.is_ended(Ended::Healed) {
            // It came back: that is for the guard `fight`.
            return None;
        }
        let Some(outcome) = &fix.outcome else {
            return Some(format!(
                "the fix {} was begun and nothing says how it ended",
                fix.id
            ));
        };
        match outcome.result {
            FixResult::HandedOver => Some(format!("it was handed over at {}", outcome.at)),
            FixResult::Fixed | FixResult::AsApproved => {
                Some(format!("it was set right at {}", outcome.at))
            }
            FixResult::Started => Some(format!("it was started at {}", outcome.at)),
            FixResult::Restored => Some(format!("an earlier fix was undone at {}", outcome.at)),
            FixResult::Unfit => Some(format!("it was left to people at {}", outcome.at)),
            FixResult::HalfDone => Some(format!("the fix {} was half done", fix.id)),
            FixResult::Interrupted => Some(format!("the fix {} was interrupted", fix.id)),
            FixResult::Failed | FixResult::NotCarriedOut => None,
        }
    })
}

/// Whatever undoes our fixes is stronger than they are.
pub(super) fn fight(question: &Question<'_>) -> Option<String> {
    let subject = question.subject;
    let held = question.others().rev().find(|fix| {
        fix.finding == subject.finding && fix.is_ended(Ended::Healed) && is_recent(question, fix)
    })?;
    let end = held.end.as_ref()?;
    Some(format!(
        "an earlier fix of it held at {} and was undone since",
        end.at
    ))
}

/// Failures one after the other have one cause more often than not.
pub(super) fn breaker(question: &Question<'_>) -> Option<String> {
    let breaker = question.policy.breaker;
    let wanted = usize::try_from(breaker.failures).unwrap_or(usize::MAX);
    let mut outcomes: Vec<_> = question
        .others()
        .filter_map(|fix| fix.outcome.as_ref())
        // What nobody tried says nothing of whether trying fails.
        .filter(|outcome| outcome.result != FixResult::Unfit)
        .collect();
    outcomes.sort_by_key(|outcome| outcome.at);
    let last = outcomes.last()?;
    let failed = outcomes.iter().rev();
    let failed = failed.take_while(|outcome| outcome.result.is_failure());
    let is_open = failed.count() >= wanted && question.now.duration_since(last.at) < breaker.pause;
    is_open.then(|| format!("the last {wanted} fixes failed, the newest at {}", last.at))
}

/// One fix of a rule must have held before there are two of it at a time.
pub(super) fn canary(question: &Question<'_>) -> Option<String> {
    let rule = question.subject.rule.as_ref()?;
    let of_rule = || {
        question
            .others()
            .filter(|fix| fix.rule.as_ref() == Some(rule))
    };
    let held = of_rule().any(|fix| fix.is_ended(Ended::Healed) && is_recent(question, fix));
    if held {
        return None;
    }
    let first = of_rule().find(|fix| fix.is_under_way())?;
    Some(format!(
        "the first fix of its rule, {}, has not yet been seen to hold",
        first.id
    ))
}

fn is_recent(question: &Question<'_>, fix: &Fix) -> bool {
    question.now.duration_since(fix.begun) <= RECENT
}
