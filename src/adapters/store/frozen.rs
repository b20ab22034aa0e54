//! A log that takes no more entries because another goes on from it.

use super::disk::Disk;
use super::error::StoreError;
use super::folder::Folder;
use super::recovery;
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::source::Source;

/// The origin of the log that goes on. The public part of a frozen log says nothing of it: it stays as
/// it was signed.
const FROZEN: &str = ".state/frozen";

/// Fails if the log is frozen.
pub fn refuse(folder: &Folder) -> Result<(), StoreError> {
    match folder.read(FROZEN, MAX_NOTE_BYTES)? {
        None => Ok(()),
        Some(by) => Err(StoreError::Frozen {
            path: folder.root().to_owned(),
            by: String::from_utf8_lossy(&by).trim().to_owned(),
        }),
    }
}

/// Freezes the log in `dir` at its last checkpoint, without its key, for the log of the origin `by`.
/// Can be done again.
///
/// # Errors
/// There is no log; it is in use, damaged, or frozen for another.
pub fn freeze(dir: &std::path::Path, by: &str) -> Result<SignedCheckpoint, StoreError> {
    let (checkpoint, _writer) = recovery::complete_without_key(dir)?;
    match refuse(&Folder::new(dir)) {
        Err(StoreError::Frozen { by: before, .. }) if before == by => return Ok(checkpoint),
        found => found?,
    }
    let mut disk = Disk::new(dir);
    disk.write(FROZEN, format!("{by}\n").as_bytes())?;
    disk.sync_folders()?;
    Ok(checkpoint)
}
