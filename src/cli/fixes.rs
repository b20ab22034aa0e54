//! `driftwarden fixes`: what was done, what would be, and what was refused and why, from the log alone.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::wire;
use crate::evidence::ledger::Ledger;
use crate::report::fixes::{DecisionView, json, render};

/// List fixes: what was done, what would be done, what was refused and why.
///
/// All of it comes from the evidence log. Fixes of the last 400 days, oldest first; then what was decided
/// of each open finding whose rule asks for a fix, and of which none is under way.
///
/// Exit status: 0, whatever is listed; 1 the log could not be read.
#[derive(clap::Args)]
pub struct FixesArgs {
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub fn run(args: &FixesArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let ledger = wire::ledger(&wire::evidence_dir(config)?)?;
    let decisions = decisions(&ledger);
    let fixes = ledger.fixes().all();
    match args.format {
        Format::Text => render(&decisions, fixes, out)?,
        Format::Json => json(&decisions, fixes, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn decisions(ledger: &Ledger) -> Vec<DecisionView> {
    let all = ledger.fixes().decisions();
    let views = all.filter_map(|(finding, deviation, at, decision)| {
        let record = &ledger.open_finding(finding)?.record;
        let is_of_now = record.deviation == *deviation;
        if !is_of_now || ledger.fixes().under_way(finding).is_some() {
            return None;
        }
        let approval = ledger.fixes().approval(finding, deviation);
        Some(DecisionView {
            finding: finding.clone(),
            deviation: deviation.clone(),
            workspace: record.workspace.clone(),
            address: record.address.clone(),
            type_name: record.type_name.clone(),
            attribute: record.attribute.clone(),
            severity: record.severity,
            at,
            word: decision.word(),
            decision: decision.clone(),
            approved_by: approval.map(|own| own.by.clone()),
        })
    });
    views.collect()
}
