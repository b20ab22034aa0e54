//! Emergency changes against their deadline.

use serde_json::json;

use super::{World, approvals, made_at, make_emergency, of, record, table, time};

#[test]
fn an_emergency_runs_against_its_deadline() {
    let emergency = |change: fn(&mut World)| {
        World::with(|world| {
            make_emergency(&mut world.records[0]);
            change(world);
        })
    };
    let cases = vec![
        ("pending", emergency(|_| {})),
        (
            "not acknowledged",
            emergency(|world| world.now = time("2026-11-03T00:00:00Z")),
        ),
        (
            "pending, ticket still waiting",
            emergency(|world| world.records[0]["state"] = json!("authorize")),
        ),
        (
            "pending, no window",
            emergency(|world| world.records[0]["window"] = json!(null)),
        ),
        (
            "pending, actor unknown",
            emergency(|world| world.attribution = None),
        ),
        (
            "expired for this change",
            emergency(|world| world.now = time("2026-11-04T21:30:00Z")),
        ),
        (
            "expired for the whole window",
            emergency(|world| world.now = time("2026-11-05T00:00:00Z")),
        ),
        (
            "closed properly",
            emergency(|world| {
                world.now = time("2027-11-01T00:00:00Z");
                approved_late(world, "2026-11-03T09:00:00Z");
            }),
        ),
        (
            "closed after the deadline",
            emergency(|world| {
                world.now = time("2027-11-01T00:00:00Z");
                approved_late(world, "2026-11-06T09:00:00Z");
            }),
        ),
        (
            "outside its window",
            emergency(|world| made_at(world, "2026-11-01T19:00:00Z")),
        ),
        (
            "no incident",
            emergency(|world| world.records[0]["incident"] = json!("")),
        ),
        (
            "no approver",
            emergency(|world| world.records[0]["emergency_approver"] = json!(null)),
        ),
        (
            "approver is the requester",
            emergency(|world| world.records[0]["emergency_approver"] = json!("ana@bank.example")),
        ),
        (
            "approver is a bot",
            emergency(|world| world.records[0]["emergency_approver"] = json!("merge-bot")),
        ),
        (
            "approver is unmapped",
            emergency(|world| world.records[0]["emergency_approver"] = json!("eve")),
        ),
        (
            "approver made the change",
            emergency(|world| of(world).aliases.push("dora.d".to_owned())),
        ),
        (
            "approver, named by alias, implements it",
            emergency(|world| world.records[0]["implemented_by"] = json!(["dora.d"])),
        ),
        (
            "cancelled",
            emergency(|world| world.records[0]["state"] = json!("cancelled")),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    pending: emergency_pending
        CHG0030001 covers /ingress
        CHG0030001 is an emergency change that p4 answers for; its full approval is due by 2026-11-04T21:00:00Z
    not acknowledged: emergency_pending
        CHG0030001 covers /ingress
        CHG0030001 is an emergency change that p4 answers for; its full approval is due by 2026-11-04T21:00:00Z
        nobody has approved CHG0030001; a first approval was due by 2026-11-02T21:00:00Z
    pending, ticket still waiting: emergency_pending
        CHG0030001 covers /ingress
        CHG0030001 is an emergency change that p4 answers for; its full approval is due by 2026-11-04T21:00:00Z
    pending, no window: emergency_pending
        CHG0030001 covers /ingress
        CHG0030001 is an emergency change that p4 answers for; its full approval is due by 2026-11-04T21:00:00Z
    pending, actor unknown: indeterminate
        CHG0030001 covers /ingress
        who made the change, and when, is not known
    expired for this change: unauthorised
        CHG0030001 covers /ingress
        the emergency CHG0030001 expired: its full approval was due by 2026-11-04T21:00:00Z
    expired for the whole window: unauthorised
        CHG0030001 covers /ingress, but does not stand
        the emergency CHG0030001 expired: its full approval was due by 2026-11-04T23:00:00Z
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    closed properly: late
        CHG0030001 covers /ingress
        CHG0030001 was approved at 2026-11-03T09:00:00Z, after the change at 2026-11-01T21:00:00Z, as an emergency, and before 2026-11-04T21:00:00Z
    closed after the deadline: unauthorised
        CHG0030001 covers /ingress
        the emergency CHG0030001 expired: its full approval was due by 2026-11-04T21:00:00Z and came at 2026-11-06T09:00:00Z
    outside its window: out_of_window
        CHG0030001 covers /ingress
        the change was made at 2026-11-01T19:00:00Z, before the window of CHG0030001 began at 2026-11-01T20:00:00Z
    no incident: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 is an emergency change without an incident
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    no approver: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 is an emergency change without a named approver
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    approver is the requester: unauthorised
        CHG0030001 covers /ingress, but does not stand
        the emergency approver of CHG0030001, p1, requested the change
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    approver is a bot: unauthorised
        CHG0030001 covers /ingress, but does not stand
        the emergency approver of CHG0030001, p6, is a bot
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    approver is unmapped: indeterminate
        CHG0030001 covers /ingress
        the emergency approver of CHG0030001 is not in the identity map
    approver made the change: unauthorised
        CHG0030001 covers /ingress
        p4 is the emergency approver of CHG0030001 and also made the change
    approver, named by alias, implements it: unauthorised
        CHG0030001 covers /ingress, but does not stand
        the emergency approver of CHG0030001, p4, implements it
        CHG0030001 has no technical approval that counts
        CHG0030001 has no regulatory approval that counts
    cancelled: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 no longer stands: its state is `cancelled`
    ");
}

fn approved_late(world: &mut World, at: &str) {
    world.records[0]["approvals"] = record(&world.plan)["approvals"].clone();
    for approval in approvals(&mut world.records[0]) {
        approval["at"] = json!(at);
    }
}
