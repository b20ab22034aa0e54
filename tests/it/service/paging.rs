//! What people are told, by the whole engine with a channel that writes to a file: the table of what
//! people on call hate, row by row.

use std::time::{Duration, Instant};

use driftwarden::cli::wire;
use driftwarden::engine::service::Cycle;
use driftwarden::engine::{Acknowledgement, SilenceEnd, SilenceRequest};
use driftwarden::evidence::record::{NotificationEvent, Record};
use driftwarden::model::{Arrival, SilenceMatch};
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::{Estate, config, now, pass, scanned, set};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const PAGER: &str = "channel \"file\" \"pager\" { path = \"pager.jsonl\" }\n\
    channel \"file\" \"desk\" { path = \"desk.jsonl\" }\n\
    route \"all\" {\n  to = [\"pager\"]\n  failover = \"desk\"\n  escalate_to = [\"desk\"]\n  \
    escalate_after = \"30m\"\n}\n";

fn with_pager(more: &str) -> Estate {
    Estate::new(&format!("{PAGER}{more}"))
}

impl Estate {
    /// What a channel has, in its order.
    fn messages(&self, channel: &str) -> Vec<Json> {
        let path = self.path().join(format!("{channel}.jsonl"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn steps(&self, channel: &str) -> Vec<String> {
        let messages = self.messages(channel).into_iter();
        messages.map(|own| text(own.get("step").unwrap())).collect()
    }

    /// What the log says of messages, in its order.
    fn told(&self) -> Vec<NotificationEvent> {
        let records = self.records().into_iter();
        let told = records.filter_map(|record| match record {
            Record::Notification(record) => Some(record.event),
            _ => None,
        });
        told.collect()
    }

    fn told_words(&self) -> Vec<&'static str> {
        self.told().iter().map(NotificationEvent::as_str).collect()
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap().to_owned()
}

/// Tells, and waits until everything that can arrive has.
fn tell(cycle: &mut Cycle, estate: &Estate) {
    let begun = Instant::now();
    loop {
        cycle.tell().unwrap();
        let ledger = wire::ledger(&estate.path().join("evidence")).unwrap();
        if ledger.told().pending().next().is_none() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "a message waits");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn look(cycle: &mut Cycle, estate: &Estate) {
    scanned(cycle);
    tell(cycle, estate);
}

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

/// Topics that nobody approved, made by one person at the console.
fn storm(estate: &Estate, topics: usize) {
    let mut items = Vec::new();
    let mut calls = Vec::new();
    for number in 0..topics {
        let arn = format!("arn:aws:sns:eu-west-1:111122223333:t{number}");
        items.push(format!(
            r#"{{"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-11-04T09:00:00Z",
            "configurationItemStatus":"OK","resourceType":"AWS::SNS::Topic","resourceId":"{arn}",
            "resourceName":"t{number}","ARN":"{arn}","awsAccountId":"111122223333","awsRegion":"eu-west-1",
            "tags":{{}},"configuration":{{"TopicArn":"{arn}","DisplayName":""}},"supplementaryConfiguration":{{}}}}"#
        ));
        calls.push(format!(
            r#"{{"eventVersion":"1.11","eventTime":"2026-11-04T08:59:00Z","eventID":"e-{number}",
            "eventName":"CreateTopic","eventSource":"sns.amazonaws.com","awsRegion":"eu-west-1",
            "recipientAccountId":"111122223333","readOnly":false,"sourceIPAddress":"203.0.113.9",
            "sessionCredentialFromConsole":"true","userIdentity":{{"type":"IAMUser",
            "arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333","userName":"eve"}},
            "requestParameters":{{"name":"t{number}"}},"responseElements":{{"topicArn":"{arn}"}}}}"#
        ));
    }
    estate.put(
        "live/storm.json",
        &format!(
            r#"{{"fileVersion":"1.0","configurationItems":[{}]}}"#,
            items.join(",")
        ),
    );
    estate.put(
        "trail/storm.json",
        &format!(r#"{{"Records":[{}]}}"#, calls.join(",")),
    );
    estate.put(
        "rules/all.hcl",
        "rule \"by-hand\" {\n  description = \"made by hand\"\n  match { kinds = [\"unmanaged\"] }\n  \
         severity = \"high\"\n  action = \"alert\"\n}\n",
    );
}

#[test]
fn five_thousand_deviations_by_one_are_one_page_and_all_in_evidence() {
    let estate = with_pager(
        "rules { dirs = [\"rules\"] }\n\
         activity \"cloudtrail_files\" \"trail\" { files = [\"trail/*.json\"] }",
    );
    estate.heal();
    storm(&estate, 5_000);
    let mut cycle = estate.begin();
    assert_eq!(scanned(&mut cycle), 5_000);
    let begun = Instant::now();
    cycle.tell().unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    let told = estate.told();
    let announced: usize = told.iter().map(|own| own.findings().len()).sum();
    assert_eq!(announced, 5_000, "each is announced by evidence");
    tell(&mut cycle, &estate);
    let messages = estate.messages("pager");
    assert_eq!(messages.len(), 1);
    let group = &messages[0]["subject"]["group"];
    assert_eq!(group["total"], 5_000);
    assert_eq!(group["some"].as_array().unwrap().len(), 10);
    let common = text(&group["common"]);
    assert!(
        common.contains("user/eve") && common.contains("111122223333"),
        "{common}"
    );
    // The log has no name.
    let log = format!("{told:?}");
    assert!(!log.contains("user/eve"), "the log names nobody");
    // The same 5,000 a second time, later, and after a restart.
    pass(MINUTE * 20);
    look(&mut cycle, &estate);
    drop(cycle);
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.messages("pager").len(), 1);
}

#[test]
fn our_own_outage_is_one_page_and_heals_nothing() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let path = estate.path().join("live/snapshot.json");
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for _ in 0..10 {
        pass(MINUTE * 20);
        assert!(matches!(
            cycle.scan().unwrap(),
            driftwarden::engine::service::Scanned::Failed
        ));
        tell(&mut cycle, &estate);
    }
    let pager = estate.messages("pager");
    let of_detector: Vec<&Json> = pager
        .iter()
        .filter(|own| !own["subject"]["detector"].is_null())
        .collect();
    assert_eq!(of_detector.len(), 1, "{of_detector:#?}");
    assert!(text(&of_detector[0]["title"]).contains("evidence_stale"));
    assert!(
        !estate.steps("pager").contains(&"resolve".to_owned()),
        "nothing heals by not being seen"
    );
    std::fs::write(&path, kept).unwrap();
    look(&mut cycle, &estate);
    let steps = estate.steps("pager");
    let over = steps.iter().filter(|step| *step == "resolve").count();
    assert_eq!(
        over, 1,
        "the outage is over, and the finding is not: {steps:?}"
    );
}

/// The pipeline, within the window of its approved change, does more than the plan says.
#[test]
fn planned_work_is_quiet_until_its_window_ends_and_not_for_others() {
    let estate = Estate::of("pending-other-value", PAGER);
    set("2026-11-01T21:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    assert_eq!(estate.told_words(), ["held"]);
    let said = format!("{:?}", estate.told());
    assert!(said.contains("CHG0030002"), "{said}");
    // A restart keeps it quiet, before anything is looked at.
    drop(cycle);
    let mut cycle = estate.begin();
    tell(&mut cycle, &estate);
    assert_eq!(estate.told_words(), ["held"]);
    set("2026-11-01T23:00:01Z");
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);

    let estate = Estate::of("pending-other-value", PAGER);
    let trail = estate.path().join("trail");
    for entry in std::fs::read_dir(trail).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let maria = text
            .replace(
                "assumed-role/deploy-role/run-42",
                "assumed-role/admin/maria",
            )
            .replace("role/deploy-role", "role/admin")
            .replace("\"deploy-role\"", "\"admin\"");
        std::fs::write(&path, maria).unwrap();
    }
    set("2026-11-01T21:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(
        estate.steps("pager"),
        ["trigger"],
        "another actor pages in the window, too"
    );
}

#[test]
fn an_authorised_change_is_a_note_and_wakes_nobody() {
    let estate = Estate::of("pending-authorised", PAGER);
    set("2026-11-02T09:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["note"]);
    let note = estate.messages("pager").remove(0);
    assert!(text(&note["title"]).contains("CHG0030002"), "{note:#}");
    look(&mut cycle, &estate);
    assert_eq!(estate.messages("pager").len(), 1);
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

/// The pager's folder is not there: nothing arrives.
const BROKEN: &str = "channel \"file\" \"pager\" { path = \"down/pager.jsonl\" }\n\
    channel \"file\" \"desk\" { path = \"desk.jsonl\" }\n\
    route \"all\" {\n  to = [\"pager\"]\n  failover = \"desk\"\n}\n";

fn wait_for(cycle: &mut Cycle, estate: &Estate, word: &str) {
    let begun = Instant::now();
    while !estate.told_words().contains(&word) {
        assert!(begun.elapsed() < Duration::from_secs(20), "no {word}");
        std::thread::sleep(Duration::from_millis(20));
        cycle.tell().unwrap();
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
    cycle.tell().unwrap();
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
    cycle.tell().unwrap();
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
    cycle.tell().unwrap();
    wait_for(&mut cycle, &estate, "failed");
    pass(MINUTE * 4);
    cycle.tell().unwrap();
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
    cycle.tell().unwrap();
    let mended = BROKEN.replace("down/pager.jsonl", "pager.jsonl");
    estate.put("driftwarden.hcl", &config(&mended));
    cycle.reload().unwrap();
    tell(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);
}

fn silence(expires: jiff::Timestamp) -> SilenceRequest {
    SilenceRequest {
        matches: SilenceMatch {
            workspace: Some("pay*".to_owned()),
            ..SilenceMatch::default()
        },
        owner: "ana@bank.example".to_owned(),
        reason: "ben@bank.example is at it".to_owned(),
        expires,
    }
}

#[test]
fn a_silence_keeps_messages_back_and_nothing_else() {
    let estate = with_pager("");
    drop(estate.begin());
    let config = wire::load_config(&estate.config()).unwrap();
    let until = now() + HOUR;
    let said = wire::silence(&config, &silence(until), now()).unwrap();
    assert!(
        said.starts_with("silence ") && said.ends_with(&until.to_string()),
        "{said}"
    );
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    assert_eq!(estate.life(), ["opened"], "it is detected and recorded");
    assert_eq!(estate.told_words(), ["silence_set", "held"]);
    let Some(NotificationEvent::SilenceSet { silence: own }) = estate.told().into_iter().next()
    else {
        panic!("the silence is recorded");
    };
    assert_eq!(
        (own.owner.as_str(), own.reason.as_str()),
        ("p1", "p2 is at it")
    );
    pass(HOUR);
    tell(&mut cycle, &estate);
    assert_eq!(
        estate.steps("pager"),
        ["trigger"],
        "what is still open is told when it ends"
    );
    estate.assert_whole();
}

#[test]
fn the_running_engine_is_asked_for_silences_and_their_end() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    let request = serde_json::to_string(&silence(now() + HOUR)).unwrap();
    estate.put("evidence.inbox/1.json", &request);
    cycle.take_requests().unwrap();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    let id = estate.told().into_iter().find_map(|own| match own {
        NotificationEvent::SilenceSet { silence } => Some(silence.id),
        _ => None,
    });
    let end = SilenceEnd {
        end_silence: id.unwrap(),
        by: "p2".to_owned(),
    };
    estate.put(
        "evidence.inbox/2.json",
        &serde_json::to_string(&end).unwrap(),
    );
    cycle.take_requests().unwrap();
    tell(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);
}

#[test]
fn a_silence_needs_somebody_a_reason_and_an_end() {
    let estate = with_pager("");
    drop(estate.begin());
    let config = wire::load_config(&estate.config()).unwrap();
    let ask = |change: &dyn Fn(&mut SilenceRequest)| {
        let mut request = silence(now() + HOUR);
        change(&mut request);
        wire::silence(&config, &request, now())
            .unwrap_err()
            .to_string()
    };
    for (change, why) in [
        (
            &(|own: &mut SilenceRequest| own.owner = "deploy".to_owned())
                as &dyn Fn(&mut SilenceRequest),
            "`b1` is no single human",
        ),
        (
            &|own| own.reason = " ".to_owned(),
            "a silence has no reason",
        ),
        (&|own| own.expires = now(), "would be over before it begins"),
        (
            &|own| own.expires = now() + HOUR * 24 * 31,
            "would last too long",
        ),
        (
            &|own| own.matches = SilenceMatch::default(),
            "a silence of everything is none",
        ),
    ] {
        let said = ask(change);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(estate.told_words(), Vec::<&str>::new());
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
            cycle.tell().unwrap();
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(50));
        cycle.tell().unwrap();
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

#[test]
fn a_heartbeat_is_sent_while_all_is_well() {
    let estate = Estate::new(
        "channel \"file\" \"alive\" { path = \"alive.jsonl\" }\n\
         heartbeat {\n  channel = \"alive\"\n  every = \"1m\"\n}\n",
    );
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    for _ in 0..10 {
        cycle.tell().unwrap();
        pass(SignedDuration::from_secs(30));
    }
    let begun = Instant::now();
    while estate.messages("alive").len() < 5 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(estate.messages("alive").len(), 5);
    // Nothing was recorded for too long: it stays away.
    std::fs::remove_file(estate.path().join("live/snapshot.json")).unwrap();
    pass(HOUR * 2);
    drop(cycle.scan());
    cycle.tell().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(estate.messages("alive").len(), 5);
}
