//! Slack and Teams: threads, refusals with status 200, and addresses that are secrets.

use std::path::Path;
use std::time::Duration;

use driftwarden::ports::{Channel, ChannelError};
use serde_json::{Value as Json, json};

use super::standin::{Reply, Request, StandIn, reply};
use super::{channel, folder, pages};

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
