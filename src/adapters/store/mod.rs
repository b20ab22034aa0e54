//! The evidence folder: one writer, any number of readers.

mod disk;
mod error;
mod expire;
mod export;
mod folder;
mod frozen;
mod log;
mod publish;
mod reader;
mod recovery;
mod room;
mod rotate;
mod shelf;
mod staging;
mod vkey;
mod within;
mod writer_lock;

#[cfg(test)]
mod crash_tests;

pub use error::StoreError;
pub use expire::{Holdings, destroy, holdings};
pub use export::export;
pub use folder::Folder;
pub use frozen::freeze;
pub use log::{EvidenceLog, Receipt};
pub use reader::{Entries, Entry, EvidenceReader};
pub use shelf::{Shard, Shelf};

use std::path::Path;

use super::signing::load_signing_key;

/// Whether a scan could go on with the log in `dir`, if one was begun there. Writes nothing.
///
/// # Errors
/// This account may not write there, or the key of `origin` is not in `keys`.
pub fn check(dir: &Path, keys: &Path, origin: &str) -> Result<(), StoreError> {
    if writer_lock::is_within_reach(dir)? {
        load_signing_key(keys, origin)?;
    }
    Ok(())
}
