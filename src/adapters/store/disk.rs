//! Writing so that it lasts: a file is written beside, synced, renamed into place, and its folder is
//! synced. A failed write or sync is an error and is never tried again: the kernel may have dropped
//! the data and would report success the second time.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::StoreError;

pub const PENDING: &str = ".state/pending";

const FILL_BYTES: usize = 64 << 10;

/// Syncs that wait at the same time: a file system makes many of them last with one write of its own.
const SYNCS_AT_ONCE: usize = 16;

#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    /// Sets the files that are being written apart from those of another thread.
    name: &'static str,
    written: u64,
    /// Folders whose entries changed since they were last synced.
    unsynced: BTreeSet<PathBuf>,
    #[cfg(test)]
    pub(super) fuse: super::fuse::Fuse,
}

impl Disk {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            name: "a",
            written: 0,
            unsynced: BTreeSet::new(),
            #[cfg(test)]
            fuse: Default::default(),
        }
    }

    /// The same disk for a second thread.
    pub fn for_publisher(&self) -> Self {
        Self {
            root: self.root.clone(),
            name: "b",
            written: 0,
            unsynced: BTreeSet::new(),
            #[cfg(test)]
            fuse: self.fuse.clone(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// One step that can fail. Tests let it fail, before or after it was done.
    fn act<T>(&self, step: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        #[cfg(test)]
        return self.fuse.around(step);
        #[cfg(not(test))]
        step()
    }

    fn act_write(
        &self,
        bytes: &[u8],
        write: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        #[cfg(test)]
        return self.fuse.around_write(bytes, write);
        #[cfg(not(test))]
        write(bytes)
    }

    /// Writes a whole file, or none. Its name lasts only after [`Disk::sync_folders`].
    pub fn write(&mut self, relative: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(relative);
        self.create_parents(&path)?;
        let written = self.write_beside(bytes)?;
        self.rename(&written, &path)
    }

    /// Writes many files; all are synced before any gets its name.
    pub fn write_all(&mut self, files: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        let mut open = Vec::with_capacity(files.len());
        for (relative, bytes) in files {
            let path = self.path(&relative);
            self.create_parents(&path)?;
            let (beside, file) = self.write_unsynced(&bytes)?;
            open.push((beside, file, path));
        }
        let disk = &*self;
        let sync = |(beside, file, _): &(PathBuf, File, PathBuf)| disk.sync(file, beside);
        let parts = open.len().div_ceil(SYNCS_AT_ONCE).max(1);
        let synced: Result<(), StoreError> = match open.len() {
            0..=2 => open.iter().try_for_each(sync),
            _ => std::thread::scope(|scope| {
                let threads: Vec<_> = open
                    .chunks(parts)
                    .map(|part| scope.spawn(move || part.iter().try_for_each(sync)))
                    .collect();
                let ended = threads.into_iter().map(|thread| {
                    let stopped = |_| Err(StoreError::Stopped);
                    thread.join().unwrap_or_else(stopped)
                });
                // All are waited for, whatever the first said.
                ended.collect::<Vec<_>>().into_iter().collect()
            }),
        };
        synced?;
        for (beside, _, path) in open {
            self.rename(&beside, &path)?;
        }
        Ok(())
    }

    /// Writes and syncs a file that has no name of its own yet.
    pub fn write_beside(&mut self, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let (beside, file) = self.write_unsynced(bytes)?;
        self.sync(&file, &beside)?;
        Ok(beside)
    }

    fn write_unsynced(&mut self, bytes: &[u8]) -> Result<(PathBuf, File), StoreError> {
        self.create_folder(&self.path(PENDING))?;
        self.written += 1;
        let path = self.path(&format!("{PENDING}/{}{}", self.name, self.written));
        let written = File::create(&path).and_then(|mut file| {
            self.act_write(bytes, |bytes| file.write_all(bytes))?;
            Ok(file)
        });
        match written {
            Ok(file) => Ok((path, file)),
            Err(error) => {
                // A full disk is not made fuller; the first failure is the one to report.
                drop(fs::remove_file(&path));
                Err(StoreError::io("write", &path)(error))
            }
        }
    }

    /// Makes the content of a file last.
    pub fn sync(&self, file: &File, path: &Path) -> Result<(), StoreError> {
        self.act(|| file.sync_data())
            .map_err(StoreError::io("sync", path))
    }

    /// Writes into a file that has that place already, and makes it last.
    pub fn write_at(
        &self,
        file: &File,
        path: &Path,
        bytes: &[u8],
        at: u64,
    ) -> Result<(), StoreError> {
        self.act_write(bytes, |bytes| file.write_all_at(bytes, at))
            .map_err(StoreError::io("write", path))?;
        self.sync(file, path)
    }

    /// Makes a file take so many bytes of the disk. What is written is no zeros, which some file
    /// systems would not store. Where there is no room, the file is as long as it was.
    pub fn grow(&self, file: &File, path: &Path, to: u64) -> Result<(), StoreError> {
        let io = |action| StoreError::io(action, path);
        let from = file.metadata().map_err(io("read"))?.len();
        if from >= to {
            return Ok(());
        }
        if let Err(error) = self.fill(file, from, to) {
            drop(file.set_len(from));
            return Err(io("write")(error));
        }
        self.sync(file, path)
    }

    fn fill(&self, file: &File, from: u64, to: u64) -> io::Result<()> {
        let mut block: Vec<u8> = Vec::with_capacity(FILL_BYTES);
        while block.len() < FILL_BYTES {
            block.extend_from_slice(&Sha256::digest(block.len().to_be_bytes()));
        }
        self.act_write(&block, |block| {
            let mut at = from;
            while at < to {
                let part = usize::try_from(to - at).unwrap_or(FILL_BYTES);
                let part = block.get(..part.min(block.len())).unwrap_or(block);
                file.write_all_at(part, at)?;
                at += part.len() as u64;
            }
            Ok(())
        })
    }

    /// Opens a file to write in its middle, and makes it where it is not.
    pub fn open_or_create(&mut self, relative: &str) -> Result<File, StoreError> {
        let path = self.path(relative);
        self.create_parents(&path)?;
        let exists = path.is_file();
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = self.act(|| options.open(&path));
        let file = file.map_err(StoreError::io("open", &path))?;
        if !exists {
            self.changed(&path);
        }
        Ok(file)
    }

    /// Moves a file that was synced before.
    pub fn rename(&mut self, from: &Path, to: &Path) -> Result<(), StoreError> {
        self.create_parents(to)?;
        self.act(|| fs::rename(from, to))
            .map_err(StoreError::io("write", to))?;
        self.changed(to);
        if from.parent() != Some(&self.path(PENDING)) {
            self.changed(from);
        }
        Ok(())
    }

    /// Removes a file, if it is there.
    pub fn remove(&mut self, path: &Path) -> Result<(), StoreError> {
        match self.act(|| fs::remove_file(path)) {
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
        match self.act(|| fs::remove_dir(path)) {
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
        match self.act(|| fs::create_dir(path)) {
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
            let synced = self.act(|| File::open(&folder).and_then(|folder| folder.sync_all()));
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
