//! One deviation as a SARIF result.

use serde::Serialize;

use super::super::row::DeviationRow;
use super::super::text::{lines, name};
use super::Files;
use super::message::Message;
use super::rules::{self, Rules};
use super::uri::ArtifactLocation;
use crate::model::{Action, Address, FindingKey, Judged, Severity, SourceLocation};

/// Lines of the difference that a message holds; the properties hold all of it.
const DIFF_LINES: usize = 8;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
    properties: DeviationRow<'a>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "driftwardenFinding/v1")]
    finding: FindingKey,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<PhysicalLocation>,
    logical_locations: [LogicalLocation<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    name: &'a str,
    fully_qualified_name: String,
    kind: &'static str,
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

impl<'a> SarifResult<'a> {
    pub(super) fn new(judged: &'a Judged, rules: &Rules<'_>, files: &Files<'_>) -> Self {
        let ruling = &judged.ruling;
        Self {
            rule_id: rules::id(ruling),
            rule_index: rules.index(ruling),
            level: level(ruling.severity),
            message: message(judged),
            locations: [location(judged, files)],
            partial_fingerprints: Fingerprints {
                finding: judged.deviation.finding_key(),
            },
            suppressions: suppression(judged).map(|one| [one]),
            properties: DeviationRow::new(judged),
        }
    }
}

/// What the rule sets aside stays in the log as suppressed, as the JSON keeps it too.
fn suppression(judged: &Judged) -> Option<Suppression> {
    match judged.ruling.action {
        Action::Ignore => Some(Suppression {
            kind: "external",
            status: "accepted",
            justification: format!("rule {} says ignore", rules::id(&judged.ruling)),
        }),
        Action::Record | Action::Alert | Action::Remediate => None,
    }
}

fn message(judged: &Judged) -> Message {
    let deviation = &judged.deviation;
    let mut text = format!("{} {}", name(deviation), deviation.kind.as_str());
    if let Some(attribute) = &deviation.attribute {
        text.push_str(&format!(" at {attribute}"));
    }
    text.push_str(&format!(": {}", judged.judgement.verdict));
    // A line break in a foreign text must not start a line of ours.
    let mut text = text.replace(['\n', '\r'], " ");
    for reason in &judged.judgement.reasons {
        text.push_str(&format!("; {}", reason.replace(['\n', '\r'], " ")));
    }
    let lines = lines(deviation);
    for line in lines.iter().take(DIFF_LINES) {
        let shown = line.text.replace(['\n', '\r'], " ");
        text.push_str(&format!("\n{} {shown}", line.side.sign()));
    }
    if lines.len() > DIFF_LINES {
        text.push_str("\n…");
    }
    Message::new(&text)
}

fn location<'a>(judged: &'a Judged, files: &Files<'_>) -> Location<'a> {
    let deviation = &judged.deviation;
    let resource = deviation.address.as_ref().map(Address::as_str);
    let id = deviation.provider_id.as_ref().map(|id| id.as_str());
    let own = resource.or(id).unwrap_or(deviation.type_name.as_str());
    Location {
        physical_location: deviation.source.as_ref().map(|at| physical(at, files)),
        logical_locations: [LogicalLocation {
            name: own,
            fully_qualified_name: match &deviation.workspace {
                Some(workspace) => format!("{workspace}/{own}"),
                None => own.to_owned(),
            },
            kind: "resource",
        }],
    }
}

fn physical(source: &SourceLocation, files: &Files<'_>) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: ArtifactLocation::new(&source.file, files.index(&source.file)),
        region: Region {
            start_line: source.line.max(1),
            start_column: source.column.max(1),
        },
    }
}
