//! Alerts of Alertmanager's API v2.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::limit::fit;
use super::parts::Parts;
use super::{Words, plain_key};
use crate::model::{Page, PageStep, PageSubject};
use crate::report::escape::escape;

/// Nothing documents a limit; this is far beyond what a page shows.
const MOST_BYTES: usize = 100_000;

/// What makes an alert the same alert: each of them, over its whole life.
pub type Labels = BTreeMap<String, String>;

/// The labels that an alert begins with. Later messages of it must be sent with the same ones, though
/// severity, rule or owner are others by then.
pub fn labels(page: &Page) -> Labels {
    let mut labels = Labels::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            labels.insert(name.to_owned(), super::cut(&escape(value), 500));
        }
    };
    let name = match (page.step, &page.subject) {
        (PageStep::Test, _) => "DriftwardenTest",
        (PageStep::Note, _) => "DriftwardenNote",
        (_, PageSubject::Finding(_)) => "DriftwardenFinding",
        (_, PageSubject::Group(_)) => "DriftwardenGroup",
        (_, PageSubject::Detector { .. }) => "DriftwardenDetector",
        (_, PageSubject::Plain { .. }) => "DriftwardenMessage",
    };
    put("alertname", name);
    put("key", &plain_key(&page.key, 255));
    put("severity", page.severity.as_str());
    put("owner", page.owner.as_deref().unwrap_or_default());
    if let PageSubject::Finding(one) = &page.subject {
        let text = |id: Option<&str>| id.unwrap_or_default().to_owned();
        put(
            "workspace",
            &text(one.workspace.as_ref().map(|id| id.as_str())),
        );
        put("account", &text(one.account.as_ref().map(|id| id.as_str())));
        put("region", &text(one.region.as_ref().map(|id| id.as_str())));
        put("type", one.type_name.as_str());
        put("kind", one.kind.as_str());
        put(
            "attribute",
            &text(one.attribute.as_ref().map(|id| id.as_str())),
        );
        put("rule", &text(one.rule.as_ref().map(|id| id.as_str())));
        let resource = one.address.as_ref().map(|id| id.as_str());
        let resource = resource.or_else(|| one.provider_id.as_ref().map(|id| id.as_str()));
        put("resource", resource.unwrap_or_default());
    }
    labels
}

/// The body of `POST /api/v2/alerts`. `now` is the time of sending, from which on the alert stands for
/// `lasts` unless it is posted again; what waited for long in an outbox must not come as over.
pub fn alerts(
    page: &Page,
    words: &Words,
    labels: &Labels,
    now: Timestamp,
    lasts: SignedDuration,
) -> Json {
    let form = |parts: &Parts| {
        let mut alert = json!({
            "labels": labels,
            "annotations": annotations(page, parts),
            "startsAt": began(page),
            "endsAt": ends(page, now, lasts),
        });
        if let (Some(url), Some(alert)) = (&parts.evidence, alert.as_object_mut()) {
            alert.insert("generatorURL".to_owned(), json!(url));
        }
        json!([alert])
    };
    fit(page, words, form, |alerts| {
        alerts.to_string().len() <= MOST_BYTES
    })
}

fn began(page: &Page) -> Timestamp {
    let open_for = match &page.subject {
        PageSubject::Finding(one) => one.open_for,
        PageSubject::Group(_) | PageSubject::Detector { .. } | PageSubject::Plain { .. } => None,
    };
    let began = open_for.and_then(|time| page.at.checked_sub(time).ok());
    began.unwrap_or(page.at).min(page.at)
}

fn ends(page: &Page, now: Timestamp, lasts: SignedDuration) -> Timestamp {
    const MOMENT: SignedDuration = SignedDuration::from_mins(5);
    let after = |time| now.checked_add(time).unwrap_or(now);
    match page.step {
        PageStep::Trigger | PageStep::Update | PageStep::Acknowledge => after(lasts),
        // What asks for nothing goes away by itself.
        PageStep::Note | PageStep::Test => after(lasts.min(MOMENT)),
        PageStep::Resolve => page.at.min(now),
    }
}

fn annotations(page: &Page, parts: &Parts) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::new();
    all.insert("summary", parts.headline.clone());
    let description = parts.body.clone().unwrap_or_else(|| {
        let facts = parts.facts.iter();
        let mut lines: Vec<String> = facts
            .map(|fact| format!("{}: {}", fact.label, fact.text))
            .collect();
        lines.extend(parts.difference.iter().chain(&parts.members).cloned());
        lines.join("\n")
    });
    all.insert("description", description);
    all.insert("current_severity", page.severity.to_string());
    all.insert("evidence", parts.record.clone());
    if page.step == PageStep::Acknowledge {
        all.insert("acknowledged", "true".to_owned());
    }
    let urls = [
        ("runbook_url", &parts.runbook),
        ("evidence_url", &parts.evidence),
    ];
    all.extend(
        urls.into_iter()
            .filter_map(|(name, url)| Some((name, url.clone()?))),
    );
    all
}
