//! Changes that a pending plan covers: who made them, when, after which approvals.

use driftwarden::model::{Attribution, Confidence, Relation, Sha256Digest, Verdict};
use serde_json::json;

use super::{World, attribution, deviation, made_at, of, plan, record, table, time};

#[test]
fn a_change_that_a_plan_covers() {
    let cases = vec![
        ("valid", World::default()),
        (
            "assumed",
            World::with(|world| {
                world.assumed = true;
                world.attribution = None;
            }),
        ),
        (
            "before the window",
            World::with(|world| made_at(world, "2026-11-01T19:00:00Z")),
        ),
        (
            "after the window",
            World::with(|world| {
                world.now = time("2026-11-02T08:00:00Z");
                made_at(world, "2026-11-02T07:00:00Z");
            }),
        ),
        (
            "approved after the change",
            World::with_record(|record| {
                record["approvals"][1]["at"] = json!("2026-11-01T21:30:00Z");
            }),
        ),
        (
            "no attribution",
            World::with(|world| world.attribution = None),
        ),
        (
            "low confidence",
            World::with(|world| of(world).confidence = Confidence::Low),
        ),
        (
            "made in the future",
            World::with(|world| made_at(world, "2026-11-01T22:30:00Z")),
        ),
        (
            "no window",
            World::with_record(|record| record["window"] = json!(null)),
        ),
        (
            "nobody may implement",
            World::with_record(|record| record["implemented_by"] = json!([])),
        ),
        (
            "plan not named by any record",
            World::with(|world| world.records.clear()),
        ),
        (
            "change cancelled",
            World::with_record(|record| record["state"] = json!("canceled")),
        ),
        (
            "state unknown",
            World::with_record(|record| record["state"] = json!("vibing")),
        ),
        (
            "not approved yet",
            World::with_record(|record| record["state"] = json!(-3)),
        ),
        (
            "standing of the plan not given",
            World::with(|world| world.deviation.pending[0].plan = Sha256Digest::of(b"other")),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    valid: authorised
        CHG0030001 covers /ingress
        p5 made the change at 2026-11-01T21:00:00Z, in its window, after its approvals
    assumed: authorised
        the plan sets /ingress to this value, and the configuration takes the plan as approved
    before the window: out_of_window
        CHG0030001 covers /ingress
        the change was made at 2026-11-01T19:00:00Z, before the window of CHG0030001 began at 2026-11-01T20:00:00Z
    after the window: out_of_window
        CHG0030001 covers /ingress
        the change was made at 2026-11-02T07:00:00Z, after the window of CHG0030001 ended at 2026-11-01T23:00:00Z
    approved after the change: unauthorised
        CHG0030001 covers /ingress
        CHG0030001 was approved at 2026-11-01T21:30:00Z, after the change at 2026-11-01T21:00:00Z
    no attribution: indeterminate
        CHG0030001 covers /ingress
        who made the change, and when, is not known
    low confidence: indeterminate
        CHG0030001 covers /ingress
        who made the change is known with low confidence only
    made in the future: indeterminate
        CHG0030001 covers /ingress
        the change is dated 2026-11-01T22:30:00Z, in the future
    no window: indeterminate
        CHG0030001 covers /ingress
        CHG0030001 has no window
    nobody may implement: indeterminate
        CHG0030001 covers /ingress
        CHG0030001 names nobody who may implement it
    plan not named by any record: unauthorised
        no change record covers /ingress
        plan aab8f06fecd1 sets /ingress to this value
        no change record names plan aab8f06fecd1
    change cancelled: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 no longer stands: its state is `canceled`
    state unknown: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 has the state `vibing`, which is not known and authorises nothing
    not approved yet: unauthorised
        CHG0030001 covers /ingress, but does not stand
        CHG0030001 is not approved yet: its state is `-3`
    standing of the plan not given: indeterminate
        plan d9298a10d1b0 covers /ingress, and how it stands is not known
    ");
}

#[test]
fn whoever_made_the_change_must_be_allowed() {
    let by = |actor: &str, aliases: &[&str]| {
        World::with(|world| {
            let aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
            let of = attribution(actor);
            world.attribution = Some(Attribution { aliases, ..of });
        })
    };
    let implemented_by =
        |name: &str| World::with_record(|record| record["implemented_by"] = json!([name]));
    let maria_by_sso =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_0a1b/maria@bank.example";
    let cases = vec![
        (
            "another person",
            by("arn:aws:iam::111122223333:user/maria", &[]),
        ),
        ("unmapped", by("arn:aws:iam::111122223333:user/nobody", &[])),
        (
            "a role whose name contains the allowed one",
            by(
                "arn:aws:sts::111122223333:assumed-role/deploy-role-2/run",
                &[],
            ),
        ),
        (
            "a session that borrows the allowed name",
            by(
                "arn:aws:sts::111122223333:assumed-role/dev/deploy-role",
                &["deploy-role"],
            ),
        ),
        (
            "an unmapped role with a mapped session",
            by(
                "arn:aws:sts::111122223333:assumed-role/dev/maria@bank.example",
                &[],
            ),
        ),
        (
            "a federated user that borrows the allowed name",
            by(
                "arn:aws:sts::111122223333:federated-user/deploy-role",
                &["deploy-role"],
            ),
        ),
        (
            "the role of another account",
            by(
                "arn:aws:sts::999900001111:assumed-role/deploy-role/run",
                &[],
            ),
        ),
        (
            "an approver who runs the pipeline",
            by(
                "arn:aws:sts::111122223333:assumed-role/deploy-role/ben.b",
                &["ben.b"],
            ),
        ),
        (
            "the role by its ARN",
            implemented_by("arn:aws:iam::111122223333:role/ci/deploy-role"),
        ),
        (
            "a person by single sign-on",
            World::with(|world| {
                world.records[0]["implemented_by"] = json!(["maria@bank.example"]);
                world.attribution = Some(attribution(maria_by_sso));
            }),
        ),
    ];
    insta::assert_snapshot!(table(cases), @"
    another person: unauthorised
        CHG0030001 covers /ingress
        p9 made the change, and CHG0030001 does not name p9 in `implemented_by`
    unmapped: indeterminate
        CHG0030001 covers /ingress
        the actor is not in the identity map
    a role whose name contains the allowed one: indeterminate
        CHG0030001 covers /ingress
        the actor is not in the identity map
    a session that borrows the allowed name: indeterminate
        CHG0030001 covers /ingress
        the actor has the name of an implementer of CHG0030001 only as a session's name or in another account, which does not prove who it is
    an unmapped role with a mapped session: indeterminate
        CHG0030001 covers /ingress
        only the name of a session says that p9 made the change, which proves nothing
    a federated user that borrows the allowed name: indeterminate
        CHG0030001 covers /ingress
        the actor has the name of an implementer of CHG0030001 only as a session's name or in another account, which does not prove who it is
    the role of another account: indeterminate
        CHG0030001 covers /ingress
        the actor has the name of an implementer of CHG0030001 only as a session's name or in another account, which does not prove who it is
    an approver who runs the pipeline: unauthorised
        CHG0030001 covers /ingress
        p2 approved CHG0030001 and also made the change; without that approval two independent ones are not there
    the role by its ARN: authorised
        CHG0030001 covers /ingress
        p5 made the change at 2026-11-01T21:00:00Z, in its window, after its approvals
    a person by single sign-on: authorised
        CHG0030001 covers /ingress
        p9 made the change at 2026-11-01T21:00:00Z, in its window, after its approvals
    ");
}

/// The second record plans the same change for a window of its own.
#[test]
fn any_record_that_stands_can_cover_the_change() {
    let world = World::with(|world| {
        let mut second = record(&world.plan);
        second["number"] = json!("CHG0030002");
        second["window"]["start"] = json!("2026-11-05T20:00:00Z");
        second["window"]["end"] = json!("2026-11-05T23:00:00Z");
        second["approvals"][1]["at"] = json!("2026-10-31T10:00:00Z");
        world.records.push(second);
    });
    let judgement = world.judge();
    assert_eq!(judgement.verdict, Verdict::Authorised);
    assert_eq!(judgement.change.unwrap().as_str(), "CHG0030001");
}

#[test]
fn the_plan_that_sets_the_live_value_is_preferred_to_a_newer_one_that_does_not() {
    let mut world = World::default();
    let newer = plan("newer.json", b"newer");
    let mut of_newer = record(&newer);
    of_newer["number"] = json!("CHG0030002");
    world.records.push(of_newer);
    let views = deviation(&newer, Relation::EqualsBefore).pending;
    world.deviation.pending.extend(views);
    let standing_of_newer = World {
        plan: newer,
        ..world.clone()
    }
    .standing();
    for standings in [
        [world.standing(), standing_of_newer.clone()],
        [standing_of_newer.clone(), world.standing()],
    ] {
        assert_eq!(world.judge_by(&standings).verdict, Verdict::Authorised);
    }
}
