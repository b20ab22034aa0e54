//! The one writer of a log, for one caller.
//!
//! The order of a commit is what makes it last: it is recorded with its signed checkpoint in one
//! synced write, and from then on it is in the log whatever happens. Only then do tiles, blobs, the
//! lock and the public checkpoint follow; recovery does again whatever a crash left undone.

use std::path::Path;

use jiff::Timestamp;
use tlog_tiles::Hash;

use super::batch::Batch;
use super::begin::Beginning;
use super::disk::Disk;
use super::error::StoreError;
use super::folder::Folder;
use super::publish::Publisher;
use super::reader::Entries;
use super::recovery;
use super::room::Waiting;
use super::writer::Writer;
use super::writer_lock::WriterLock;
use crate::adapters::signing::{FileKeys, SignerSource};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::key::LogKey;
use crate::evidence::ring::KeyRing;
use crate::evidence::statement::Previous;
use crate::evidence::tree::TreeHead;
use crate::model::Sha256Digest;

/// A log that is open for writing. The folder is free again when this is dropped.
#[derive(Debug)]
pub struct EvidenceLog {
    pub(super) folder: Folder,
    pub(super) writer: Writer,
    pub(super) publisher: Publisher,
    pub(super) held: WriterLock,
}

/// The proof that entries are durably in the log. Only a log makes one.
#[derive(Debug)]
pub struct Receipt {
    first_index: u64,
    count: u64,
    tree_size: u64,
    root: Hash,
    recorded_at: Timestamp,
}

impl EvidenceLog {
    /// Opens the log in `dir`, and begins one where there is none, with a key from `keys` under
    /// `origin`. Completes whatever an earlier process left undone.
    ///
    /// # Errors
    /// Another process has it open; key or origin are others; the folder holds something else, or
    /// a log that went another way.
    pub fn open(dir: &Path, keys: &Path, origin: &str) -> Result<Self, StoreError> {
        let signers = FileKeys::new(keys, origin);
        Self::open_with(dir, &signers, origin, Beginning::Anytime)
    }

    /// As [`EvidenceLog::open`], with the signer that `signers` gives, and a new log is begun only as
    /// `beginning` says.
    ///
    /// # Errors
    /// As [`EvidenceLog::open`]; or there is no log, and none may be begun.
    pub fn open_with(
        dir: &Path,
        signers: &dyn SignerSource,
        origin: &str,
        beginning: Beginning,
    ) -> Result<Self, StoreError> {
        recovery::open(Disk::new(dir), signers, origin, beginning)
    }

    /// Appends entries as one batch: all of them or none. They are in-toto Statements, and each blob
    /// that they name was put before.
    ///
    /// # Errors
    /// An entry cannot be one, which changes nothing. Or the disk is full: then nothing of the batch
    /// is in the log, which says that it was full. Or a write failed: then the log takes no more, and
    /// the next open tells whether the batch was recorded; [`StoreError::Unpublished`] says that it
    /// was.
    pub fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Receipt, StoreError> {
        let receipt = self.record(entries, now)?;
        self.publish()?;
        Ok(receipt)
    }

    /// As [`EvidenceLog::append`], and readers see it with the next append or [`EvidenceLog::publish`], or
    /// when the log is opened again.
    ///
    /// # Errors
    /// As [`EvidenceLog::append`].
    pub fn record(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Receipt, StoreError> {
        self.writer.must_be_sound()?;
        let batch = Batch::new(entries)?;
        self.writer.admit(&batch)?;
        let count = batch.entries.len() as u64;
        // What waits may hold the room that this needs.
        if self.writer.hold_room(Waiting::of([&batch])).is_err() {
            self.publish()?;
        }
        let commit = match self.writer.commit(vec![batch]) {
            Err(error) if error.is_full() => return Err(self.refused_for_room(error, now)),
            other => other?,
        };
        Ok(Receipt::new(commit.old_size, count, commit.head(), now))
    }

    /// Makes a blob ready for the next append that names it; without one it is forgotten.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, StoreError> {
        self.writer.put_blob(bytes)
    }

    /// All entries in order, each checked against the signed root.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(&self.folder, self.publisher.published.head())
    }

    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.writer.checkpoint
    }

    /// The key that signs the log.
    pub fn key(&self) -> &LogKey {
        self.writer.signer.key()
    }

    /// Every key that signed the log, oldest first.
    pub fn keys(&self) -> &KeyRing {
        &self.writer.keys
    }

    pub fn origin(&self) -> &str {
        self.key().origin()
    }

    /// What a scan manifest names as the log that it found.
    pub fn previous(&self) -> Previous {
        Previous::of(self.writer.checkpoint.head())
    }

    /// Writes down that the disk is full, if it can, and gives back what the caller is to be told.
    pub fn refused_for_room(&mut self, error: StoreError, now: Timestamp) -> StoreError {
        match self.writer.tell_full(now, &error) {
            // If this fails, the log is stopped, and the next start publishes the record.
            Ok(true) => drop(self.publish()),
            Ok(false) => {}
            Err(worse) => return worse,
        }
        error
    }

    /// Brings what is recorded into the public part.
    ///
    /// # Errors
    /// A write failed: the log takes no more, and the next open completes it.
    pub fn publish(&mut self) -> Result<(), StoreError> {
        if self.writer.pending.is_empty() {
            return Ok(());
        }
        self.writer.must_be_sound()?;
        self.writer.stopped = true;
        let job = self.writer.take_job();
        let published = self.publisher.publish(&job.commits, &job.named);
        published.map_err(|source| StoreError::Unpublished {
            path: self.publisher.disk.root().to_owned(),
            source: Box::new(source),
        })?;
        let tail = self.publisher.state.tail.len() as u64;
        self.writer.published(&job, tail)?;
        self.writer.stopped = false;
        Ok(())
    }
}

impl Receipt {
    pub(super) fn new(
        first_index: u64,
        count: u64,
        head: TreeHead,
        recorded_at: Timestamp,
    ) -> Self {
        Self {
            first_index,
            count,
            tree_size: head.size,
            root: head.root,
            recorded_at,
        }
    }

    /// The index of the batch's first entry.
    pub fn first_index(&self) -> u64 {
        self.first_index
    }

    /// The indices of the batch's entries.
    pub fn indices(&self) -> std::ops::Range<u64> {
        self.first_index..self.first_index + self.count
    }

    /// The size of the log with the batch, and with those that share its commit.
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    pub fn root(&self) -> Hash {
        self.root
    }

    pub fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }
}
