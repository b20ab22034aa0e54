//! A scan that is to end at once ends at its next read: until it records, it has changed nothing.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, TryLockError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::super::progress::{Progress, Step};
use crate::evidence::ledger::Ledger;
use crate::evidence::statement::Previous;
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

/// Whether to stop, and whether the work goes on.
#[derive(Debug, Default)]
pub struct Halt {
    stop: AtomicBool,
    beats: AtomicU64,
    /// Held while a record is written or published.
    writing: Mutex<()>,
    /// Something is recorded that readers do not see yet.
    unpublished: AtomicBool,
    /// When it was told to stop.
    told: OnceLock<Instant>,
    /// Why nothing may be appended any more.
    forbidden: OnceLock<EvidenceError>,
}

impl Halt {
    /// From now on nothing is appended.
    pub fn forbid(&self, why: EvidenceError) {
        // The first reason is as good as another.
        let _ = self.forbidden.set(why);
    }

    pub fn forbidden(&self) -> Option<EvidenceError> {
        self.forbidden.get().cloned()
    }

    pub fn stop(&self) {
        let _ = self.told.set(Instant::now());
        self.stop.store(true, Ordering::SeqCst);
    }

    /// How long ago it was told to stop.
    pub fn stopping_for(&self) -> Duration {
        self.told.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// The same, from somebody who works and asks again and again meanwhile: so long the work goes on.
    pub fn is_stopped_at_work(&self) -> bool {
        self.beat();
        self.is_stopped()
    }

    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self) -> MutexGuard<'_, ()> {
        match self.writing.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Waits until what is being written is published, and lets nothing more be written: the process
    /// can end without leaving work to the next start. Whether that came within the time.
    pub fn seal(&self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            match self.writing.try_lock() {
                Ok(guard) if !self.unpublished.load(Ordering::SeqCst) => {
                    std::mem::forget(guard);
                    return true;
                }
                // Between two steps of a piece of work, which publishes at its end.
                Ok(_) if Instant::now() >= until => return false,
                Ok(guard) => {
                    drop(guard);
                    std::thread::sleep(Duration::from_millis(5));
                }
                // Who broke in the midst of a record publishes no more.
                Err(TryLockError::Poisoned(_)) => return false,
                Err(TryLockError::WouldBlock) if Instant::now() >= until => return false,
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// A number that grows as long as the work goes on.
    pub fn beats(&self) -> u64 {
        self.beats.load(Ordering::Relaxed)
    }
}

impl Progress for Halt {
    fn step(&self, _: Step, _: usize) {
        self.beat();
    }

    fn advance(&self) {
        self.beat();
    }
}

/// A reader that gives up when it is to stop.
pub struct Halting<R> {
    inner: R,
    halt: Arc<Halt>,
}

impl<R> Halting<R> {
    pub fn new(inner: R, halt: Arc<Halt>) -> Self {
        Self { inner, halt }
    }
}

impl<R: Read> Read for Halting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.halt.is_stopped() {
            return Err(io::Error::other("the engine is stopping"));
        }
        self.halt.beat();
        self.inner.read(buffer)
    }
}

/// A log whose records are written wholly or not at all, however suddenly the engine ends.
pub struct Sealed<E> {
    inner: E,
    halt: Arc<Halt>,
}

impl<E> Sealed<E> {
    pub fn new(inner: E, halt: Arc<Halt>) -> Self {
        Self { inner, halt }
    }

    fn must_be_permitted(&self) -> Result<(), EvidenceError> {
        self.halt.forbidden().map_or(Ok(()), Err)
    }
}

impl<E: EvidenceSink> EvidenceSink for Sealed<E> {
    fn ledger(&self) -> &Ledger {
        self.inner.ledger()
    }

    fn go_on(&mut self, clock: Timestamp) -> Result<bool, EvidenceError> {
        self.must_be_permitted()?;
        let _writing = self.halt.write();
        self.inner.go_on(clock)
    }

    fn read_clock(&mut self, clock: Timestamp) -> Timestamp {
        self.inner.read_clock(clock)
    }

    fn previous(&self) -> Previous {
        self.inner.previous()
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        self.inner.put_blob(bytes)
    }

    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError> {
        self.must_be_permitted()?;
        let _writing = self.halt.write();
        let appended = self.inner.append(entries, now)?;
        self.halt.unpublished.store(false, Ordering::SeqCst);
        Ok(appended)
    }

    fn append_soon(
        &mut self,
        entries: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Appended, EvidenceError> {
        self.must_be_permitted()?;
        let _writing = self.halt.write();
        self.halt.unpublished.store(true, Ordering::SeqCst);
        self.inner.append_soon(entries, now)
    }

    fn publish(&mut self) -> Result<(), EvidenceError> {
        let _writing = self.halt.write();
        self.inner.publish()?;
        self.halt.unpublished.store(false, Ordering::SeqCst);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_at_work_whether_to_stop_keeps_it_going() {
        let halt = Halt::default();
        assert!(!halt.is_stopped_at_work());
        assert_eq!(halt.beats(), 1);
        assert!(!halt.is_stopped());
        assert_eq!(halt.beats(), 1, "anybody may ask");
        halt.stop();
        assert!(halt.is_stopped_at_work());
    }

    #[test]
    fn what_is_being_written_is_waited_for_and_nothing_more_is_written() {
        let halt = Arc::new(Halt::default());
        let writing = halt.write();
        assert!(
            !halt.seal(Duration::from_millis(20)),
            "a record is under way"
        );
        drop(writing);
        halt.unpublished.store(true, Ordering::SeqCst);
        assert!(
            !halt.seal(Duration::from_millis(20)),
            "a record is not public yet"
        );
        halt.unpublished.store(false, Ordering::SeqCst);
        assert!(halt.seal(Duration::from_secs(5)));
        assert!(
            halt.writing.try_lock().is_err(),
            "the log is closed for good"
        );
    }
}
