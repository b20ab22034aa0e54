//! Sequences of events, faults and times against what must always hold of fixes.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::evidence::ledger::Ledger;
use crate::evidence::record::{FixEvent, FixRecord};
use crate::model::{Ended, FindingState, Fix, FixId, FixMode, FixResult, FixWord, Guard};
use world::{FINDINGS, World, steps};

fn words(world: &World) -> Vec<String> {
    let own = steps(world).into_iter();
    own.map(|record| match record.event {
        FixEvent::Decided { decision } => decision.word().as_str().to_owned(),
        event => event.as_str().to_owned(),
    })
    .collect()
}

#[test]
fn one_fix_comes_first_and_the_rest_when_it_held() {
    let mut world = World::new();
    world.drift(0);
    world.drift(1);
    assert!(world.pass());
    assert_eq!(
        words(&world),
        ["permitted", "intended", "handed_over", "refused"]
    );
    let states: Vec<FindingState> = world
        .ledger
        .open_findings()
        .map(|own| own.standing.state())
        .collect();
    assert!(states.contains(&FindingState::Fixing) && states.contains(&FindingState::Open));
    // The same again says nothing new.
    assert!(world.pass());
    assert_eq!(words(&world).len(), 4);
    let first = world.ledger.fixes().all()[0].clone();
    let at = usize::from(first.address.unwrap().as_str().ends_with('1'));
    world.versions[at] = None;
    world.common.lock().unwrap().now += 1;
    assert!(world.pass());
    assert!(world.ledger.fixes().all()[0].is_ended(Ended::Healed));
    assert_eq!(words(&world)[4..], ["permitted", "intended", "handed_over"]);
}

#[test]
fn what_undoes_a_fix_stops_it() {
    let mut world = World::new();
    world.drift(0);
    world.pass();
    world.versions[0] = None;
    world.pass();
    world.drift(0);
    world.pass();
    assert_eq!(
        words(&world),
        ["permitted", "intended", "handed_over", "refused"]
    );
    let key = world
        .ledger
        .open_findings()
        .next()
        .unwrap()
        .record
        .finding
        .clone();
    let (version, _, decision) = world.ledger.fixes().decision(&key).unwrap();
    assert_eq!(decision.reasons[0].guard, Guard::Fight);
    let trouble = world.ledger.fixes().trouble(&key, version).unwrap();
    assert!(trouble.contains("was undone since"), "{trouble}");
}

#[test]
fn what_nobody_does_in_time_is_overdue_and_not_tried_again() {
    let mut world = World::new();
    world.drift(0);
    world.pass();
    world.common.lock().unwrap().now += 90;
    world.pass();
    world.pass();
    assert_eq!(words(&world)[3..], ["overdue", "refused"]);
    let open = world.ledger.open_findings().next().unwrap();
    assert_eq!(open.standing.state(), FindingState::Open);
}

#[test]
fn what_is_started_elsewhere_is_fixing_until_it_is_seen_and_overdue_else() {
    for is_seen in [true, false] {
        let mut world = World::new();
        world.common.lock().unwrap().result = Some(FixResult::Started);
        world.drift(0);
        world.pass();
        // The recorder is behind, and nothing is begun again.
        world.pass();
        assert_eq!(words(&world), ["permitted", "intended", "started"]);
        let open = world.ledger.open_findings().next().unwrap();
        assert_eq!(open.standing.state(), FindingState::Fixing);
        if is_seen {
            world.versions[0] = None;
        } else {
            world.common.lock().unwrap().now += 90;
        }
        world.pass();
        let fix = &world.ledger.fixes().all()[0];
        assert_eq!(fix.is_ended(Ended::Healed), is_seen);
        assert_eq!(fix.is_ended(Ended::Overdue), !is_seen);
        let says = fix
            .line()
            .starts_with("started, and not seen as approved by ");
        assert_eq!(says, !is_seen, "{}", fix.line());
        check(&world);
    }
}

#[test]
fn another_version_ends_what_was_handed_over() {
    let mut world = World::new();
    world.drift(0);
    world.pass();
    world.drift(0);
    world.pass();
    let fixes = world.ledger.fixes().all();
    assert!(fixes[0].is_ended(Ended::Changed));
    assert_eq!(fixes.len(), 2);
    assert_ne!(fixes[0].id, fixes[1].id);
}

#[test]
fn without_its_receipt_nothing_is_carried_out() {
    let mut world = World::new();
    world.common.lock().unwrap().receipt_fails = true;
    world.drift(0);
    world.pass();
    assert_eq!(words(&world), ["permitted", "intended", "not_carried_out"]);
    assert!(world.common.lock().unwrap().carried.is_empty());
}

#[test]
fn a_stop_file_that_comes_while_its_receipt_is_waited_for_stops_it() {
    let mut world = World::new();
    world.common.lock().unwrap().stop_on_wait = true;
    world.drift(0);
    world.pass();
    assert_eq!(words(&world), ["permitted", "intended", "not_carried_out"]);
    assert!(world.common.lock().unwrap().carried.is_empty());
}

/// The process ends at each append of its way; the next one completes the fix or says what is known.
#[test]
fn an_end_at_any_step_is_completed_or_told() {
    for left in 0..3 {
        let mut world = World::new();
        world.drift(0);
        world.common.lock().unwrap().appends_left = Some(left);
        // The finding, the intent with its decision, the outcome.
        assert!(!world.pass(), "it ends at {left}");
        let begun = world.ledger.fixes().all().len();
        assert_eq!(begun, usize::from(left == 2));
        assert!(world.pass());
        check(&world);
        assert_eq!(world.ledger.fixes().all().len(), 1, "begun once");
        let carried = world.common.lock().unwrap().carried.clone();
        assert!(carried.iter().all(|id| *id == carried[0]), "under one name");
        assert_eq!(world.ledger.fixes().all()[0].word(), "handed_over");
    }
    // The guards no longer permit it: then it is told, and not done again.
    let mut world = World::new();
    world.drift(0);
    world.common.lock().unwrap().appends_left = Some(2);
    world.pass();
    world.common.lock().unwrap().stop = true;
    assert!(world.pass());
    check(&world);
    assert_eq!(world.ledger.fixes().all()[0].word(), "interrupted");
    // And what has healed meanwhile is not taken up.
    let mut world = World::new();
    world.drift(0);
    world.common.lock().unwrap().appends_left = Some(2);
    world.pass();
    world.versions[0] = None;
    assert!(world.pass());
    check(&world);
    assert_eq!(world.ledger.fixes().all()[0].word(), "interrupted");
}

#[test]
fn a_log_that_goes_on_takes_over_what_became_of_fixes() {
    let mut world = World::new();
    for at in [0, 1, 2, 4] {
        world.drift(at);
    }
    world.pass();
    let mut next = Ledger::default();
    for (at, carried) in (0u64..).zip(world.ledger.carry_over(world.now())) {
        next.apply(at, &carried.encode().unwrap().entry).unwrap();
    }
    assert_eq!(next.fixes(), world.ledger.fixes());
    assert_eq!(next.fixes().all().len(), 2);
    let states = |ledger: &Ledger| -> Vec<FindingState> {
        ledger
            .open_findings()
            .map(|own| own.standing.state())
            .collect()
    };
    assert_eq!(states(&next), states(&world.ledger));
    assert!(states(&next).contains(&FindingState::Fixing));
}

#[derive(Clone, Debug)]
enum Op {
    Drift(usize),
    Heal(usize),
    Pass(i64),
    Mode(FixMode),
    Stop(bool),
    Freeze(bool),
    RemediatorFails(bool),
    ReceiptFails(bool),
    /// The process ends after so many appends.
    Dies(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let mode = prop_oneof![
        3 => Just(FixMode::Enforce),
        1 => Just(FixMode::DryRun),
        1 => Just(FixMode::Off),
    ];
    prop_oneof![
        6 => (0..FINDINGS).prop_map(Op::Drift),
        4 => (0..FINDINGS).prop_map(Op::Heal),
        10 => (0..50i64).prop_map(Op::Pass),
        1 => mode.prop_map(Op::Mode),
        1 => any::<bool>().prop_map(Op::Stop),
        1 => any::<bool>().prop_map(Op::Freeze),
        1 => any::<bool>().prop_map(Op::RemediatorFails),
        1 => any::<bool>().prop_map(Op::ReceiptFails),
        3 => (0..8usize).prop_map(Op::Dies),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_invariants_hold(ops in prop::collection::vec(op(), 1..40)) {
        let mut world = World::new();
        for op in ops {
            let before = steps(&world).len();
            match op {
                Op::Drift(at) => world.drift(at),
                Op::Heal(at) => world.versions[at] = None,
                Op::Mode(mode) => world.policy.mode = mode,
                Op::Freeze(is_on) => world.freeze(is_on),
                Op::Stop(is_on) => world.common.lock().unwrap().stop = is_on,
                Op::RemediatorFails(is_on) => world.common.lock().unwrap().remediator_fails = is_on,
                Op::ReceiptFails(is_on) => world.common.lock().unwrap().receipt_fails = is_on,
                Op::Dies(left) => world.common.lock().unwrap().appends_left = Some(left),
                Op::Pass(minutes) => {
                    world.common.lock().unwrap().now += minutes;
                    if world.pass() {
                        let mut all = world.ledger.fixes().all().iter();
                        prop_assert!(all.all(|fix| !fix.is_unsettled()), "something was forgotten");
                    }
                }
            }
            let new = steps(&world).split_off(before);
            let begins = new.iter().any(|own| matches!(own.event, FixEvent::Intended { .. }));
            let stopped = world.common.lock().unwrap().stop || !world.policy.freezes.is_empty();
            prop_assert!(!begins || world.policy.mode == FixMode::Enforce);
            prop_assert!(!begins || !stopped);
            check(&world);
        }
    }
}

/// What must always hold of the steps in the log.
fn check(world: &World) {
    assert_eq!(world.common.lock().unwrap().wrong, Vec::<String>::new());
    let mut decided = BTreeMap::new();
    let mut intents: Vec<Fix> = Vec::new();
    let mut outcomes: BTreeSet<FixId> = BTreeSet::new();
    let mut resumed: BTreeMap<FixId, usize> = BTreeMap::new();
    let mut done: BTreeSet<_> = BTreeSet::new();
    for FixRecord {
        finding,
        deviation,
        event,
        ..
    } in steps(world)
    {
        match event {
            FixEvent::Decided { decision } => {
                if decision.word() == FixWord::Refused {
                    assert!(!decision.reasons.is_empty(), "a refusal without a reason");
                    assert!(decision.reasons.iter().all(|own| !own.why.is_empty()));
                }
                decided.insert((finding, deviation), decision.word());
            }
            FixEvent::Intended { intent } => {
                let version = (finding, deviation);
                let word = decided.get(&version);
                assert_eq!(
                    word,
                    Some(&FixWord::Permitted),
                    "an intent without a permit"
                );
                assert!(!done.contains(&version), "handed over twice");
                within_limits(world, &intents, &intent);
                let type_name = intent.type_name.as_str();
                assert!(
                    !["aws_db_instance", "aws_eip"].contains(&type_name),
                    "{type_name}"
                );
                intents.push(*intent);
            }
            FixEvent::Resumed { id } => *resumed.entry(id).or_default() += 1,
            FixEvent::Outcome { id, outcome } => {
                let intent = intents.iter().find(|own| own.id == id);
                let intent = intent.expect("an outcome without an intent");
                assert!(outcomes.insert(id), "two outcomes of one intent");
                if outcome.result == FixResult::HandedOver {
                    done.insert((intent.finding.clone(), intent.deviation.clone()));
                }
            }
            FixEvent::Overdue { .. }
            | FixEvent::Approved { .. }
            | FixEvent::UndoWanted { .. }
            | FixEvent::UndoRefused { .. } => {}
        }
    }
    let mut times: BTreeMap<FixId, usize> = BTreeMap::new();
    for id in &world.common.lock().unwrap().carried {
        *times.entry(id.clone()).or_default() += 1;
    }
    for (id, times) in times {
        let allowed = 1 + resumed.get(&id).copied().unwrap_or_default();
        assert!(times <= allowed, "{id} was carried out {times} times");
        assert!(intents.iter().any(|own| own.id == id));
    }
}

fn within_limits(world: &World, before: &[Fix], intent: &Fix) {
    let hour = SignedDuration::from_hours(1);
    let recent = before
        .iter()
        .filter(|own| intent.begun.duration_since(own.begun) < hour);
    let count = |is_of: &dyn Fn(&Fix) -> bool| {
        u32::try_from(recent.clone().filter(|own| is_of(own)).count()).unwrap()
    };
    let limits = world.policy.limits;
    assert!(count(&|own| own.rule == intent.rule) < limits.rule.count);
    assert!(count(&|own| own.workspace == intent.workspace) < limits.workspace.count);
    assert!(count(&|_| true) < limits.estate.count);
}
