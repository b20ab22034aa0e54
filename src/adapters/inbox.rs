//! A folder in which commands leave requests for the running engine. Whoever may write there may ask.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::files::{FileError, read_bounded, write_atomically};
use super::reason::reason;
use crate::ports::{Inbox, InputError};

/// A request is a line or two.
const MAX_BYTES: u64 = 64 << 10;
/// What is left beside a request, such as how a whole workspace reads.
const MAX_DOCUMENT_BYTES: u64 = 256 << 20;
/// More than so many are left for the next time.
const AT_A_TIME: usize = 100;

pub struct InboxFolder {
    dir: PathBuf,
}

impl InboxFolder {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Makes the folder, for this account and its group alone.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make(&self) -> Result<(), InputError> {
        use std::os::unix::fs::DirBuilderExt;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o770);
        let made = builder.create(&self.dir);
        made.map_err(|error| self.trouble("make", &self.dir, &error))
    }

    /// Leaves a request under a name that nobody else takes.
    ///
    /// # Errors
    /// The folder is missing or may not be written to.
    pub fn leave(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, FileError> {
        let path = self.dir.join(format!("{name}.json"));
        write_atomically(&path, bytes)?;
        Ok(path)
    }

    /// Leaves a document beside the request that will be left under that name.
    ///
    /// # Errors
    /// The folder is missing or may not be written to.
    pub fn leave_document(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        write_atomically(&self.beside(&format!("{name}.json")), bytes)
    }

    fn beside(&self, request: &str) -> PathBuf {
        self.dir.join(format!("{request}.document"))
    }

    fn trouble(&self, verb: &str, path: &Path, error: &std::io::Error) -> InputError {
        InputError {
            what: format!("cannot {verb} `{}`: {}", path.display(), reason(error)),
            help: Some("the inbox must belong to the account that the engine runs as".to_owned()),
        }
    }

    fn names(&self) -> Result<Vec<(SystemTime, String)>, InputError> {
        let read = |error| self.trouble("read", &self.dir, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(read)? {
            let entry = entry.map_err(read)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".json") || name.starts_with('.') {
                continue;
            }
            let written = entry.metadata().and_then(|found| found.modified());
            names.push((written.unwrap_or(SystemTime::UNIX_EPOCH), name));
        }
        names.sort();
        names.truncate(AT_A_TIME);
        Ok(names)
    }
}

impl Inbox for InboxFolder {
    fn waiting(&self) -> Result<Vec<(String, Vec<u8>)>, InputError> {
        let mut waiting = Vec::new();
        for (_, name) in self.names()? {
            // What is too large or no file is refused as what it is: no request.
            let bytes = read_bounded(&self.dir.join(&name), MAX_BYTES).unwrap_or_default();
            waiting.push((name, bytes));
        }
        Ok(waiting)
    }

    fn document(&self, name: &str) -> Result<Vec<u8>, InputError> {
        let bytes = read_bounded(&self.beside(name), MAX_DOCUMENT_BYTES);
        bytes.map_err(|error| InputError {
            what: error.to_string(),
            help: error.help(),
        })
    }

    fn done(&self, name: &str) -> Result<(), InputError> {
        let path = self.dir.join(name);
        let beside = self.beside(name);
        for path in [&path, &beside] {
            match fs::remove_file(path) {
                Err(error) if *path == beside && error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(|error| self.trouble("remove", path, &error))?,
            }
        }
        Ok(())
    }
}
