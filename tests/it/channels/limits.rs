//! However large a message is, each form keeps to what its receiver documents, and says that it is short.

use driftwarden::report::page::{
    Words, alertmanager, asff, cloudevent, data, email, message_id, pagerduty, slack, splunk, teams,
};
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::pages;

fn length(json: &Json) -> usize {
    json.as_str().unwrap().chars().count()
}

#[test]
fn pagerduty_has_512_kb_255_and_1024_characters() {
    for page in pages::huge() {
        let pagerduty::Event::Alert(event) = pagerduty::event(&page, &Words::default()) else {
            panic!("a trigger is an alert");
        };
        assert!(event.to_string().len() < 512_000);
        assert!(length(&event["dedup_key"]) <= 255);
        assert!(length(&event["payload"]["summary"]) <= 1_024);
        assert_eq!(
            event["payload"]["custom_details"]["Shortened"],
            "the evidence has all of it"
        );
    }
}

#[test]
fn slack_has_50_blocks_and_3000_characters_in_each_and_13000_in_all() {
    for page in pages::huge() {
        let message = slack::message(&page, &Words::default());
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        for block in blocks {
            match block["type"].as_str().unwrap() {
                "header" => assert!(length(&block["text"]["text"]) <= 150),
                "section" => assert!(length(&block["text"]["text"]) <= 3_000),
                "context" => assert!(length(&block["elements"][0]["text"]) <= 3_000),
                other => panic!("{other}"),
            }
        }
        assert!(
            message.to_string().chars().count() <= 13_000,
            "{}",
            message.to_string().len()
        );
    }
}

#[test]
fn teams_has_28_kb() {
    for page in pages::huge() {
        let message = teams::message(&page, &Words::default()).to_string();
        assert!(message.len() <= 21_000, "{}", message.len());
        assert!(message.contains("has all of what is shortened here"));
    }
}

#[test]
fn security_hub_has_240_kb_256_1024_and_512_characters() {
    let hub = asff::Hub {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
    };
    for page in pages::huge() {
        let finding = asff::finding(&page, &hub);
        assert!(finding.to_string().len() <= 240_000);
        assert!(length(&finding["Title"]) <= 256);
        assert!(finding["Description"].as_str().unwrap().len() <= 1_024);
        assert!(length(&finding["Id"]) <= 512);
        assert!(length(&finding["Remediation"]["Recommendation"]["Text"]) <= 512);
        let fields = finding["ProductFields"].as_object().unwrap();
        assert!(fields.len() <= 50);
        for (name, value) in fields {
            assert!(name.len() <= 128 && value.as_str().unwrap().len() <= 2_048);
        }
    }
}

#[test]
fn what_machines_get_stays_below_64_kb() {
    let filing = splunk::Filing {
        source: "s".to_owned(),
        sourcetype: "t".to_owned(),
        index: None,
    };
    for page in pages::huge() {
        for form in [
            cloudevent::event(&page),
            splunk::event(&page, &filing),
            data(&page),
        ] {
            let bytes = form.to_string().len();
            assert!(bytes <= 64 << 10, "{bytes}");
        }
    }
}

#[test]
fn the_rest_stays_reasonable() {
    for page in pages::huge() {
        let mail = email::mail(&page, &Words::default());
        assert!(mail.text.len() + mail.html.len() <= 100_000);
        assert!(mail.subject.chars().count() <= 240);
        assert!(message_id(&page).len() <= 160);
        let labels = alertmanager::labels(&page);
        let now = pages::time("2026-11-28T09:26:00Z");
        let hour = SignedDuration::from_hours(1);
        let alerts = alertmanager::alerts(&page, &Words::default(), &labels, now, hour);
        assert!(alerts.to_string().len() <= 100_000);
    }
}

/// What fits is whole.
#[test]
fn nothing_is_shortened_without_need() {
    for page in [
        pages::of(pages::finding()),
        pages::group(),
        pages::detector(),
    ] {
        let forms = [
            slack::message(&page, &Words::default()).to_string(),
            teams::message(&page, &Words::default()).to_string(),
            email::mail(&page, &Words::default()).text,
        ];
        for form in forms {
            assert!(
                !form.to_lowercase().contains("shortened") && !form.contains('…'),
                "{form}"
            );
        }
    }
}
