//! Makes one operation on the disk fail, and all after it, as a crash would.

use std::io;
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The operation is not done; a write is cut in the middle.
    Before,
    /// The operation is done, and said to have failed.
    After,
    /// The operation is not done, nor any after it, because nothing more fits.
    Full,
}

/// Clones are the same fuse.
#[derive(Clone, Debug, Default)]
pub struct Fuse(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    left: Option<u32>,
    failing: Option<Failing>,
    burnt: bool,
}

impl Fuse {
    /// Fails after so many operations.
    pub fn set(&self, operations: u32, failing: Failing) {
        *self.0.lock().unwrap() = State {
            left: Some(operations),
            failing: Some(failing),
            burnt: false,
        };
    }

    pub fn unset(&self) {
        *self.0.lock().unwrap() = State::default();
    }

    /// The failure of the operation that is due now, if it fails.
    fn burn(&self) -> Option<(Option<Failing>, io::Error)> {
        let mut state = self.0.lock().unwrap();
        let left = state.left?;
        if left > 0 {
            state.left = Some(left - 1);
            return None;
        }
        if state.failing == Some(Failing::Full) {
            let full = io::Error::from(io::ErrorKind::StorageFull);
            return Some((state.failing, full));
        }
        let error = io::Error::other("crashed");
        let failing = match state.burnt {
            true => None,
            false => state.failing,
        };
        state.burnt = true;
        Some((failing, error))
    }

    pub fn around<T>(&self, step: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.burn() {
            None => step(),
            Some((Some(Failing::After), error)) => step().and_then(|_| Err(error)),
            Some((Some(Failing::Before | Failing::Full) | None, error)) => Err(error),
        }
    }

    pub fn around_write(
        &self,
        bytes: &[u8],
        write: impl FnOnce(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.burn() {
            None => write(bytes),
            Some((Some(Failing::After), error)) => write(bytes).and(Err(error)),
            Some((Some(Failing::Before), error)) => {
                write(&bytes[..bytes.len() / 2]).and(Err(error))
            }
            Some((Some(Failing::Full) | None, error)) => Err(error),
        }
    }
}
