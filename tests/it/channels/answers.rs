//! What a channel makes of answers, and of none: every kind that speaks HTTP, alike.

use std::time::{Duration, Instant};

use driftwarden::ports::ChannelError;

use super::standin::{Reply, Request, StandIn, reply_with};
use super::{channel, folder, pages};

const SECRET: &str = "0123456789abcdef-t0ps3cret-0123456789";

/// A block of each kind whose receiver is at that address.
fn blocks(url: &str) -> Vec<String> {
    vec![
        format!(
            "channel \"pagerduty\" \"c\" {{\n  routing_key_file = \"secret\"\n  endpoint = \"{url}\"\n}}"
        ),
        format!(
            "channel \"slack\" \"c\" {{\n  token_file = \"secret\"\n  channel = \"C1\"\n  endpoint = \"{url}\"\n}}"
        ),
        "channel \"slack_webhook\" \"c\" { url_file = \"url\" }".to_owned(),
        "channel \"teams\" \"c\" { url_file = \"url\" }".to_owned(),
        format!(
            "channel \"alertmanager\" \"c\" {{\n  url = \"{url}\"\n  token_file = \"secret\"\n}}"
        ),
        format!("channel \"webhook\" \"c\" {{\n  url = \"{url}\"\n  secret_file = \"secret\"\n}}"),
        format!(
            "channel \"splunk_hec\" \"c\" {{\n  url = \"{url}\"\n  token_file = \"secret\"\n}}"
        ),
    ]
}

/// What every kind makes of that answer.
fn all(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Vec<ChannelError> {
    let server = StandIn::new(move |request, _| answer(request));
    errors(&server.url())
}

/// What a careless receiver says: the secret that it was shown.
fn repeated(request: &Request) -> String {
    match request.path.contains("t0ps3cret") {
        true => format!("no hook at {}", request.path),
        false => format!("no such key: {SECRET}"),
    }
}

fn errors(url: &str) -> Vec<ChannelError> {
    let dir = folder(SECRET);
    std::fs::write(
        dir.path().join("url"),
        format!("{url}/services/t0ps3cret-hook-0123456789"),
    )
    .unwrap();
    let blocks = blocks(url).into_iter();
    let errors = blocks.map(|block| {
        let channel = channel(dir.path(), &block);
        channel
            .send(&pages::of(pages::finding()), None)
            .unwrap_err()
    });
    let errors: Vec<ChannelError> = errors.collect();
    for error in &errors {
        assert!(
            !format!("{error} {error:?}").contains("t0ps3cret"),
            "{error:?}"
        );
    }
    errors
}

#[test]
fn throttled_and_broken_receivers_are_tried_again() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        for error in
            all(move |request| reply_with(status, ("retry-after", "7"), &repeated(request)))
        {
            let ChannelError::Passing { wait, .. } = &error else {
                panic!("{status}: {error}");
            };
            assert_eq!(*wait, Some(Duration::from_secs(7)), "{error}");
        }
    }
}

#[test]
fn what_is_wrong_for_good_is_not() {
    for status in [400, 401, 403, 404, 410, 413] {
        for error in all(move |request| reply_with(status, ("x", "y"), &repeated(request))) {
            assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
    }
}

#[test]
fn no_redirect_is_followed() {
    let elsewhere = StandIn::new(|_, _| panic!("nothing may come here"));
    let url = elsewhere.url();
    for status in [301, 302, 307, 308] {
        let url = url.clone();
        for error in all(move |_| reply_with(status, ("location", &url), "")) {
            assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
        }
    }
    assert!(elsewhere.came().is_empty());
}

#[test]
fn a_lost_answer_and_a_closed_door_are_passing() {
    for error in all(|_| Reply::Lost) {
        assert!(matches!(error, ChannelError::Passing { .. }), "{error}");
    }
    // Nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for error in errors(&format!("http://127.0.0.1:{port}")) {
        assert!(matches!(error, ChannelError::Passing { .. }), "{error}");
    }
}

/// Silence ends, too. It takes its time: one kind stands for all, which share the client.
#[test]
fn a_receiver_that_says_nothing_is_left() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let dir = folder(SECRET);
    let began = Instant::now();
    let channel = channel(dir.path(), &blocks(&url)[0]);
    let error = channel.send(&pages::note(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`c` did not take a message: no answer in time"
    );
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_missing_secret_is_passing_and_says_where_it_was_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    let block = "channel \"pagerduty\" \"c\" { routing_key_file = \"gone\" }";
    let error = channel(dir.path(), block)
        .send(&pages::note(), None)
        .unwrap_err();
    assert!(matches!(error, ChannelError::Passing { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("gone` cannot be read: no such file or folder"),
        "{error}"
    );
    let block = "channel \"pagerduty\" \"c\" { routing_key_env = \"DRIFTWARDEN_NOT_SET\" }";
    let error = channel(dir.path(), block)
        .send(&pages::note(), None)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the variable `DRIFTWARDEN_NOT_SET` is not there"),
        "{error}"
    );
}
