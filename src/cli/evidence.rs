//! `driftwarden evidence`: show, export and prove what the log holds, and bring everybody outside up to
//! it. Needs neither the writer's lock nor its key.

#[cfg(feature = "index")]
mod index;
mod outside;
mod pack;
mod pack_readme;
mod readme;
mod show;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Unit;

use super::scan;
use crate::adapters::store::{self, EvidenceReader};
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
    },
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
}

/// Runs `driftwarden evidence` on the log in `dir`, whose keys are in `keys`; the configuration at
/// `config` names both.
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
    let command = match args.command {
        Asked::Read(command) => command,
        Asked::Outside(command) => return outside::run(&command, config, out),
    };
    let reader = EvidenceReader::open(dir)?;
    match command {
        EvidenceCommand::Show(ShowArgs {
            index: Some(index),
            raw,
            finding: _,
        }) => {
            let (entry, _) = reader.entry(index)?;
            match raw {
                true => out
                    .write_all(&entry.bytes)
                    .context("cannot write the entry")?,
                false => show::entry(&entry, &reader, out)?,
            }
        }
        EvidenceCommand::Show(ShowArgs {
            finding: Some(key), ..
        }) => show::finding(&FindingKey::from(key), &reader, out)?,
        EvidenceCommand::Show(_) => show::list(&reader, out)?,
        EvidenceCommand::Export(args) => {
            let (from, to) = (args.from.as_deref(), args.to.as_deref());
            let wanted = Wanted::parse(from, to, args.control.as_deref());
            let wanted = wanted.map_err(|error| pack::explain(&error))?;
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
        EvidenceCommand::Prove { index } => {
            let (_, proof) = reader.entry(index)?;
            out.write_all(&proof.to_text(reader.checkpoint()))?;
        }
        #[cfg(feature = "index")]
        EvidenceCommand::Index(command) => index::run(command, &reader, out)?,
    }
    Ok(ExitCode::SUCCESS)
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
