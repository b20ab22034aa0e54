//! `driftwarden evidence index`: the log as tables for `sqlite3`, and whether they are still the log's.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;

use crate::adapters::index::{self, Difference, IndexError};
use crate::adapters::store::EvidenceReader;
use crate::report::escape::escape;
use crate::report::units::counted;

#[derive(Debug, Subcommand)]
pub enum IndexCommand {
    /// Make the index anew from the log: tables of SQLite, the same file for the same log
    ///
    /// Reads the whole log and checks it against its signed checkpoint; whatever was in the place of
    /// the index is replaced at the end, at once. No row is evidence: each names the entry that is.
    Rebuild {
        /// The file to make, outside the evidence folder; without it, `index.db` in that folder, where
        /// the verifier passes it over.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Say whether the index is that of the log as it stands, and what a rebuild would give
    ///
    /// Exit status: 0 it is; 1 it is missing, damaged, of another state or another log, or was changed.
    Check {
        /// The index to look at, if it is not `index.db` in the evidence folder.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

pub fn run(
    command: IndexCommand,
    reader: &EvidenceReader,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match command {
        IndexCommand::Rebuild { out: path } => {
            let path = path.unwrap_or_else(|| index::default_place(reader));
            rebuild(reader, &path, out)
        }
        IndexCommand::Check { file } => {
            let path = file.unwrap_or_else(|| index::default_place(reader));
            check(reader, &path, out)
        }
    }
}

fn rebuild(reader: &EvidenceReader, path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let filled = index::rebuild(reader, path).map_err(|error| explain(&error))?;
    let head = reader.checkpoint().head();
    writeln!(
        out,
        "wrote `{}`: {} and {} of log {}, root {}",
        path.display(),
        counted(filled.entries, "record"),
        counted(filled.findings, "finding"),
        escape(reader.key().origin()),
        head.root
    )?;
    Ok(())
}

fn check(reader: &EvidenceReader, path: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let difference = index::check(reader, path).map_err(|error| explain(&error))?;
    let head = reader.checkpoint().head();
    if let Some(difference) = difference {
        bail!(
            "{}\n  help: `driftwarden evidence index rebuild` makes it anew from the log",
            describe(&difference, reader, path)
        );
    }
    writeln!(
        out,
        "`{}` is the index of log {} as it stands, {}, root {}; a rebuild gives the same",
        path.display(),
        escape(reader.key().origin()),
        counted(head.size, "record"),
        head.root
    )?;
    Ok(())
}

fn describe(difference: &Difference, reader: &EvidenceReader, path: &Path) -> String {
    let path = path.display();
    match difference {
        Difference::Missing => format!("there is no index at `{path}`"),
        Difference::Unreadable(why) => format!("the index `{path}` is damaged: {why}"),
        Difference::NotOurs => format!("`{path}` is no index of a log"),
        Difference::Form(form) => {
            format!("the index `{path}` has the form {form}, which this version does not make")
        }
        Difference::OtherLog(origin) => format!(
            "the index `{path}` is of the log `{origin}`, not of `{}`",
            reader.key().origin()
        ),
        Difference::OtherState { size, root } => {
            let head = reader.checkpoint().head();
            format!(
                "the index `{path}` is of size {size}, root {root}; the log has size {}, root {}",
                head.size, head.root
            )
        }
        Difference::Content(what) => {
            format!("the index `{path}` is not what the log gives: {what}")
        }
    }
}

fn explain(error: &IndexError) -> anyhow::Error {
    anyhow::anyhow!("{error}\n  help: {}", error.help())
}
