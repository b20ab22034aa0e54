//! Names that attackers choose are text in every form, and sensitive values are in none.

use driftwarden::model::Page;
use driftwarden::report::escape::is_unsafe;
use driftwarden::report::page::{
    Words, alertmanager, asff, cloudevent, email, line, pagerduty, slack, splunk, teams,
};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::pages;

/// Every text within, names of fields too.
fn texts(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::String(text) => found.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|one| texts(one, found)),
        Json::Object(map) => {
            for (name, one) in map {
                found.push(name.clone());
                texts(one, found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn all_texts(json: &Json) -> Vec<String> {
    let mut found = Vec::new();
    texts(json, &mut found);
    found
}

fn event(page: &Page) -> Json {
    match pagerduty::event(page, &Words::default()) {
        pagerduty::Event::Alert(event) | pagerduty::Event::Change(event) => event,
    }
}

fn alert(page: &Page) -> Json {
    let now = pages::time("2026-11-28T09:26:00Z");
    let labels = alertmanager::labels(page);
    alertmanager::alerts(
        page,
        &Words::default(),
        &labels,
        now,
        SignedDuration::from_hours(1),
    )
}

fn finding(page: &Page) -> Json {
    let hub = asff::Hub {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
    };
    asff::finding(page, &hub)
}

/// What people read as it comes: no control but the line breaks of our own.
fn assert_readable(page: &Page) {
    let forms = [
        event(page),
        slack::message(page, &Words::default()),
        teams::message(page, &Words::default()),
        alert(page),
        finding(page),
    ];
    for form in forms {
        for text in all_texts(&form) {
            assert!(!text.chars().any(|c| c != '\n' && is_unsafe(c)), "{text:?}");
        }
    }
    let mail = email::mail(page, &Words::default());
    assert!(!mail.subject.chars().any(is_unsafe), "{:?}", mail.subject);
    assert!(
        mail.id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
        "{}",
        mail.id
    );
    let bodies = format!("{}{}", mail.text, mail.html);
    assert!(!bodies.chars().any(|c| c != '\n' && is_unsafe(c)));
}

fn assert_slack_has_no_markup_of_others(page: &Page) {
    let message = slack::message(page, &Words::default());
    for text in all_texts(&message) {
        let ours = ["|Runbook>", "|Evidence>"];
        for (at, _) in text.match_indices('<') {
            let rest = &text[at..];
            assert!(
                rest.starts_with("<http") && ours.iter().any(|end| rest.contains(end)),
                "{text}"
            );
            assert!(!rest.contains("evil"), "{text}");
        }
        assert!(text.matches("```").count() <= 2, "{text}");
    }
}

fn assert_html_has_no_elements_of_others(page: &Page) {
    let html = email::mail(page, &Words::default()).html;
    let ours = [
        "!DOCTYPE", "html", "body", "h2", "table", "tr", "th", "td", "pre", "p", "a ", "/html",
        "/body", "/h2", "/table", "/tr", "/th", "/td", "/pre", "/p", "/a",
    ];
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        assert!(ours.iter().any(|name| rest.starts_with(name)), "{rest:.40}");
    }
    assert!(
        !html.contains("href=\"javascript") && !html.contains("href=\"https://evil"),
        "{html}"
    );
}

#[test]
fn a_hostile_name_is_text_everywhere() {
    let page = pages::hostile_page();
    assert_readable(&page);
    assert_slack_has_no_markup_of_others(&page);
    assert_html_has_no_elements_of_others(&page);
    let card = teams::message(&page, &Words::default()).to_string();
    assert!(
        !card.contains("{{") && !card.contains("Action.OpenUrl"),
        "{card}"
    );
    let line = line(&page);
    assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
    let line = String::from_utf8(line).unwrap();
    assert!(!line.trim_end().chars().any(is_unsafe));
}

#[test]
fn a_mails_text_has_one_line_a_fact_whatever_the_names_are() {
    let mail = email::mail(&pages::hostile_page(), &Words::default());
    assert!(
        !mail.text.lines().any(|line| line.starts_with("Bcc")),
        "{}",
        mail.text
    );
    let plain = email::mail(&pages::of(pages::finding()), &Words::default());
    let facts = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("Verdict"))
            .count()
    };
    assert_eq!(facts(&mail.text), facts(&plain.text));
}

#[test]
fn what_is_sensitive_is_in_no_form() {
    let page = pages::of(pages::sensitive());
    let filing = splunk::Filing {
        source: "s".to_owned(),
        sourcetype: "t".to_owned(),
        index: None,
    };
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(pages::SECRET));
    let mail = email::mail(&page, &Words::default());
    let forms = [
        event(&page).to_string(),
        slack::message(&page, &Words::default()).to_string(),
        teams::message(&page, &Words::default()).to_string(),
        alert(&page).to_string(),
        finding(&page).to_string(),
        cloudevent::event(&page).to_string(),
        splunk::event(&page, &filing).to_string(),
        String::from_utf8(line(&page)).unwrap(),
        format!("{}{}", mail.text, mail.html),
    ];
    for form in forms {
        assert!(
            !form.contains(pages::SECRET) && !form.contains(&digest),
            "{form}"
        );
        assert!(form.contains("sensitive"), "{form}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_whatever_breaks_out(text in any::<String>()) {
        let mut one = pages::finding();
        one.address = Some(text.as_str().into());
        one.reasons = vec![text.clone()];
        one.live = driftwarden::model::Value::from(text.as_str());
        one.who.as_mut().unwrap().name = text.clone();
        let mut page = pages::of(one);
        page.title = text.clone();
        page.runbook = Some(format!("https://a.example/{text}"));
        assert_readable(&page);
        assert_slack_has_no_markup_of_others(&page);
        assert_html_has_no_elements_of_others(&page);
    }
}
