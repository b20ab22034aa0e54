//! Recording: what makes a commit last, and nothing that comes after it.
//!
//! The root of a commit is known before anything is written, so its signed checkpoint goes into the
//! same record as its entries: one sync makes both last. Before that nobody sees the checkpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::batch::Batch;
use super::disk::Disk;
use super::error::StoreError;
use super::lock_file::LockFile;
use super::publish::{Commit, staged_blob};
use super::room::{Room, Waiting};
use super::segment::Segments;
use super::staging;
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::path;
use crate::evidence::record::StoreFullRecord;
use crate::evidence::ring::KeyRing;
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::StatementError;
use crate::evidence::tree::{RightEdge, TreeHead};
use crate::model::Sha256Digest;

/// The most that the record that the store is full takes, in a bundle.
const FULL_BYTES: u64 = 1024;

#[derive(Debug)]
pub struct Writer {
    pub disk: Disk,
    pub signer: Box<dyn CheckpointSigner>,
    /// Every key that signed the log, the signer's last.
    pub keys: KeyRing,
    pub lock: LockFile,
    pub room: Room,
    pub segments: Segments,
    pub edge: RightEdge,
    /// The newest checkpoint that is recorded.
    pub checkpoint: SignedCheckpoint,
    /// The bytes of the last, partial bundle.
    pub tail: u64,
    pub staged_blobs: BTreeSet<Sha256Digest>,
    /// Recorded, and not yet handed to the publisher.
    pub pending: Vec<Arc<Commit>>,
    /// What waits, with what the publisher works on.
    pub waiting: Waiting,
    /// Checkpoints that somebody was told of, so that entries may name them, before they are public.
    pub named: BTreeMap<u64, TreeHead>,
    /// The log says already that the store is full.
    pub told_full: bool,
    /// A write failed: what is on disk is no longer known, so that nothing more is written.
    pub stopped: bool,
}

/// A signed commit that is not recorded yet.
#[derive(Debug)]
pub struct Prepared {
    pub commit: Commit,
    /// The tree with it.
    edge: RightEdge,
}

/// What was recorded, for the publisher.
#[derive(Debug)]
pub struct Job {
    pub commits: Vec<Arc<Commit>>,
    pub named: BTreeSet<u64>,
    /// Which segment holds them.
    pub second: bool,
}

impl Writer {
    pub fn must_be_sound(&self) -> Result<(), StoreError> {
        match self.stopped {
            true => Err(StoreError::Stopped),
            false => Ok(()),
        }
    }

    /// Whether a batch can go into the log as it is now: each blob that it names was put, and each
    /// checkpoint is one of this log.
    pub fn admit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        for (number, digest) in &batch.blobs {
            if !self.staged_blobs.contains(digest) && !self.is_published(digest) {
                let (number, digest) = (*number, digest.to_string());
                return Err(StoreError::UnknownBlob { number, digest });
            }
        }
        for (number, named) in &batch.previous {
            if !self.is_ours(named) {
                let number = *number;
                let error = StatementError::Previous(named.size);
                return Err(StoreError::NoStatement { number, error });
            }
        }
        Ok(())
    }

    /// An entry may name only a checkpoint that is public with that root, or will be.
    fn is_ours(&mut self, named: &TreeHead) -> bool {
        if *named == self.checkpoint.head() {
            self.named.insert(named.size, *named);
            return true;
        }
        if self.named.get(&named.size) == Some(named) {
            return true;
        }
        let path = self.disk.path(&path::checkpoint_at(named.size));
        let known = std::fs::read(path).ok();
        let known = known.and_then(|note| SignedCheckpoint::open(&note, &self.keys).ok());
        known.is_some_and(|known| known.head() == *named)
    }

    /// The newest checkpoint, for an entry to name.
    pub fn previous(&mut self) -> TreeHead {
        let head = self.checkpoint.head();
        self.named.insert(head.size, head);
        head
    }

    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, StoreError> {
        self.must_be_sound()?;
        let digest = Sha256Digest::of(bytes);
        if self.staged_blobs.contains(&digest) || self.is_published(&digest) {
            return Ok(digest);
        }
        match self.disk.write(&staged_blob(&digest), bytes) {
            Ok(()) => {
                self.staged_blobs.insert(digest);
                Ok(digest)
            }
            Err(error) => {
                self.stopped = !error.is_full();
                Err(error)
            }
        }
    }

    /// Records admitted batches as one commit: when this returns, they last.
    ///
    /// # Errors
    /// There is no room, or the signer fails, which changes nothing; or a write failed, and the writer
    /// takes no more.
    pub fn commit(&mut self, batches: Vec<Batch>) -> Result<Arc<Commit>, StoreError> {
        self.must_be_sound()?;
        self.hold_room(Waiting::of(&batches))?;
        let commit = self.prepare(batches, None)?;
        let commit = self.record(commit)?;
        self.told_full = false;
        Ok(commit)
    }

    /// Puts batches together and signs what the log is with them. A key that takes over, `next`, signs
    /// with the present one.
    ///
    /// # Errors
    /// The signer fails, which changes nothing.
    pub fn prepare(
        &self,
        batches: Vec<Batch>,
        next: Option<&dyn CheckpointSigner>,
    ) -> Result<Prepared, StoreError> {
        let mut edge = self.edge.clone();
        let (mut entries, mut leaves, mut blobs) = (Vec::new(), Vec::new(), BTreeSet::new());
        for batch in batches {
            for leaf in &batch.leaves {
                edge.push(*leaf, |_, _| {});
            }
            entries.extend(batch.entries);
            leaves.extend(batch.leaves);
            blobs.extend(batch.blobs.into_iter().map(|(_, digest)| digest));
        }
        let checkpoint = SignedCheckpoint::sign_by_both(edge.head(), &*self.signer, next);
        let checkpoint =
            checkpoint.map_err(|error| StoreError::unsigned(self.disk.root(), error))?;
        let commit = Commit {
            old_size: self.edge.size(),
            entries,
            leaves,
            blobs,
            checkpoint,
        };
        Ok(Prepared { commit, edge })
    }

    /// Holds room for a commit: it is taken only if it can be published as well.
    ///
    /// # Errors
    /// There is none, which changes nothing; or a write failed, and the writer takes no more.
    pub fn hold_room(&mut self, commit: Waiting) -> Result<(), StoreError> {
        let size = self.edge.size() + commit.leaves;
        let needed = self.waiting.with(commit).needs(size, self.tail);
        let held = self
            .hold_reserve(size)
            .and_then(|()| self.room.hold(&mut self.disk, needed))
            .and_then(|()| {
                let record = staging::room_for(commit.entry_bytes);
                self.segments.make_fit(&self.disk, record)
            });
        if let Err(error) = &held {
            self.stopped = !error.is_full();
        }
        held
    }

    /// Holds room for two segments of so many bytes beforehand, where the disk has it.
    ///
    /// # Errors
    /// A write failed.
    pub fn hold_room_for(&mut self, segment: u64) -> Result<(), StoreError> {
        let waiting = Waiting {
            entry_bytes: 2 * segment,
            leaves: segment / 128,
            blobs: 0,
            checkpoints: 64,
        };
        let needed = waiting.needs(u64::MAX >> 1, 0);
        match self.room.hold(&mut self.disk, needed) {
            Err(error) if !error.is_full() => Err(error),
            _ => Ok(()),
        }
    }

    fn hold_reserve(&mut self, size: u64) -> Result<(), StoreError> {
        let record = Waiting {
            entry_bytes: FULL_BYTES,
            leaves: 1,
            blobs: 0,
            checkpoints: 2,
        };
        // The last bundle may be fuller by then.
        let tail = self.tail + self.waiting.entry_bytes + (64 << 10);
        self.room
            .hold_reserve(&mut self.disk, record.needs(size + 1, tail))
    }

    /// Writes down that the store is full, once, from the reserve. Says whether it did.
    pub fn tell_full(&mut self, now: Timestamp, what: &StoreError) -> Result<bool, StoreError> {
        if self.told_full
            || self.stopped
            || !self.room.has_reserve()
            || !self.segments.fits(staging::room_for(FULL_BYTES))
        {
            return Ok(false);
        }
        self.told_full = true;
        let entry = StoreFullRecord {
            at: now,
            path: what.path_below(self.disk.root()),
        };
        let entry = entry.encode().map_err(StoreError::Record)?;
        let commit = self.prepare(vec![Batch::new(vec![entry])?], None)?;
        self.record(commit)?;
        Ok(true)
    }

    /// Step by step, so that the last is the one that makes the commit last.
    pub fn record(&mut self, prepared: Prepared) -> Result<Arc<Commit>, StoreError> {
        let Prepared { commit, edge } = prepared;
        // Lifted only at the end: whichever step fails, nothing is written after it.
        self.stopped = true;
        let (entries, leaves) = (&commit.entries, &commit.leaves);
        let note = commit.checkpoint.note();
        let record = staging::encode(commit.old_size, note, entries, leaves);
        let record = record.map_err(|error| StoreError::TooLarge { number: 0, error })?;
        self.lock.must_be_ours(self.disk.root())?;
        // The names of the blobs that were put.
        self.disk.sync_folders()?;
        // Signatures of further algorithms may need more than was made room for.
        self.segments.make_fit(&self.disk, record.len() as u64)?;
        self.segments.append(&self.disk, &record)?;
        self.stopped = false;
        self.waiting = self.waiting.with(commit.waiting());
        self.edge = edge;
        self.checkpoint = commit.checkpoint.clone();
        let commit = Arc::new(commit);
        self.pending.push(commit.clone());
        Ok(commit)
    }

    /// Hands over what was recorded.
    pub fn take_job(&mut self) -> Job {
        Job {
            commits: std::mem::take(&mut self.pending),
            named: self.named.keys().copied().collect(),
            second: self.segments.is_second(),
        }
    }

    /// A job is published, and `tail` is the last bundle after it.
    pub fn published(&mut self, job: &Job, tail: u64) -> Result<(), StoreError> {
        let done = |digest: &Sha256Digest| job.commits.iter().any(|c| c.blobs.contains(digest));
        self.staged_blobs.retain(|digest| !done(digest));
        let pending = self.pending.iter();
        self.waiting = pending.fold(Waiting::default(), |sum, one| sum.with(one.waiting()));
        self.tail = tail;
        if let Some(last) = job.commits.last() {
            let size = last.head().size;
            self.named.retain(|named, _| *named > size);
        }
        self.segments.free(job.second)
    }

    fn is_published(&self, digest: &Sha256Digest) -> bool {
        self.disk.path(&path::blob(digest)).is_file()
    }
}
