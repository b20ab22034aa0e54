//! Webhooks: signatures that a receiver can check, and ids by which it knows a retry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};

use super::standin::{Reply, Request, StandIn, reply};
use super::{channel, folder, pages};

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
