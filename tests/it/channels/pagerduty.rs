//! PagerDuty: one alert however often it is told, ended by the key that opened it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use driftwarden::model::PageStep;
use driftwarden::ports::{Channel, ChannelError};
use serde_json::Value as Json;

use super::standin::{Reply, Request, StandIn, reply};
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
