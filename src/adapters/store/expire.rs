//! Takes the entries and blobs of a log away, and leaves its hashes and checkpoints.

use std::fs;
use std::io;
use std::path::Path;

use super::error::StoreError;
use super::folder::Folder;
use super::shelf::Shard;
use super::writer_lock::WriterLock;
use crate::evidence::path::{self, Row, Tile};
use crate::evidence::source::{Found, Source};
use crate::model::Sha256Digest;

/// What a log holds beside its hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    pub bundles: u64,
    pub blobs: u64,
    pub blob_bytes: u64,
    /// Of the blobs' digests in hex, sorted, each with a line end.
    pub blobs_sha256: Option<Sha256Digest>,
}

/// Counts what would be destroyed.
///
/// # Errors
/// The folder cannot be read.
pub fn holdings(shard: &Shard) -> Result<Holdings, StoreError> {
    let folder = Folder::new(&shard.dir);
    let mut found = Holdings::default();
    let mut blobs = Vec::new();
    folder.walk(&mut |one| {
        let Found::File(path) = one else { return };
        if Tile::parse(path).is_some_and(|tile| tile.row == Row::Entries) {
            found.bundles += 1;
        } else if let Some(digest) = path::parse_blob(path) {
            blobs.push(digest.to_string());
            let size = fs::metadata(shard.dir.join(path)).map(|file| file.len());
            found.blob_bytes += size.unwrap_or_default();
        }
    })?;
    blobs.sort();
    found.blobs = blobs.len() as u64;
    let list: String = blobs.iter().map(|digest| format!("{digest}\n")).collect();
    found.blobs_sha256 = Some(Sha256Digest::of(list.as_bytes()));
    Ok(found)
}

/// Where that lies which is being removed: readers see it go at once, not file by file.
const LEAVING: &str = ".state/leaving";

/// Removes entries and blobs. Only after the record of it is in a later log; can be done again.
///
/// # Errors
/// Somebody writes the log, or something cannot be removed.
pub fn destroy(shard: &Shard) -> Result<(), StoreError> {
    let dir = &shard.dir;
    let _writer = WriterLock::take(dir)?;
    let leaving = dir.join(LEAVING);
    for folder in ["tile/entries", "blobs"] {
        let folder = dir.join(folder);
        // What an earlier try left, first: a folder is moved onto none that holds files.
        remove_all(&leaving)?;
        match fs::rename(&folder, &leaving) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("move", &folder)(error));
            }
            _ => {}
        }
        sync(folder.parent().unwrap_or(dir))?;
        remove_all(&leaving)?;
    }
    for folder in [".state/staging", ".state/blobs", ".state/pending"] {
        remove_all(&dir.join(folder))?;
    }
    sync(&dir.join(path::STATE))
}

fn sync(folder: &Path) -> Result<(), StoreError> {
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(StoreError::io("sync", folder))
}

fn remove_all(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}
