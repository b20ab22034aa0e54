//! Each channel against a stand-in that keeps to its receiver's documented rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use driftwarden::model::PageStep;
use driftwarden::ports::{Channel, ChannelError};
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};

use super::standin::{Reply, Request, StandIn, reply, reply_with};
use super::{channel, folder, pages};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// What PagerDuty does with events: alerts by routing key and `dedup_key`.
#[derive(Default)]
struct PagerDuty {
    open: BTreeSet<(String, String)>,
    opened: usize,
    changes: usize,
}

impl PagerDuty {
    fn take(&mut self, request: &Request) -> Reply {
        let event = request.json();
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let key = text(&event["routing_key"]);
        if request.body.len() > 512 << 10 || key.len() != 32 {
            return reply(400, r#"{"status":"invalid event"}"#);
        }
        if request.path == "/v2/change/enqueue" {
            assert!(!text(&event["payload"]["summary"]).is_empty());
            self.changes += 1;
            return reply(202, r#"{"status":"success"}"#);
        }
        let alert = (key, text(&event["dedup_key"]));
        match event["event_action"].as_str() {
            Some("trigger") => {
                for field in ["summary", "source", "severity"] {
                    assert!(!text(&event["payload"][field]).is_empty(), "{field}");
                }
                self.opened += usize::from(self.open.insert(alert));
            }
            // Another routing key's: dropped without a word.
            Some("resolve") => drop(self.open.remove(&alert)),
            Some("acknowledge") => {}
            other => panic!("{other:?}"),
        }
        reply(202, r#"{"status":"success","message":"Event processed"}"#)
    }
}

fn pagerduty(url: &str, dir: &Path) -> Box<dyn Channel> {
    let block =
        "channel \"pagerduty\" \"oncall\" {\n  routing_key_file = \"secret\"\n  endpoint = ";
    channel(dir, &format!("{block}\"{url}\"\n}}"))
}

#[test]
fn pagerduty_opens_one_alert_however_often_it_is_told_and_ends_it() {
    let state = Arc::new(Mutex::new(PagerDuty::default()));
    let inner = Arc::clone(&state);
    let server = StandIn::new(move |request, count| {
        let reply = inner.lock().unwrap().take(request);
        // The first answer is lost: the same message comes again.
        if count == 0 { Reply::Lost } else { reply }
    });
    let dir = folder(KEY);
    let channel = pagerduty(&server.url(), dir.path());
    let page = pages::of(pages::finding());
    let lost = channel.send(&page, None).unwrap_err();
    assert!(matches!(lost, ChannelError::Passing { .. }), "{lost}");
    let mut thread = None;
    for _ in 0..5 {
        let told = channel.send(&page, thread.as_deref()).unwrap();
        assert!(told.answer.starts_with("202 "), "{}", told.answer);
        thread = told.thread;
    }
    assert_eq!(state.lock().unwrap().opened, 1);
    assert_eq!(state.lock().unwrap().open.len(), 1);
    channel.send(&pages::resolved(), thread.as_deref()).unwrap();
    assert!(state.lock().unwrap().open.is_empty());
    channel.send(&pages::note(), None).unwrap();
    assert_eq!(state.lock().unwrap().changes, 1);
    assert_eq!(state.lock().unwrap().opened, 1);
    assert!(!thread.unwrap().contains(KEY));
    assert!(
        channel.pace() >= Duration::from_millis(500),
        "120 events a minute"
    );
    assert_eq!(channel.again_after(), None, "it forgets nothing");
}

#[test]
fn an_alert_of_another_routing_key_is_not_ended_in_vain() {
    let server = StandIn::new(|_, _| reply(202, "{}"));
    let dir = folder(KEY);
    let channel = pagerduty(&server.url(), dir.path());
    let thread = channel
        .send(&pages::of(pages::finding()), None)
        .unwrap()
        .thread;
    std::fs::write(dir.path().join("secret"), "f".repeat(32)).unwrap();
    let error = channel
        .send(&pages::resolved(), thread.as_deref())
        .unwrap_err();
    assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("another routing key"), "{error}");
    assert_eq!(server.came().len(), 1);
    // A message that goes on is worth an alert of its own.
    channel.send(&pages::group(), thread.as_deref()).unwrap();
}

#[test]
fn a_test_of_pagerduty_leaves_nothing_open() {
    let state = Arc::new(Mutex::new(PagerDuty::default()));
    let inner = Arc::clone(&state);
    let server = StandIn::new(move |request, _| inner.lock().unwrap().take(request));
    let dir = folder(KEY);
    let mut page = pages::detector();
    page.step = PageStep::Test;
    pagerduty(&server.url(), dir.path())
        .send(&page, None)
        .unwrap();
    assert_eq!(state.lock().unwrap().opened, 1);
    assert!(state.lock().unwrap().open.is_empty());
    assert_eq!(server.came()[0].json()["payload"]["severity"], "info");
}

fn slack_answers(request: &Request, count: usize) -> Reply {
    let message = request.json();
    let blocks = message["blocks"].as_array().unwrap();
    if blocks.len() > 50 || request.headers["authorization"] != "Bearer xoxb-1-2-secret" {
        return reply(200, r#"{"ok":false,"error":"invalid_auth"}"#);
    }
    assert!(
        message["text"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    let ts = format!("170000000{count}.000100");
    reply(
        200,
        &json!({ "ok": true, "channel": message["channel"], "ts": ts }).to_string(),
    )
}

fn slack(url: &str, dir: &Path) -> Box<dyn Channel> {
    let block =
        "channel \"slack\" \"ops\" {\n  token_file = \"secret\"\n  channel = \"C0123456789\"\n";
    channel(dir, &format!("{block}  endpoint = \"{url}/api\"\n}}"))
}

#[test]
fn slack_keeps_an_alert_in_one_thread() {
    let server = StandIn::new(slack_answers);
    let dir = folder("xoxb-1-2-secret");
    let channel = slack(&server.url(), dir.path());
    let first = channel.send(&pages::of(pages::finding()), None).unwrap();
    assert_eq!(
        first.thread.as_deref(),
        Some("C0123456789:1700000000.000100")
    );
    let second = channel
        .send(&pages::group(), first.thread.as_deref())
        .unwrap();
    assert_eq!(second.thread, first.thread);
    channel
        .send(&pages::resolved(), second.thread.as_deref())
        .unwrap();
    let came = server.came();
    assert_eq!(came[0].path, "/api/chat.postMessage");
    assert_eq!(came[0].json()["thread_ts"], Json::Null);
    assert_eq!(came[1].json()["thread_ts"], "1700000000.000100");
    assert_eq!(came[1].json()["reply_broadcast"], false);
    assert_eq!(came[2].json()["reply_broadcast"], true);
    let payload = &came[0].json()["metadata"]["event_payload"];
    assert_eq!(
        payload["message_id"],
        "dw:5f0c7a1e9b3d4c2a8e6f1b0d7c5a3e9f.1"
    );
    // A thread of another channel is none of this one.
    channel.send(&pages::group(), Some("C9:1.2")).unwrap();
    assert_eq!(server.came()[3].json()["thread_ts"], Json::Null);
    assert_eq!(channel.pace(), Duration::from_secs(1));
}

#[test]
fn slack_says_no_with_status_200() {
    for (error, is_passing) in [
        ("ratelimited", true),
        ("internal_error", true),
        ("channel_not_found", false),
        ("msg_blocks_too_long", false),
        ("token_revoked", false),
    ] {
        let body = json!({ "ok": false, "error": error }).to_string();
        let server = StandIn::new(move |_, _| reply(200, &body));
        let dir = folder("xoxb-1-2-secret");
        let told = slack(&server.url(), dir.path())
            .send(&pages::group(), None)
            .unwrap_err();
        assert_eq!(
            matches!(told, ChannelError::Passing { .. }),
            is_passing,
            "{told}"
        );
        assert!(told.to_string().contains(error), "{told}");
    }
}

#[test]
fn webhooks_of_slack_and_teams_have_secret_addresses() {
    for (kind, status, answer) in [("slack_webhook", 200, "ok"), ("teams", 202, "")] {
        let server = StandIn::new(move |request, _| {
            assert!(request.path.ends_with("?sig=t0ps3cret"), "{}", request.path);
            if kind == "teams" {
                assert!(request.body.len() <= 28 << 10);
                let card = &request.json()["attachments"][0];
                assert_eq!(
                    card["contentType"],
                    "application/vnd.microsoft.card.adaptive"
                );
                assert_eq!(card["content"]["type"], "AdaptiveCard");
            }
            reply(status, answer)
        });
        let dir = folder(&format!("{}/hook?sig=t0ps3cret", server.url()));
        let block = format!("channel \"{kind}\" \"ops\" {{ url_file = \"secret\" }}");
        let channel = channel(dir.path(), &block);
        channel.send(&pages::of(pages::finding()), None).unwrap();
        // Gone: the message names no part of the address.
        let address = server.url();
        drop(server);
        std::thread::sleep(Duration::from_millis(20));
        let error = channel.send(&pages::group(), None).unwrap_err().to_string();
        assert!(
            !error.contains("t0ps3cret") && !error.contains(&address),
            "{error}"
        );
        for elsewhere in [
            "http://hooks.example/t0ps3cret",
            "t0ps3cret",
            "https://a:t0ps3cret@b.example",
        ] {
            std::fs::write(dir.path().join("secret"), elsewhere).unwrap();
            let error = channel.send(&pages::group(), None).unwrap_err();
            assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
            assert!(!error.to_string().contains("t0ps3cret"), "{error}");
        }
    }
}

#[test]
fn alertmanager_gets_the_same_labels_all_along_and_an_end_that_lies_ahead() {
    let server = StandIn::new(|request, _| {
        assert_eq!(request.headers["content-type"], "application/json");
        for alert in request.json().as_array().unwrap() {
            assert!(alert["labels"]["alertname"].as_str().is_some());
            let time = |name: &str| pages::time(alert[name].as_str().unwrap());
            if time("startsAt") > time("endsAt") {
                return reply(400, "start time must not be after end time");
            }
        }
        reply(200, "")
    });
    let dir = folder("s3cr3t-t0ken");
    let url = server.url();
    let block = format!(
        "channel \"alertmanager\" \"am\" {{\n  url = \"{url}\"\n  token_file = \"secret\"\n}}"
    );
    let channel = channel(dir.path(), &block);
    let mut page = pages::of(pages::finding());
    let first = channel.send(&page, None).unwrap();
    // By now it is judged otherwise, and waited in the outbox for long.
    page.severity = driftwarden::model::Severity::Low;
    page.owner = None;
    page.step = PageStep::Update;
    channel.send(&page, first.thread.as_deref()).unwrap();
    page.step = PageStep::Resolve;
    channel.send(&page, first.thread.as_deref()).unwrap();
    let came: Vec<Json> = server
        .came()
        .iter()
        .map(|request| request.json()[0].clone())
        .collect();
    assert_eq!(server.came()[0].path, "/api/v2/alerts");
    assert_eq!(
        server.came()[0].headers["authorization"],
        "Bearer s3cr3t-t0ken"
    );
    assert_eq!(came[0]["labels"], came[1]["labels"]);
    assert_eq!(came[0]["labels"], came[2]["labels"]);
    assert_eq!(came[0]["labels"]["severity"], "critical");
    assert_eq!(came[1]["annotations"]["current_severity"], "low");
    assert_eq!(
        came[0]["annotations"]["runbook_url"],
        "https://runbooks.bank.example/sg-open?from=page&team=a"
    );
    let time = |alert: &Json| {
        alert["endsAt"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
    };
    let now = jiff::Timestamp::now();
    assert!(time(&came[1]) > now, "an alert of long ago still stands");
    assert!(time(&came[2]) <= now);
    let again = channel.again_after().unwrap();
    assert!(
        again * 2 < Duration::from_secs(3_600),
        "it can be lost once"
    );
}

/// What a receiver does that follows Standard Webhooks, with its own means.
fn signature(secret: &[u8], request: &Request) -> String {
    let (id, at) = (
        &request.headers["webhook-id"],
        &request.headers["webhook-timestamp"],
    );
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(&request.body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn a_webhook_is_signed_and_recognised_when_it_comes_again() {
    let secret = "a-secret-of-more-than-24-bytes";
    let server = StandIn::new(|_, count| {
        if count == 0 {
            Reply::Lost
        } else {
            reply(204, "")
        }
    });
    let dir = folder(secret);
    let url = format!("{}/hook", server.url());
    let block = format!(
        "channel \"webhook\" \"bus\" {{\n  url = \"{url}\"\n  secret_file = \"secret\"\n}}"
    );
    let channel = channel(dir.path(), &block);
    let page = pages::of(pages::finding());
    channel.send(&page, None).unwrap_err();
    channel.send(&page, None).unwrap();
    channel.send(&pages::resolved(), None).unwrap();
    let came = server.came();
    for request in &came {
        assert_eq!(
            request.headers["webhook-signature"],
            signature(secret.as_bytes(), request)
        );
        assert_eq!(
            request.headers["content-type"],
            "application/cloudevents+json; charset=utf-8"
        );
        assert_eq!(
            request.headers["idempotency-key"],
            request.json()["id"].as_str().unwrap()
        );
        assert_eq!(request.json()["specversion"], "1.0");
        let at: i64 = request.headers["webhook-timestamp"].parse().unwrap();
        assert!((jiff::Timestamp::now().as_second() - at).abs() < 60);
    }
    assert_eq!(came[0].body, came[1].body, "a retry is the same message");
    assert_eq!(
        came[0].headers["idempotency-key"],
        came[1].headers["idempotency-key"]
    );
    assert_ne!(
        came[0].headers["idempotency-key"],
        came[2].headers["idempotency-key"]
    );
}

/// An indexer that needs a while, and knows senders by their channels.
fn splunk_answers(
    asked: &Mutex<BTreeMap<String, usize>>,
    request: &Request,
    after: usize,
) -> Reply {
    let login = &request.headers["authorization"];
    let sender = request.headers.get("x-splunk-request-channel");
    if login != "Splunk s3cr3t-t0ken" {
        return reply(403, r#"{"text":"Invalid token","code":4}"#);
    }
    let Some(sender) = sender.filter(|sender| sender.len() == 36) else {
        return reply(400, r#"{"text":"Data channel is missing","code":10}"#);
    };
    if request.path == "/services/collector/event" {
        let event = request.json();
        assert!(event["event"].is_object() && event["time"].is_string());
        return reply(200, r#"{"text":"Success","code":0,"ackId":7}"#);
    }
    assert_eq!(
        request.path,
        format!("/services/collector/ack?channel={sender}")
    );
    assert_eq!(request.json(), json!({ "acks": [7] }));
    let mut asked = asked.lock().unwrap();
    let times = asked.entry(sender.clone()).or_default();
    *times += 1;
    reply(200, &json!({ "acks": { "7": *times > after } }).to_string())
}

fn splunk(url: &str, dir: &Path, more: &str) -> Box<dyn Channel> {
    let block = "channel \"splunk_hec\" \"siem\" {\n  token_file = \"secret\"\n  url = ";
    channel(dir, &format!("{block}\"{url}\"\n{more}}}"))
}

#[test]
fn splunk_is_asked_until_the_indexer_has_it() {
    let asked = Mutex::new(BTreeMap::new());
    let server = StandIn::new(move |request, _| splunk_answers(&asked, request, 2));
    let dir = folder("s3cr3t-t0ken");
    let told = splunk(&server.url(), dir.path(), "")
        .send(&pages::group(), None)
        .unwrap();
    assert!(told.answer.ends_with(", indexed"), "{}", told.answer);
    assert_eq!(server.came().len(), 1 + 3);
    let event = server.came()[0].json();
    assert_eq!(
        event["fields"]["message_id"],
        "dw:5f0c7a1e9b3d4c2a8e6f1b0d7c5a3e9f.3"
    );
    assert_eq!(event["time"], "1795857333.000");
}

#[test]
fn splunk_without_acknowledgement_is_told_apart() {
    let server = StandIn::new(|_, _| reply(200, r#"{"text":"Success","code":0}"#));
    let dir = folder("s3cr3t-t0ken");
    let error = splunk(&server.url(), dir.path(), "")
        .send(&pages::group(), None)
        .unwrap_err();
    assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
    assert!(
        error.to_string().contains("acknowledgement = \"none\""),
        "{error}"
    );
    let plain = splunk(&server.url(), dir.path(), "  acknowledgement = \"none\"\n");
    plain.send(&pages::group(), None).unwrap();
    let busy = StandIn::new(|_, _| {
        reply_with(
            503,
            ("retry-after", "4"),
            r#"{"text":"Server is busy","code":9}"#,
        )
    });
    let error = splunk(&busy.url(), dir.path(), "")
        .send(&pages::group(), None)
        .unwrap_err();
    let ChannelError::Passing { wait, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(wait, Some(Duration::from_secs(4)));
}
