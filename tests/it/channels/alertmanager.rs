//! Alertmanager: labels that stay, and an end that lies ahead until there is one.

use std::time::Duration;

use driftwarden::model::PageStep;
use serde_json::Value as Json;

use super::standin::{StandIn, reply};
use super::{channel, folder, pages};

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
