//! Events API v2 of PagerDuty. The routing key is the adapter's to add.

use serde_json::{Map, Value as Json, json};

use super::limit::{cut, fit};
use super::parts::Parts;
use super::{Words, plain_key};
use crate::model::{Page, PageStep, PageSubject, Severity};
use crate::report::escape::escape;

/// 512 KB are documented; the routing key is still to come.
const MOST_BYTES: usize = 500_000;
const KEY: usize = 255;
const SUMMARY: usize = 1_024;

/// What one message is to PagerDuty.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// For `/v2/enqueue`.
    Alert(Json),
    /// For `/v2/change/enqueue`, which wakes nobody.
    Change(Json),
}

/// The event.
pub fn event(page: &Page, words: &Words) -> Event {
    let action = match page.step {
        PageStep::Trigger | PageStep::Update | PageStep::Test => "trigger",
        PageStep::Acknowledge => return Event::Alert(short(page, "acknowledge")),
        PageStep::Resolve => return Event::Alert(short(page, "resolve")),
        PageStep::Note => return Event::Change(whole(page, words, change)),
    };
    let mut event = whole(page, words, alert);
    if let Some(event) = event.as_object_mut() {
        event.insert("event_action".to_owned(), json!(action));
    }
    Event::Alert(event)
}

/// Ends the alert of a message, whatever the message was.
pub fn resolve(page: &Page) -> Json {
    short(page, "resolve")
}

fn short(page: &Page, action: &str) -> Json {
    json!({ "event_action": action, "dedup_key": plain_key(&page.key, KEY) })
}

fn whole(page: &Page, words: &Words, form: fn(&Page, &Parts) -> Json) -> Json {
    let fits = |event: &Json| event.to_string().len() <= MOST_BYTES;
    fit(page, words, |parts| form(page, parts), fits)
}

fn alert(page: &Page, parts: &Parts) -> Json {
    let mut payload = json!({
        "summary": cut(&parts.headline, SUMMARY),
        "source": source(page),
        "severity": severity(page),
        "timestamp": page.at,
        "custom_details": details(parts),
    });
    if let (PageSubject::Finding(one), Some(payload)) = (&page.subject, payload.as_object_mut()) {
        let mut put = |name: &str, text: String| {
            payload.insert(name.to_owned(), json!(cut(&escape(&text), 255)));
        };
        put("component", one.type_name.to_string());
        put("class", one.kind.as_str().to_owned());
        if let Some(workspace) = &one.workspace {
            put("group", workspace.to_string());
        }
    }
    let mut event = json!({
        "dedup_key": plain_key(&page.key, KEY),
        "payload": payload,
        "links": links(parts),
        "client": "driftwarden",
    });
    if let (Some(url), Some(event)) = (&parts.evidence, event.as_object_mut()) {
        event.insert("client_url".to_owned(), json!(url));
    }
    event
}

fn change(page: &Page, parts: &Parts) -> Json {
    json!({
        "payload": {
            "summary": cut(&parts.headline, SUMMARY),
            "source": source(page),
            "timestamp": page.at,
            "custom_details": details(parts),
        },
        "links": links(parts),
    })
}

fn severity(page: &Page) -> &'static str {
    // A test is to reach people, and to look like nothing worse than one.
    if page.step == PageStep::Test {
        return "info";
    }
    match page.severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}

fn source(page: &Page) -> String {
    let name = match &page.subject {
        PageSubject::Finding(one) => {
            let id = one.provider_id.as_ref().map(ToString::to_string);
            id.or_else(|| one.address.as_ref().map(ToString::to_string))
        }
        PageSubject::Group(_) | PageSubject::Detector { .. } | PageSubject::Plain { .. } => None,
    };
    let name = name.unwrap_or_else(|| page.evidence.origin.clone());
    cut(&escape(&name), 255)
}

fn details(parts: &Parts) -> Json {
    let mut details = Map::new();
    if let Some(body) = &parts.body {
        details.insert("Message".to_owned(), json!(body));
    } else {
        for fact in &parts.facts {
            details.insert(fact.label.to_owned(), json!(fact.text));
        }
        if !parts.difference.is_empty() {
            let text = parts.difference.join("\n");
            details.insert("Approved against live".to_owned(), json!(text));
        }
        if !parts.members.is_empty() {
            details.insert("Message".to_owned(), json!(parts.members.join("\n")));
        }
    }
    details.insert("Evidence".to_owned(), json!(parts.record));
    if parts.is_short {
        details.insert("Shortened".to_owned(), json!("the evidence has all of it"));
    }
    Json::Object(details)
}

fn links(parts: &Parts) -> Json {
    let named = [(&parts.runbook, "Runbook"), (&parts.evidence, "Evidence")].into_iter();
    let links =
        named.filter_map(|(url, text)| Some(json!({ "href": url.as_ref()?, "text": text })));
    links.collect()
}
