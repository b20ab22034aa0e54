//! Events: what each is about is looked at again, and its message deleted once that is recorded.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driftwarden::cli::wire;
use driftwarden::engine::service::{Cycle, Halt, Hearing, Mailbox};
use driftwarden::evidence::record::{FindingRecord, Record};
use driftwarden::model::{Confidence, Means, WhyNotRead};
use driftwarden::ports::{Message, NotObserved, ReadAgain, ReadsAgain, WantedResource};
use jiff::{SignedDuration, Timestamp};

use super::{Estate, now, pass, scanned};
use crate::cases::{Copy, Expected, files_below};

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// An item of the topic as Config notifies of it.
fn item(at: Timestamp, display_name: &str) -> String {
    let item = format!(
        r#"{{"configurationItemVersion":"1.3","configurationItemCaptureTime":"{at}",
        "configurationItemStatus":"OK","resourceType":"AWS::SNS::Topic","resourceId":"{TOPIC}",
        "resourceName":"alerts","ARN":"{TOPIC}","awsAccountId":"111122223333","awsRegion":"eu-west-1",
        "tags":{{"Owner":"payments","Env":"prod"}},
        "configuration":{{"TopicArn":"{TOPIC}","DisplayName":"{display_name}"}},"supplementaryConfiguration":{{}}}}"#
    );
    format!(
        r#"{{"detail-type":"Config Configuration Item Change","source":"aws.config","detail":
        {{"messageType":"ConfigurationItemChangeNotification","configurationItem":{item}}}}}"#
    )
}

fn call(id: &str, at: Timestamp, name: &str, more: &str) -> String {
    let (source, parameters) = match name {
        "StopLogging" | "StartLogging" => ("cloudtrail", "{\"name\":\"audit\"}".to_owned()),
        _ => ("sns", format!("{{\"topicArn\":\"{TOPIC}\"}}")),
    };
    format!(
        r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.sns","detail":
        {{"eventVersion":"1.11","eventTime":"{at}","eventSource":"{source}.amazonaws.com","eventName":"{name}",
        "awsRegion":"eu-west-1","eventID":"{id}","readOnly":false,"recipientAccountId":"111122223333",
        "sourceIPAddress":"203.0.113.9","sessionCredentialFromConsole":"true",{more}
        "userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/maria","accountId":"111122223333"}},
        "requestParameters":{parameters}}}}}"#
    )
}

fn changed(id: &str, at: Timestamp) -> String {
    call(id, at, "SetTopicAttributes", "")
}

/// A source that gives what it is told to.
#[derive(Default)]
struct Reader {
    answer: Mutex<ReadAgain>,
    asked: Mutex<Vec<WantedResource>>,
}

impl ReadsAgain for Reader {
    fn read_again(&self, wanted: &[WantedResource]) -> ReadAgain {
        self.asked.lock().unwrap().extend_from_slice(wanted);
        self.answer.lock().unwrap().clone()
    }
}

struct Heard {
    estate: Estate,
    cycle: Cycle,
    mailbox: Arc<Mailbox>,
    queue: Arc<str>,
    sent: u32,
}

impl Heard {
    /// The topic is as approved, and the first scan is done.
    fn new(reader: Option<Arc<Reader>>) -> Self {
        let estate = Estate::new("");
        estate.heal();
        let mailbox = Arc::new(Mailbox::default());
        let reader = reader.map(|reader| -> Arc<dyn ReadsAgain> { reader });
        let mut cycle = estate.begin_hearing(Hearing::new(Arc::clone(&mailbox), reader));
        pass(SignedDuration::from_hours(24));
        assert_eq!(scanned(&mut cycle), 0);
        pass(SignedDuration::from_secs(30));
        Self {
            estate,
            cycle,
            mailbox,
            queue: Arc::from("events"),
            sent: 0,
        }
    }

    fn send(&mut self, body: &str) {
        self.sent += 1;
        let message = Message {
            id: format!("m-{}", self.sent),
            receipt: format!("r-{}", self.sent),
            body: body.to_owned(),
            sent_at: Some(now()),
        };
        self.mailbox.deliver(&self.queue, vec![message]);
        self.cycle.take_events().unwrap();
        self.cycle.publish().unwrap();
    }

    fn deleted(&self) -> usize {
        self.mailbox.to_delete(&self.queue, Duration::ZERO).len()
    }

    fn findings(&self) -> Vec<FindingRecord> {
        let records = self.estate.records().into_iter();
        let findings = records.filter_map(|record| match record {
            Record::Finding(record) => Some(*record),
            _ => None,
        });
        findings.collect()
    }
}

#[test]
fn an_item_is_compared_at_once_with_who_changed_it() {
    let mut heard = Heard::new(None);
    heard.send(&changed("e-1", now()));
    assert_eq!(heard.deleted(), 0, "nothing newer was seen yet");
    pass(SignedDuration::from_secs(20));
    heard.send(&item(now(), "Eve"));
    assert_eq!(heard.deleted(), 2);
    let findings = heard.findings();
    assert_eq!(findings.len(), 1);
    let who = findings[0].attribution.clone().unwrap();
    assert_eq!(
        (who.means, who.confidence, who.from.as_deref()),
        (Means::Console, Confidence::High, Some("203.0.113.9"))
    );
    assert!(!who.actor.contains("maria"), "people are pseudonyms");
    // Put right by hand, it is resolved by an event as well.
    pass(SignedDuration::from_secs(60));
    heard.send(&item(now(), "Payments"));
    assert_eq!(heard.estate.life(), ["opened", "resolved"]);
    heard.estate.assert_whole();
}

#[test]
fn a_scan_counts_what_was_heard_over_older_files() {
    let mut heard = Heard::new(None);
    heard.send(&item(now(), "Eve"));
    pass(SignedDuration::from_secs(60));
    assert_eq!(scanned(&mut heard.cycle), 1, "the snapshot is older");
    assert_eq!(heard.estate.life(), ["opened"]);
}

#[test]
fn a_restart_and_older_files_take_nothing_back() {
    let mut heard = Heard::new(None);
    heard.send(&item(now(), "Eve"));
    assert_eq!(heard.estate.life(), ["opened"]);
    let Heard { estate, cycle, .. } = heard;
    cycle.end().unwrap();
    let mut cycle = estate.begin_hearing(Hearing::new(Arc::default(), None));
    pass(SignedDuration::from_secs(60));
    assert_eq!(scanned(&mut cycle), 0, "what was heard is forgotten");
    assert_eq!(estate.life(), ["opened"], "and the snapshot is older");
}

#[test]
fn it_is_read_again_until_it_is_newer_than_the_event() {
    let reader = Arc::new(Reader::default());
    let mut heard = Heard::new(Some(Arc::clone(&reader)));
    let before = item(now() - SignedDuration::from_secs(5), "Payments");
    reader.answer.lock().unwrap().items = Some(before.into_bytes());
    heard.send(&changed("e-1", now()));
    assert_eq!(heard.deleted(), 0);
    let asked = reader.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2, "by ARN and by name");
    assert!(
        asked
            .iter()
            .all(|one| &*one.config_type == "AWS::SNS::Topic")
    );
    // Not before its time.
    heard.cycle.take_events().unwrap();
    heard.cycle.publish().unwrap();
    assert_eq!(reader.asked.lock().unwrap().len(), 2);
    assert!(heard.cycle.rest().unwrap() <= Duration::from_secs(2));
    pass(SignedDuration::from_secs(2));
    reader.answer.lock().unwrap().items = Some(item(now(), "Eve").into_bytes());
    heard.cycle.take_events().unwrap();
    heard.cycle.publish().unwrap();
    assert_eq!(heard.deleted(), 1);
    let findings = heard.findings();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].attribution.is_some());
}

#[test]
fn what_nothing_newer_is_seen_of_is_a_gap_with_its_reason() {
    let reader = Arc::new(Reader::default());
    let mut heard = Heard::new(Some(Arc::clone(&reader)));
    reader.answer.lock().unwrap().not_observed = vec![NotObserved {
        wanted: WantedResource {
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            config_type: "AWS::SNS::Topic".into(),
            id: None,
            name: None,
            arn: Some(TOPIC.into()),
        },
        why: WhyNotRead::Throttled,
        detail: "asked too often".to_owned(),
    }];
    heard.send(&changed("e-1", now()));
    pass(SignedDuration::from_mins(16));
    heard.cycle.take_events().unwrap();
    heard.cycle.publish().unwrap();
    assert_eq!(heard.deleted(), 1, "the gap is recorded");
    let told = heard.estate.service();
    assert_eq!(told.last().unwrap(), "not_observed");
    // The same again is not said again, and its message goes, too.
    heard.send(&changed("e-2", now()));
    pass(SignedDuration::from_mins(16));
    heard.cycle.take_events().unwrap();
    heard.cycle.publish().unwrap();
    assert_eq!(heard.deleted(), 1);
    assert_eq!(heard.estate.service().len(), told.len());
    assert_eq!(heard.findings().len(), 0);
}

#[test]
fn messages_come_twice_and_in_any_order() {
    let mut heard = Heard::new(None);
    let (early, late) = (now(), now() + SignedDuration::from_secs(10));
    pass(SignedDuration::from_secs(20));
    heard.send(&item(late, "Payments"));
    heard.send(&item(early, "Eve"));
    assert_eq!(heard.findings().len(), 0, "the older item says nothing");
    for _ in 0..3 {
        heard.send(&changed("e-1", early));
        heard.send(&item(late, "Payments"));
    }
    assert_eq!(heard.deleted(), 8, "all that was sent");
    assert_eq!(heard.findings().len(), 0);
    heard.estate.assert_whole();
}

#[test]
fn an_event_that_comes_late_tells_who_it_was() {
    let mut heard = Heard::new(None);
    let at = now();
    pass(SignedDuration::from_secs(10));
    heard.send(&item(now(), "Eve"));
    assert!(heard.findings()[0].attribution.is_none());
    pass(SignedDuration::from_secs(300));
    heard.send(&changed("e-1", at));
    assert_eq!(heard.estate.life(), ["opened", "changed"]);
    let findings = heard.findings();
    assert_eq!(findings[1].attribution.as_ref().unwrap().event_id, "e-1");
    assert_eq!(findings[0].deviation, findings[1].deviation);
    // Knowing less later takes nothing back.
    assert_eq!(scanned(&mut heard.cycle), 1);
    assert_eq!(heard.estate.life(), ["opened", "changed"]);
}

#[test]
fn an_event_from_before_the_scan_is_told_by_the_next_one() {
    let mut heard = Heard::new(None);
    heard.estate.deviate();
    let before = now() - SignedDuration::from_hours(24 * 3);
    // When the deviating snapshot was taken.
    let taken: Timestamp = "2026-11-02T09:00:00Z".parse().unwrap();
    heard.send(&changed("e-1", before.min(taken)));
    assert_eq!(heard.deleted(), 0);
    assert!(heard.cycle.asks_for_scan());
    assert_eq!(scanned(&mut heard.cycle), 1);
    assert_eq!(heard.deleted(), 1, "now it lasts");
    assert!(heard.findings()[0].attribution.is_some());
}

#[test]
fn a_failed_call_accuses_nobody_and_a_strange_message_stays() {
    let mut heard = Heard::new(None);
    let denied = "\"errorCode\":\"AccessDenied\",";
    heard.send(&call("e-1", now(), "SetTopicAttributes", denied));
    assert_eq!(heard.deleted(), 1);
    for body in [
        "",
        "{\"a\":1}",
        "[",
        &changed("e-2", now()).replace("1.11", "3.0"),
    ] {
        heard.send(body);
    }
    assert_eq!(heard.deleted(), 0, "the queue keeps what is strange");
    assert!(
        heard.mailbox.held(&heard.queue).is_empty(),
        "and gets it back"
    );
    pass(SignedDuration::from_secs(5));
    heard.send(&item(now(), "Eve"));
    assert!(heard.findings()[0].attribution.is_none());
}

#[test]
fn an_event_of_a_time_that_has_not_come_names_nobody_and_holds_up_nothing() {
    let mut heard = Heard::new(None);
    heard.send(&changed("e-1", now() + SignedDuration::from_hours(1)));
    pass(SignedDuration::from_secs(5));
    heard.send(&item(now(), "Eve"));
    assert_eq!(heard.deleted(), 2);
    assert!(heard.findings()[0].attribution.is_none());
}

#[test]
fn a_trail_that_is_stopped_is_told_until_it_goes_on() {
    let mut heard = Heard::new(None);
    heard.send(&call("e-1", now(), "StopLogging", ""));
    assert_eq!(heard.deleted(), 1);
    let opened = heard.estate.service();
    assert!(
        opened.last().unwrap().ends_with("opened")
            && opened.last().unwrap().contains("trail_changed"),
        "{opened:?}"
    );
    pass(SignedDuration::from_hours(48));
    scanned(&mut heard.cycle);
    assert_eq!(heard.estate.service(), opened, "it still is");
    heard.send(&call("e-2", now(), "StartLogging", ""));
    let resolved = heard.estate.service();
    assert!(
        resolved.last().unwrap().ends_with("resolved"),
        "{resolved:?}"
    );
}

#[test]
fn what_is_looked_up_has_nothing_to_delete_and_is_known_after() {
    let mut heard = Heard::new(None);
    heard.estate.deviate();
    let taken: Timestamp = "2026-11-02T09:00:00Z".parse().unwrap();
    let record = changed("e-1", taken - SignedDuration::from_secs(30));
    let record = record.split_once("\"detail\":").unwrap().1;
    let record = record.trim().strip_suffix('}').unwrap();
    heard
        .mailbox
        .tell_again("history 0".to_owned(), record.to_owned());
    heard.cycle.take_events().unwrap();
    heard.cycle.publish().unwrap();
    assert!(heard.cycle.asks_for_scan());
    scanned(&mut heard.cycle);
    assert_eq!(
        heard.findings()[0].attribution.as_ref().unwrap().event_id,
        "e-1"
    );
    heard.send(&changed("e-1", taken - SignedDuration::from_secs(30)));
    assert_eq!(heard.deleted(), 1, "the queue's own copy is known");
}

/// A look at one resource finds what a scan finds: the same items once more are no news.
#[test]
fn looks_at_few_agree_with_scans() {
    for name in [
        "changed-set",
        "changed-policy",
        "changed-tags",
        "parts-changed",
        "parts-missing",
        "create-by-hand",
        "partial-apply",
        "rules-inline",
        "pending-out-of-window",
        "create-in-window",
    ] {
        let folder = super::case(name);
        let copy = Copy::of(&folder);
        let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
        let at = Expected::parse(&expected).unwrap().scans[0].now();
        pass(at.duration_since(now()));
        let mailbox = Arc::new(Mailbox::default());
        let config = copy.path().join("driftwarden.hcl");
        let parsed = wire::load_config(&config).unwrap();
        let hearing = Hearing::new(Arc::clone(&mailbox), None);
        let halt = Arc::new(Halt::default());
        let begun = wire::begin_hearing(&config, &parsed, 1, now, &halt, Some(hearing));
        let mut cycle = begun.unwrap();
        scanned(&mut cycle);
        let entries = copy.entries();
        pass(SignedDuration::from_secs(5));
        let queue: Arc<str> = Arc::from("events");
        let mut sent = 0;
        for file in files_below(&copy.path().join("live")) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let Ok(document) = serde_json::from_str::<serde_json::Value>(&text) else {
                continue;
            };
            for item in document["configurationItems"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let mut item = item.clone();
                item["configurationItemCaptureTime"] = now().to_string().into();
                let body = serde_json::json!({
                    "messageType": "ConfigurationItemChangeNotification", "configurationItem": item
                });
                sent += 1;
                let message = Message {
                    id: format!("m-{sent}"),
                    receipt: format!("r-{sent}"),
                    body: body.to_string(),
                    sent_at: None,
                };
                mailbox.deliver(&queue, vec![message]);
                cycle.take_events().unwrap();
                cycle.publish().unwrap();
            }
        }
        assert!(sent > 0, "{name}");
        assert_eq!(copy.entries(), entries, "{name}: nothing is new");
    }
}
