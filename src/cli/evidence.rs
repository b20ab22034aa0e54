//! `driftwarden evidence`: show, export and prove what the log holds, which needs neither lock nor key;
//! what is done to the log itself, which needs both; and bringing everybody outside up to it.

mod custody;
mod fixes;
#[cfg(feature = "index")]
mod index;
mod keeping;
mod keys;
mod outside;
mod pack;
mod pack_readme;
mod readme;
mod show;
mod told;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jiff::Unit;

use super::{scan, wire};
use crate::adapters::store::{self, EvidenceReader, Shard, Shelf, StoreError};
use crate::evidence::pack::Wanted;
use crate::model::FindingKey;

/// Show, export and prove what the evidence log holds; mirror it, and bring it back.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    command: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    #[command(flatten)]
    Read(EvidenceCommand),
    #[command(flatten)]
    Outside(outside::OutsideCommand),
}

#[derive(Debug, Subcommand)]
enum EvidenceCommand {
    /// List the entries, or show one entry, or the life of one finding.
    Show(ShowArgs),
    /// Copy what an auditor needs into a new folder, with instructions, and verify the copy
    ///
    /// Without a time and a control: the whole log. With them: a pack of every scan of that time, every
    /// finding that stood at some moment of it from its first record to its last, and the plans and
    /// change records that they refer to; each record with its proof and signed with the export key,
    /// `export.key` in the folder of keys, which is made on first use.
    Export(ExportArgs),
    /// Print the proof that an entry is in the log (C2SP tlog-proof).
    Prove {
        /// The entry's index, as `evidence show` lists it.
        index: u64,
        /// The year of a shard [default: the newest]
        #[arg(long, value_name = "YEAR")]
        shard: Option<String>,
    },
    /// Show, replace or give up the key that signs the log.
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Legal holds: what must not be destroyed although it has expired.
    #[command(subcommand)]
    Hold(keeping::HoldCommand),
    /// Destroy the entries and blobs of shards that have expired and are not held.
    ///
    /// Hashes and checkpoints stay, and a record of it is written before. What cannot be undone is
    /// shown first with `--dry-run`.
    Expire {
        /// Only say what would be destroyed.
        #[arg(long)]
        dry_run: bool,
    },
    /// People who must no longer be nameable.
    #[command(subcommand)]
    People(keeping::PeopleCommand),
    /// The log as tables of SQLite, to ask with `sqlite3`.
    #[cfg(feature = "index")]
    #[command(subcommand)]
    Index(index::IndexCommand),
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// The first day (UTC) or instant asked for: 2026-11-02 or 2026-11-02T09:00:00Z.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day (UTC), which is included, or an instant, which is not.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only findings whose rule names this control, as the rule writes it: 'PCI-DSS 1.2.1'.
    #[arg(long, value_name = "ID")]
    control: Option<String>,
    /// The folder to make; it must not exist yet.
    #[arg(long, value_name = "DIR", default_value = "evidence-export")]
    out: PathBuf,
    /// The year of a shard [default: the newest]
    #[arg(long, value_name = "YEAR")]
    shard: Option<String>,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The entry's index.
    index: Option<u64>,
    /// The finding's key, or its first digits.
    #[arg(long, value_name = "KEY", conflicts_with = "index")]
    finding: Option<String>,
    /// Print the entry's bytes as they were logged: what its proof is about.
    #[arg(long, requires = "index")]
    raw: bool,
    /// The year of a shard [default: for an index the newest, else all]
    #[arg(long, value_name = "YEAR")]
    shard: Option<String>,
}

/// Runs `driftwarden evidence` on what the configuration names.
///
/// # Errors
/// As [`run`]; or the configuration is wrong, or the log cannot be written.
pub fn run_configured(
    args: EvidenceArgs,
    config: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let command = match args.command {
        Asked::Read(command) => command,
        Asked::Outside(command) => return outside::run(&command, config, out),
    };
    let config = wire::load_config(config)?;
    match command {
        EvidenceCommand::Key(command) => keys::key(command, &config, out),
        EvidenceCommand::Hold(command) => keeping::hold(command, &config, out),
        EvidenceCommand::Expire { dry_run } => keeping::expire(dry_run, &config, out),
        EvidenceCommand::People(command) => keeping::people(command, &config, out),
        command @ (EvidenceCommand::Show(_)
        | EvidenceCommand::Export(_)
        | EvidenceCommand::Prove { .. }) => {
            let keys = wire::keys_dir(&config);
            read(command, &wire::shelf(&config), &keys, out)
        }
        #[cfg(feature = "index")]
        command @ EvidenceCommand::Index(_) => {
            let keys = wire::keys_dir(&config);
            read(command, &wire::shelf(&config), &keys, out)
        }
    }
}

/// Runs `driftwarden evidence` on the log in `dir`, whose keys are in `keys`, to read it.
///
/// # Errors
/// There is no log, it is damaged, or it does not hold what was asked for. Where the error is a
/// [`store::StoreError`], its `help` says what to do.
pub fn run(
    args: EvidenceArgs,
    dir: &Path,
    keys: &Path,
    config: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match args.command {
        Asked::Read(command) => read(command, &Shelf::single(dir, ""), keys, out),
        Asked::Outside(command) => outside::run(&command, config, out),
    }
}

fn read(
    command: EvidenceCommand,
    shelf: &Shelf,
    keys: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        EvidenceCommand::Show(ShowArgs {
            index: Some(index),
            raw,
            shard,
            finding: _,
        }) => {
            let reader = one(shelf, shard.as_deref())?;
            let (entry, _) = reader.entry(index)?;
            match raw {
                true => out
                    .write_all(&entry.bytes)
                    .context("cannot write the entry")?,
                false => show::entry(&entry, &reader, out)?,
            }
        }
        EvidenceCommand::Show(ShowArgs {
            finding: Some(key),
            shard,
            ..
        }) => {
            let logs = several(shelf, shard.as_deref())?;
            show::finding(&FindingKey::from(key), &logs, out)?;
        }
        EvidenceCommand::Show(args) => {
            show::list(&several(shelf, args.shard.as_deref())?, out)?;
        }
        EvidenceCommand::Export(args) => {
            let (from, to) = (args.from.as_deref(), args.to.as_deref());
            let wanted = Wanted::parse(from, to, args.control.as_deref());
            let wanted = wanted.map_err(|error| pack::explain(&error))?;
            let reader = one(shelf, args.shard.as_deref())?;
            let making = pack::Making {
                keys,
                now: scan::now().round(Unit::Second)?,
                folder: &args.out,
            };
            match wanted.is_everything() {
                true => export(&reader, &args.out, out)?,
                false => pack::export(&reader, &wanted, &making, out)?,
            }
        }
        EvidenceCommand::Prove { index, shard } => {
            let reader = one(shelf, shard.as_deref())?;
            let (_, proof) = reader.entry(index)?;
            out.write_all(&proof.to_text(reader.checkpoint()))?;
        }
        #[cfg(feature = "index")]
        EvidenceCommand::Index(command) => index::run(command, &one(shelf, None)?, out)?,
        EvidenceCommand::Key(_)
        | EvidenceCommand::Hold(_)
        | EvidenceCommand::Expire { .. }
        | EvidenceCommand::People(_) => bail!("this needs the configuration of the log"),
    }
    Ok(ExitCode::SUCCESS)
}

/// A shard with its log, unless its entries were destroyed.
pub(super) struct Opened {
    shard: Shard,
    reader: Option<EvidenceReader>,
}

/// One log: that of the year, or the newest.
fn one(shelf: &Shelf, year: Option<&str>) -> anyhow::Result<EvidenceReader> {
    let opened = several(shelf, year)?.pop();
    let opened = opened.ok_or_else(|| StoreError::NoLog(shelf.dir().to_owned()))?;
    let gone = || StoreError::Gone(opened.shard.dir.clone());
    Ok(opened.reader.ok_or_else(gone)?)
}

/// Every log, oldest first, or that of one year.
fn several(shelf: &Shelf, year: Option<&str>) -> anyhow::Result<Vec<Opened>> {
    let mut shards = shelf.shards()?;
    if shards.is_empty() {
        return Err(StoreError::NoLog(shelf.dir().to_owned()).into());
    }
    if let Some(year) = year {
        shards.retain(|shard| shard.name() == year);
        if shards.is_empty() {
            return Err(StoreError::NoShard(year.to_owned()).into());
        }
    }
    let opened = shards.into_iter().map(|shard| {
        let reader = match shard.is_gone() {
            true => None,
            false => Some(EvidenceReader::open(&shard.dir)?),
        };
        Ok(Opened { shard, reader })
    });
    opened.collect()
}

fn export(reader: &EvidenceReader, folder: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let readme = readme::text(reader.key(), reader.checkpoint().head());
    let verification = store::export(reader, folder, &readme)?;
    let entries: u64 = verification.entries.values().sum();
    writeln!(
        out,
        "exported {entries} entries, {} tiles, {} checkpoints and {} blobs to {}",
        verification.tiles,
        verification.checkpoints,
        verification.blobs,
        folder.display()
    )?;
    writeln!(
        out,
        "verify with: driftwarden-verify {} --vkey '{}'",
        folder.join("log").display(),
        reader.key().as_str()
    )?;
    Ok(())
}
