//! What comes near to breaking a rule of segregation and does not.

use driftwarden::decide::approvals::Standing;
use driftwarden::model::Verdict;
use serde_json::json;

use super::{World, approval, approvals, of, time};

fn technical(by: &str) -> World {
    World::with_record(|record| record["approvals"][0]["by"] = json!(by))
}

/// Each of these is as near to a rule as can be without breaking it.
#[test]
fn near_misses_still_stand() {
    let cases = [
        (
            "approved as the plan was made",
            World::with(|world| world.plan.timestamp = Some(time("2026-10-30T10:00:00Z"))),
        ),
        (
            "approved as the record was edited",
            World::with_record(|record| record["updated_at"] = json!("2026-10-30T10:00:00Z")),
        ),
        (
            "a clock that is a minute fast",
            World::with(|world| world.now = time("2026-10-31T08:59:00Z")),
        ),
        (
            "rejected first, approved then",
            World::with_record(|record| {
                approvals(record).push(approval(
                    "ben.b",
                    "technical",
                    "rejected",
                    "2026-10-30T09:00:00Z",
                ));
            }),
        ),
        (
            "asked for and not answered by somebody unmapped",
            World::with_record(|record| {
                approvals(record).push(approval(
                    "eve",
                    "technical",
                    "requested",
                    "2026-10-30T09:00:00Z",
                ));
            }),
        ),
        (
            "the requester approved besides two others",
            World::with_record(|record| {
                approvals(record).push(approval(
                    "ana@bank.example",
                    "technical",
                    "approved",
                    "2026-10-30T09:00:00Z",
                ));
            }),
        ),
        (
            "an e-mail address in capitals",
            technical("Ben@Bank.Example"),
        ),
        (
            "one person in both roles, and another one",
            World::with_record(|record| {
                record["approvals"][0]["by"] = json!("dora.d");
                approvals(record).push(approval(
                    "dora@bank.example",
                    "regulatory",
                    "approved",
                    "2026-10-30T09:00:00Z",
                ));
            }),
        ),
    ];
    for (name, world) in cases {
        let standing = world.standing();
        assert_eq!(
            standing.standing,
            Standing::Approved,
            "{name}: {:?}",
            standing.reasons
        );
    }
}

/// The approval of whoever acted is left out: it may have been the one that completed the two.
#[test]
fn a_third_approval_makes_up_for_that_of_the_one_who_acted() {
    let mut world = World::with_record(|record| {
        approvals(record).push(approval(
            "dora.d",
            "technical",
            "approved",
            "2026-10-31T12:00:00Z",
        ));
        record["implemented_by"] = json!(["deploy-role"]);
    });
    of(&mut world).aliases.push("ben.b".to_owned());
    assert_eq!(world.judge().verdict, Verdict::Authorised);
    approvals(&mut world.records[0]).pop();
    assert_eq!(world.judge().verdict, Verdict::Unauthorised);
}
