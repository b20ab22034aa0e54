//! What is known about a deviation besides its values: who, which change, which rule, what next.

use std::io;

use super::super::ScanReport;
use super::super::escape::shell_word;
use super::super::paint::{Label, Paint, Painter};
use super::super::units::duration;
use super::command;
use crate::model::{Attribution, Confidence, DeviationKind, Judged, Means, Ruling, Verdict};

fn label(text: &str) -> Label<'_> {
    Label {
        indent: 2,
        text,
        columns: 9,
        paint: Paint::Dim,
        body: Paint::Plain,
    }
}

pub(super) fn write(
    judged: &Judged,
    report: &ScanReport<'_>,
    page: &mut Painter<'_>,
) -> io::Result<()> {
    let ruling = &judged.ruling;
    // Where nothing was changed yet there is nobody to look for.
    if judged.attribution.is_some() || was_changed(judged) {
        page.labelled(label("who"), &who(judged.attribution.as_ref()))?;
    }
    let change = judged.judgement.change.as_ref();
    let change = change.map_or_else(|| "none".to_owned(), ToString::to_string);
    page.labelled(label("change"), &change)?;
    page.labelled(label("rule"), &rule(ruling))?;
    if let Some(description) = &ruling.duties.description {
        page.labelled(label(""), description)?;
    }
    if !ruling.duties.controls.is_empty() {
        page.labelled(label("controls"), &ruling.duties.controls.join(", "))?;
    }
    if let Some(runbook) = &ruling.duties.runbook {
        page.verbatim(label("runbook"), runbook)?;
    }
    // How it was compared, why the rule judges it so, and its life.
    let key = judged.deviation.finding_key();
    let key = key.short();
    page.verbatim(label("next"), &command(&format!("explain {key}"), report))?;
    if let Some(rule) = &ruling.rule {
        let words = format!("rules explain {}", shell_word(rule.as_str()));
        page.verbatim(label(""), &command(&words, report))?;
    }
    let words = format!("evidence show --finding {key}");
    page.verbatim(label(""), &command(&words, report))
}

/// Whether somebody did something: not where a plan is only on file, or not carried out.
fn was_changed(judged: &Judged) -> bool {
    let is_of_a_plan = match judged.deviation.kind {
        DeviationKind::UnapprovedPlan | DeviationKind::PlanTampered => true,
        DeviationKind::Changed
        | DeviationKind::Missing
        | DeviationKind::Unmanaged
        | DeviationKind::AppliedNotApproved => false,
    };
    let was_not_carried_out = match judged.judgement.verdict {
        Verdict::AwaitingApply | Verdict::NotApplied => true,
        Verdict::Authorised
        | Verdict::OutOfWindow
        | Verdict::Late
        | Verdict::EmergencyPending
        | Verdict::Unauthorised
        | Verdict::Indeterminate => false,
    };
    !is_of_a_plan && !was_not_carried_out
}

/// Who, by what means, from where, when, by which call, and how sure that is.
fn who(attribution: Option<&Attribution>) -> String {
    let Some(attribution) = attribution else {
        return "nobody known: no activity covers it".to_owned();
    };
    let person = match &attribution.person {
        Some(person) => format!(" ({person})"),
        None => " (not in the identity map)".to_owned(),
    };
    let means = match attribution.means {
        Means::Console => "by console",
        Means::Pipeline => "by a pipeline",
        Means::Service => "by a service",
        Means::Key => "with an access key",
        Means::Unknown => "by unknown means",
    };
    let from = attribution.from.as_ref();
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    let confidence = match attribution.confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    };
    format!(
        "{}{person} {means}{from} at {}: {}, event {}, confidence {confidence}",
        attribution.actor, attribution.at, attribution.call, attribution.event_id
    )
}

fn rule(ruling: &Ruling) -> String {
    let mut text = match &ruling.rule {
        Some(rule) => rule.to_string(),
        None => "none matched, the default holds".to_owned(),
    };
    text.push_str(&format!(": {}", ruling.action));
    if let Some(owner) = &ruling.duties.owner {
        text.push_str(&format!(", owner {owner}"));
    }
    if let Some(seconds) = ruling.duties.sla_seconds {
        text.push_str(&format!(", within {}", duration(seconds)));
    }
    text
}
