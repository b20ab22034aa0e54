//! `driftwarden findings`: what the evidence log says is open.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use super::{scan, wire};
use crate::engine::{Acknowledgement, FixYes, UndoWish};
use crate::evidence::ledger::OpenFinding;
use crate::evidence::record::WatchRecord;
use crate::model::{FindingState, Fixes, Severity};
use crate::report::findings::{FindingView, WatchView, json, render};

/// List the open findings, as the evidence log has them.
///
/// Exit status: 0 nothing is open, or what is was accepted on purpose; 2 something is open; 1 the
/// log could not be read, or holds no scan.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FindingsArgs {
    #[command(subcommand)]
    command: Option<FindingsCommand>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Only findings of this severity or above: info, low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    min_severity: Option<Severity>,
}

#[derive(clap::Subcommand)]
enum FindingsCommand {
    /// Record that a person knows of an open finding.
    ///
    /// Where a running engine holds the log, it is asked through its inbox.
    Ack(AckArgs),
    /// Say yes to the fix of an open finding, as it is now, where its rule asks for a second person.
    ///
    /// Where a running engine holds the log, it is asked through its inbox.
    Approve(ApproveArgs),
    /// Ask for the values before a fix to be brought back.
    ///
    /// The next scan does it, through the provider that fixed, if mode, lists, freezes, stop file, limits and
    /// breaker permit it. The finding is open again then, and the same version of it is not fixed again by
    /// itself. Where a running engine holds the log, it is asked through its inbox.
    Undo(UndoArgs),
}

#[derive(clap::Args)]
struct AckArgs {
    /// The finding's key, or its first digits.
    #[arg(value_name = "KEY")]
    finding: String,
    /// Who knows of it: an id or an alias of an active human in the identity map.
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// What is known of it, or done about it. Names of people become pseudonyms in the log.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(clap::Args)]
struct ApproveArgs {
    /// The finding's key, or its first digits.
    #[arg(value_name = "KEY")]
    finding: String,
    /// Who says yes: an id or an alias of an active human in the identity map, who did not make the
    /// deviation.
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Why. Names of people become pseudonyms in the log.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(clap::Args)]
struct UndoArgs {
    /// The id of the fix, or the key of its finding; or the first digits of either.
    #[arg(value_name = "ID")]
    fix: String,
    /// Who wants it: an id or an alias of an active human in the identity map, who did not make the
    /// deviation.
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Why. Names of people become pseudonyms in the log.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

pub fn run(args: FindingsArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match args.command {
        Some(FindingsCommand::Ack(ack)) => acknowledge(ack, config, out),
        Some(FindingsCommand::Approve(yes)) => approve(yes, config, out),
        Some(FindingsCommand::Undo(wish)) => undo(wish, config, out),
        None => list(&args, config, out),
    }
}

fn acknowledge(ack: AckArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let AckArgs { finding, by, note } = ack;
    let request = Acknowledgement { finding, by, note };
    let said = wire::acknowledge(&wire::load_config(config)?, &request, scan::now())?;
    writeln!(out, "{said}")?;
    Ok(ExitCode::SUCCESS)
}

fn approve(yes: ApproveArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let ApproveArgs { finding, by, note } = yes;
    let request = FixYes {
        approve_fix: finding,
        by,
        note,
    };
    let said = wire::approve(&wire::load_config(config)?, &request, scan::now())?;
    writeln!(out, "{said}")?;
    Ok(ExitCode::SUCCESS)
}

fn undo(wish: UndoArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let UndoArgs { fix, by, note } = wish;
    let request = UndoWish {
        undo_fix: fix,
        by,
        note,
    };
    let said = wire::undo(&wire::load_config(config)?, &request, scan::now())?;
    writeln!(out, "{said}")?;
    Ok(ExitCode::SUCCESS)
}

fn list(args: &FindingsArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
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
        .map(|open| view(open, ledger.fixes()))
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
    let watches: Vec<WatchView> = ledger.watches().map(watch).collect();
    match args.format {
        Format::Text => render(
            &views,
            &watches,
            &config.display().to_string(),
            &scan::style(),
            out,
        )?,
        Format::Json => json(&views, &watches, out)?,
    }
    let is_accepted = |view: &FindingView| view.state == FindingState::Accepted;
    Ok(
        if views.iter().all(is_accepted) && ledger.watches().next().is_none() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        },
    )
}

fn view(open: &OpenFinding, fixes: &Fixes) -> FindingView {
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
        deviation: record.deviation.clone(),
        state: open.standing.state(),
        acknowledged_by: open.standing.acknowledged.clone(),
        waiver: open.standing.accepted.clone(),
        fix: fixes.standing(&record.finding, &record.deviation),
    }
}

fn watch(record: &WatchRecord) -> WatchView {
    WatchView {
        watch: record.watch,
        subject: record.subject.clone(),
        since: record.at,
        detail: record.detail.clone(),
    }
}
