//! A scan that is to end at once ends at its next read: until it records, it has changed nothing.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::super::progress::{Progress, Step};

/// Whether to stop, and whether the work goes on.
#[derive(Debug, Default)]
pub struct Halt {
    stop: AtomicBool,
    beats: AtomicU64,
}

impl Halt {
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
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
