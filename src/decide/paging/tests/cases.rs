//! One thing at a time.

use std::collections::BTreeSet;

use super::*;
use crate::model::{Silence, SilenceMatch};

#[test]
fn a_finding_is_paged_once_and_resolved_when_it_is_gone() {
    let mut world = World::new();
    world.add(1, HIGH, |_| {});
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Trigger, AlertKind::Finding)]
    );
    for _ in 0..100 {
        world.pass_time(SignedDuration::from_secs(10));
        assert_eq!(world.judge(), []);
    }
    world.heal(1);
    let said = world.judge();
    assert_eq!(steps(&said), [(PageStep::Resolve, AlertKind::Finding)]);
    assert_eq!(said[0].key, world.log[0].key);
    assert_eq!(said[0].sequence, 2);
    // The same again later is another alert: a receiver must not take it for a duplicate.
    world.pass_time(MINUTE * 60);
    world.add(1, HIGH, |_| {});
    let again = world.judge();
    assert_ne!(again[0].key, said[0].key);
}

#[test]
fn five_thousand_by_one_are_one_page_and_a_few_critical_ones_come_through() {
    let mut world = World::new();
    for number in 0..5_000 {
        let severity = match number % 100 {
            0 => Severity::Critical,
            _ => HIGH,
        };
        world.add(number, severity, |_| {});
    }
    world.judge();
    let bound = world.policy.critical_pages as usize + 1;
    assert_eq!(world.pages().len(), bound);
    let told: usize = world.log.iter().map(|one| one.findings.len()).sum();
    assert_eq!(told, 5_000, "each finding is in one of them");
    // The same 5,000 a second time.
    world.pass_time(MINUTE * 10);
    assert_eq!(world.judge(), []);
    // More of the same joins the page that is open, and not at once.
    world.add(6_000, HIGH, |_| {});
    let said = world.judge();
    assert_eq!(steps(&said), [(PageStep::Update, AlertKind::Group)]);
    world.add(6_001, HIGH, |_| {});
    assert_eq!(world.judge(), []);
    world.pass_time(MINUTE * 5);
    assert_eq!(world.judge()[0].findings.len(), 1);
}

#[test]
fn many_actors_at_once_are_a_storm() {
    let mut world = World::new();
    for number in 0..200 {
        world.add(number, HIGH, |one| {
            one.actor = Some(format!("actor-{number}"))
        });
    }
    world.add(900, Severity::Critical, |one| {
        one.actor = Some("eve".to_owned())
    });
    world.judge();
    let bound = world.policy.storm_threshold as usize + 1 + 1;
    assert_eq!(world.pages().len(), bound);
    let critical = world
        .pages()
        .into_iter()
        .filter(|one| one.severity == Severity::Critical);
    assert_eq!(critical.count(), 1, "it comes through");
    let storm = world.log.iter().find(|one| one.kind == AlertKind::Storm);
    assert_eq!(storm.unwrap().findings.len(), 180);
}

#[test]
fn what_turns_critical_within_a_group_is_told_by_itself() {
    let mut world = World::new();
    (0..10).for_each(|number| world.add(number, HIGH, |_| {}));
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Trigger, AlertKind::Group)]
    );
    world.change(3, |one| one.severity = Severity::Critical);
    let said = world.judge();
    assert!(
        steps(&said).contains(&(PageStep::Trigger, AlertKind::Finding)),
        "{said:?}"
    );
    (0..10)
        .filter(|own| *own != 3)
        .for_each(|own| world.heal(own));
    let said = world.judge();
    assert_eq!(steps(&said), [(PageStep::Resolve, AlertKind::Group)]);
}

#[test]
fn a_group_is_over_when_all_of_it_is() {
    let mut world = World::new();
    (0..10).for_each(|number| world.add(number, HIGH, |_| {}));
    world.judge();
    (0..9).for_each(|number| world.heal(number));
    assert_eq!(world.judge(), []);
    // One of them comes back: that is another deed, and another page.
    world.pass_time(MINUTE);
    world.add(0, HIGH, |one| one.actor = Some("eve".to_owned()));
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Trigger, AlertKind::Finding)]
    );
    world.heal(9);
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Resolve, AlertKind::Group)]
    );
}

#[test]
fn suspected_accepted_and_authorised_ones_page_nobody() {
    let mut world = World::new();
    world.add(1, HIGH, |one| one.suspected = true);
    world.add(2, HIGH, |one| one.accepted = true);
    world.add(3, HIGH, |one| one.verdict = Verdict::AwaitingApply);
    assert_eq!(world.judge(), []);
    world.add(4, HIGH, |one| one.verdict = Verdict::Authorised);
    assert_eq!(steps(&world.judge()), [(PageStep::Note, AlertKind::Note)]);
    world.change(1, |one| one.suspected = false);
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Trigger, AlertKind::Finding)]
    );
}

#[test]
fn a_waiver_calms_an_alert_and_its_end_wakes_it() {
    let mut world = World::new();
    world.add(1, HIGH, |_| {});
    world.judge();
    world.change(1, |one| one.accepted = true);
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Acknowledge, AlertKind::Finding)]
    );
    world.pass_time(MINUTE * 60 * 24);
    assert_eq!(world.judge(), [], "nothing is asked, so nothing is late");
    world.change(1, |one| one.accepted = false);
    let said = world.judge();
    assert_eq!(said[0].step, PageStep::Trigger);
    assert_eq!(said[0].key, world.log[0].key);
}

#[test]
fn nobody_acknowledges_and_the_next_in_line_is_told() {
    let mut world = World::new();
    world.add(1, HIGH, |one| {
        one.due = Some(one.first_seen.checked_add(MINUTE * 60).unwrap());
    });
    world.judge();
    world.pass_time(MINUTE * 31);
    let said = world.judge();
    let to: Vec<_> = said
        .iter()
        .map(|one| (one.step, one.channels.clone()))
        .collect();
    let expected = [
        (PageStep::Update, vec!["pager".to_owned()]),
        (PageStep::Trigger, vec!["boss".to_owned()]),
    ];
    assert_eq!(to, expected);
    assert_eq!(said[1].sequence, 3);
    world.pass_time(MINUTE * 31);
    let said = world.judge();
    assert_eq!(said.len(), 1, "overdue, and everybody has it: {said:?}");
    assert_eq!(said[0].channels, ["boss", "pager"]);
    world.pass_time(MINUTE * 600);
    assert_eq!(world.judge(), []);
}

#[test]
fn an_acknowledged_alert_escalates_only_when_it_is_overdue() {
    let mut world = World::new();
    world.add(1, HIGH, |one| {
        one.due = Some(one.first_seen.checked_add(MINUTE * 60).unwrap());
    });
    world.judge();
    world.change(1, |one| one.acknowledged = Some("p1".to_owned()));
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Acknowledge, AlertKind::Finding)]
    );
    world.pass_time(MINUTE * 45);
    assert_eq!(world.judge(), []);
    world.pass_time(MINUTE * 30);
    assert_eq!(world.judge().len(), 2);
}

fn silence(world: &World, matches: SilenceMatch) -> Silence {
    Silence {
        id: "s1".to_owned(),
        matches,
        owner: "p1".to_owned(),
        reason: "known".to_owned(),
        since: world.now,
        expires: world.now.checked_add(MINUTE * 60).unwrap(),
    }
}

#[test]
fn a_silence_holds_back_is_told_and_ends() {
    let mut world = World::new();
    let by_workspace = SilenceMatch {
        workspace: Some("pay*".to_owned()),
        up_to: Some(HIGH),
        ..SilenceMatch::default()
    };
    world.told.silence(silence(&world, by_workspace));
    world.add(1, HIGH, |_| {});
    world.add(2, Severity::Critical, |_| {});
    let said = world.judge();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].severity, Severity::Critical);
    assert_eq!(world.holds.len(), 1, "the log says who is held back");
    world.pass_time(MINUTE * 61);
    assert_eq!(first_told(&world.judge()), [FindingKey::from("f00001")]);
}

#[test]
fn a_silence_of_everything_is_none() {
    let mut world = World::new();
    world.told.silence(silence(&world, SilenceMatch::default()));
    world.add(1, HIGH, |_| {});
    assert_eq!(world.judge().len(), 1);
}

#[test]
fn planned_work_is_quiet_for_those_who_are_named_and_until_it_is_over() {
    let mut world = World::new();
    let until = world.now.checked_add(MINUTE * 60).unwrap();
    let window = Some((ChangeNumber::from("CHG0030001"), until));
    world.add(1, HIGH, |one| one.window.clone_from(&window));
    world.add(2, HIGH, |one| one.actor = Some("eve".to_owned()));
    world.add(3, Severity::Critical, |one| one.window = window);
    let said = world.judge();
    let told: BTreeSet<&FindingKey> = said.iter().flat_map(|one| &one.findings).collect();
    assert_eq!(
        told.len(),
        2,
        "another actor, and what is critical: {told:?}"
    );
    world.pass_time(MINUTE * 61);
    assert_eq!(first_told(&world.judge()), [FindingKey::from("f00001")]);
}

#[test]
fn a_blind_detector_is_one_page_and_its_doubts_are_none() {
    let mut world = World::new();
    for number in 0..40 {
        let subject = format!("config {number}");
        let kind = WatchKind::SourceNotRead;
        world.faults.push(Fault { kind, subject });
        world.add(number, HIGH, |one| one.verdict = Verdict::Indeterminate);
    }
    world.add(99, HIGH, |_| {});
    let said = world.judge();
    assert_eq!(
        steps(&said),
        [
            (PageStep::Trigger, AlertKind::Detector),
            (PageStep::Trigger, AlertKind::Finding)
        ]
    );
    assert_eq!(said[1].findings, [FindingKey::from("f00099")]);
    // It sees again: what is still in doubt is told then.
    world.faults.clear();
    let said = world.judge();
    assert_eq!(said[0].step, PageStep::Resolve);
    assert_eq!(said.len(), 2);
    assert_eq!(said[1].total, 40);
}

#[test]
fn a_digest_gathers_and_says_each_thing_once() {
    let mut world = World::new();
    world.policy.routes[0].digest = Some(MINUTE * 60);
    world.add(1, Severity::Low, |_| {});
    assert_eq!(world.judge(), []);
    world.pass_time(MINUTE * 30);
    world.add(2, Severity::Low, |_| {});
    assert_eq!(world.judge(), []);
    world.pass_time(MINUTE * 30);
    let said = world.judge();
    assert_eq!(steps(&said), [(PageStep::Note, AlertKind::Digest)]);
    assert_eq!(said[0].total, 2);
    world.pass_time(MINUTE * 600);
    assert_eq!(world.judge(), []);
}

#[test]
fn an_export_gets_everything_beside_the_pages() {
    let mut world = World::new();
    world.policy.routes.push(Route {
        name: "hub".to_owned(),
        to: vec!["hub".to_owned()],
        export: true,
        ..Route::default()
    });
    for number in 0..50 {
        world.add(number, HIGH, |_| {});
    }
    let said = world.judge();
    let exported = said.iter().filter(|one| one.kind == AlertKind::Export);
    assert_eq!(exported.count(), 50);
    assert_eq!(said.len(), 51);
    world.heal(7);
    assert_eq!(
        steps(&world.judge()),
        [(PageStep::Resolve, AlertKind::Export)]
    );
}

#[test]
fn what_no_route_takes_is_held_and_the_log_says_so() {
    let mut world = World::new();
    world.policy.routes[0].severities = vec![Severity::Critical];
    world.add(1, HIGH, |_| {});
    assert_eq!(world.judge(), []);
    assert_eq!(world.holds[0].0, Hold::NoRoute);
}
