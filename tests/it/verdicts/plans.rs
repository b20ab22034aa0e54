//! The plans of one workspace: which record binds, which plan is newest, and what is wrong with the
//! rest.

use driftwarden::decide::approvals::{
    ApprovalPolicy, PlanTrouble, RankedPlan, Standing, rank_plans,
};
use driftwarden::model::{DeviationKind, PlanMeta, WorkspaceName};
use serde_json::json;

use super::{World, plan, record, time};

fn rank(world: &World, plans: &[PlanMeta]) -> Vec<RankedPlan> {
    rank_plans(
        plans,
        &WorkspaceName::from("payments"),
        world.assumed,
        &world.changes(),
        world.map().as_ref(),
        &ApprovalPolicy::default(),
        world.now,
    )
}

fn files(plans: &[RankedPlan]) -> Vec<&str> {
    plans
        .iter()
        .map(|one| one.standing.plan.file.as_str())
        .collect()
}

/// A record that approves `plan`, numbered and with its second approval at the given time.
fn approving(plan: &PlanMeta, number: &str, at: &str) -> serde_json::Value {
    let mut record = record(plan);
    record["number"] = json!(number);
    record["approvals"][1]["at"] = json!(at);
    record
}

#[test]
fn a_record_binds_by_digest_and_workspace() {
    let standing = |workspace: serde_json::Value| {
        World::with_record(|record| record["workspace"] = workspace).standing()
    };
    assert_eq!(standing(json!("payments")).standing, Standing::Approved);
    assert_eq!(standing(json!(null)).standing, Standing::Approved);
    let elsewhere = standing(json!("ledger"));
    assert_eq!(elsewhere.standing, Standing::Unapproved);
    insta::assert_snapshot!(elsewhere.reasons.join("\n"), @"no change record names plan aab8f06fecd1 for workspace `payments`; CHG0030001 names it for workspace `ledger`");
}

#[test]
fn the_strongest_of_several_records_counts() {
    let mut world = World::default();
    let mut cancelled = approving(&world.plan, "CHG0030000", "2026-10-31T10:00:00Z");
    cancelled["state"] = json!("canceled");
    world.records.insert(0, cancelled);
    let standing = world.standing();
    assert_eq!(standing.standing, Standing::Approved);
    assert_eq!(standing.change().unwrap().number.as_str(), "CHG0030001");
}

#[test]
fn one_number_with_two_contents_has_no_standing() {
    let mut world = World::default();
    world.records.push(record(&world.plan));
    assert_eq!(world.standing().standing, Standing::Approved);
    world.records[1]["window"]["end"] = json!("2026-12-01T00:00:00Z");
    let standing = world.standing();
    assert_eq!(standing.standing, Standing::Unapproved);
    insta::assert_snapshot!(standing.reasons.join("\n"), @"CHG0030001 is there more than once, with different content");
}

#[test]
fn an_assumed_plan_needs_no_record() {
    let mut world = World::with(|world| world.assumed = true);
    world.records.clear();
    world.people = None;
    assert_eq!(world.standing().standing, Standing::Assumed);
}

#[test]
fn plans_are_ordered_by_last_approval_then_timestamp_then_digest() {
    let mut world = World::default();
    let [first, second] = ["first", "second"].map(|name| plan(name, name.as_bytes()));
    world.records = vec![
        approving(&second, "CHG2", "2026-10-31T10:00:00Z"),
        approving(&first, "CHG1", "2026-10-31T09:00:00Z"),
    ];
    let mut unapproved = plan("unapproved", b"unapproved");
    unapproved.timestamp = Some(time("2026-10-31T20:00:00Z"));
    let ranked = rank(&world, &[unapproved, second.clone(), first.clone()]);
    assert_eq!(files(&ranked), ["unapproved", "first", "second"]);

    world.assumed = true;
    let mut newer = first.clone();
    newer.timestamp = Some(time("2026-10-31T20:00:00Z"));
    assert_eq!(
        files(&rank(&world, &[newer, second.clone()])),
        ["second", "first"]
    );
    let mut by_digest = [first, second];
    by_digest.sort_by_key(|plan| plan.digest);
    let reversed: Vec<PlanMeta> = by_digest.iter().rev().cloned().collect();
    let expected: Vec<&str> = by_digest.iter().map(|plan| plan.file.as_str()).collect();
    assert_eq!(files(&rank(&world, &reversed)), expected);
}

#[test]
fn an_emergency_nobody_approved_yet_is_newer_than_the_baseline() {
    let mut world = World::default();
    let emergency = plan("emergency", b"emergency");
    let mut of_emergency = record(&emergency);
    of_emergency["number"] = json!("CHG0030002");
    super::make_emergency(&mut of_emergency);
    world.records.push(of_emergency);
    let ranked = rank(&world, &[emergency, world.plan.clone()]);
    assert_eq!(files(&ranked), ["plan.json", "emergency"]);
    assert_eq!(ranked[1].trouble, None);
}

#[test]
fn a_plan_file_that_is_not_the_approved_one_was_tampered_with() {
    let world = World::default();
    let ranked = rank(&world, &[plan("plan.json", b"the plan, edited")]);
    assert_eq!(ranked[0].trouble, Some(PlanTrouble::Tampered));
    assert_eq!(
        ranked[0].trouble.unwrap().kind(),
        DeviationKind::PlanTampered
    );
    insta::assert_snapshot!(ranked[0].standing.reasons.join("\n"), @"
    no change record names plan ec12b40ff55f
    CHG0030001 approves plan aab8f06fecd1 of this workspace; the file has the digest ec12b40ff55f
    ");
}

#[test]
fn other_plans_without_approval_are_unapproved_only() {
    let edited = plan("plan.json", b"the plan, edited");
    let trouble = |change: fn(&mut World, &PlanMeta), with_original: bool| {
        let mut world = World::default();
        change(&mut world, &edited);
        let mut plans = vec![edited.clone()];
        plans.extend(with_original.then(|| world.plan.clone()));
        let ranked = rank(&world, &plans);
        let found = ranked.iter().find(|one| one.standing.plan == edited);
        found.unwrap().trouble
    };
    let unapproved = Some(PlanTrouble::Unapproved);
    // No record at all; the approved plan is there as well; the record has no standing, or is of
    // another workspace, or of none; a record without standing names this very file.
    assert_eq!(trouble(|world, _| world.records.clear(), false), unapproved);
    assert_eq!(trouble(|_, _| {}, true), unapproved);
    assert_eq!(
        trouble(
            |world, _| world.records[0]["state"] = json!("canceled"),
            false
        ),
        unapproved
    );
    assert_eq!(
        trouble(
            |world, _| world.records[0]["workspace"] = json!("ledger"),
            false
        ),
        unapproved
    );
    assert_eq!(
        trouble(
            |world, _| world.records[0]["workspace"] = json!(null),
            false
        ),
        unapproved
    );
    let named = |world: &mut World, edited: &PlanMeta| {
        let mut waiting = approving(edited, "CHG0030002", "2026-10-31T10:00:00Z");
        waiting["state"] = json!("authorize");
        world.records.push(waiting);
    };
    assert_eq!(trouble(named, false), unapproved);
}

/// Plans of closed changes may have been cleared away: their records accuse nobody.
#[test]
fn a_record_older_than_the_approved_plan_on_file_is_history() {
    let mut world = World::default();
    let gone = plan("gone", b"gone");
    world
        .records
        .push(approving(&gone, "CHG0029000", "2026-10-31T08:00:00Z"));
    let new = plan("new.json", b"new");
    let ranked = rank(&world, &[world.plan.clone(), new]);
    assert_eq!(files(&ranked), ["new.json", "plan.json"]);
    assert_eq!(ranked[0].trouble, Some(PlanTrouble::Unapproved));
    assert_eq!(ranked[1].trouble, None);
}
