//! One page for one finding, with all that is needed, until it is over.

use std::time::{Duration, Instant};

use driftwarden::engine::Acknowledgement;
use driftwarden::engine::service::Cycle;
use serde_json::Value as Json;

use super::{HOUR, MINUTE, PAGER, look, tell, with_pager};
use crate::service::{Estate, config, pass, scanned, tell_once};

#[test]
fn a_hundred_detections_and_a_restart_are_one_page_and_its_end() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    for _ in 0..50 {
        look(&mut cycle, &estate);
    }
    // Ends without a word, as if it were killed.
    drop(cycle);
    let mut cycle = estate.begin();
    for _ in 0..50 {
        look(&mut cycle, &estate);
    }
    assert_eq!(estate.steps("pager"), ["trigger"]);
    estate.heal();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger", "resolve"]);
    let messages = estate.messages("pager");
    assert_eq!(messages[0]["key"], messages[1]["key"]);
    assert_eq!(
        (&messages[0]["sequence"], &messages[1]["sequence"]),
        (&Json::from(1), &Json::from(2))
    );
    let told = ["queued", "delivered", "queued", "delivered"];
    assert_eq!(estate.told_words(), told);
    estate.assert_whole();
}

#[test]
fn a_message_says_all_that_is_needed_and_nothing_secret() {
    let estate = with_pager("paging { evidence_url = \"https://evidence.bank.example/{entry}\" }");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let message = estate.messages("pager").remove(0);
    assert_eq!(message["schema"], "driftwarden.page/1");
    for name in ["key", "title", "severity", "next", "risk", "at"] {
        assert!(!message[name].is_null(), "{name}");
    }
    let finding = &message["subject"]["finding"];
    for name in [
        "kind",
        "workspace",
        "address",
        "attribute",
        "approved",
        "live",
        "verdict",
        "reasons",
        "rule",
        "done",
    ] {
        assert!(!finding[name].is_null(), "{name}");
    }
    assert!(!message["risk"].as_array().unwrap().is_empty());
}

#[test]
fn twenty_toggles_are_few_pages_and_one_open_at_most() {
    let estate = with_pager("findings {\n  flap_count = 2\n  flap_window = \"1d\"\n}");
    let mut cycle = estate.begin();
    for _ in 0..20 {
        estate.deviate();
        pass(MINUTE * 7);
        look(&mut cycle, &estate);
        estate.heal();
        pass(MINUTE * 7);
        look(&mut cycle, &estate);
    }
    let (mut open, mut triggers) = (0, 0);
    for message in estate.messages("pager") {
        match message["step"].as_str().unwrap() {
            "trigger" => {
                open += 1;
                triggers += 1;
            }
            "resolve" => open -= 1,
            _ => {}
        }
        assert!((0..=1).contains(&open), "{message}");
    }
    assert_eq!(triggers, 3, "twice as ever, then once as flapping");
    assert_eq!(open, 1);
    // Calm for longer than the window: it is over, and that is told.
    pass(HOUR * 48);
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager").last().unwrap(), "resolve");
}

#[test]
fn a_secret_is_in_no_message() {
    let estate = Estate::of("changed-secret", PAGER);
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let message = estate.messages("pager").remove(0);
    let finding = &message["subject"]["finding"];
    let hidden = serde_json::json!({ "sensitive": true });
    assert_eq!((&finding["approved"], &finding["live"]), (&hidden, &hidden));
    assert!(!message.to_string().contains("s3cr3t"));
}

/// Somebody says that it is done, and it is not.
#[test]
fn what_is_only_said_to_be_done_stays_open_and_comes_back_when_time_is_up() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let ask = Acknowledgement {
        finding: estate.key().to_string(),
        by: "ben@bank.example".to_owned(),
        note: Some("fixed it".to_owned()),
    };
    estate.put(
        "evidence.inbox/1.json",
        &serde_json::to_string(&ask).unwrap(),
    );
    cycle.take_requests().unwrap();
    tell(&mut cycle, &estate);
    for _ in 0..5 {
        pass(HOUR);
        look(&mut cycle, &estate);
    }
    assert_eq!(estate.steps("pager"), ["trigger", "acknowledge"]);
    // Its rule gives a day.
    pass(HOUR * 24);
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger", "acknowledge", "update"]);
    assert_eq!(estate.steps("desk"), ["trigger"], "the next in line");
    estate.heal();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager").last().unwrap(), "resolve");
    assert_eq!(estate.steps("desk"), ["trigger", "resolve"]);
}

#[test]
fn a_new_year_forgets_no_page() {
    let estate = with_pager("");
    let yearly = config(PAGER).replacen(
        "evidence { dir = \"evidence\" }",
        "evidence {\n  dir = \"evidence\"\n  shard = \"yearly\"\n}",
        1,
    );
    estate.put("driftwarden.hcl", &yearly);
    let wait = |cycle: &mut Cycle, channel: &str, messages: usize| {
        let begun = Instant::now();
        while estate.messages(channel).len() < messages {
            assert!(begun.elapsed() < Duration::from_secs(20));
            tell_once(cycle);
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(50));
        tell_once(cycle);
    };
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    wait(&mut cycle, "pager", 1);
    pass(HOUR * 24 * 60);
    scanned(&mut cycle);
    // Two months later it is overdue, which is no news that needs another alert.
    wait(&mut cycle, "desk", 1);
    estate.heal();
    scanned(&mut cycle);
    wait(&mut cycle, "desk", 2);
    wait(&mut cycle, "pager", 3);
    let messages = estate.messages("pager");
    assert_eq!(estate.steps("pager"), ["trigger", "update", "resolve"]);
    assert_eq!(messages[0]["key"], messages[2]["key"]);
}
