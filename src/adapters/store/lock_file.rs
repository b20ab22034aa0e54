//! `.state/lock`: the last checkpoint whose entries are all in place. It is replaced only by
//! comparing it first, so that a writer on another machine, which no file lock keeps away, is met
//! before anything is acknowledged.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::disk::Disk;
use super::error::StoreError;

pub const LOCK: &str = ".state/lock";

/// The lock as this process knows it; clones are the same.
#[derive(Clone, Debug)]
pub struct LockFile(Arc<Mutex<Vec<u8>>>);

impl LockFile {
    pub fn new(note: &[u8]) -> Self {
        Self(Arc::new(Mutex::new(note.to_vec())))
    }

    /// # Errors
    /// Another process replaced the lock.
    pub fn must_be_ours(&self, root: &Path) -> Result<(), StoreError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compare(root, &known)
    }

    pub fn is(&self, note: &[u8]) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) == note
    }

    /// # Errors
    /// Another process replaced the lock, or it cannot be written.
    pub fn replace(&self, disk: &mut Disk, note: &[u8]) -> Result<(), StoreError> {
        let written = disk.write_beside(note)?;
        {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            compare(disk.root(), &known)?;
            disk.rename(&written, &disk.path(LOCK))?;
            known.clear();
            known.extend_from_slice(note);
        }
        disk.sync_folders()
    }
}

fn compare(root: &Path, known: &[u8]) -> Result<(), StoreError> {
    let lock = root.join(LOCK);
    let found = std::fs::read(&lock).map_err(StoreError::io("read", &lock))?;
    match found == known {
        true => Ok(()),
        false => Err(StoreError::Forked {
            path: root.to_owned(),
            what: "another process wrote to it".to_owned(),
        }),
    }
}
