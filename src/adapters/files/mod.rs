//! Reading and writing files. Reads are bounded; writes are whole or not at all.

mod collect;
mod error;
mod find;
mod workspaces;
mod write;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

pub use collect::{change_files, collect_rules, collect_terraform_source, collect_waivers};
pub use error::{FileError, FileErrors};
pub use find::expand;
pub use workspaces::{WorkspaceFiles, workspaces};
pub use write::write_atomically;

/// Reads a file of at most `max` bytes.
///
/// # Errors
/// Where the file cannot be read, is no regular file, or is larger.
pub fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, FileError> {
    let size = regular(path)?;
    let too_large = || FileError::TooLarge {
        path: path.to_path_buf(),
        max,
    };
    if size > max {
        return Err(too_large());
    }
    let file = open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    // The file may grow while it is read.
    let read = file.take(max.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| FileError::read(path, error))?;
    if bytes.len() as u64 > max {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Reads a text of at most `max` bytes.
///
/// # Errors
/// As [`read_bounded`], and where the bytes are not UTF-8.
pub fn read_text(path: &Path, max: u64) -> Result<String, FileError> {
    String::from_utf8(read_bounded(path, max)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default());
        let last = before.rsplit('\n').next().unwrap_or_default();
        FileError::NotText {
            path: path.to_path_buf(),
            line: before.matches('\n').count() + 1,
            column: last.chars().count() + 1,
        }
    })
}

/// Opens a file for reading, and nothing else: a pipe without a writer, or a device without an end,
/// would keep a scan for ever.
///
/// # Errors
/// Where it cannot be opened or is no regular file.
pub fn open(path: &Path) -> Result<File, FileError> {
    regular(path)?;
    File::open(path).map_err(|error| FileError::read(path, error))
}

/// The size of a regular file. Asked before opening, because opening a pipe waits for a writer.
fn regular(path: &Path) -> Result<u64, FileError> {
    let metadata = fs::metadata(path).map_err(|error| FileError::read(path, error))?;
    if metadata.is_file() {
        return Ok(metadata.len());
    }
    Err(FileError::WrongKind {
        path: path.to_path_buf(),
        found: if metadata.is_dir() {
            "a folder"
        } else {
            "a device or pipe"
        },
        wanted: "a file",
    })
}

/// The entries of a folder by name. Order on disk is chance.
fn sorted_entries(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |error| FileError::read(dir, error);
    let entries = fs::read_dir(dir).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}
