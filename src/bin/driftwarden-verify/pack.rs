//! A pack: an extract of a log that stands on its own.

use std::io::{self, Write};

use driftwarden::adapters::store::Folder;
use driftwarden::evidence::pack::PackRecord;
use driftwarden::evidence::path;
use driftwarden::evidence::verify::{PackVerification, verify_pack};
use driftwarden::report::escape::escape;

use super::args::PackArguments;
use super::keys::head_lines;
use super::{anchors, verdict};

/// Prints what was checked; whether the pack is whole.
pub fn run(arguments: &PackArguments, out: &mut dyn Write) -> io::Result<bool> {
    let folder = Folder::everything(&arguments.dir);
    let pin = arguments.export_key.as_ref();
    let found = verify_pack(&folder, &arguments.trust, pin);
    let dir = arguments.dir.display().to_string();
    writeln!(out, "pack        {}", escape(&dir))?;
    head_lines(&found.log, false, out)?;
    export_key(&found, out)?;
    if let Some(record) = &found.record {
        contents(record, out)?;
    }
    for (predicate_type, count) in &found.log.entries {
        writeln!(out, "entries     {count} of {}", escape(predicate_type))?;
    }
    writeln!(
        out,
        "checked     {} files, {} blobs",
        found.files, found.log.blobs
    )?;
    let places = anchors::Places {
        dir: &arguments.dir,
        tsa_ca: arguments.tsa_ca.as_deref(),
        checkpoint: &|_| path::CHECKPOINT.to_owned(),
    };
    anchors::report(&found.log, &places, out)?;
    if found.is_whole() {
        writeln!(
            out,
            "\nWHOLE: every file is the one that was exported, and every entry is in the signed log"
        )?;
        return Ok(true);
    }
    let log = &found.log;
    verdict::failures(log.failures.iter(), log.more_failures, out)?;
    verdict::broken(log.failures.len() as u64 + log.more_failures, out)?;
    Ok(false)
}

fn export_key(found: &PackVerification, out: &mut dyn Write) -> io::Result<()> {
    let Some(key) = &found.export_key else {
        return Ok(());
    };
    let pinned = match found.export_pinned {
        true => "given with --export-key",
        false => "UNPINNED: taken from the pack itself; pass --export-key to trust who chose",
    };
    writeln!(
        out,
        "export key  SHA-256 {}\n            {pinned}",
        key.fingerprint()
    )
}

fn contents(record: &PackRecord, out: &mut dyn Write) -> io::Result<()> {
    let from = record
        .from
        .map_or("the beginning".to_owned(), |at| at.to_string());
    let until = record
        .until
        .map_or("the end".to_owned(), |at| at.to_string());
    writeln!(out, "asked for   from {from} up to {until}")?;
    if let Some(control) = &record.control {
        writeln!(out, "control     {}", escape(control))?;
    }
    writeln!(out, "exported    at {}", record.exported_at)?;
    writeln!(
        out,
        "            scans: {}, findings: {}",
        record.scans, record.findings
    )
}
