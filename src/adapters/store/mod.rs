//! The evidence folder: one writer, any number of readers.

mod appender;
mod batch;
mod begin;
mod committer;
mod disk;
mod error;
mod expire;
mod export;
mod folder;
mod frozen;
#[cfg(test)]
mod fuse;
mod lock_file;
mod log;
mod pack;
mod publish;
mod reader;
mod recovery;
mod replay;
mod reply;
mod room;
mod rotate;
mod segment;
mod shelf;
mod staging;
mod threads;
mod vkey;
mod within;
mod writer;
mod writer_lock;

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod fault_tests;

pub use appender::{Appender, Appending};
pub use begin::Beginning;

pub use error::StoreError;
pub use expire::{Holdings, destroy, holdings};
pub use export::export;
pub use folder::Folder;
pub use frozen::freeze;
pub use log::{EvidenceLog, Receipt};
pub use pack::{PackOrder, export_pack, select};
pub use reader::{Entries, Entry, EvidenceReader};
pub use shelf::{Shard, Shelf};
pub use threads::Threads;
#[cfg(feature = "index")]
pub(super) use within::is_within;

use std::path::Path;

use super::signing::FileKeys;

/// Whether a scan could go on with the log in `dir`, if one was begun there: with its key file, or with a
/// key elsewhere, where nobody is asked. Writes nothing.
///
/// # Errors
/// This account may not write there, or the key is not in `keys`.
pub fn check(dir: &Path, keys: Option<&FileKeys>) -> Result<(), StoreError> {
    if let (true, Some(keys)) = (writer_lock::is_within_reach(dir)?, keys) {
        keys.must_be_there()?;
    }
    Ok(())
}
