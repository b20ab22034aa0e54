//! What keeps an undo back.

use super::super::test_support::{Asked, at, grant, other_fix};
use super::super::{Answer, Freeze, judge_undo, not_undone};
use crate::model::{
    Address, AttributePath, Ended, Fix, FixChange, FixEnd, FixId, FixMode, FixResult, FixSubject,
    FixWay, Guard, RuleId, Sha256Digest, StopFile, TypeName, Value, WorkspaceName,
};

fn change(before: Value) -> FixChange {
    FixChange {
        before,
        after: Value::Null,
        consequences: Vec::new(),
        provider: "p".to_owned(),
        values_elsewhere: false,
    }
}

/// Done an hour and a half ago.
fn fix() -> Fix {
    let mut fix = other_fix("own", -90, Some(FixResult::Fixed));
    fix.workspace = Some(WorkspaceName::from("payments"));
    fix.address = Some(Address::from("aws_security_group.front"));
    fix.attribute = Some(AttributePath::from("/ingress"));
    fix.rule = Some(RuleId::from("sg"));
    if let Some(outcome) = &mut fix.outcome {
        outcome.change = Some(Box::new(change(Value::from("x"))));
    }
    fix
}

fn asked(alter: impl FnOnce(&mut Asked, &mut Fix)) -> Answer {
    let (mut asked, mut fix) = (Asked::default(), fix());
    asked.subject = FixSubject::of_fix(&fix);
    asked.fixes.begin(fix.clone());
    alter(&mut asked, &mut fix);
    let mut question = asked.question();
    question.seen = None;
    judge_undo(&question, &fix, "p2")
}

#[track_caller]
fn alone(guard: Guard, alter: impl FnOnce(&mut Asked, &mut Fix)) {
    let answer = asked(alter);
    assert!(answer.permit.is_none(), "an objection and a permit");
    let guards: Vec<Guard> = answer
        .decision
        .reasons
        .iter()
        .map(|own| own.guard)
        .collect();
    assert_eq!(guards, [guard]);
}

#[test]
fn each_guard_alone_keeps_it_back() {
    let permit = asked(|_, _| {}).permit.unwrap();
    let intent = permit.intent();
    assert_eq!(intent.undoes, Some(FixId::from("own")));
    assert_eq!(intent.approved_by.as_deref(), Some("p2"));
    assert_eq!(intent.outcome, None);
    assert_ne!(intent.id, FixId::from("own"));
    assert_eq!(permit.undone().unwrap(), &fix());
    alone(Guard::Mode, |own, _| own.policy.mode = FixMode::DryRun);
    alone(Guard::Mode, |own, _| own.policy.mode = FixMode::Off);
    alone(Guard::Reviewed, |own, _| {
        own.subject.attribute = Some(AttributePath::from("/name"));
    });
    alone(Guard::Denied, |own, _| {
        own.policy.deny_workspaces = vec!["payments".to_owned()];
    });
    alone(Guard::Freeze, |own, _| {
        own.policy.freezes = vec![Freeze {
            name: "end of year".to_owned(),
            from: at(-1),
            until: at(1),
        }];
    });
    alone(Guard::StopFile, |own, _| {
        own.stop = StopFile::Present("STOP".to_owned());
    });
    alone(Guard::StopFile, |own, _| {
        own.stop = StopFile::Unknown("its folder is gone".to_owned());
    });
    alone(Guard::Breaker, |own, _| {
        for name in ["a", "b", "c", "d", "e", "f"] {
            own.fixes
                .begin(other_fix(name, -70, Some(FixResult::Failed)));
        }
        own.policy.breaker.pause = jiff::SignedDuration::from_hours(2);
    });
    alone(Guard::RuleLimit, |own, _| own.policy.limits.rule.count = 0);
    alone(Guard::WorkspaceLimit, |own, _| {
        own.policy.limits.workspace.count = 0;
    });
    alone(Guard::EstateLimit, |own, _| {
        own.policy.limits.estate.count = 0
    });
    alone(Guard::Again, |_, fix| fix.outcome = None);
}

#[test]
fn nothing_protected_is_removed_by_an_undo() {
    let answer = asked(|own, fix| {
        fix.way = FixWay::PutBack;
        fix.type_name = TypeName::from("aws_db_instance");
        own.subject = FixSubject::of_fix(fix);
    });
    let guards: Vec<Guard> = answer
        .decision
        .reasons
        .iter()
        .map(|own| own.guard)
        .collect();
    assert_eq!(guards, [Guard::Reviewed, Guard::Protected]);
}

#[test]
fn only_what_is_known_to_be_done_is_undone() {
    assert_eq!(not_undone(&fix()), None);
    let said = |alter: &dyn Fn(&mut Fix)| {
        let mut fix = fix();
        alter(&mut fix);
        not_undone(&fix).unwrap().0
    };
    let of = |result: FixResult| {
        said(&move |fix: &mut Fix| {
            if let Some(outcome) = &mut fix.outcome {
                outcome.result = result;
            }
        })
    };
    assert!(of(FixResult::HandedOver).contains("handed over"));
    assert!(of(FixResult::HalfDone).contains("half done"));
    assert!(of(FixResult::Interrupted).contains("interrupted"));
    for result in [
        FixResult::AsApproved,
        FixResult::Restored,
        FixResult::Failed,
        FixResult::NotCarriedOut,
        FixResult::Unfit,
    ] {
        assert_eq!(of(result), "changed nothing");
    }
    assert_eq!(said(&|fix| fix.outcome = None), "has no outcome yet");
    let how = Ended::Undone;
    let undone = said(&move |fix| fix.end = Some(FixEnd { at: at(0), how }));
    assert_eq!(undone, "was undone before");
    let with = |own: FixChange| {
        said(&move |fix: &mut Fix| {
            if let Some(outcome) = &mut fix.outcome {
                outcome.change = Some(Box::new(own.clone()));
            }
        })
    };
    let elsewhere = FixChange {
        values_elsewhere: true,
        ..change(Value::Null)
    };
    assert!(with(elsewhere).contains("too large"));
    let mark = Value::Map([("sensitive".to_owned(), Value::Bool(true))].into());
    let within = Value::Map([("/password".to_owned(), mark)].into());
    assert!(with(change(within)).contains("a secret"));
    let digest = Value::Sensitive(Sha256Digest::of(b"x"));
    assert!(with(change(digest)).contains("a secret"));
}

/// The deviation that was brought back is not fixed again by itself, whenever it is seen.
#[test]
fn what_was_undone_is_not_fixed_again() {
    let mut asked = Asked {
        subject: grant(),
        ..Asked::default()
    };
    let own = super::super::judge(&asked.question()).permit.unwrap();
    let mut undo = own.intent().clone();
    undo.id = FixId::from("undo");
    undo.undoes = Some(own.id().clone());
    undo.begun = at(1);
    asked.fixes.begin(own.intent().clone());
    asked.fixes.begin(undo.clone());
    let outcome = |result| crate::model::FixOutcome {
        at: at(2),
        result,
        detail: String::new(),
        document: None,
        change: None,
        run: None,
    };
    asked.fixes.outcome(own.id(), outcome(FixResult::Fixed));
    asked.fixes.outcome(&undo.id, outcome(FixResult::Restored));
    assert!(asked.fixes.get(own.id()).unwrap().is_ended(Ended::Undone));
    assert!(asked.fixes.under_way(&asked.subject.finding).is_none());
    asked.now = at(60 * 24 * 200);
    let answer = super::super::judge(&asked.question());
    assert!(answer.permit.is_none());
    assert_eq!(answer.decision.reasons[0].guard, Guard::Again);
}
