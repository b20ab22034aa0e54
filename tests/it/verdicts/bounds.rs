//! The bounds of windows, approvals and deadlines, to the nanosecond.

use driftwarden::model::{Relation, Verdict};
use serde_json::json;

use super::{World, deviation, make_emergency, of, shift, time};

/// The tolerance itself still counts as near: a nanosecond more decides.
#[test]
fn bounds_are_exact_to_the_nanosecond() {
    let check = |at: &str, seconds, nanoseconds, expected: Verdict| {
        let at = shift(time(at), seconds, nanoseconds);
        let world = World::with(|world| {
            world.now = time("2026-11-02T08:00:00Z");
            of(world).at = at;
        });
        assert_eq!(world.judge().verdict, expected, "change at {at}");
    };
    let (start, end) = ("2026-11-01T20:00:00Z", "2026-11-01T23:00:00Z");
    check(start, -61, 0, Verdict::OutOfWindow);
    check(start, -60, -1, Verdict::OutOfWindow);
    check(start, -60, 0, Verdict::Indeterminate);
    check(start, 0, 0, Verdict::Indeterminate);
    check(start, 60, 0, Verdict::Indeterminate);
    check(start, 60, 1, Verdict::Authorised);
    check(start, 61, 0, Verdict::Authorised);
    check(end, -60, -1, Verdict::Authorised);
    check(end, -60, 0, Verdict::Indeterminate);
    check(end, 60, 0, Verdict::Indeterminate);
    check(end, 60, 1, Verdict::OutOfWindow);
}

#[test]
fn the_last_approval_needed_is_a_bound() {
    let check = |seconds, nanoseconds, expected: Verdict| {
        let world = World::with(|world| {
            let at = shift(of(world).at, seconds, nanoseconds).to_string();
            world.records[0]["approvals"][1]["at"] = json!(at);
        });
        assert_eq!(
            world.judge().verdict,
            expected,
            "{seconds} s {nanoseconds} ns"
        );
    };
    check(-60, -1, Verdict::Authorised);
    check(-60, 0, Verdict::Indeterminate);
    check(60, 0, Verdict::Indeterminate);
    check(60, 1, Verdict::Unauthorised);
}

#[test]
fn the_end_of_the_window_and_the_deadline_are_bounds_for_now() {
    let check = |world: &World, bound: &str, verdicts: [Verdict; 3]| {
        let at = [(-60, -1), (60, 0), (60, 1)];
        for ((seconds, nanoseconds), expected) in at.into_iter().zip(verdicts) {
            let now = shift(time(bound), seconds, nanoseconds);
            let world = World {
                now,
                ..world.clone()
            };
            assert_eq!(world.judge().verdict, expected, "now {now}");
        }
    };
    let unapplied = World::with(|world| {
        world.deviation = deviation(&world.plan, Relation::EqualsBefore);
    });
    check(
        &unapplied,
        "2026-11-01T23:00:00Z",
        [
            Verdict::AwaitingApply,
            Verdict::Indeterminate,
            Verdict::NotApplied,
        ],
    );
    let emergency = World::with_record(make_emergency);
    check(
        &emergency,
        "2026-11-04T21:00:00Z",
        [
            Verdict::EmergencyPending,
            Verdict::Indeterminate,
            Verdict::Unauthorised,
        ],
    );
}
