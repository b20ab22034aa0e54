//! The fields of a message as templates see them: flat, and each always there.

use std::collections::BTreeMap;

use minijinja::Value;

use super::super::facts;
use super::super::parts::{Detail, parts};
use super::super::{Words, headline, time};
use crate::model::{Page, PageSubject, PagedFinding};
use crate::report::units::duration;

/// Each field and what it holds; docs/channels.md lists the same.
pub const FIELDS: [(&str, &str); 37] = [
    ("headline", "severity or step in brackets, and the title"),
    ("title", "one line on what it is about"),
    (
        "step",
        "`trigger`, `update`, `acknowledge`, `resolve`, `note` or `test`",
    ),
    ("severity", "`critical`, `high`, `medium`, `low` or `info`"),
    ("key", "the alert's key"),
    ("sequence", "which message of the alert it is"),
    ("at", "when the message was made"),
    ("subject", "`finding`, `group`, `detector` or `plain`"),
    ("what", "kind, attribute and resource in one line"),
    ("finding", "the finding's key"),
    ("kind", "`changed`, `missing`, `unmanaged` and so on"),
    ("workspace", "the workspace"),
    ("type", "the Terraform type"),
    ("address", "the Terraform address"),
    ("id", "the provider's id"),
    ("account", "the account"),
    ("region", "the Region"),
    ("attribute", "the attribute's path"),
    ("difference", "list: approved against live, line by line"),
    ("verdict", "the verdict"),
    ("reasons", "list: why the verdict is so"),
    ("change", "the change record's number"),
    ("who", "who did it"),
    ("when", "when it was done"),
    ("from", "from where"),
    ("means", "by what means"),
    ("call", "the call that did it"),
    ("rule", "the rule that decided"),
    ("done", "what was done about it, or why nothing was"),
    ("due", "by when it must be dealt with"),
    ("open_for", "how long it has been open"),
    (
        "members",
        "list: the findings of a group, or the lines of a plain message",
    ),
    ("risk", "list: why it is as severe as it is"),
    ("next", "the command to give next"),
    ("owner", "the owner"),
    ("links", "list: the addresses of runbook and evidence"),
    ("record", "where the record lies, in words"),
];

type Fields = BTreeMap<&'static str, Value>;

/// The fields of one message.
pub(super) fn of(page: &Page) -> Value {
    let all = parts(page, &Words::default(), Detail::Full);
    let mut fields: Fields = FIELDS
        .iter()
        .map(|(name, _)| (*name, Value::from("")))
        .collect();
    let mut put = |name: &'static str, value: Value| {
        fields.insert(name, value);
    };
    put("headline", Value::from(headline(page, &Words::default())));
    put("title", Value::from(page.title.as_str()));
    put("step", Value::from(page.step.as_str()));
    put("severity", Value::from(page.severity.as_str()));
    put("key", Value::from(page.key.as_str()));
    put("sequence", Value::from(page.sequence));
    put("at", Value::from(time(page.at)));
    put("next", Value::from(page.next.as_str()));
    put("owner", Value::from(page.owner.clone().unwrap_or_default()));
    put("risk", list(&page.risk));
    put("record", Value::from(all.record));
    put("difference", list(&all.difference));
    put("members", list(&all.members));
    put("reasons", list(&[]));
    let links: Vec<String> = [all.runbook, all.evidence].into_iter().flatten().collect();
    put("links", list(&links));
    let subject = match &page.subject {
        PageSubject::Finding(one) => {
            finding(one, &mut fields);
            "finding"
        }
        PageSubject::Group(group) => {
            fields.insert("what", Value::from(group.common.as_str()));
            "group"
        }
        PageSubject::Detector { what, consequence } => {
            fields.insert("what", Value::from(what.as_str()));
            fields.insert("reasons", list(std::slice::from_ref(consequence)));
            "detector"
        }
        PageSubject::Plain { .. } => "plain",
    };
    fields.insert("subject", Value::from(subject));
    Value::from_pairs(fields)
}

fn list(texts: &[String]) -> Value {
    texts.iter().map(String::as_str).collect()
}

fn finding(one: &PagedFinding, fields: &mut Fields) {
    let mut put = |name: &'static str, text: Option<&str>| {
        fields.insert(name, Value::from(text.unwrap_or_default()));
    };
    put("what", Some(&facts::what(one)));
    put("finding", Some(one.finding.as_str()));
    put("kind", Some(one.kind.as_str()));
    put("workspace", one.workspace.as_ref().map(|id| id.as_str()));
    put("type", Some(one.type_name.as_str()));
    put("address", one.address.as_ref().map(|id| id.as_str()));
    put("id", one.provider_id.as_ref().map(|id| id.as_str()));
    put("account", one.account.as_ref().map(|id| id.as_str()));
    put("region", one.region.as_ref().map(|id| id.as_str()));
    put("attribute", one.attribute.as_ref().map(|id| id.as_str()));
    put("verdict", Some(one.verdict.as_str()));
    put("change", one.change.as_ref().map(|id| id.as_str()));
    put("rule", one.rule.as_ref().map(|id| id.as_str()));
    put("done", Some(&one.done));
    put("due", one.due.map(time).as_deref());
    let open = one
        .open_for
        .and_then(|time| u64::try_from(time.as_secs()).ok());
    put("open_for", open.map(duration).as_deref());
    if let Some(who) = &one.who {
        put("who", Some(&who.name));
        put("when", Some(&time(who.at)));
        put("from", who.from.as_deref());
        put("means", Some(facts::means(who.means)));
        put("call", Some(&who.call));
    }
    fields.insert("reasons", list(&one.reasons));
}
