//! What a reader must know to act, each under its name.

use super::parts::Fact;
use super::time;
use crate::model::{DeviationKind, Means, Page, PageSubject, PagedActor, PagedFinding, PagedGroup};
use crate::report::escape::escape;
use crate::report::units::{count, duration};

/// The name of the command to give.
pub(super) const NEXT: &str = "Next";

const REASONS: usize = 5;

fn fact(label: &'static str, text: impl AsRef<str>) -> Fact {
    Fact {
        label,
        text: escape(text.as_ref()).into_owned(),
    }
}

/// The facts of one finding, most telling first.
pub(super) fn finding(one: &PagedFinding) -> Vec<Fact> {
    let mut facts = vec![fact("What", what(one)), fact("Where", place(one))];
    let verdict = match one.reasons.is_empty() {
        true => one.verdict.to_string(),
        false => format!("{}: {}", one.verdict, some(&one.reasons)),
    };
    facts.push(fact("Verdict", verdict));
    match &one.who {
        Some(who) => facts.push(fact("Who", actor(who))),
        None => facts.push(fact("Who", "not known")),
    }
    let change = one.change.as_ref().map_or("none", |number| number.as_str());
    facts.push(fact("Change record", change));
    if !one.done.is_empty() {
        facts.push(fact("Done", &one.done));
    }
    if let Some(due) = one.due {
        facts.push(fact("Due", time(due)));
    }
    let open = one
        .open_for
        .and_then(|time| u64::try_from(time.as_secs()).ok());
    if let Some(seconds) = open.filter(|seconds| *seconds > 0) {
        facts.push(fact("Open for", duration(seconds)));
    }
    if let Some(rule) = &one.rule {
        facts.push(fact("Rule", rule.as_str()));
    }
    facts.push(fact("Finding", one.finding.as_str()));
    facts
}

/// What deviates: kind, attribute, resource.
pub(super) fn what(one: &PagedFinding) -> String {
    let name = match (&one.address, &one.provider_id) {
        (Some(address), Some(id)) => format!("{address} ({id})"),
        (Some(address), None) => address.to_string(),
        (None, Some(id)) => format!("{} {id}", one.type_name),
        (None, None) => one.type_name.to_string(),
    };
    let attribute = one.attribute.as_ref().map(|path| path.as_str());
    let text = match (kind(one.kind), attribute.filter(|path| !path.is_empty())) {
        (kind, Some(path)) => format!("{kind}: {path} of {name}"),
        (kind, None) => format!("{kind}: {name}"),
    };
    escape(&text).into_owned()
}

fn kind(kind: DeviationKind) -> &'static str {
    match kind {
        DeviationKind::Changed => "changed",
        DeviationKind::Missing => "missing",
        DeviationKind::Unmanaged => "unmanaged, nobody approved it",
        DeviationKind::UnapprovedPlan => "a plan that nobody approved",
        DeviationKind::PlanTampered => "a plan file that is not the approved one",
        DeviationKind::AppliedNotApproved => "a state that is not the approved plan's",
    }
}

fn place(one: &PagedFinding) -> String {
    let workspace = one
        .workspace
        .as_ref()
        .map(|name| format!("workspace {name}"));
    let account = one.account.as_ref().map(|id| format!("account {id}"));
    let region = one.region.as_ref().map(ToString::to_string);
    let parts: Vec<String> = [workspace, account, region].into_iter().flatten().collect();
    match parts.is_empty() {
        true => "not known".to_owned(),
        false => parts.join(", "),
    }
}

pub(super) fn actor(who: &PagedActor) -> String {
    let from = match &who.from {
        Some(from) => format!(" from {from}"),
        None => String::new(),
    };
    let (at, means) = (time(who.at), means(who.means));
    format!("{} at {at}{from}, {means} ({})", who.name, who.call)
}

pub(super) fn means(means: Means) -> &'static str {
    match means {
        Means::Console => "in the console",
        Means::Pipeline => "by a pipeline",
        Means::Service => "by a service of the cloud",
        Means::Key => "with an access key",
        Means::Unknown => "by unknown means",
    }
}

/// The first reasons, and how many more there are.
fn some(reasons: &[String]) -> String {
    let shown: Vec<&str> = reasons.iter().take(REASONS).map(String::as_str).collect();
    let text = shown.join("; ");
    match reasons.len().saturating_sub(REASONS) {
        0 => text,
        more => format!("{text}; and {more} more"),
    }
}

pub(super) fn group(group: &PagedGroup) -> Vec<Fact> {
    let severities = group.by_severity.iter();
    let severities = severities.map(|(severity, number)| format!("{} {severity}", count(*number)));
    let severities = severities.collect::<Vec<_>>().join(", ");
    vec![
        fact("In common", &group.common),
        fact(
            "Findings",
            format!("{} in all: {severities}", count(group.total)),
        ),
    ]
}

pub(super) fn detector(what: &str, consequence: &str) -> Vec<Fact> {
    vec![fact("What", what), fact("Not known therefore", consequence)]
}

/// What belongs to every message.
pub(super) fn of_page(page: &Page) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !page.risk.is_empty() {
        facts.push(fact(
            "Risk",
            format!("{}: {}", page.severity, some(&page.risk)),
        ));
    } else if !matches!(page.subject, PageSubject::Plain { .. }) {
        facts.push(fact("Risk", page.severity.as_str()));
    }
    if !page.next.is_empty() {
        facts.push(fact(NEXT, &page.next));
    }
    if let Some(runbook) = &page.runbook {
        facts.push(fact("Runbook", runbook));
    }
    if let Some(owner) = &page.owner {
        facts.push(fact("Owner", owner));
    }
    if !page.controls.is_empty() {
        facts.push(fact("Controls", page.controls.join(", ")));
    }
    facts
}
