//! The last lines: what was not seen, what was read, where the evidence lies.

use std::io;

use super::super::escape::shell_word;
use super::super::gaps::{GapGroup, grouped, meaning, sentence};
use super::super::json::root_base64;
use super::super::outside::lines;
use super::super::paint::{Label, Paint, Painter};
use super::super::units::{bytes, count, counted};
use super::super::{EvidenceRef, ScanReport};
use super::command;
use crate::model::{AsideReason, Gap, IgnoreChanges, SetAside, TypeName};

/// Types listed per reason before a count stands for the rest.
const TYPES: usize = 8;
/// Examples given per type where the gap is not of a whole type.
const EXAMPLES: usize = 3;
const WARNINGS: usize = 20;
/// Open findings listed before a count stands for the rest.
const OPEN: usize = 10;
/// Workspaces named before a count stands for the rest.
const WORKSPACES: usize = 6;
const COLUMNS: usize = 10;

fn label(text: &str, paint: Paint) -> Label<'_> {
    Label {
        indent: 0,
        text,
        columns: COLUMNS,
        paint,
        body: Paint::Plain,
    }
}

pub(super) fn gaps(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let gaps = &report.assessment.gaps;
    if gaps.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let text = format!(
        "{}: not seen, so not known to be equal",
        count(gaps.len() as u64)
    );
    page.labelled(label("GAPS", Paint::Yellow), &text)?;
    for (reason, groups) in grouped(gaps) {
        page.line(2, Paint::Plain, &format!("{reason}: {}", meaning(reason)))?;
        let (first, rest) = groups.split_at(TYPES.min(groups.len()));
        for group in first {
            gap_group(group, page)?;
        }
        if !rest.is_empty() {
            let number: usize = rest.iter().map(|group| group.gaps.len()).sum();
            let types = counted(rest.len(), "more type");
            page.line(
                4,
                Paint::Dim,
                &format!("and {} in {types}", count(number as u64)),
            )?;
        }
    }
    let shown_whole = gaps.len() == 1;
    if !shown_whole {
        let text = format!("Each one: {}", command("scan --format json", report));
        page.line(2, Paint::Dim, &text)?;
    }
    Ok(())
}

fn gap_group(group: &GapGroup<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let number = format!("{:>7}", count(group.gaps.len() as u64));
    let row = Label {
        indent: 2,
        text: &number,
        columns: 9,
        paint: Paint::Bold,
        body: Paint::Plain,
    };
    let type_name = group.type_name.map(TypeName::as_str);
    // One example tells what a type's gap is; where no type is named, each gap is its own story.
    let examples = if type_name.is_some() { 1 } else { EXAMPLES };
    let shown: Vec<String> = group.gaps.iter().take(examples).map(example).collect();
    let lead = match (type_name, group.gaps.len()) {
        (Some(name), 1) => format!("{name}: "),
        (Some(name), _) => format!("{name}, for example "),
        (None, _) => String::new(),
    };
    let more = group.gaps.len().saturating_sub(examples);
    let tail = if type_name.is_none() && more > 0 {
        format!("; and {} more", count(more as u64))
    } else {
        String::new()
    };
    page.labelled(row, &format!("{lead}{}{tail}", shown.join("; ")))
}

fn example(gap: &&Gap) -> String {
    sentence(gap)
}

/// Differences that are no deviations: never silently.
pub(super) fn set_aside(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    for reason in AsideReason::ALL {
        let all = report.assessment.set_aside.iter();
        let own: Vec<&SetAside> = all.filter(|own| own.reason == reason).collect();
        if own.is_empty() {
            continue;
        }
        page.blank()?;
        let text = format!(
            "{} set aside: {}",
            counted(own.len(), "difference"),
            reason.words()
        );
        let word = match reason {
            AsideReason::EqualByTheProvider => "EQUAL",
            AsideReason::ToldBySeparate => "TWICE",
        };
        page.labelled(label(word, Paint::Bold), &text)?;
        for one in own.iter().take(OPEN) {
            let attribute = one.attribute.as_ref().map_or("", |at| at.as_str());
            let text = format!("{} {} {attribute}", one.kind.as_str(), one.address);
            page.line(2, Paint::Dim, text.trim_end())?;
            for by in &one.by {
                page.line(4, Paint::Dim, &format!("by {by}"))?;
            }
        }
        if own.len() > OPEN {
            let more = counted(own.len() - OPEN, "more difference");
            let text = format!("and {more}: {}", command("scan --format json", report));
            page.line(2, Paint::Dim, &text)?;
        }
    }
    Ok(())
}

/// Findings that nothing above shows, and that are not resolved either.
pub(super) fn not_seen(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let (first, rest) = report.not_seen.split_at(OPEN.min(report.not_seen.len()));
    if first.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let open = counted(report.not_seen.len(), "finding");
    let text = format!("{open} of earlier scans, which this one could not look at: still open");
    page.labelled(label("OPEN", Paint::Yellow), &text)?;
    for own in first {
        let subject = match (&own.address, &own.provider_id) {
            (Some(address), _) => address.to_string(),
            (None, Some(id)) => format!("{} {id}", own.type_name),
            (None, None) => own.type_name.to_string(),
        };
        let attribute = own.attribute.as_ref().map_or("", |at| at.as_str());
        let text = format!(
            "{} {} {subject} {attribute}",
            own.finding,
            own.kind.as_str()
        );
        page.line(2, Paint::Plain, text.trim_end())?;
    }
    if !rest.is_empty() {
        let text = format!(
            "and {}: {}",
            counted(rest.len(), "more finding"),
            command("scan --format json", report)
        );
        page.line(2, Paint::Dim, &text)?;
    }
    Ok(())
}

pub(super) fn warnings(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let shown = WARNINGS.min(report.warnings.len());
    let (first, rest) = report.warnings.split_at(shown);
    if !first.is_empty() {
        page.blank()?;
    }
    for warning in first {
        page.labelled(label("WARNING", Paint::Yellow), warning)?;
    }
    if !rest.is_empty() {
        let text = format!("and {}", counted(rest.len(), "more warning"));
        page.labelled(label("WARNING", Paint::Yellow), &text)?;
    }
    Ok(())
}

/// What no line above can tell: without the source, what authors told Terraform to leave alone.
fn ignored(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    let baselines = &report.assessment.baselines;
    let of = |wanted: IgnoreChanges| {
        let own = baselines.iter().filter(|row| row.ignore_changes == wanted);
        let names: Vec<&str> = own.map(|row| row.workspace.as_str()).collect();
        let (first, rest) = names.split_at(WORKSPACES.min(names.len()));
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {} more", count(more as u64)),
        };
        (!names.is_empty()).then(|| format!("{}{more}", first.join(", ")))
    };
    if let Some(names) = of(IgnoreChanges::Unknown) {
        let text = format!(
            "what ignore_changes sets aside is not known, because no Terraform source is given: {names}"
        );
        page.labelled(label("SOURCE", Paint::Bold), &text)?;
    }
    if let Some(names) = of(IgnoreChanges::InPart) {
        let text = format!(
            "what ignore_changes sets aside is not known of every resource, because the source of \
             some is not given: {names}"
        );
        page.labelled(label("SOURCE", Paint::Bold), &text)?;
    }
    Ok(())
}

pub(super) fn totals(report: &ScanReport<'_>, page: &mut Painter<'_>) -> io::Result<()> {
    page.blank()?;
    let coverage = report.assessment.coverage;
    let mut text = format!(
        "{} approved = {} observed + {} unknown + {} excluded; {} unmanaged",
        count(coverage.approved),
        count(coverage.observed),
        count(coverage.unknown),
        count(coverage.excluded),
        count(coverage.unmanaged)
    );
    if coverage.not_comparable > 0 {
        let attributes = counted(coverage.not_comparable, "attribute");
        text.push_str(&format!("; {attributes} not comparable"));
    }
    if coverage.by_name > 0 {
        let by_name = count(coverage.by_name);
        let attributes = counted(coverage.unclear_by_name, "attribute");
        text.push_str(&format!(
            "; {by_name} of the observed matched by name only, with {attributes} that may or may \
             not differ"
        ));
    }
    page.labelled(label("COVERAGE", Paint::Bold), &text)?;
    ignored(report, page)?;
    let totals = report.totals;
    let text = format!(
        "{} ({}), {} ({}) with {}",
        counted(totals.plans, "plan"),
        bytes(totals.plan_bytes),
        counted(totals.live_files, "live file"),
        bytes(totals.live_bytes),
        counted(totals.live_items, "item")
    );
    page.labelled(label("READ", Paint::Bold), &text)?;
    let text = format!("{} to {}", report.started_at, report.finished_at);
    page.labelled(label("SCANNED", Paint::Bold), &text)?;
    match &report.evidence {
        Some(evidence) => evidence_lines(evidence, page)?,
        None => page.labelled(label("EVIDENCE", Paint::Bold), "none was written")?,
    }
    if let Some(outside) = report.outside {
        for line in lines(outside) {
            let paint = match line.is_well {
                true => Paint::Bold,
                false => Paint::Yellow,
            };
            page.labelled(label(line.label, paint), &line.text)?;
        }
    }
    if !report.assessment.deviations.is_empty() {
        page.verbatim(label("NEXT", Paint::Bold), &command("findings", report))?;
    }
    Ok(())
}

fn evidence_lines(evidence: &EvidenceRef, page: &mut Painter<'_>) -> io::Result<()> {
    let records = counted(evidence.tree_size, "record");
    let text = format!(
        "{}: {records} in log {}, root {}",
        evidence.dir,
        evidence.origin,
        root_base64(evidence)
    );
    page.labelled(label("EVIDENCE", Paint::Bold), &text)?;
    let verify = format!("driftwarden-verify {}", shell_word(&evidence.dir));
    page.verbatim(label("VERIFY", Paint::Bold), &verify)
}
