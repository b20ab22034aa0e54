//! `driftwarden evidence export` of a part of the log: a pack.

use std::io::Write;
use std::path::Path;

use anyhow::bail;
use jiff::Timestamp;

use super::pack_readme;
use crate::adapters::signing::export_signer;
use crate::adapters::store::{self, EvidenceReader, PackOrder};
use crate::evidence::export_key::ExportKey;
use crate::evidence::pack::{Selection, Wanted, WantedError};
use crate::evidence::record::Program;
use crate::evidence::verify::PackVerification;
use crate::report::escape::{escape, shell_word};
use crate::report::units::counted;

/// Controls that a warning names.
const NAMED: usize = 12;

/// What a pack is made from, beside the log.
pub struct Making<'m> {
    /// The folder of the export key.
    pub keys: &'m Path,
    pub now: Timestamp,
    /// The pack to make.
    pub folder: &'m Path,
}

/// Chooses, writes, verifies; then says how the auditor checks it.
pub fn export(
    reader: &EvidenceReader,
    wanted: &Wanted,
    making: &Making<'_>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let selection = store::select(reader, wanted)?;
    if selection.entries.is_empty() {
        bail!(nothing(&selection));
    }
    let signer = export_signer(making.keys).map_err(|error| {
        let help = error.help();
        anyhow::anyhow!("{error}\n  help: {help}")
    })?;
    let key = signer.key();
    let order = PackOrder {
        wanted,
        signer: &signer,
        program: Program {
            name: "driftwarden".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        exported_at: making.now,
        readme: &|record| pack_readme::text(record, reader.keys(), &key),
    };
    let made = store::export_pack(reader, making.folder, &selection, &order)?;
    say(reader, &selection, &made, &key, making.folder, out)?;
    warn(wanted, &selection, out)
}

/// What is wrong with a date or a control, with the remedy.
pub fn explain(error: &WantedError) -> anyhow::Error {
    let help = match error {
        WantedError::Date(_) => {
            "days are those of UTC, `--to` a day includes it; a time has seconds and an offset or `Z`"
        }
        WantedError::Backwards => {
            "`--to` must be later than `--from`; a time given to it is not included"
        }
        WantedError::NoControl => "name it as the rule does, like `--control 'PCI-DSS 1.2.1'`",
    };
    anyhow::anyhow!("{error}\n  help: {help}")
}

fn nothing(selection: &Selection) -> String {
    let help = match selection.recorded {
        Some((first, last)) => format!("the log speaks of {first} to {last}"),
        None => "the log holds no record; run `driftwarden scan` first".to_owned(),
    };
    format!("nothing was recorded in that time\n  help: {help}")
}

fn say(
    reader: &EvidenceReader,
    selection: &Selection,
    made: &PackVerification,
    key: &ExportKey,
    folder: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let dir = folder.display().to_string();
    writeln!(
        out,
        "exported {} ({}, {}) and {} to {}",
        counted(selection.entries.len(), "record"),
        counted(selection.scans, "scan"),
        counted(selection.findings, "finding"),
        counted(made.log.blobs, "blob"),
        escape(&dir)
    )?;
    writeln!(
        out,
        "verify with: driftwarden-verify {} --vkey '{}' --export-key {}",
        shell_word(&escape(&dir)),
        reader.key().as_str(),
        key.fingerprint()
    )?;
    writeln!(
        out,
        "give the auditor both keys by another way than the pack"
    )?;
    Ok(())
}

/// A control that no finding names may be one that nobody broke, or a slip of the pen.
fn warn(wanted: &Wanted, selection: &Selection, out: &mut dyn Write) -> anyhow::Result<()> {
    if selection.scans == 0 {
        writeln!(out, "warning: no scan ran in that time")?;
    }
    let Some(control) = &wanted.control else {
        return Ok(());
    };
    if selection.findings > 0 {
        return Ok(());
    }
    writeln!(
        out,
        "warning: no finding of that time names `{}`",
        escape(control)
    )?;
    if !selection.controls.is_empty() {
        let named: Vec<&str> = selection.controls.iter().map(String::as_str).collect();
        let shown = named
            .iter()
            .take(NAMED)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let more = match named.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            out,
            "  help: findings of that time name {}{more}",
            escape(&shown)
        )?;
    }
    Ok(())
}
