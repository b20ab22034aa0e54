//! The result of a scan as SARIF 2.1.0, for code scanning and its viewers. Streams: only the rules
//! and the names of source files are held.

mod log;
mod message;
mod notifications;
mod result;
mod rules;
mod uri;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{ScanReport, json_out};
use rules::Rules;

/// Writes the scan as a SARIF log with one run, one result per deviation in the assessment's order.
///
/// # Errors
/// Only those of `out`.
pub fn scan(report: &ScanReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let deviations = &report.assessment.deviations;
    let rules = Rules::of(deviations);
    let files = Files::of(deviations);
    json_out::write(out, &log::Log::new(report, &rules, &files))?;
    out.write_all(b"\n")
}

/// The Terraform files that results point at, each with its place in `artifacts`.
struct Files<'a>(BTreeMap<&'a str, usize>);

impl<'a> Files<'a> {
    fn of(deviations: &'a [crate::model::Judged]) -> Self {
        let mut files: BTreeMap<&str, usize> = BTreeMap::new();
        for judged in deviations {
            if let Some(source) = &judged.deviation.source {
                files.insert(&source.file, 0);
            }
        }
        for (index, place) in files.values_mut().enumerate() {
            *place = index;
        }
        Self(files)
    }

    fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.keys().copied()
    }

    fn index(&self, file: &str) -> Option<usize> {
        self.0.get(file).copied()
    }
}
