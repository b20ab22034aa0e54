//! An evidence folder as verification reads it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::evidence::path;
use crate::evidence::source::{Found, Source, SourceError};
use crate::model::Sha256Digest;

#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Whether the writer's state and the index are looked at too.
    everything: bool,
    /// Files that are read from memory.
    held: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            everything: false,
            held: BTreeMap::new(),
        }
    }

    /// A folder in which nothing is outside: a pack has neither state nor index.
    pub fn everything(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            everything: true,
            held: BTreeMap::new(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Reads these files into memory, and from there from now on; whether all of them are there.
    pub(super) fn hold(&mut self, paths: &[String], limit: u64) -> bool {
        let mut all = true;
        for path in paths {
            match self.read(path, limit) {
                Ok(Some(bytes)) => drop(self.held.insert(path.clone(), bytes)),
                Ok(None) | Err(_) => all = false,
            }
        }
        all
    }

    /// Opens a regular file; nothing where there is none. A symbolic link is none: what it points to
    /// is not in the folder.
    fn open(&self, path: &str) -> Result<Option<File>, SourceError> {
        let full = self.root.join(path);
        match fs::symlink_metadata(&full) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(SourceError::new(path, error)),
        }
        match File::open(&full) {
            Ok(file) => Ok(Some(file)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(SourceError::new(path, error)),
        }
    }

    fn walk_folder(
        &self,
        relative: &str,
        visit: &mut dyn FnMut(Found<'_>),
    ) -> Result<(), SourceError> {
        let failed = |error: io::Error| SourceError::new(relative, error);
        let mut empty = true;
        for item in fs::read_dir(self.root.join(relative)).map_err(failed)? {
            let item = item.map_err(failed)?;
            empty = false;
            let name = item.file_name();
            let lossy = name.to_string_lossy();
            let path = match relative {
                "" => lossy.to_string(),
                folder => format!("{folder}/{lossy}"),
            };
            let kind = item.file_type().map_err(failed)?;
            let state = path == path::STATE && kind.is_dir();
            if !self.everything && (state || (path::is_index(&path) && kind.is_file())) {
                continue;
            }
            if name.to_str().is_none() {
                visit(Found::Other(&path));
            } else if kind.is_dir() {
                self.walk_folder(&path, visit)?;
            } else if kind.is_file() {
                visit(Found::File(&path));
            } else {
                visit(Found::Other(&path));
            }
        }
        if empty && !relative.is_empty() {
            visit(Found::EmptyFolder(relative));
        }
        Ok(())
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

impl Source for Folder {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if let Some(held) = self.held.get(path) {
            return match held.len() as u64 > limit {
                true => Err(SourceError::too_large(path, limit)),
                false => Ok(Some(held.clone())),
            };
        }
        let Some(file) = self.open(path)? else {
            return Ok(None);
        };
        let length = file.metadata().map_or(0, |found| found.len());
        let mut bytes = Vec::with_capacity(usize::try_from(length.min(limit)).unwrap_or(0) + 1);
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| SourceError::new(path, error))?;
        match bytes.len() as u64 > limit {
            true => Err(SourceError::too_large(path, limit)),
            false => Ok(Some(bytes)),
        }
    }

    fn digest(&self, path: &str) -> Result<Option<Sha256Digest>, SourceError> {
        let Some(mut file) = self.open(path)? else {
            return Ok(None);
        };
        let mut hash = Sha256::new();
        io::copy(&mut file, &mut hash).map_err(|error| SourceError::new(path, error))?;
        Ok(Some(Sha256Digest(hash.finalize().into())))
    }

    fn walk(&self, visit: &mut dyn FnMut(Found<'_>)) -> Result<(), SourceError> {
        self.walk_folder("", visit)
    }
}
