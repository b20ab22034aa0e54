//! The index: a log as tables of SQLite. It is made anew from the log whenever somebody wants it, is
//! the same file each time, and nothing of ours reads it but the check.

mod check;
mod error;
mod fill;
mod place;

use std::path::{Path, PathBuf};

pub use check::{Difference, check};
pub use error::IndexError;
use rusqlite::{Connection, OpenFlags};

use super::store::EvidenceReader;
use crate::evidence::path;
pub use fill::Filled;

/// In the header of every index: whose file it is. The letters `Drft`.
const APPLICATION_ID: i32 = 0x4472_6674;

/// Where the index of a log is unless somebody wants it elsewhere.
pub fn default_place(reader: &EvidenceReader) -> PathBuf {
    reader.folder().root().join(path::INDEX)
}

/// Makes the index of the log as `reader` sees it, in the place of whatever was at `path`. The file
/// appears whole or not at all.
///
/// # Errors
/// The log is not what its checkpoint says, the file cannot be written, or `path` is no place for it.
pub fn rebuild(reader: &EvidenceReader, path: &Path) -> Result<Filled, IndexError> {
    place::refuse_foreign(reader, path)?;
    let unfinished = place::Unfinished::beside(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let tables = Connection::open_with_flags(unfinished.path(), flags);
    let tables = tables.map_err(IndexError::Tables)?;
    let filled = fill::fill(&tables, reader)?;
    tables
        .close()
        .map_err(|(_, error)| IndexError::Tables(error))?;
    unfinished.take_the_place_of(path)?;
    Ok(filled)
}
