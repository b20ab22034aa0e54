//! The deviations of one resource: its heading, then each difference with what was decided.

use std::io;

use super::super::ScanReport;
use super::super::diff::{self, DiffLine, Side};
use super::super::paint::{Label, Paint, Painter};
use super::super::row::notes;
use super::super::units::counted;
use super::facts;
use crate::model::{Acceptance, Deviation, DeviationKind, Judged};

/// Lines of one difference that are shown.
const DIFF_LINES: usize = 24;
const COLUMNS: usize = 10;

/// Writes one resource; the group is in the report's order and holds at least one deviation.
pub(super) fn group(
    group: &[&Judged],
    report: &ScanReport<'_>,
    page: &mut Painter<'_>,
) -> io::Result<()> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    heading(first, page)?;
    // What follows a difference (who, change, rule) is said once for those that share it.
    for run in group.chunk_by(|a, b| shares_facts(a, b)) {
        for judged in run {
            difference(
                judged,
                judged.ruling.severity != first.ruling.severity,
                page,
            )?;
            if let Some(waiver) = report.assessment.acceptance(judged) {
                page.labelled(aside("accepted ", Paint::Yellow), &accepted(waiver))?;
            }
            if let Some(fix) = report.assessment.fix(judged) {
                page.labelled(aside("fix ", Paint::Plain), &fix.line)?;
            }
        }
        if let Some(judged) = run.first() {
            facts::write(judged, report, page)?;
        }
    }
    Ok(())
}

fn shares_facts(a: &Judged, b: &Judged) -> bool {
    a.ruling == b.ruling
        && a.attribution == b.attribution
        && a.judgement.change == b.judgement.change
}

fn heading(judged: &Judged, page: &mut Painter<'_>) -> io::Result<()> {
    let severity = judged.ruling.severity;
    let word = severity.as_str().to_uppercase();
    let paint = Paint::from(severity);
    let label = |text, paint, body| Label {
        indent: 0,
        text,
        columns: COLUMNS,
        paint,
        body,
    };
    let deviation = &judged.deviation;
    page.labelled(label(&word, paint, Paint::Bold), &name(deviation))?;
    page.labelled(label("", Paint::Plain, Paint::Dim), &place(deviation))
}

/// The address, else the type and the provider's id, else the plan.
pub(in super::super) fn name(deviation: &Deviation) -> String {
    if let Some(address) = &deviation.address {
        return address.to_string();
    }
    match deviation.kind {
        DeviationKind::UnapprovedPlan | DeviationKind::PlanTampered => match &deviation.workspace {
            Some(workspace) => format!("plan of workspace {workspace}"),
            None => "plan of no workspace".to_owned(),
        },
        DeviationKind::Changed
        | DeviationKind::Missing
        | DeviationKind::Unmanaged
        | DeviationKind::AppliedNotApproved => match &deviation.provider_id {
            Some(id) => format!("{} {id}", deviation.type_name),
            None => deviation.type_name.to_string(),
        },
    }
}

fn place(deviation: &Deviation) -> String {
    let mut parts = Vec::new();
    if deviation.address.is_some() {
        parts.push(match &deviation.provider_id {
            Some(id) => format!("{} {id}", deviation.type_name),
            None => deviation.type_name.to_string(),
        });
    }
    parts.extend(deviation.account.as_ref().map(|id| format!("account {id}")));
    parts.extend(deviation.region.as_ref().map(ToString::to_string));
    parts.push(match &deviation.workspace {
        Some(workspace) => format!("workspace {workspace}"),
        None => "no workspace".to_owned(),
    });
    if let Some(source) = &deviation.source {
        parts.push(format!("{}:{}:{}", source.file, source.line, source.column));
    }
    parts.join(", ")
}

fn difference(judged: &Judged, own_severity: bool, page: &mut Painter<'_>) -> io::Result<()> {
    let deviation = &judged.deviation;
    let mut title = deviation.kind.as_str().to_owned();
    if let Some(attribute) = &deviation.attribute {
        title.push(' ');
        title.push_str(attribute.as_str());
    }
    if own_severity {
        title.push_str(&format!(" ({})", judged.ruling.severity));
    }
    page.line(
        2,
        Paint::Plain,
        &format!("{title}: {}", judged.judgement.verdict),
    )?;
    for reason in &judged.judgement.reasons {
        page.labelled(aside("because ", Paint::Plain), reason)?;
    }
    sides(deviation, page)?;
    for note in notes(judged) {
        page.labelled(aside("note ", Paint::Dim), note)?;
    }
    Ok(())
}

fn accepted(waiver: &Acceptance) -> String {
    format!(
        "until {} by the waiver {} ({}): owner {}, second approver {}; {}",
        waiver.expires,
        waiver.waiver,
        waiver.change,
        waiver.owner,
        waiver.approved_by,
        waiver.reason
    )
}

fn aside(text: &str, body: Paint) -> Label<'_> {
    Label {
        indent: 4,
        text,
        columns: text.len(),
        paint: Paint::Dim,
        body,
    }
}

fn sides(deviation: &Deviation, page: &mut Painter<'_>) -> io::Result<()> {
    let lines = lines(deviation);
    let (shown, rest) = lines.split_at(DIFF_LINES.min(lines.len()));
    for line in shown {
        let paint = match line.side {
            Side::Approved => Paint::Red,
            Side::Live => Paint::Green,
            Side::Both => Paint::Dim,
        };
        let label = Label {
            indent: 4,
            text: line.side.sign(),
            columns: 2,
            paint,
            body: paint,
        };
        page.labelled(label, &line.text)?;
    }
    if !rest.is_empty() {
        let text = format!("({}: --format json)", counted(rest.len(), "more line"));
        page.line(6, Paint::Dim, &text)?;
    }
    Ok(())
}

/// What the two sides are; where a whole resource or plan deviates, in words.
pub(in super::super) fn lines(deviation: &Deviation) -> Vec<DiffLine> {
    let words = match deviation.kind {
        DeviationKind::Changed | DeviationKind::AppliedNotApproved => None,
        DeviationKind::Missing => Some((Side::Approved, "approved, and not there")),
        DeviationKind::Unmanaged => Some((Side::Live, "there, and no approval of it is known")),
        DeviationKind::UnapprovedPlan => Some((Side::Live, "a plan that nobody approved")),
        DeviationKind::PlanTampered => Some((Side::Live, "not the plan that was approved")),
    };
    let (approved, live) = (&deviation.approved, &deviation.live);
    let mut lines: Vec<DiffLine> = words
        .into_iter()
        .map(|(side, text)| DiffLine {
            side,
            text: text.to_owned(),
        })
        .collect();
    if lines.is_empty() || !(approved.is_null() && live.is_null()) {
        let shown = diff::lines(approved, live).into_iter();
        // Of what nobody approved, that nothing is approved goes without saying.
        let is_told = |line: &DiffLine| line.side != Side::Approved || !approved.is_null();
        lines.extend(shown.filter(|line| words.is_none() || is_told(line)));
    }
    lines
}
