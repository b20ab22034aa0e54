//! `driftwarden coverage`: how much of what was approved is really compared.

mod tables;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

pub use self::tables::tables;
use super::{progress, scan, wire};
use crate::report::coverage::{CoverageReport, json, text};

/// Count which approved attributes are compared with what is live, and why the others are not
///
/// Reads the inputs of a scan, and records nothing. Every figure can be counted again:
///
/// approved: attributes of the top level that the baseline plan of an approved resource gives a value
/// (`change.after`, not null; `change.before` where it deletes), each once for each resource. Left
/// out, and counted apart as `computed`: those that only the provider sets, where the workspace has a
/// provider schema that says so. Without a schema they count as approved.
///
/// watched: those of approved that are `compared` (every value set in it was compared with the newest
/// live item) or `key` (the live item was found by it). The share is watched of approved, rounded
/// down.
///
/// The others: `in part` (some values in it were compared), `elsewhere` (another approved resource
/// owns what it shows), `set aside` (the mapping table says why), `not carried` (the live item lacks
/// it), `not comparable` (both are there, and what is known does not tell), `not mapped` (the table
/// does not name it), `resource` (the resource as a whole was not compared: no table for its type,
/// not seen, missing, out of scope). approved is the sum of these and of watched.
///
/// Exit status: 0 it was counted, whatever the share; 1 it could not be.
#[derive(clap::Args)]
pub struct CoverageArgs {
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print instead what the mapping tables compare and what they leave out, as COVERAGE.md has it;
    /// this reads no configuration.
    #[arg(long, conflicts_with = "format")]
    tables: bool,
    /// Threads to read with [default: one per core].
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

pub fn run(args: &CoverageArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if args.tables {
        out.write_all(tables()?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let threads = args
        .threads
        .map_or_else(scan::cores, std::num::NonZeroUsize::get);
    show(config, args.format, threads, &scan::now, out)?;
    Ok(ExitCode::SUCCESS)
}

/// Counts, as of the time that `clock` tells, and prints.
///
/// # Errors
/// As a scan.
pub fn show(
    config: &Path,
    format: Format,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let config = wire::load_config(config)?;
    let bar = progress::Bar::new();
    let covered = wire::run_coverage(&config, threads, clock, &bar);
    bar.clear();
    let covered = covered?;
    let report = CoverageReport {
        at: covered.at,
        coverage: &covered.coverage,
        warnings: &covered.warnings,
    };
    match format {
        Format::Text => text(&report, &scan::style(), out)?,
        Format::Json => json(&report, out)?,
    }
    Ok(())
}
