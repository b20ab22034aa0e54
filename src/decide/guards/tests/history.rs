//! What people said, and what became of fixes before.

use jiff::SignedDuration;

use super::super::test_support::{Asked, at, other_fix, subject};
use super::{alone, goes_through};
use crate::model::{DeviationId, Ended, FindingKey, FixApproval, FixEnd, FixId, FixResult, Guard};

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
