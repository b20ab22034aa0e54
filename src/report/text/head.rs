//! The first lines: what weakens the result, then the result in one sentence.

use std::io;

use super::super::ScanReport;
use super::super::paint::{Label, Paint, Painter};
use super::super::units::{by_severity, count, counted};
use crate::model::{ApprovalStatus, ChangeNumber, WorkspaceStatus};

/// Names listed before a count stands for the rest.
const NAMES: usize = 6;
/// Workspaces without standing that are explained one by one.
const EXPLAINED: usize = 10;
const COLUMNS: usize = 15;

/// Says whose approval was assumed, is missing, or cannot be decided.
pub(super) fn approvals(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let of = |status: ApprovalStatus| {
        let all = report.assessment.baselines.iter();
        all.filter(|row| row.approval == status).collect::<Vec<_>>()
    };
    let assumed = of(ApprovalStatus::Assumed);
    if !assumed.is_empty() {
        let text = format!(
            "approval assumed, no change record behind the plan: {}",
            names(&assumed)
        );
        page.labelled(label("ASSUMED", Paint::Yellow), &text)?;
    }
    explain(&of(ApprovalStatus::Unapproved), "UNAPPROVED", page)?;
    explain(&of(ApprovalStatus::Indeterminate), "INDETERMINATE", page)
}

fn label(text: &str, paint: Paint) -> Label<'_> {
    Label {
        indent: 0,
        text,
        columns: COLUMNS,
        paint,
        body: Paint::Bold,
    }
}

fn explain(rows: &[&WorkspaceStatus], word: &str, page: &mut Painter<'_>) -> io::Result<()> {
    let (first, rest) = rows.split_at(EXPLAINED.min(rows.len()));
    for row in first {
        let why = if row.reasons.is_empty() {
            "no reason is known".to_owned()
        } else {
            row.reasons.join("; ")
        };
        let text = format!("workspace {}: {why}", row.workspace);
        page.labelled(label(word, Paint::Alarm), &text)?;
    }
    if !rest.is_empty() {
        let text = format!(
            "and {}: {}",
            counted(rest.len(), "more workspace"),
            names(rest)
        );
        page.labelled(label(word, Paint::Alarm), &text)?;
    }
    Ok(())
}

fn names(rows: &[&WorkspaceStatus]) -> String {
    let first = rows.iter().take(NAMES).map(|row| row.workspace.as_str());
    let first = first.collect::<Vec<_>>().join(", ");
    match rows.len().saturating_sub(NAMES) {
        0 => first,
        more => format!("{first} and {} more", count(more as u64)),
    }
}

/// The result in a sentence; a clean one says what it rests on.
pub(super) fn result(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let assessment = report.assessment;
    let all_seen = report.not_seen.is_empty();
    if assessment.deviations.is_empty() && assessment.is_clean() && all_seen {
        return clean(report, page);
    }
    let deviations = &assessment.deviations;
    let mut parts = Vec::new();
    if deviations.is_empty() {
        parts.push("No deviation among what was seen".to_owned());
    } else {
        let severities = by_severity(deviations.iter().map(|judged| judged.ruling.severity));
        parts.push(format!(
            "{}: {severities}",
            counted(deviations.len(), "deviation")
        ));
        let acting = deviations.iter().filter(|judged| judged.needs_a_person());
        parts.push(match acting.count() {
            0 => "none needs a person".to_owned(),
            1 => "1 needs a person".to_owned(),
            many => format!("{} need a person", count(many as u64)),
        });
    }
    if !assessment.gaps.is_empty() {
        parts.push(counted(assessment.gaps.len(), "gap"));
    }
    if !all_seen {
        let open = counted(report.not_seen.len(), "open finding");
        parts.push(format!("{open} not looked at"));
    }
    page.line(0, Paint::Bold, &format!("{}.", parts.join("; ")))
}

fn clean(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let assessment = report.assessment;
    let coverage = assessment.coverage;
    let seen = match (coverage.approved, coverage.excluded) {
        (0, _) => {
            let text = "Nothing deviates, because no resource is approved: nothing was compared.";
            return page.line(0, Paint::Yellow, text);
        }
        (1, 0) => "the one approved resource was seen".to_owned(),
        (all, 0) if all == coverage.observed => {
            format!("all {} approved resources were seen", count(all))
        }
        (all, excluded) => format!(
            "{} of {} approved resources were seen, {} excluded by scope",
            count(coverage.observed),
            count(all),
            count(excluded)
        ),
    };
    page.line(0, Paint::Green, &format!("Nothing deviates: {seen}."))?;
    let plans = counted(assessment.baselines.len(), "plan");
    let items = counted(report.totals.live_items, "live item");
    let changes: Vec<&str> = assessment
        .baselines
        .iter()
        .filter_map(|row| row.change.as_ref().map(ChangeNumber::as_str))
        .collect();
    let changes = match changes.as_slice() {
        [] => "no change record".to_owned(),
        [first @ .., last] if first.len() < NAMES => {
            let mut names = first.to_vec();
            names.push(last);
            format!("change {}", names.join(", "))
        }
        many => counted(many.len(), "change record"),
    };
    page.line(
        0,
        Paint::Plain,
        &format!("This rests on {plans} ({changes}) and {items}."),
    )
}
