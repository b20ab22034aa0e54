//! Whatever happens.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Event {
    Appear(u32, u8),
    Heal(u32),
    Change(u32),
    Acknowledge(u32),
    Accept(u32, bool),
    Blind(bool),
    Time(i64),
    Lose,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let finding = 0..30_u32;
    let one = prop_oneof![
        4 => (finding.clone(), 0..5_u8).prop_map(|(own, severity)| Event::Appear(own, severity)),
        3 => finding.clone().prop_map(Event::Heal),
        1 => finding.clone().prop_map(Event::Change),
        1 => finding.clone().prop_map(Event::Acknowledge),
        1 => (finding, any::<bool>()).prop_map(|(own, yes)| Event::Accept(own, yes)),
        1 => any::<bool>().prop_map(Event::Blind),
        3 => (1..4_000_i64).prop_map(Event::Time),
        1 => Just(Event::Lose),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    /// Whatever happens: no finding has two open pages, nothing is resolved that is not over, the
    /// sequence of an alert has no hole, and in the end every finding that asks for somebody was told.
    #[test]
    fn nobody_is_told_twice_and_nothing_is_lost(events in events()) {
        let mut world = World::new();
        let mut versions = 1_000;
        for event in events {
            world.pass_time(SignedDuration::from_secs(1));
            happen(&mut world, event, &mut versions);
            world.judge();
            check(&world)?;
        }
        // Calm: everything that can be told is told by then.
        world.faults.clear();
        world.pass_time(MINUTE * 60);
        world.judge();
        check(&world)?;
        for one in world.open.values().filter(|one| !one.accepted) {
            let told = world.told.membership(&one.finding);
            prop_assert!(told.is_some_and(|told| told.at >= one.first_seen), "{}", one.finding);
        }
    }
}

fn happen(world: &mut World, event: Event, versions: &mut u32) {
    let key = |own: u32| FindingKey::from(format!("f{own:05}"));
    match event {
        Event::Appear(own, severity) if !world.open.contains_key(&key(own)) => {
            let severity = Severity::ALL[usize::from(severity)];
            world.add(own, severity, |one| {
                one.actor = (own % 3 != 0).then(|| format!("a{}", own % 2));
                if own % 7 == 0 {
                    one.verdict = Verdict::Indeterminate;
                }
            });
        }
        Event::Heal(own) if world.open.contains_key(&key(own)) => world.heal(own),
        Event::Change(own) if world.open.contains_key(&key(own)) => {
            *versions += 1;
            let version = DeviationId::from(format!("d{versions}"));
            world.change(own, |one| {
                one.version = version;
                one.acknowledged = None;
            });
        }
        Event::Acknowledge(own) if world.open.contains_key(&key(own)) => {
            world.change(own, |one| one.acknowledged = Some("p1".to_owned()));
        }
        Event::Accept(own, yes) if world.open.contains_key(&key(own)) => {
            world.change(own, |one| one.accepted = yes);
        }
        Event::Blind(yes) => {
            world.faults.clear();
            let subject = "prod".to_owned();
            let kind = WatchKind::LiveStale;
            world.faults.extend(yes.then_some(Fault { kind, subject }));
        }
        Event::Time(seconds) => world.pass_time(SignedDuration::from_secs(seconds)),
        // The process dies: all that is left is what the log says.
        Event::Lose => {
            let mut told = Told::default();
            replay(world, &mut told);
            assert!(told.alerts().eq(world.told.alerts()));
            assert!(told.pending().eq(world.told.pending()));
        }
        _ => {}
    }
}

/// Messages as the log has them give the same picture of who has which alert.
fn replay(world: &World, told: &mut Told) {
    for message in &world.log {
        told.queue(message);
    }
}

fn check(world: &World) -> Result<(), TestCaseError> {
    let mut pages: BTreeMap<FindingKey, AlertKey> = BTreeMap::new();
    for (key, alert) in world.told.alerts() {
        if alert.closed || alert.kind == AlertKind::Export {
            continue;
        }
        for finding in &alert.members {
            let other = pages.insert(finding.clone(), key.clone());
            prop_assert!(other.is_none(), "{} has two pages", finding);
        }
    }
    let mut last: BTreeMap<&AlertKey, u32> = BTreeMap::new();
    for message in &world.log {
        let before = last.insert(&message.key, message.sequence).unwrap_or(0);
        prop_assert_eq!(message.sequence, before + 1);
        if message.step == PageStep::Resolve {
            prop_assert!(
                world
                    .told
                    .alert(&message.key)
                    .is_none_or(|alert| alert.closed)
            );
        }
    }
    let newest: Vec<&Message> = world
        .log
        .iter()
        .filter(|message| message.at == world.now && message.step == PageStep::Resolve)
        .collect();
    for message in newest.into_iter().filter(|message| message.kind.is_page()) {
        let told_of = world.log.iter().filter(|own| own.key == message.key);
        for finding in told_of.flat_map(|own| &own.findings) {
            let is_told = world.told.membership(finding);
            let is_elsewhere = is_told.is_some_and(|own| own.alert != message.key);
            let gone = world
                .open
                .get(finding)
                .is_none_or(|one| one.first_seen >= message.at);
            prop_assert!(gone || is_elsewhere, "{} is not over", finding);
        }
    }
    Ok(())
}
