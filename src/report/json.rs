//! The result of a scan as JSON, for programs. Field names are a contract: they may be added to,
//! never renamed.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::json_out::{self, ObjectWriter};
use super::row::DeviationRow;
use super::{EvidenceRef, ScanReport};

const SCHEMA: &str = "driftwarden.scan/1";

#[derive(Serialize)]
struct EvidenceRow<'a> {
    origin: &'a str,
    tree_size: u64,
    root: String,
    dir: &'a str,
}

impl<'a> EvidenceRow<'a> {
    fn new(evidence: &'a EvidenceRef) -> Self {
        Self {
            origin: &evidence.origin,
            tree_size: evidence.tree_size,
            root: root_base64(evidence),
            dir: &evidence.dir,
        }
    }
}

pub(super) fn root_base64(evidence: &EvidenceRef) -> String {
    STANDARD.encode(evidence.root)
}

/// Writes any value as indented JSON that is safe to print.
///
/// # Errors
/// Only those of `out`.
pub fn indented(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    json_out::write_indented(out, value)
}

/// Writes the scan as one JSON object, one deviation and one gap a line, in the assessment's order.
///
/// # Errors
/// Only those of `out`.
pub fn scan(report: &ScanReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let assessment = report.assessment;
    let mut object = ObjectWriter::begin(out)?;
    object.field("schema", &SCHEMA)?;
    object.field("started_at", &report.started_at)?;
    object.field("finished_at", &report.finished_at)?;
    object.field("tool_version", &env!("CARGO_PKG_VERSION"))?;
    object.field("config", &report.config_file)?;
    object.rows("baselines", assessment.baselines.iter())?;
    object.field("coverage", &assessment.coverage)?;
    object.field("totals", &report.totals)?;
    let deviations = assessment.deviations.iter();
    let deviations = deviations.map(|one| {
        DeviationRow::new(one)
            .accepted_by(assessment.acceptance(one))
            .fixed_as(assessment.fix(one))
    });
    object.rows("deviations", deviations)?;
    object.rows("gaps", assessment.gaps.iter())?;
    if !assessment.set_aside.is_empty() {
        object.rows("set_aside", assessment.set_aside.iter())?;
    }
    object.rows("open_not_seen", report.not_seen.iter())?;
    object.rows("warnings", report.warnings.iter())?;
    let evidence = report.evidence.as_ref().map(EvidenceRow::new);
    object.field("evidence", &evidence)?;
    if let Some(outside) = report.outside {
        if let Some(mirror) = &outside.mirror {
            object.field("mirror", mirror)?;
        }
        if !outside.witnesses.is_empty() {
            object.rows("witnesses", outside.witnesses.iter())?;
        }
        if let Some(timestamps) = &outside.timestamps {
            object.field("timestamps", timestamps)?;
        }
    }
    object.end()
}
