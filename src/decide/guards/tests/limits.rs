//! How many fixes there may be within an hour.

use super::super::test_support::{Asked, grant, other_fix, subject};
use super::super::{Limit, judge};
use super::{alone, goes_through};
use crate::model::{Address, FixResult, Guard, WorkspaceName};

#[test]
fn what_is_taken_away_counts_for_the_workspace_that_it_lies_in() {
    let full = |asked: &mut Asked| {
        asked.subject = grant();
        asked.policy.limits.workspace.count = 1;
    };
    goes_through(full);
    let held = alone(|asked| {
        full(asked);
        let mut own = other_fix("own", -5, Some(FixResult::Fixed));
        own.workspace = Some(WorkspaceName::from("payments"));
        asked.fixes.begin(own);
    });
    assert_eq!(held.0, Guard::WorkspaceLimit);
    let asked = Asked {
        subject: grant(),
        ..Asked::default()
    };
    let permit = judge(&asked.question()).permit.unwrap();
    let intent = permit.intent();
    assert_eq!(intent.workspace, Some(WorkspaceName::from("payments")));
    assert_eq!(intent.within, Some(Address::from("aws_iam_role.app")));
    assert_eq!(intent.address, None);
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
