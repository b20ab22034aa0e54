//! What no pending plan covers, plans that were not carried out, and plans in trouble.

use driftwarden::model::{DeviationKind, EarlierView, Relation, Sha256Digest};
use serde_json::json;

use super::{World, approvals, make_emergency, record, table, time};

#[test]
fn a_plan_that_was_not_carried_out() {
    let before = |change: fn(&mut World)| {
        World::with(|world| {
            world.deviation.pending[0].relation = Relation::EqualsBefore;
            world.attribution = None;
            change(world);
        })
    };
    let cases = vec![
        (
            "before the window",
            before(|world| world.now = time("2026-11-01T12:00:00Z")),
        ),
        ("in the window", before(|_| {})),
        (
            "after the window",
            before(|world| world.now = time("2026-11-02T12:00:00Z")),
        ),
        (
            "put off by a second record",
            before(|world| {
                world.now = time("2026-11-02T12:00:00Z");
                let mut second = record(&world.plan);
                second["number"] = json!("CHG0030002");
                second["window"]["end"] = json!("2026-11-03T12:00:00Z");
                world.records.push(second);
            }),
        ),
        (
            "no window",
            before(|world| world.records[0]["window"] = json!(null)),
        ),
        ("assumed", before(|world| world.assumed = true)),
        ("no identity map", before(|world| world.people = None)),
        (
            "not approved",
            before(|world| approvals(&mut world.records[0]).clear()),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    before the window: awaiting_apply
        CHG0030001 sets /ingress; its window ends at 2026-11-01T23:00:00Z
    in the window: awaiting_apply
        CHG0030001 sets /ingress; its window ends at 2026-11-01T23:00:00Z
    after the window: not_applied
        CHG0030001 sets /ingress; its window ended at 2026-11-01T23:00:00Z without it
    put off by a second record: awaiting_apply
        CHG0030002 sets /ingress; its window ends at 2026-11-03T12:00:00Z
    no window: indeterminate
        CHG0030001 sets /ingress and was not carried out; it has no window, so whether it still will be is not known
    assumed: awaiting_apply
        the plan sets /ingress, the configuration takes the plan as approved, and it was not carried out yet
    no identity map: indeterminate
        there is no identity map, so the approvals of CHG0030001 cannot be judged
    not approved: unauthorised
        no change record covers /ingress
    ");
}

#[test]
fn a_change_that_nothing_covers() {
    let none = |change: fn(&mut World)| {
        World::with(|world| {
            world.deviation.pending.clear();
            world.attribution = None;
            change(world);
        })
    };
    let whole = |world: &mut World, kind| {
        world.deviation.kind = kind;
        world.deviation.attribute = None;
    };
    let cases = vec![
        ("changed", none(|_| {})),
        ("missing", {
            let mut world = none(|_| {});
            whole(&mut world, DeviationKind::Missing);
            world
        }),
        ("unmanaged", {
            let mut world = none(|_| {});
            whole(&mut world, DeviationKind::Unmanaged);
            world
        }),
        (
            "another value",
            World::with(|world| world.deviation.pending[0].relation = Relation::Neither),
        ),
        ("reverted", none(|world| went_back(world, true))),
        ("superseded", none(|world| went_back(world, false))),
        (
            "reverted, earlier plan unknown",
            none(|world| {
                went_back(world, true);
                world.deviation.earlier[0].plan = None;
            }),
        ),
        (
            "reverted to where a pending plan starts",
            World::with(|world| {
                went_back(world, true);
                world.deviation.pending[0].relation = Relation::EqualsBefore;
            }),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    changed: unauthorised
        no change record covers /ingress
    missing: unauthorised
        no change record covers aws_security_group.front
    unmanaged: unauthorised
        no approved plan contains it
    another value: unauthorised
        no change record covers /ingress
        CHG0030001 sets /ingress to another value
    reverted: unauthorised
        reverted: /ingress is back at what CHG0030001 set, after plan 09a64004a938 was seen applied
    superseded: unauthorised
        superseded: /ingress is what CHG0030001 sets, but plan 09a64004a938 came later and was seen applied
    reverted, earlier plan unknown: unauthorised
        reverted: /ingress is what it was before plan 09a64004a938, which was seen applied
    reverted to where a pending plan starts: unauthorised
        reverted: /ingress is back at what CHG0030001 set, after plan 09a64004a938 was seen applied
    ");
}

#[test]
fn trouble_with_a_plan_itself() {
    let kind = |kind: DeviationKind, change: fn(&mut World)| {
        World::with(|world| {
            world.deviation.kind = kind;
            world.deviation.attribute = None;
            world.attribution = None;
            change(world);
        })
    };
    let cases = vec![
        (
            "unapproved",
            kind(DeviationKind::UnapprovedPlan, |world| world.records.clear()),
        ),
        (
            "cannot be judged",
            kind(DeviationKind::UnapprovedPlan, |world| world.people = None),
        ),
        (
            "emergency",
            kind(DeviationKind::UnapprovedPlan, |world| {
                make_emergency(&mut world.records[0]);
            }),
        ),
        (
            "applied is not approved",
            kind(DeviationKind::AppliedNotApproved, |_| {}),
        ),
        (
            "applied, approval cannot be judged",
            kind(DeviationKind::AppliedNotApproved, |world| {
                world.people = None
            }),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    unapproved: unauthorised
        the plan is not approved
        no change record names plan aab8f06fecd1
    cannot be judged: indeterminate
        whether the plan is approved cannot be judged
        there is no identity map, so the approvals of CHG0030001 cannot be judged
    emergency: emergency_pending
        the plan is not approved in full yet
        CHG0030001 is an emergency change that p4 answers for; its full approval is due by 2026-11-04T23:00:00Z at the latest
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    applied is not approved: unauthorised
        the state differs from the approved plan at aws_security_group.front
    applied, approval cannot be judged: indeterminate
        the state differs from the approved plan at aws_security_group.front
        there is no identity map, so the approvals of CHG0030001 cannot be judged
    ");
}

fn went_back(world: &mut World, was_applied: bool) {
    world.deviation.earlier = vec![EarlierView {
        plan: Some(world.plan.digest),
        baseline: Sha256Digest::of(b"a newer plan"),
        was_applied,
    }];
}
