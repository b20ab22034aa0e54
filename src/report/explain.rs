//! One finding or one attribute taken apart, as `driftwarden explain` shows it.

mod text;

use std::io::{self, Write};

use super::json_out::ObjectWriter;
use super::row::DeviationRow;
use crate::model::{Explanation, Judged, RecordedFinding};

pub use text::text;

const SCHEMA: &str = "driftwarden.explain/1";

/// Everything that is to be said.
#[derive(Clone, Copy, Debug)]
pub struct ExplainReport<'a> {
    /// Whether a finding was asked about, not an attribute.
    pub of_finding: bool,
    pub judged: &'a [Judged],
    pub recorded: Option<&'a RecordedFinding>,
    pub explanation: Option<&'a Explanation>,
}

impl ExplainReport<'_> {
    /// How the finding stands; `None` where none was asked about.
    fn status(&self) -> Option<&'static str> {
        if !self.of_finding {
            return None;
        }
        let resolved = self.recorded.map(|recorded| recorded.resolved);
        Some(match (self.judged.is_empty(), resolved) {
            (false, None) => "the inputs show it; no scan has recorded it yet",
            (false, Some(false)) => "open: the inputs show it",
            (false, Some(true)) => {
                "resolved in the log, and the inputs show it again; the next scan opens it"
            }
            (true, Some(false)) => {
                "gone: nothing deviates there any more; the next scan resolves it if it sees the \
                 resource"
            }
            (true, _) => "resolved: nothing deviates there any more",
        })
    }
}

/// Writes it as one JSON object.
///
/// # Errors
/// Only those of `out`.
pub fn json(report: &ExplainReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut object = ObjectWriter::begin(out)?;
    object.field("schema", &SCHEMA)?;
    object.field("status", &report.status())?;
    object.rows("deviations", report.judged.iter().map(DeviationRow::new))?;
    object.field("recorded", &report.recorded)?;
    object.field("explanation", &report.explanation)?;
    object.end()
}
