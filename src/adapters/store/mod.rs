//! The evidence folder: one writer, any number of readers.

mod disk;
mod error;
mod export;
mod folder;
mod log;
mod publish;
mod reader;
mod recovery;
mod room;
mod staging;
mod within;
mod writer_lock;

#[cfg(test)]
mod crash_tests;

pub use error::StoreError;
pub use export::export;
pub use folder::Folder;
pub use log::{EvidenceLog, Receipt};
pub use reader::{Entries, Entry, EvidenceReader};
