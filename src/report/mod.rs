//! View models, then text, JSON, SARIF. Pure: the caller opens the output and reads the clock.
//!
//! What is shown comes from plans, clouds and trails, so any of it may be written by an attacker:
//! text goes through [`escape`] in one place, JSON and SARIF through one formatter.

pub mod coverage;
mod diff;
pub mod escape;
pub mod explain;
pub mod findings;
pub mod fixes;
mod gaps;
pub mod handover;
pub mod json;
mod json_out;
pub mod notify;
pub mod outside;
pub mod page;
mod paint;
mod policy;
mod row;
pub mod sarif;
pub mod text;
pub mod units;
mod value_text;
mod wrap;

use jiff::Timestamp;

use crate::model::{Assessment, EarlierFinding, OutsideStanding, ScanTotals};

/// Everything that one scan has to tell, for [`text::scan`], [`json::scan`] and [`sarif::scan`].
#[derive(Clone, Debug)]
pub struct ScanReport<'a> {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub assessment: &'a Assessment,
    pub totals: ScanTotals,
    /// Where the evidence lies; `None` if none was written.
    pub evidence: Option<EvidenceRef>,
    /// How far the places outside this machine are; `None` if there are none.
    pub outside: Option<&'a OutsideStanding>,
    /// What the reader should know and no deviation or gap says.
    pub warnings: &'a [String],
    /// Open findings of earlier scans whose subjects this one did not look at: they stay open.
    pub not_seen: &'a [EarlierFinding],
    /// The configuration as the command line named it, so that a shown command can be repeated.
    pub config_file: &'a str,
}

/// The evidence log as it stood after the scan's last record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRef {
    pub origin: String,
    /// Number of records in the log.
    pub tree_size: u64,
    /// The root hash of the tree of that size.
    pub root: [u8; 32],
    pub dir: String,
}

/// How text is laid out. Whether the output is a terminal is for the caller to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns, counted in characters; less than 40 is taken as 40.
    pub width: usize,
    /// How many deviations are shown in full before a line says how many more there are.
    pub max_details: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 100,
            max_details: 50,
        }
    }
}

/// A command to copy, with the configuration that it needs.
fn command(words: &str, config_file: &str) -> String {
    match config_file {
        "driftwarden.hcl" => format!("driftwarden {words}"),
        other => format!("driftwarden {words} --config {}", escape::shell_word(other)),
    }
}
