//! For each guard a case in which it alone keeps the fix back, and one beside it that goes through.

mod finding;
mod history;
mod importing;
mod limits;
mod lists;
mod undo;
mod window;

use super::test_support::{Asked, at};
use super::{GUARDS, Limit, judge};
use crate::model::{Fidelity, FindingState, FixMode, FixWord, Guard, StopFile, Verdict};

/// The one guard that objects, and what it says.
#[track_caller]
fn alone(change: impl FnOnce(&mut Asked)) -> (Guard, String) {
    let mut asked = Asked::default();
    let before = judge(&asked.question());
    assert_eq!(before.decision.reasons, []);
    assert!(before.permit.is_some());
    change(&mut asked);
    let mut answer = judge(&asked.question());
    assert!(answer.permit.is_none(), "an objection and a permit");
    assert_eq!(
        answer.decision.reasons.len(),
        1,
        "{:?}",
        answer.decision.reasons
    );
    let reason = answer.decision.reasons.remove(0);
    (reason.guard, reason.why)
}

#[track_caller]
fn goes_through(change: impl FnOnce(&mut Asked)) {
    let mut asked = Asked::default();
    change(&mut asked);
    let answer = judge(&asked.question());
    assert_eq!(answer.decision.reasons, []);
    assert!(answer.permit.is_some());
}

#[test]
fn the_guards_stand_in_the_order_of_their_names() {
    let mut names: Vec<Guard> = GUARDS.iter().map(|(guard, _)| *guard).collect();
    assert_eq!(names.last(), Some(&Guard::EstateLimit), "the last of them");
    let in_order = names.clone();
    names.sort();
    names.dedup();
    assert_eq!(names, in_order);
    assert_eq!(names.len(), Guard::EstateLimit as usize + 1, "all of them");
}

#[test]
fn every_reason_is_told_and_in_order() {
    let mut asked = Asked::default();
    asked.policy.mode = FixMode::Off;
    asked.subject.verdict = Verdict::Indeterminate;
    asked.subject.fidelity = Fidelity::Presence;
    asked.stop = StopFile::Present("STOP".to_owned());
    let answer = judge(&asked.question());
    let guards: Vec<&str> = answer
        .decision
        .reasons
        .iter()
        .map(|own| own.guard.as_str())
        .collect();
    assert_eq!(guards, ["mode", "verdict", "fidelity", "stop_file"]);
    assert_eq!(
        answer.decision.line(),
        "refused: the mode is `off`; its verdict is `indeterminate`, not `unauthorised`; its \
         attributes are matched by name only, which nobody reviewed; the stop file `STOP` is there"
    );
}

#[test]
fn without_a_remediator_there_is_no_permit() {
    let asked = Asked::default();
    let mut question = asked.question();
    question.remediator = None;
    let answer = judge(&question);
    assert_eq!(answer.decision.word(), FixWord::Permitted);
    assert!(answer.permit.is_none());
    assert!(
        answer
            .decision
            .line()
            .contains("no `handover` is configured")
    );
}

#[test]
fn an_intent_that_is_taken_up_does_not_stand_in_its_own_way() {
    let mut asked = Asked::default();
    let permit = judge(&asked.question()).permit.unwrap();
    let intent = permit.intent().clone();
    asked.fixes.begin(intent.clone());
    asked.subject.state = FindingState::Fixing;
    asked.policy.limits.estate = Limit {
        count: 1,
        share: 100,
    };
    asked.now = at(7);
    let held = judge(&asked.question()).decision;
    assert!(!held.reasons.is_empty());
    let mut question = asked.question();
    question.resumes = Some(&intent);
    let again = judge(&question).permit.unwrap();
    // Under the same name, so that what is written is the same.
    assert_eq!(again.intent(), &intent);
}
