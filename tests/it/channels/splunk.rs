//! Splunk: a message counts when the indexer has it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use driftwarden::ports::{Channel, ChannelError};
use serde_json::json;

use super::standin::{Reply, Request, StandIn, reply, reply_with};
use super::{channel, folder, pages};

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
