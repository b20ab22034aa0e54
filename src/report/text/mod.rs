//! The result of a scan as text: what the engineer on call reads at three in the morning.
//!
//! First what weakens every other line (assumed or missing approvals), then the deviations, most
//! severe first, then what was not seen, then what it all rests on.

mod deviation;
mod facts;
mod foot;
mod head;

pub(super) use deviation::{lines, name};

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::paint::{Paint, Painter};
use super::units::{by_severity, counted};
use super::{ScanReport, Style};
use crate::model::{Action, Address, Deviation, Judged, ProviderId};

/// Writes the scan for people.
///
/// # Errors
/// Only those of `out`.
pub fn scan(report: &ScanReport<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Painter::new(out, style);
    head::approvals(report, &mut page)?;
    head::result(report, &mut page)?;
    details(report, style, &mut page)?;
    foot::gaps(report, &mut page)?;
    foot::set_aside(report, &mut page)?;
    foot::not_seen(report, &mut page)?;
    foot::warnings(report, &mut page)?;
    foot::totals(report, &mut page)
}

fn details(report: &ScanReport<'_>, style: &Style, page: &mut Painter<'_>) -> io::Result<()> {
    let deviations = &report.assessment.deviations;
    let shown: Vec<&Judged> = deviations
        .iter()
        .filter(|judged| is_shown(judged))
        .collect();
    let (first, rest) = shown.split_at(style.max_details.min(shown.len()));
    for group in by_resource(first) {
        page.blank()?;
        deviation::group(&group, report, page)?;
    }
    let set_aside = deviations.len() - shown.len();
    let command = command("scan --format json", report);
    if !rest.is_empty() {
        page.blank()?;
        let severities = by_severity(rest.iter().map(|judged| judged.ruling.severity));
        let more = counted(rest.len(), "more deviation");
        let text = format!("{more} not shown here: {severities}. All of them: {command}");
        page.line(0, Paint::Bold, &text)?;
    }
    if set_aside > 0 {
        page.blank()?;
        let text = counted(set_aside, "deviation");
        let text = format!("{text} that rules say to ignore, not shown here: {command}");
        page.line(0, Paint::Dim, &text)?;
    }
    Ok(())
}

/// Ignored on purpose is not shown, unless the verdict leaves something to find out.
fn is_shown(judged: &Judged) -> bool {
    judged.ruling.action != Action::Ignore || judged.needs_a_person()
}

/// The deviations of one resource together, at the place of its first.
fn by_resource<'a>(deviations: &[&'a Judged]) -> Vec<Vec<&'a Judged>> {
    let mut places = BTreeMap::new();
    let mut groups: Vec<Vec<&Judged>> = Vec::new();
    for judged in deviations {
        let place = *places
            .entry(resource(&judged.deviation))
            .or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(judged),
            None => groups.push(vec![judged]),
        }
    }
    groups
}

fn resource(deviation: &Deviation) -> impl Ord + '_ {
    let address = deviation.address.as_ref().map(Address::as_str);
    // Two live items of one address (a resource made again) are one story; without an address, the
    // provider's id tells resources apart.
    let id = deviation.provider_id.as_ref().map(ProviderId::as_str);
    (
        &deviation.workspace,
        &deviation.account,
        &deviation.region,
        &deviation.type_name,
        address.is_some(),
        address.or(id),
    )
}

fn command(words: &str, report: &ScanReport<'_>) -> String {
    super::command(words, report.config_file)
}
