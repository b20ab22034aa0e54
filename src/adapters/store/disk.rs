//! Writing so that it lasts: a file is written beside, synced, renamed into place, and its folder is
//! synced. A failed write or sync is an error and is never tried again: the kernel may have dropped
//! the data and would report success the second time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::StoreError;

const FILL_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    /// Folders whose entries changed since they were last synced.
    unsynced: BTreeSet<PathBuf>,
    #[cfg(test)]
    pub(super) fuse: super::crash_tests::Fuse,
}

impl Disk {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            unsynced: BTreeSet::new(),
            #[cfg(test)]
            fuse: Default::default(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes a whole file, or none. Its name lasts only after [`Disk::sync_folders`].
    pub fn write(&mut self, relative: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(relative);
        let temporary = self.path(".state/pending");
        self.create_parents(&path)?;
        self.write_synced(&temporary, bytes)
            .map_err(StoreError::io("write", &path))?;
        self.rename(&temporary, &path)
    }

    fn write_synced(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        self.fuse.burn_while_writing(path, bytes)?;
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        #[cfg(test)]
        self.fuse.burn()?;
        file.sync_data()
    }

    /// Takes so many bytes of the disk with a file that means nothing, until it is removed. What is
    /// written is no zeros, which some file systems would not store.
    pub fn hold(&mut self, relative: &str, bytes: u64) -> Result<(), StoreError> {
        let path = self.path(relative);
        self.create_parents(&path)?;
        let held = self.fill(&path, bytes);
        if held.is_err() {
            // The first failure is the one to report.
            drop(fs::remove_file(&path));
        }
        held.map_err(StoreError::io("write", &path))?;
        self.changed(&path);
        Ok(())
    }

    fn fill(&self, path: &Path, bytes: u64) -> io::Result<()> {
        #[cfg(test)]
        self.fuse.burn_while_writing(path, b"room")?;
        let mut file = File::create(path)?;
        let mut left = bytes;
        let mut block: Vec<u8> = Vec::with_capacity(FILL_BYTES);
        while block.len() < FILL_BYTES {
            block.extend_from_slice(&Sha256::digest(block.len().to_be_bytes()));
        }
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(FILL_BYTES).min(FILL_BYTES);
            file.write_all(block.get(..part).unwrap_or_default())?;
            left -= part as u64;
        }
        file.sync_data()
    }

    /// Moves a file that was synced before.
    pub fn rename(&mut self, from: &Path, to: &Path) -> Result<(), StoreError> {
        self.create_parents(to)?;
        #[cfg(test)]
        self.fuse.burn().map_err(StoreError::io("write", to))?;
        fs::rename(from, to).map_err(StoreError::io("write", to))?;
        self.changed(from);
        self.changed(to);
        Ok(())
    }

    /// Removes a file, if it is there.
    pub fn remove(&mut self, path: &Path) -> Result<(), StoreError> {
        #[cfg(test)]
        self.fuse.burn().map_err(StoreError::io("remove", path))?;
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("remove", path)(error)),
            Ok(()) => {
                self.changed(path);
                Ok(())
            }
        }
    }

    /// Removes a folder, if it is there and empty.
    pub fn remove_empty_folder(&mut self, path: &Path) -> Result<(), StoreError> {
        #[cfg(test)]
        self.fuse.burn().map_err(StoreError::io("remove", path))?;
        match fs::remove_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("remove", path)(error)),
            Ok(()) => {
                self.unsynced.remove(path);
                self.changed(path);
                Ok(())
            }
        }
    }

    pub fn create_folder(&mut self, path: &Path) -> Result<(), StoreError> {
        if path.is_dir() {
            return Ok(());
        }
        self.create_parents(path)?;
        #[cfg(test)]
        self.fuse.burn().map_err(StoreError::io("create", path))?;
        match fs::create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(StoreError::io("create", path)(error))
            }
            _ => {
                self.changed(path);
                Ok(())
            }
        }
    }

    /// Makes every name written, moved or removed so far last.
    pub fn sync_folders(&mut self) -> Result<(), StoreError> {
        for folder in std::mem::take(&mut self.unsynced) {
            #[cfg(test)]
            self.fuse.burn().map_err(StoreError::io("sync", &folder))?;
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(StoreError::io("sync", &folder))?;
        }
        Ok(())
    }

    fn create_parents(&mut self, path: &Path) -> Result<(), StoreError> {
        match path.parent() {
            Some(parent) if parent != Path::new("") => self.create_folder(parent),
            _ => Ok(()),
        }
    }

    fn changed(&mut self, path: &Path) {
        let parent = path.parent().filter(|parent| *parent != Path::new(""));
        let parent = parent.unwrap_or(Path::new("."));
        self.unsynced.insert(parent.to_owned());
    }
}
