//! A message as JSON, for machines: whole, but for values that are too large to send about.

use serde_json::{Value as Json, json};

use super::cut;
use crate::model::{Page, PageSubject, PagedActor, PagedFinding, PagedGroup, Value};
use crate::report::json_out;

/// What intermediaries of CloudEvents must at least pass on, less a little for the envelope.
const MOST_BYTES: usize = 60_000;

/// The message. Sensitive values are `{"sensitive": true}`, as everywhere; one that is too large for a
/// message is `{"too_large": BYTES}`, and the evidence has it.
pub fn data(page: &Page) -> Json {
    let room = |text, list, value| Room { text, list, value };
    for room in [room(2_000, 20, 8_192), room(400, 5, 512)] {
        let made = form(page, room);
        if made.to_string().len() <= MOST_BYTES {
            return made;
        }
    }
    form(page, room(64, 3, 64))
}

/// The message on one line, safe to print.
pub fn line(page: &Page) -> Vec<u8> {
    let mut line = Vec::new();
    // Writing to memory does not fail.
    let _ = json_out::write(&mut line, &data(page));
    line.push(b'\n');
    line
}

/// How long a text, a list and a value may be.
#[derive(Clone, Copy)]
struct Room {
    text: usize,
    list: usize,
    value: usize,
}

fn form(page: &Page, room: Room) -> Json {
    json!({
        "schema": "driftwarden.page/1",
        "key": super::plain_key(&page.key, 512),
        "sequence": page.sequence,
        "step": page.step.as_str(),
        "at": page.at,
        "severity": page.severity.as_str(),
        "title": cut(&page.title, room.text),
        "subject": subject(&page.subject, room),
        "risk": texts(&page.risk, room),
        "next": cut(&page.next, room.text),
        "runbook": some(page.runbook.as_deref(), room),
        "owner": some(page.owner.as_deref(), room),
        "controls": texts(&page.controls, room),
        "evidence": {
            "origin": cut(&page.evidence.origin, room.text),
            "entry": page.evidence.entry,
            "url": some(page.evidence.url.as_deref(), room),
        },
    })
}

fn subject(subject: &PageSubject, room: Room) -> Json {
    match subject {
        PageSubject::Finding(one) => json!({ "finding": finding(one, room) }),
        PageSubject::Group(one) => json!({ "group": group(one, room) }),
        PageSubject::Detector { what, consequence } => {
            let (what, consequence) = (cut(what, room.text), cut(consequence, room.text));
            json!({ "detector": { "what": what, "consequence": consequence } })
        }
        PageSubject::Plain { text } => json!({ "plain": cut(text, room.text) }),
    }
}

fn group(group: &PagedGroup, room: Room) -> Json {
    let by_severity = group.by_severity.iter();
    let by_severity = by_severity.map(|(severity, count)| json!([severity.as_str(), count]));
    let members = group.some.iter().map(|one| finding(one, room));
    json!({
        "common": cut(&group.common, room.text),
        "total": group.total,
        "by_severity": by_severity.collect::<Vec<_>>(),
        "some": members.collect::<Vec<_>>(),
    })
}

fn finding(one: &PagedFinding, room: Room) -> Json {
    let id = |text: Option<&str>| some(text, room);
    json!({
        "finding": one.finding,
        "kind": one.kind.as_str(),
        "workspace": id(one.workspace.as_ref().map(|id| id.as_str())),
        "type": id(Some(one.type_name.as_str())),
        "address": id(one.address.as_ref().map(|id| id.as_str())),
        "provider_id": id(one.provider_id.as_ref().map(|id| id.as_str())),
        "account": id(one.account.as_ref().map(|id| id.as_str())),
        "region": id(one.region.as_ref().map(|id| id.as_str())),
        "attribute": id(one.attribute.as_ref().map(|id| id.as_str())),
        "approved": bounded(&one.approved, room),
        "live": bounded(&one.live, room),
        "verdict": one.verdict.as_str(),
        "reasons": texts(&one.reasons, room),
        "change": id(one.change.as_ref().map(|id| id.as_str())),
        "who": one.who.as_ref().map(|who| actor(who, room)),
        "rule": id(one.rule.as_ref().map(|id| id.as_str())),
        "done": cut(&one.done, room.text),
        "due": one.due,
        "open_for_seconds": one.open_for.map(|time| time.as_secs()),
    })
}

fn actor(who: &PagedActor, room: Room) -> Json {
    json!({
        "name": cut(&who.name, room.text),
        "at": who.at,
        "from": some(who.from.as_deref(), room),
        "means": who.means,
        "call": cut(&who.call, room.text),
    })
}

fn some(text: Option<&str>, room: Room) -> Option<String> {
    text.map(|text| cut(text, room.text))
}

fn bounded(value: &Value, room: Room) -> Json {
    let whole = serde_json::to_value(value).unwrap_or_default();
    let bytes = whole.to_string().len();
    match bytes <= room.value {
        true => whole,
        false => json!({ "too_large": bytes }),
    }
}

/// The first texts, each cut.
fn texts(texts: &[String], room: Room) -> Vec<String> {
    let first = texts.iter().take(room.list);
    first.map(|text| cut(text, room.text)).collect()
}
