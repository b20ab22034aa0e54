//! The open findings, as `driftwarden findings` lists them.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::json_out::ObjectWriter;
use super::paint::{Label, Paint, Painter};
use super::units::{by_severity, counted};
use super::{Style, command};
use crate::model::{
    Acceptance, AccountId, Address, AttributePath, DeviationId, DeviationKind, FindingKey,
    FindingState, FixStanding, ProviderId, Region, Severity, TypeName, Verdict, WatchKind,
    WorkspaceName,
};

const SCHEMA: &str = "driftwarden.findings/1";
const COLUMNS: usize = 10;

/// One open finding as the evidence log holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingView {
    #[serde(rename = "finding")]
    pub key: FindingKey,
    pub severity: Severity,
    pub kind: DeviationKind,
    pub workspace: Option<WorkspaceName>,
    pub address: Option<Address>,
    #[serde(rename = "type")]
    pub type_name: TypeName,
    pub provider_id: Option<ProviderId>,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    pub attribute: Option<AttributePath>,
    pub verdict: Verdict,
    pub first_seen: Timestamp,
    pub last_changed: Timestamp,
    /// The entry in the log that holds its newest version.
    pub index: u64,
    pub owner: Option<String>,
    /// The version of the finding, values included.
    pub deviation: DeviationId,
    pub state: FindingState,
    /// A pseudonymous id.
    pub acknowledged_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Acceptance>,
    /// How its fix stands, where its rule asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixStanding>,
}

/// Something that the detector sees wrong with itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WatchView {
    pub watch: WatchKind,
    pub subject: String,
    pub since: Timestamp,
    pub detail: String,
}

/// Writes the findings for people, in the order given; `style.max_details` bounds how many. The
/// commands to go on with name the configuration file.
///
/// # Errors
/// Only those of `out`.
pub fn render(
    findings: &[FindingView],
    watches: &[WatchView],
    config_file: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Painter::new(out, style);
    for watch in watches {
        let label = Label {
            indent: 0,
            text: "WATCH",
            columns: COLUMNS,
            paint: Paint::Alarm,
            body: Paint::Bold,
        };
        let what = watch.watch.as_str();
        let text = format!(
            "{what} {}: {}, since {}",
            watch.subject, watch.detail, watch.since
        );
        page.labelled(label, &text)?;
    }
    if findings.is_empty() {
        return page.line(0, Paint::Green, "No finding is open.");
    }
    let severities = by_severity(findings.iter().map(|finding| finding.severity));
    let summary = format!("{}: {severities}.", counted(findings.len(), "open finding"));
    page.line(0, Paint::Bold, &summary)?;
    let (first, rest) = findings.split_at(style.max_details.min(findings.len()));
    for finding in first {
        page.blank()?;
        one(finding, config_file, &mut page)?;
    }
    if !rest.is_empty() {
        page.blank()?;
        let more = counted(rest.len(), "more finding");
        let all = command("findings --format json", config_file);
        let text = format!("{more} not shown here: {all}");
        page.line(0, Paint::Bold, &text)?;
    }
    Ok(())
}

/// Writes the findings as one JSON object, one finding a line.
///
/// # Errors
/// Only those of `out`.
pub fn json(
    findings: &[FindingView],
    watches: &[WatchView],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut object = ObjectWriter::begin(out)?;
    object.field("schema", &SCHEMA)?;
    object.rows("findings", findings.iter())?;
    object.rows("watches", watches.iter())?;
    object.end()
}

fn one(finding: &FindingView, config_file: &str, page: &mut Painter<'_>) -> io::Result<()> {
    let word = finding.severity.as_str().to_uppercase();
    let paint = Paint::from(finding.severity);
    let label = |text, paint, body| Label {
        indent: 0,
        text,
        columns: COLUMNS,
        paint,
        body,
    };
    let plain = label("", Paint::Plain, Paint::Plain);
    page.labelled(label(&word, paint, Paint::Bold), &what(finding))?;
    page.labelled(plain, &place(finding))?;
    let since = if finding.first_seen == finding.last_changed {
        format!("since {}", finding.first_seen)
    } else {
        format!(
            "since {}, changed {}",
            finding.first_seen, finding.last_changed
        )
    };
    page.labelled(plain, &format!("{since}, finding {}", finding.key))?;
    if let Some(standing) = standing(finding) {
        page.labelled(plain, &standing)?;
    }
    if let Some(fix) = &finding.fix {
        page.labelled(plain, &format!("fix {}", fix.line))?;
    }
    let explain = format!("explain {}", finding.key.short());
    let show = format!("evidence show {}", finding.index);
    for next in [explain, show] {
        let label = label("", Paint::Plain, Paint::Dim);
        page.verbatim(label, &command(&next, config_file))?;
    }
    Ok(())
}

/// What people made of it, or what it makes of itself.
fn standing(finding: &FindingView) -> Option<String> {
    match finding.state {
        FindingState::Open | FindingState::Fixing => None,
        FindingState::Suspected => Some("suspected: not yet seen in enough scans".to_owned()),
        FindingState::Flapping => Some("flapping: it opens and closes time and again".to_owned()),
        FindingState::Acknowledged => {
            let by = finding.acknowledged_by.as_deref().unwrap_or_default();
            Some(format!("acknowledged by {by}"))
        }
        FindingState::Accepted => finding.waiver.as_ref().map(|waiver| {
            format!(
                "accepted until {} by the waiver {} ({}): owner {}, second approver {}",
                waiver.expires, waiver.waiver, waiver.change, waiver.owner, waiver.approved_by
            )
        }),
    }
}

fn what(finding: &FindingView) -> String {
    let name = match (&finding.address, &finding.provider_id) {
        (Some(address), _) => address.to_string(),
        (None, Some(id)) => format!("{} {id}", finding.type_name),
        (None, None) => finding.type_name.to_string(),
    };
    let mut text = format!("{name} {}", finding.kind.as_str());
    if let Some(attribute) = &finding.attribute {
        text.push_str(&format!(" {attribute}"));
    }
    format!("{text}: {}", finding.verdict)
}

fn place(finding: &FindingView) -> String {
    let owner = match &finding.owner {
        Some(owner) => format!("owner {owner}"),
        None => "no owner".to_owned(),
    };
    let mut parts = vec![owner];
    parts.extend(
        finding
            .workspace
            .as_ref()
            .map(|name| format!("workspace {name}")),
    );
    parts.extend(finding.account.as_ref().map(|id| format!("account {id}")));
    parts.extend(finding.region.as_ref().map(ToString::to_string));
    parts.join(", ")
}
