//! A copy for an auditor: the public part of the log, nothing else, verified before it is handed over.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::folder::Folder;
use super::reader::EvidenceReader;
use super::within::is_within;
use crate::evidence::anchor::Anchor;
use crate::evidence::path::{self, Tile};
use crate::evidence::source::{Found, Source};
use crate::evidence::statement;
use crate::evidence::verify::{Trust, Verification, verify};

/// The folder within an export that holds the log itself.
pub const LOG: &str = "log";

/// Copies the log that `reader` sees to `out/log`, and `readme` beside it. `out` appears whole or not
/// at all.
///
/// # Errors
/// `out` exists or lies within the log, something cannot be read or written, or the copy does not verify.
pub fn export(
    reader: &EvidenceReader,
    out: &Path,
    readme: &str,
) -> Result<Verification, StoreError> {
    into_new_folder(reader, out, |unfinished| fill(reader, unfinished, readme))
}

/// Fills a folder that appears whole or not at all.
///
/// # Errors
/// `out` exists or lies within the log, or `fill` fails.
pub(super) fn into_new_folder<T>(
    reader: &EvidenceReader,
    out: &Path,
    fill: impl FnOnce(&Path) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if out.exists() {
        return Err(StoreError::ExportExists(out.to_owned()));
    }
    let from = reader.folder().root();
    if is_within(out, from).map_err(StoreError::io("find", out))? {
        return Err(StoreError::ExportInside(out.to_owned()));
    }
    let mut unfinished = OsString::from(out);
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    if unfinished.exists() {
        return Err(StoreError::ExportExists(unfinished));
    }
    let result = fill(&unfinished).and_then(|filled| {
        fs::rename(&unfinished, out).map_err(StoreError::io("write", out))?;
        Ok(filled)
    });
    if result.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_dir_all(&unfinished);
    }
    result
}

fn fill(reader: &EvidenceReader, out: &Path, readme: &str) -> Result<Verification, StoreError> {
    let from = reader.folder().root();
    let to = out.join(LOG);
    write(&to.join(path::VERIFIER_KEY), &reader.keys().file_bytes())?;
    write(&to.join(path::CHECKPOINT), reader.checkpoint().note())?;
    for relative in files(reader)? {
        copy(&from.join(&relative), &to.join(&relative))?;
    }
    write(&out.join("README.md"), readme.as_bytes())?;
    let trust = Trust {
        key: Some(reader.key().clone()),
        ..Trust::default()
    };
    let verification = verify(&Folder::new(&to), &trust);
    match verification.failures.first() {
        None => Ok(verification),
        Some(failure) => Err(StoreError::ExportBroken(failure.to_string())),
    }
}

/// Every file that belongs to the log at this checkpoint, but for the key and the checkpoint.
fn files(reader: &EvidenceReader) -> Result<Vec<String>, StoreError> {
    let head = reader.checkpoint().head();
    let mut files: Vec<String> = Tile::all(head.size).map(|tile| tile.path()).collect();
    let mut blobs = BTreeSet::new();
    for entry in reader.entries() {
        let entry = entry?;
        let head = statement::read_head(&entry.bytes, entry.index);
        let head = head.map_err(|error| {
            let what = format!("entry {}: {error}", entry.index);
            StoreError::damaged(reader.folder().root(), what)
        })?;
        blobs.extend(head.blobs);
    }
    files.extend(blobs.iter().map(path::blob));
    reader.folder().walk(&mut |found| {
        if let Found::File(file) = found
            && belongs(file, head.size)
        {
            files.push(file.to_owned());
        }
    })?;
    Ok(files)
}

/// Whether a file is a checkpoint of the log at this size, or ties one to the world outside.
fn belongs(file: &str, size: u64) -> bool {
    let of_anchor = || Anchor::parse(file).map(|anchor| anchor.size);
    let at = path::parse_checkpoint(file).or_else(of_anchor);
    at.is_some_and(|at| at <= size)
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    create_parent(to)?;
    fs::copy(from, to).map_err(StoreError::io("copy", from))?;
    Ok(())
}

pub(super) fn write(to: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    create_parent(to)?;
    let written = File::create_new(to).and_then(|mut file| file.write_all(bytes));
    written.map_err(StoreError::io("write", to))
}

fn create_parent(path: &Path) -> Result<(), StoreError> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(StoreError::io("create", parent))
}
