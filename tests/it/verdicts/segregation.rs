//! Segregation of duties: each rule alone fails, everything else being valid.

use driftwarden::decide::approvals::{Standing, approval_status};
use driftwarden::model::ApprovalStatus;
use serde_json::json;

use super::{World, approval, approvals, time};

fn standings(cases: Vec<(&str, World)>) -> String {
    let rows = cases.into_iter().map(|(name, world)| {
        let standing = world.standing();
        let status = approval_status(&standing).as_str();
        let reasons = standing.reasons.join("\n    ");
        assert_eq!(
            standing.standing == Standing::Approved,
            reasons.is_empty(),
            "{name}"
        );
        format!("{name}: {status}\n    {reasons}")
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn technical(by: &str) -> World {
    World::with_record(|record| record["approvals"][0]["by"] = json!(by))
}

#[test]
fn the_valid_record_stands() {
    let standing = World::default().standing();
    assert_eq!(standing.standing, Standing::Approved);
    assert_eq!(approval_status(&standing), ApprovalStatus::Approved);
    assert_eq!(standing.approved_at, Some(time("2026-10-31T09:00:00Z")));
    assert_eq!(standing.change().unwrap().number.as_str(), "CHG0030001");
}

#[test]
fn who_may_not_approve() {
    let cases = vec![
        ("the requester", technical("ana@bank.example")),
        (
            "the author",
            World::with_record(|record| record["author"] = json!("ben.b")),
        ),
        (
            "an implementer",
            World::with_record(|record| {
                record["implemented_by"] = json!(["deploy-role", "ben.b"]);
            }),
        ),
        ("a bot", technical("merge-bot")),
        ("a shared account", technical("ops-desk")),
        ("somebody who left", technical("gone@bank.example")),
        ("somebody without the role", technical("maria@bank.example")),
        (
            "one person in both roles, by two aliases",
            World::with_record(|record| {
                record["approvals"][0]["by"] = json!("dora@bank.example");
                record["approvals"][1]["by"] = json!("dora.d");
            }),
        ),
        (
            "two technical people",
            World::with_record(|record| {
                record["approvals"][1] = approval(
                    "dora@bank.example",
                    "technical",
                    "approved",
                    "2026-10-31T09:00:00Z",
                );
            }),
        ),
        (
            "in a role that is none",
            World::with_record(|record| record["approvals"][0]["role"] = json!("business")),
        ),
    ];
    insta::assert_snapshot!(standings(cases), @"
    the requester: unapproved
        the approval of CHG0030001 by p1 at 2026-10-30T10:00:00Z does not count: the requester may not approve
        CHG0030001 has no technical approval that counts
    the author: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: the author may not approve
        CHG0030001 has no technical approval that counts
    an implementer: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: whoever implements the change may not approve it
        CHG0030001 has no technical approval that counts
    a bot: unapproved
        the approval of CHG0030001 by p6 at 2026-10-30T10:00:00Z does not count: the approver is a bot
        CHG0030001 has no technical approval that counts
    a shared account: unapproved
        the approval of CHG0030001 by p7 at 2026-10-30T10:00:00Z does not count: the approver is a shared account
        CHG0030001 has no technical approval that counts
    somebody who left: unapproved
        the approval of CHG0030001 by p8 at 2026-10-30T10:00:00Z does not count: the approver is not active
        CHG0030001 has no technical approval that counts
    somebody without the role: unapproved
        the approval of CHG0030001 by p9 at 2026-10-30T10:00:00Z does not count: the identity map does not grant the approver the technical role
        CHG0030001 has no technical approval that counts
    one person in both roles, by two aliases: unapproved
        the technical and the regulatory approval of CHG0030001 are both by p4; two different people must approve
    two technical people: unapproved
        CHG0030001 has no regulatory approval that counts
    in a role that is none: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: its role is neither technical nor regulatory
        CHG0030001 has no technical approval that counts
    ");
}

#[test]
fn which_approvals_no_longer_count() {
    let also = |by: &str, decision: &str, at: &str| {
        World::with_record(|record| {
            approvals(record).push(approval(by, "technical", decision, at));
        })
    };
    let cases = vec![
        (
            "older than the plan",
            World::with(|world| world.plan.timestamp = Some(time("2026-10-30T10:00:01Z"))),
        ),
        (
            "older than the last edit",
            World::with_record(|record| record["updated_at"] = json!("2026-10-30T10:00:01Z")),
        ),
        (
            "dated in the future",
            World::with(|world| world.now = time("2026-10-31T08:58:59Z")),
        ),
        (
            "rejected later",
            also("ben.b", "rejected", "2026-10-30T11:00:00Z"),
        ),
        (
            "withdrawn at the same time",
            also("ben.b", "withdrawn", "2026-10-30T10:00:00Z"),
        ),
        (
            "asked again",
            also("ben.b", "requested", "2026-10-30T11:00:00Z"),
        ),
        (
            "an unknown word later",
            also("ben.b", "hmm", "2026-10-30T11:00:00Z"),
        ),
        (
            "decision is an unknown word",
            World::with_record(|record| record["approvals"][0]["decision"] = json!("lgtm")),
        ),
        (
            "never given",
            World::with_record(|record| approvals(record).truncate(1)),
        ),
    ];
    insta::assert_snapshot!(standings(cases), @"
    older than the plan: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: it is older than the plan, made at 2026-10-30T10:00:01Z
        CHG0030001 has no technical approval that counts
    older than the last edit: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: it is older than the last edit of the change, at 2026-10-30T10:00:01Z
        CHG0030001 has no technical approval that counts
    dated in the future: unapproved
        the approval of CHG0030001 by p3 at 2026-10-31T09:00:00Z does not count: it is dated in the future
        CHG0030001 has no regulatory approval that counts
    rejected later: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: the approver decided otherwise at 2026-10-30T11:00:00Z
        CHG0030001 has no technical approval that counts
    withdrawn at the same time: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: the approver decided otherwise at 2026-10-30T10:00:00Z
        CHG0030001 has no technical approval that counts
    asked again: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: the approver decided otherwise at 2026-10-30T11:00:00Z
        CHG0030001 has no technical approval that counts
    an unknown word later: unapproved
        the approval of CHG0030001 by p2 at 2026-10-30T10:00:00Z does not count: the approver decided otherwise at 2026-10-30T11:00:00Z
        the decision `hmm` on CHG0030001 by p2 is not known and approves nothing
        CHG0030001 has no technical approval that counts
    decision is an unknown word: unapproved
        the decision `lgtm` on CHG0030001 by p2 is not known and approves nothing
        CHG0030001 has no technical approval that counts
    never given: unapproved
        CHG0030001 has no regulatory approval that counts
    ");
}

#[test]
fn whoever_is_unmapped_leaves_it_open() {
    let cases = vec![
        ("no identity map", World::with(|world| world.people = None)),
        ("approver", technical("eve@bank.example")),
        (
            "a further approver",
            World::with_record(|record| {
                approvals(record).push(approval(
                    "eve",
                    "technical",
                    "approved",
                    "2026-10-31T12:00:00Z",
                ));
            }),
        ),
        (
            "requester",
            World::with_record(|record| record["requested_by"] = json!("eve@bank.example")),
        ),
        (
            "requester not named",
            World::with_record(|record| record["requested_by"] = json!("")),
        ),
        (
            "author",
            World::with_record(|record| record["author"] = json!("eve@bank.example")),
        ),
        (
            "implementer",
            World::with_record(|record| {
                record["implemented_by"] = json!(["deploy-role", "other-role"]);
            }),
        ),
        (
            "without a map, too few approvals are too few all the same",
            World::with(|world| {
                world.people = None;
                approvals(&mut world.records[0]).truncate(1);
            }),
        ),
        (
            "without a map, the requester is known by the same name",
            World::with(|world| {
                world.people = None;
                world.records[0]["requested_by"] = json!("Ben@Bank.example");
            }),
        ),
    ];
    insta::assert_snapshot!(standings(cases), @"
    no identity map: indeterminate
        there is no identity map, so the approvals of CHG0030001 cannot be judged
    approver: indeterminate
        whoever decided on CHG0030001 at 2026-10-30T10:00:00Z is not in the identity map
    a further approver: indeterminate
        whoever decided on CHG0030001 at 2026-10-31T12:00:00Z is not in the identity map
    requester: indeterminate
        the requester of CHG0030001 is not in the identity map
    requester not named: indeterminate
        CHG0030001 does not name its requester
    author: indeterminate
        the author of CHG0030001 is not in the identity map
    implementer: indeterminate
        1 of 2 in `implemented_by` of CHG0030001 is not in the identity map
    without a map, too few approvals are too few all the same: unapproved
        CHG0030001 has no regulatory approval that counts
    without a map, the requester is known by the same name: unapproved
        the approval of CHG0030001 by somebody who is not in the identity map at 2026-10-30T10:00:00Z does not count: the requester may not approve
        CHG0030001 has no technical approval that counts
    ");
}
