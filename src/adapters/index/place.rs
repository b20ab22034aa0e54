//! Where an index may be put, and how it comes there whole.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{APPLICATION_ID, IndexError};
use crate::adapters::store::{EvidenceReader, is_within};
use crate::evidence::path;

/// What SQLite may keep beside a database, and would apply to another one under its name.
pub const BESIDE: [&str; 3] = ["-wal", "-journal", "-shm"];

const UNFINISHED: &str = "-unfinished-";

/// How every database of SQLite begins, and where its application id stands.
const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER: u64 = 100;
const ID_AT: usize = 68;

pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// In the log's folder the name is the index's, whatever has it. Elsewhere nothing is written over
/// that is not an index, and within the log's folder there is no other place.
pub fn refuse_foreign(reader: &EvidenceReader, path: &Path) -> Result<(), IndexError> {
    let root = reader.folder().root();
    if is_within(path, root).map_err(IndexError::io("find", path))? {
        let is_own = path.file_name() == Some(OsStr::new(path::INDEX))
            && folder(path).canonicalize().ok() == root.canonicalize().ok();
        return match is_own {
            true => Ok(()),
            false => Err(IndexError::Inside(path.to_owned())),
        };
    }
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(IndexError::io("read", path)(error)),
        Ok(file) => {
            let mut header = Vec::new();
            let read = file.take(HEADER).read_to_end(&mut header);
            read.map_err(IndexError::io("read", path))?;
            let id = header.get(ID_AT..ID_AT + 4);
            let is_own =
                header.starts_with(MAGIC) && id == Some(APPLICATION_ID.to_be_bytes().as_slice());
            match is_own {
                true => Ok(()),
                false => Err(IndexError::NotOurs(path.to_owned())),
            }
        }
    }
}

/// A file in the making: locked while somebody makes it, gone if it was given up.
pub struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    pub fn beside(path: &Path) -> Result<Self, IndexError> {
        remove_given_up(path).map_err(IndexError::io("clean up beside", path))?;
        let name = format!("{UNFINISHED}{}", std::process::id());
        let unfinished = beside(path, &name);
        let mut options = OpenOptions::new();
        let file = match options.write(true).create_new(true).open(&unfinished) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(IndexError::Busy(path.to_owned()));
            }
            file => file.map_err(IndexError::io("write", &unfinished))?,
        };
        // Where there are no locks, what is left after a crash stays until somebody removes it.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(IndexError::Busy(path.to_owned()));
        }
        Ok(Self {
            path: unfinished,
            file,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name once it lasts.
    pub fn take_the_place_of(self, path: &Path) -> Result<(), IndexError> {
        self.file
            .sync_all()
            .map_err(IndexError::io("sync", &self.path))?;
        for suffix in BESIDE {
            remove(&beside(path, suffix)).map_err(IndexError::io("remove what is beside", path))?;
        }
        fs::rename(&self.path, path).map_err(IndexError::io("write", path))?;
        let folder = File::open(folder(path)).and_then(|folder| folder.sync_all());
        folder.map_err(IndexError::io("sync the folder of", path))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the renaming there is nothing under this name.
        let _ = fs::remove_file(&self.path);
    }
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.unwrap_or(Path::new("."))
}

/// Removes what a process that is no more left half made.
fn remove_given_up(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    let mut start = name.as_encoded_bytes().to_vec();
    start.extend_from_slice(UNFINISHED.as_bytes());
    for found in fs::read_dir(folder(path))? {
        let found = found?;
        let name = found.file_name();
        let process = name.as_encoded_bytes().strip_prefix(start.as_slice());
        let is_unfinished = process.is_some_and(|id| id.iter().all(u8::is_ascii_digit));
        if is_unfinished && is_given_up(&found.path()) {
            remove(&found.path())?;
        }
    }
    Ok(())
}

fn is_given_up(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
