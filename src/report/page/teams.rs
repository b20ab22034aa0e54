//! An Adaptive Card for a workflow of Microsoft Teams.

use serde_json::{Value as Json, json};

use super::Words;
use super::limit::{cut, fit};
use super::parts::Parts;
use crate::model::{Page, PageStep, Severity};

/// About 28 KB are documented, and less was seen to be refused.
const MOST_BYTES: usize = 20_000;

/// The message: one card.
pub fn message(page: &Page, words: &Words) -> Json {
    let fits = |message: &Json| message.to_string().len() <= MOST_BYTES;
    fit(page, words, |parts| form(page, parts), fits)
}

fn form(page: &Page, parts: &Parts) -> Json {
    let color = match (page.step, page.severity) {
        (PageStep::Resolve, _) => "Good",
        (PageStep::Note | PageStep::Test, _) => "Default",
        (_, Severity::Critical | Severity::High) => "Attention",
        (_, Severity::Medium) => "Warning",
        (_, Severity::Low | Severity::Info) => "Default",
    };
    let mut body = vec![rich(vec![json!({
        "type": "TextRun",
        "text": plain(&parts.headline),
        "weight": "Bolder",
        "size": "Large",
        "color": color,
    })])];
    match &parts.body {
        // Values in it were escaped when the template ran.
        Some(text) => body.push(json!({ "type": "TextBlock", "wrap": true, "text": text })),
        None => ours(parts, &mut body),
    }
    let mut record = format!("Evidence: {}", parts.record);
    if parts.is_short {
        record.push_str(", which has all of what is shortened here");
    }
    let record = json!({ "type": "TextRun", "text": plain(&record), "isSubtle": true });
    body.push(rich(vec![record]));
    let actions = [(&parts.runbook, "Runbook"), (&parts.evidence, "Evidence")].into_iter();
    let actions = actions.filter_map(|(url, title)| {
        Some(json!({ "type": "Action.OpenUrl", "title": title, "url": url.as_ref()? }))
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "fallbackText": plain(&parts.headline),
                "msteams": { "width": "Full" },
                "body": body,
                "actions": actions.collect::<Vec<_>>(),
            },
        }],
    })
}

fn ours(parts: &Parts, body: &mut Vec<Json>) {
    for fact in &parts.facts {
        body.push(rich(vec![
            json!({ "type": "TextRun", "text": format!("{}: ", fact.label), "weight": "Bolder" }),
            json!({ "type": "TextRun", "text": plain(&fact.text) }),
        ]));
    }
    for line in parts.difference.iter().chain(&parts.members) {
        let line = cut(&plain(line), 400);
        let run = json!({ "type": "TextRun", "text": line, "fontType": "Monospace" });
        body.push(rich(vec![run]));
    }
}

/// Text in runs is no Markdown.
fn rich(runs: Vec<Json>) -> Json {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

/// `{{DATE(…)}}` would be worked out by the card's host.
fn plain(text: &str) -> String {
    text.replace("{{", "{ {")
}
