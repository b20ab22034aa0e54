//! Keeps a second writer away from a log.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use super::StoreError;

const WRITER: &str = ".state/writer";

/// Whether the lock of the log in `dir` could be taken; nothing is changed, and a log that is in use
/// is not asked. A folder without the file is a log that is still to begin.
///
/// # Errors
/// This account may not write.
pub fn is_within_reach(dir: &Path) -> Result<bool, StoreError> {
    let path = dir.join(WRITER);
    match OpenOptions::new().write(true).open(&path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io("open", &path)(error)),
    }
}

/// A lock on the folder, until it is dropped or the process ends.
#[derive(Debug)]
pub struct WriterLock(File);

impl WriterLock {
    /// Takes the lock of the log in `dir`.
    ///
    /// # Errors
    /// Somebody else has it, or the file cannot be locked.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(WRITER);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let file = options.open(&path).map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path)(error)),
        }
    }
}

impl Drop for WriterLock {
    /// Closing the file is not enough: a process that another thread is just starting has the file
    /// open, too, for a moment, and the lock would last until then.
    fn drop(&mut self) {
        // Where this fails, closing the file still gives the lock up.
        drop(self.0.unlock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_waits_for_the_first_and_for_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".state")).unwrap();
        let first = WriterLock::take(dir.path()).unwrap();
        assert!(matches!(
            WriterLock::take(dir.path()),
            Err(StoreError::InUse(_))
        ));
        // What a process that is just being started has.
        let inherited = first.0.try_clone().unwrap();
        drop(first);
        assert!(WriterLock::take(dir.path()).is_ok());
        drop(inherited);
    }
}
