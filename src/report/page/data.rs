//! A message as JSON, for machines: whole, but for values that are too large to send about.

use serde_json::{Value as Json, json};

use crate::model::{Page, PageSubject, PagedActor, PagedFinding, PagedGroup, Value};
use crate::report::json_out;

/// What intermediaries of CloudEvents must at least pass on, less a little for the envelope.
const MOST_BYTES: usize = 60_000;

/// The message. Sensitive values are `{"sensitive": true}`, as everywhere; one that is too large for a
/// message is `{"too_large": BYTES}`, and the evidence has it.
pub fn data(page: &Page) -> Json {
    for largest in [8_192, 1_024] {
        let made = form(page, largest);
        if made.to_string().len() <= MOST_BYTES {
            return made;
        }
    }
    form(page, 64)
}

/// The message on one line, safe to print.
pub fn line(page: &Page) -> Vec<u8> {
    let mut line = Vec::new();
    // Writing to memory does not fail.
    let _ = json_out::write(&mut line, &data(page));
    line.push(b'\n');
    line
}

fn form(page: &Page, largest: usize) -> Json {
    json!({
        "schema": "driftwarden.page/1",
        "key": page.key,
        "sequence": page.sequence,
        "step": page.step.as_str(),
        "at": page.at,
        "severity": page.severity.as_str(),
        "title": page.title,
        "subject": subject(&page.subject, largest),
        "risk": texts(&page.risk, largest),
        "next": page.next,
        "runbook": page.runbook,
        "owner": page.owner,
        "controls": page.controls,
        "evidence": {
            "origin": page.evidence.origin,
            "entry": page.evidence.entry,
            "url": page.evidence.url,
        },
    })
}

fn subject(subject: &PageSubject, largest: usize) -> Json {
    match subject {
        PageSubject::Finding(one) => json!({ "finding": finding(one, largest) }),
        PageSubject::Group(one) => json!({ "group": group(one, largest) }),
        PageSubject::Detector { what, consequence } => {
            json!({ "detector": { "what": what, "consequence": consequence } })
        }
        PageSubject::Plain { text } => json!({ "plain": text }),
    }
}

fn group(group: &PagedGroup, largest: usize) -> Json {
    let by_severity = group.by_severity.iter();
    let by_severity = by_severity.map(|(severity, count)| json!([severity.as_str(), count]));
    let some = group.some.iter().map(|one| finding(one, largest));
    json!({
        "common": group.common,
        "total": group.total,
        "by_severity": by_severity.collect::<Vec<_>>(),
        "some": some.collect::<Vec<_>>(),
    })
}

fn finding(one: &PagedFinding, largest: usize) -> Json {
    json!({
        "finding": one.finding,
        "kind": one.kind.as_str(),
        "workspace": one.workspace,
        "type": one.type_name,
        "address": one.address,
        "provider_id": one.provider_id,
        "account": one.account,
        "region": one.region,
        "attribute": one.attribute,
        "approved": bounded(&one.approved, largest),
        "live": bounded(&one.live, largest),
        "verdict": one.verdict.as_str(),
        "reasons": texts(&one.reasons, largest),
        "change": one.change,
        "who": one.who.as_ref().map(actor),
        "rule": one.rule,
        "done": one.done,
        "due": one.due,
        "open_for_seconds": one.open_for.map(|time| time.as_secs()),
    })
}

fn actor(who: &PagedActor) -> Json {
    json!({
        "name": who.name,
        "at": who.at,
        "from": who.from,
        "means": who.means,
        "call": who.call,
    })
}

fn bounded(value: &Value, largest: usize) -> Json {
    let whole = serde_json::to_value(value).unwrap_or_default();
    let bytes = whole.to_string().len();
    match bytes <= largest {
        true => whole,
        false => json!({ "too_large": bytes }),
    }
}

/// The first texts, each cut.
fn texts(texts: &[String], largest: usize) -> Vec<String> {
    let some = texts.iter().take(20);
    some.map(|text| super::cut(text, largest)).collect()
}
