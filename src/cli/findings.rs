//! `driftwarden findings`: what the evidence log says is open.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use super::{scan, wire};
use crate::evidence::ledger::OpenFinding;
use crate::model::Severity;
use crate::report::findings::{FindingView, json, render};

/// List the open findings, as the evidence log has them.
///
/// Exit status: 0 nothing is open; 2 something is; 1 the log could not be read, or holds no scan.
#[derive(clap::Args)]
pub struct FindingsArgs {
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only findings of this severity or above: info, low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    min_severity: Option<Severity>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

pub fn run(args: &FindingsArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let dir = wire::evidence_dir(config)?;
    let ledger = wire::ledger(&dir)?;
    if ledger.scans() == 0 {
        bail!(
            "no scan is recorded in `{}`, so nobody knows what is open\n  help: run `driftwarden scan`",
            dir.display()
        );
    }
    let mut views: Vec<FindingView> = ledger
        .open_findings()
        .filter(|open| {
            args.min_severity
                .is_none_or(|least| open.record.severity >= least)
        })
        .map(view)
        .collect();
    views.sort_by(|one, other| {
        let key = |view: &FindingView| {
            (
                view.workspace.clone(),
                view.address.clone(),
                view.key.clone(),
            )
        };
        other
            .severity
            .cmp(&one.severity)
            .then_with(|| key(one).cmp(&key(other)))
    });
    match args.format {
        Format::Text => render(&views, &scan::style(), out)?,
        Format::Json => json(&views, out)?,
    }
    Ok(if views.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

fn view(open: &OpenFinding) -> FindingView {
    let record = &open.record;
    FindingView {
        key: record.finding.clone(),
        severity: record.severity,
        kind: record.kind,
        workspace: record.workspace.clone(),
        address: record.address.clone(),
        type_name: record.type_name.clone(),
        provider_id: record.provider_id.clone(),
        account: record.account.clone(),
        region: record.region.clone(),
        attribute: record.attribute.clone(),
        verdict: record.verdict,
        first_seen: open.first_seen,
        last_changed: open.last_changed,
        index: open.entries.last().copied().unwrap_or_default(),
        owner: record.owner.clone(),
    }
}
