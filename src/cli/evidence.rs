//! `driftwarden evidence`: show, export and prove what the log holds. Needs neither lock nor key.

mod custody;
mod readme;
mod show;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::adapters::store::{self, EvidenceReader};
use crate::model::FindingKey;

/// Show, export and prove what the evidence log holds.
#[derive(Debug, Args)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    command: EvidenceCommand,
}

#[derive(Debug, Subcommand)]
enum EvidenceCommand {
    /// List the entries, or show one entry, or the life of one finding.
    Show(ShowArgs),
    /// Copy what an auditor needs into a new folder, with instructions, and verify the copy.
    Export {
        /// The folder to make; it must not exist yet.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Print the proof that an entry is in the log (C2SP tlog-proof).
    Prove {
        /// The entry's index, as `evidence show` lists it.
        index: u64,
    },
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

/// Runs `driftwarden evidence` on the log in `dir`.
///
/// # Errors
/// There is no log, it is damaged, or it does not hold what was asked for. Where the error is a
/// [`store::StoreError`], its `help` says what to do.
pub fn run(args: EvidenceArgs, dir: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let reader = EvidenceReader::open(dir)?;
    match args.command {
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
        EvidenceCommand::Export { out: folder } => export(&reader, &folder, out)?,
        EvidenceCommand::Prove { index } => {
            let (_, proof) = reader.entry(index)?;
            out.write_all(&proof.to_text(reader.checkpoint()))?;
        }
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
