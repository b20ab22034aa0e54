//! For each guard a case in which it alone keeps the fix back, and one beside it that goes through.

use jiff::SignedDuration;

use super::test_support::{Asked, at, other_fix, subject};
use super::{Freeze, GUARDS, Limit, Lists, judge};
use crate::decide::ignoring;
use crate::model::{
    Action, AttributePath, DeviationId, DeviationKind, Ended, Fidelity, FindingKey, FindingState,
    FixApproval, FixEnd, FixId, FixMode, FixResult, FixWord, Guard, StopFile, TypeName, Verdict,
    WorkspaceName,
};

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
fn mode() {
    for mode in [FixMode::Off, FixMode::DryRun] {
        let (guard, why) = alone(|asked| asked.policy.mode = mode);
        assert_eq!(guard, Guard::Mode);
        assert_eq!(why, format!("the mode is `{mode}`"));
    }
    let mut asked = Asked::default();
    asked.policy.mode = FixMode::DryRun;
    assert_eq!(judge(&asked.question()).decision.word(), FixWord::WouldFix);
    asked.policy.mode = FixMode::Off;
    assert_eq!(judge(&asked.question()).decision.word(), FixWord::Refused);
}

#[test]
fn action_and_verdict() {
    for action in Action::ALL
        .into_iter()
        .filter(|own| *own != Action::Remediate)
    {
        assert_eq!(
            alone(|asked| asked.subject.action = action).0,
            Guard::Action
        );
    }
    for verdict in Verdict::ALL
        .into_iter()
        .filter(|own| *own != Verdict::Unauthorised)
    {
        assert_eq!(
            alone(|asked| asked.subject.verdict = verdict).0,
            Guard::Verdict
        );
    }
}

#[test]
fn standing() {
    for state in [
        FindingState::Accepted,
        FindingState::Suspected,
        FindingState::Flapping,
    ] {
        assert_eq!(
            alone(|asked| asked.subject.state = state).0,
            Guard::Standing
        );
    }
    goes_through(|asked| asked.subject.state = FindingState::Acknowledged);
}

#[test]
fn observation() {
    let other = DeviationId::from("d1");
    for seen in [None, Some(other)] {
        assert_eq!(alone(|asked| asked.seen = seen).0, Guard::Observation);
    }
    let large = alone(|asked| asked.subject.values_elsewhere = true);
    assert_eq!(large.0, Guard::Observation);
}

#[test]
fn fidelity() {
    let by_name = alone(|asked| asked.subject.fidelity = Fidelity::Presence);
    assert_eq!(by_name.0, Guard::Fidelity);
    goes_through(|asked| asked.subject.fidelity = Fidelity::Exact);
}

#[test]
fn authors() {
    let unknown = || vec![ignoring::UNKNOWN.to_owned()];
    assert_eq!(
        alone(|asked| asked.subject.notes = unknown()).0,
        Guard::Authors
    );
    goes_through(|asked| {
        // Of a whole resource, no attribute is ignored.
        asked.subject.notes = unknown();
        asked.subject.kind = DeviationKind::Unmanaged;
        asked.subject.type_name = TypeName::from("aws_iam_role_policy_attachment");
    });
}

#[test]
fn reviewed() {
    let (guard, why) = alone(|asked| {
        asked.subject.attribute = Some(AttributePath::from("/description"));
    });
    assert_eq!(guard, Guard::Reviewed);
    assert_eq!(
        why,
        "aws_security_group /description is not on the list of changes that do not disrupt"
    );
    let near = alone(|asked| asked.subject.attribute = Some(AttributePath::from("/ingress_too")));
    assert_eq!(near.0, Guard::Reviewed);
    for kind in [
        DeviationKind::PlanTampered,
        DeviationKind::AppliedNotApproved,
    ] {
        assert_eq!(alone(|asked| asked.subject.kind = kind).0, Guard::Reviewed);
    }
    for kind in [DeviationKind::Missing, DeviationKind::Unmanaged] {
        let other = alone(|asked| {
            asked.subject.kind = kind;
            asked.subject.type_name = TypeName::from("aws_eip");
        });
        assert_eq!(other.0, Guard::Reviewed);
    }
    let not_allowed = alone(|asked| asked.policy.allow = Some(vec!["aws_s3_*".to_owned()]));
    assert_eq!(
        not_allowed,
        (
            Guard::Reviewed,
            "`allow` does not name aws_security_group".into()
        )
    );
    goes_through(|asked| asked.policy.allow = Some(vec!["aws_security_*".to_owned()]));
    goes_through(|asked| {
        asked.subject.attribute = Some(AttributePath::from("/ingress/0/from_port"))
    });
}

#[test]
fn protected() {
    let lists = "[[put_back]]\ntype = \"aws_db_instance\"\nwhy = \"wrongly\"\n\
                 [[protected]]\ntype = \"aws_db_*\"\nwhy = \"it holds data\"\n";
    let (guard, why) = alone(|asked| {
        asked.lists = Lists::of(lists);
        asked.subject.kind = DeviationKind::Missing;
        asked.subject.type_name = TypeName::from("aws_db_instance");
    });
    assert_eq!(guard, Guard::Protected);
    assert_eq!(why, "aws_db_instance is protected: it holds data");
    // Such lists are not even taken.
    assert!(Lists::check_of(lists).is_err());
    assert!(Lists::check_of("[[take_away]]\ntype = \"aws_x\"\nwhy = \" \"\n").is_err());
}

#[test]
fn denied() {
    let types = alone(|asked| asked.policy.deny_types = vec!["aws_security*".to_owned()]);
    let attributes = alone(|asked| {
        asked.policy.deny_attributes = vec!["aws_security_group/ingress*".to_owned()];
    });
    let workspaces = alone(|asked| asked.policy.deny_workspaces = vec!["pay*".to_owned()]);
    for (guard, _) in [types, attributes, workspaces] {
        assert_eq!(guard, Guard::Denied);
    }
    goes_through(|asked| asked.policy.deny_workspaces = vec!["other".to_owned()]);
}

#[test]
fn freeze() {
    let window = |from, until| {
        vec![Freeze {
            name: "year-end".to_owned(),
            from: at(from),
            until: at(until),
        }]
    };
    for (from, until) in [(0, 1), (-9, 1)] {
        let held = alone(|asked| asked.policy.freezes = window(from, until));
        assert_eq!(held.0, Guard::Freeze);
    }
    goes_through(|asked| asked.policy.freezes = window(-9, 0));
    goes_through(|asked| asked.policy.freezes = window(1, 9));
}

#[test]
fn stop_file() {
    let there = alone(|asked| asked.stop = StopFile::Present("STOP".to_owned()));
    assert_eq!(
        there,
        (Guard::StopFile, "the stop file `STOP` is there".into())
    );
    let unknown = alone(|asked| asked.stop = StopFile::Unknown("denied".to_owned()));
    assert_eq!(unknown.0, Guard::StopFile);
}

#[test]
fn approval() {
    let approve = |asked: &mut Asked, version: &str, by: &str| {
        let approval = FixApproval {
            deviation: DeviationId::from(version),
            by: by.to_owned(),
            at: at(0),
            note: None,
        };
        asked.policy.approval_for = vec!["s*".to_owned()];
        asked.fixes.approve(FindingKey::from("f0"), approval);
    };
    let nobody = alone(|asked| asked.policy.approval_for = vec!["sg".to_owned()]);
    assert_eq!(nobody.0, Guard::Approval);
    let other_version = alone(|asked| approve(asked, "d1", "p2"));
    assert_eq!(other_version.0, Guard::Approval);
    let (guard, why) = alone(|asked| approve(asked, "d0", "p1"));
    assert_eq!(
        (guard, why.as_str()),
        (
            Guard::Approval,
            "p1 said yes to the fix of their own change"
        )
    );
    goes_through(|asked| approve(asked, "d0", "p2"));
}

#[test]
fn again() {
    for result in [
        None,
        Some(FixResult::HandedOver),
        Some(FixResult::Interrupted),
    ] {
        let held = alone(|asked| {
            let mut own = other_fix("own", -90, result);
            own.finding = subject().finding;
            own.deviation = subject().deviation;
            asked.fixes.begin(own);
        });
        assert_eq!(held.0, Guard::Again, "{result:?}");
    }
    for result in [FixResult::Failed, FixResult::NotCarriedOut] {
        goes_through(|asked| {
            let mut own = other_fix("own", -90, Some(result));
            own.finding = subject().finding;
            own.deviation = subject().deviation;
            asked.fixes.begin(own);
        });
    }
    goes_through(|asked| {
        let mut own = other_fix("own", -90, Some(FixResult::HandedOver));
        own.finding = subject().finding;
        asked.fixes.begin(own);
    });
}

#[test]
fn fight() {
    let healed = |asked: &mut Asked, minutes: i64| {
        let mut own = other_fix("own", minutes, Some(FixResult::HandedOver));
        own.finding = subject().finding;
        own.deviation = subject().deviation;
        asked.fixes.begin(own);
        asked.fixes.healed(&subject().finding, at(minutes + 5));
    };
    let (guard, why) = alone(|asked| healed(asked, -90));
    assert_eq!(guard, Guard::Fight);
    assert!(why.ends_with("and was undone since"), "{why}");
    goes_through(|asked| healed(asked, -60 * 24 * 31));
}

#[test]
fn breaker() {
    let fail = |asked: &mut Asked, times: i64, last: i64| {
        for time in 0..times {
            let name = format!("own{time}");
            asked
                .fixes
                .begin(other_fix(&name, last - time, Some(FixResult::Failed)));
        }
    };
    let wide = |asked: &mut Asked| asked.policy.breaker.pause = SignedDuration::from_hours(3);
    let held = alone(|asked| {
        wide(asked);
        fail(asked, 3, -90);
    });
    assert_eq!(held.0, Guard::Breaker);
    goes_through(|asked| {
        wide(asked);
        fail(asked, 2, -90);
    });
    goes_through(|asked| fail(asked, 3, -90));
    goes_through(|asked| {
        wide(asked);
        fail(asked, 3, -90);
        asked
            .fixes
            .begin(other_fix("good", -80, Some(FixResult::HandedOver)));
    });
}

#[test]
fn canary() {
    let of_rule = |asked: &mut Asked, name: &str, ended: Option<Ended>| {
        let mut own = other_fix(name, -90, Some(FixResult::HandedOver));
        own.rule = subject().rule;
        asked.fixes.begin(own);
        if let Some(how) = ended {
            let end = FixEnd { at: at(-70), how };
            asked.fixes.end(&FixId::from(name), end);
        }
    };
    assert_eq!(
        alone(|asked| of_rule(asked, "first", None)).0,
        Guard::Canary
    );
    goes_through(|asked| of_rule(asked, "first", Some(Ended::Healed)));
    goes_through(|asked| {
        of_rule(asked, "first", Some(Ended::Healed));
        of_rule(asked, "second", None);
    });
}

#[test]
fn limits() {
    let begun = |asked: &mut Asked, times: i64, minutes: i64| {
        for time in 0..times {
            let mut own = other_fix(&format!("own{time}"), minutes, Some(FixResult::Failed));
            own.rule = subject().rule;
            own.workspace = subject().workspace;
            asked.fixes.begin(own);
        }
        // Failures are not what is asked about here.
        asked.policy.breaker.failures = 100;
    };
    let narrow = |asked: &mut Asked, guard: Guard, limit: Limit| {
        let wide = Limit {
            count: 100,
            share: 100,
        };
        let limits = &mut asked.policy.limits;
        (limits.rule, limits.workspace, limits.estate) = (wide, wide, wide);
        match guard {
            Guard::RuleLimit => limits.rule = limit,
            Guard::WorkspaceLimit => limits.workspace = limit,
            _ => limits.estate = limit,
        }
    };
    for guard in [Guard::RuleLimit, Guard::WorkspaceLimit, Guard::EstateLimit] {
        let count = Limit {
            count: 3,
            share: 100,
        };
        // One in a hundred of 300 is three, too.
        let share = Limit {
            count: 100,
            share: 1,
        };
        for limit in [count, share] {
            let held = alone(|asked| {
                asked.sizes = [(WorkspaceName::from("payments"), 300)].into();
                narrow(asked, guard, limit);
                begun(asked, 3, -59);
            });
            assert_eq!(held.0, guard);
            goes_through(|asked| {
                asked.sizes = [(WorkspaceName::from("payments"), 300)].into();
                narrow(asked, guard, limit);
                begun(asked, 2, -59);
            });
            goes_through(|asked| {
                narrow(asked, guard, limit);
                begun(asked, 3, -60);
            });
        }
    }
}

#[test]
fn one_is_always_within_a_share() {
    let limit = Limit { count: 5, share: 1 };
    assert_eq!(
        [0, 1, 99, 199, 200, 10_000].map(|size| limit.most(size)),
        [1, 1, 1, 1, 2, 5]
    );
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
