//! What does not arrive at once.

use std::time::{Duration, Instant};

use driftwarden::engine::service::Cycle;
use driftwarden::evidence::record::NotificationEvent;
use driftwarden::model::Arrival;
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::{HOUR, MINUTE, tell, text};
use crate::service::{Estate, config, pass, scanned, tell_once};

/// The pager's folder is not there: nothing arrives.
const BROKEN: &str = "channel \"file\" \"pager\" { path = \"down/pager.jsonl\" }\n\
    channel \"file\" \"desk\" { path = \"desk.jsonl\" }\n\
    route \"all\" {\n  to = [\"pager\"]\n  failover = \"desk\"\n}\n";

fn wait_for(cycle: &mut Cycle, estate: &Estate, word: &str) {
    let begun = Instant::now();
    while !estate.told_words().contains(&word) {
        assert!(begun.elapsed() < Duration::from_secs(20), "no {word}");
        std::thread::sleep(Duration::from_millis(20));
        tell_once(cycle);
    }
}

#[test]
fn what_was_not_sent_before_the_end_is_sent_after_it() {
    let estate = Estate::new(BROKEN);
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    // Ended after the finding is recorded, and before anything is told of it.
    drop(cycle);
    let mut cycle = estate.begin();
    tell_once(&mut cycle);
    // Ended after the message is recorded, and before it is sent.
    drop(cycle);
    std::fs::create_dir(estate.path().join("down")).unwrap();
    let mut cycle = estate.begin();
    tell(&mut cycle, &estate);
    let sent = estate.messages("down/pager");
    assert_eq!(sent.len(), 1);
    let queued = estate.told().into_iter().find_map(|own| match own {
        NotificationEvent::Queued { message } => Some(message),
        _ => None,
    });
    let queued = queued.unwrap();
    assert_eq!(text(&sent[0]["key"]), queued.key.as_str());
    assert_eq!(sent[0]["sequence"], queued.sequence);
    // Ended after it is sent, and before that is recorded: the same message again.
    estate.heal();
    scanned(&mut cycle);
    tell_once(&mut cycle);
    let begun = Instant::now();
    while estate.messages("down/pager").len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(cycle);
    let mut cycle = estate.begin();
    tell(&mut cycle, &estate);
    let sent = estate.messages("down/pager");
    assert_eq!(sent.len(), 3);
    let named = |own: &Json| (text(&own["key"]), own["sequence"].clone());
    assert_eq!(named(&sent[1]), named(&sent[2]));
    assert_eq!(text(&sent[2]["step"]), "resolve");
    assert!(
        text(&sent[2]["title"]).contains("aws_sns_topic.alerts"),
        "{}",
        sent[2]
    );
}

#[test]
fn a_channel_that_is_down_for_too_long_gives_way() {
    let estate = Estate::new(BROKEN);
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    tell_once(&mut cycle);
    wait_for(&mut cycle, &estate, "failed");
    pass(MINUTE * 4);
    tell_once(&mut cycle);
    assert_eq!(estate.told_words(), ["queued", "failed"]);
    pass(MINUTE);
    tell(&mut cycle, &estate);
    assert_eq!(
        estate.told_words(),
        ["queued", "failed", "failed_over", "delivered"]
    );
    assert_eq!(estate.steps("desk"), ["trigger"]);
    let arrivals = estate.told().into_iter().filter_map(|own| match own {
        NotificationEvent::Arrival { delivery } => Some(delivery.arrival),
        _ => None,
    });
    let to = arrivals.into_iter().find_map(|arrival| match arrival {
        Arrival::FailedOver { to, .. } => Some(to),
        _ => None,
    });
    assert_eq!(to.as_deref(), Some("desk"));
}

#[test]
fn another_configuration_takes_over_what_waits() {
    let estate = Estate::new(BROKEN);
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    tell_once(&mut cycle);
    let mended = BROKEN.replace("down/pager.jsonl", "pager.jsonl");
    estate.put("driftwarden.hcl", &config(&mended));
    cycle.reload().unwrap();
    tell(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);
}

#[test]
fn a_heartbeat_is_sent_while_all_is_well() {
    let estate = Estate::new(
        "channel \"file\" \"alive\" { path = \"alive.jsonl\" }\n\
         heartbeat {\n  channel = \"alive\"\n  every = \"1m\"\n}\n",
    );
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    // One that another follows before it is sent is dropped, so each is waited for.
    for beats in 1..=5 {
        tell_once(&mut cycle);
        let begun = Instant::now();
        while estate.messages("alive").len() < beats {
            assert!(begun.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(10));
        }
        pass(SignedDuration::from_secs(30));
        tell_once(&mut cycle);
        assert_eq!(estate.messages("alive").len(), beats);
        pass(SignedDuration::from_secs(30));
    }
    // Nothing was recorded for too long: it stays away.
    std::fs::remove_file(estate.path().join("live/snapshot.json")).unwrap();
    pass(HOUR * 2);
    drop(cycle.scan());
    tell_once(&mut cycle);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(estate.messages("alive").len(), 5);
}
