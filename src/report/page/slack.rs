//! Block Kit of Slack.

use serde_json::{Value as Json, json};

use super::Words;
use super::limit::{cut, fit};
use super::parts::Parts;
use crate::model::Page;

const BLOCKS: usize = 50;
const HEADER: usize = 150;
/// 3,000 characters are documented for the text of a section.
const SECTION: usize = 2_900;
/// Nothing documents the sum of all blocks; from about 13,000 characters on messages are refused.
const ALL: usize = 12_000;

/// `text` and `blocks` of a message, for `chat.postMessage` and webhooks alike.
pub fn message(page: &Page, words: &Words) -> Json {
    let fits = |message: &Json| {
        let blocks = message.get("blocks").and_then(Json::as_array);
        blocks.is_some_and(|blocks| blocks.len() <= BLOCKS) && message.to_string().len() <= ALL
    };
    fit(page, words, form, fits)
}

/// `&`, `<` and `>` are what Slack reads as its own: mentions and links are made of them. Three back-ticks
/// would take what follows into a block of code.
pub(super) fn escape_slack(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace("```", "'''");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn form(parts: &Parts) -> Json {
    let headline = escape_slack(&parts.headline);
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": safe_cut(&headline, HEADER), "emoji": false },
    })];
    match &parts.body {
        // Values in it were escaped when the template ran.
        Some(body) => sections(body.lines().map(str::to_owned), &mut blocks),
        None => {
            let facts = parts.facts.iter();
            let facts = facts.map(|fact| format!("*{}*  {}", fact.label, escape_slack(&fact.text)));
            sections(facts, &mut blocks);
            if !parts.difference.is_empty() {
                let lines = parts.difference.iter();
                // A back-tick would end the block of code.
                let lines = lines.map(|line| escape_slack(&line.replace('`', "'")));
                let code = safe_cut(&lines.collect::<Vec<_>>().join("\n"), SECTION - 8);
                blocks.push(section(&format!("```\n{code}\n```")));
            }
            let members = parts.members.iter().map(|line| escape_slack(line));
            sections(members, &mut blocks);
        }
    }
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "verbatim": true, "text": foot(parts) }],
    }));
    json!({ "text": headline, "blocks": blocks })
}

/// Lines in as few sections as hold them.
fn sections(lines: impl Iterator<Item = String>, blocks: &mut Vec<Json>) {
    let mut text = String::new();
    for line in lines {
        let line = safe_cut(&line, SECTION);
        if !text.is_empty() && text.chars().count() + line.chars().count() + 1 > SECTION {
            blocks.push(section(&text));
            text.clear();
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    if !text.trim().is_empty() {
        blocks.push(section(&text));
    }
}

/// `verbatim`: nothing in the text becomes a link or a mention by itself.
fn section(text: &str) -> Json {
    json!({ "type": "section", "text": { "type": "mrkdwn", "verbatim": true, "text": text } })
}

fn foot(parts: &Parts) -> String {
    let mut foot = vec![escape_slack(&parts.record)];
    for (url, text) in [(&parts.runbook, "Runbook"), (&parts.evidence, "Evidence")] {
        if let Some(url) = url {
            foot.push(format!("<{}|{text}>", url.replace('&', "&amp;")));
        }
    }
    if parts.is_short {
        foot.push("shortened: the evidence has all of it".to_owned());
    }
    foot.join(" · ")
}

/// Cuts escaped text, but never within an escape.
fn safe_cut(text: &str, most: usize) -> String {
    let short = cut(text, most);
    if short == text {
        return short;
    }
    let kept = short.strip_suffix('…').unwrap_or(&short);
    let open = kept
        .rfind('&')
        .filter(|at| !kept.get(*at..).unwrap_or_default().contains(';'));
    let kept = open.and_then(|at| kept.get(..at)).unwrap_or(kept);
    format!("{kept}…")
}
