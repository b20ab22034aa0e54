//! The one writer of a log.
//!
//! The order of a commit is what makes it last: the batch is staged and synced and room is held for
//! what follows, the checkpoint over it is signed and takes the place of the last one in
//! `.state/lock`, and from then on the entries are recorded whatever happens. Only then do tiles,
//! blobs and the public checkpoint follow; recovery does again whatever a crash left undone.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use tlog_tiles::Hash;

use super::disk::Disk;
use super::error::StoreError;
use super::folder::Folder;
use super::publish::{self, Commit, State, staged_blob};
use super::reader::Entries;
use super::recovery;
use super::room::{self, HELD};
use super::staging::{Batch, STAGING};
use super::writer_lock::WriterLock;
use crate::adapters::signing::{FileKeys, SignerSource};
use crate::evidence::bundle::{EntryTooLarge, MAX_ENTRY_BYTES};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::ring::KeyRing;
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::{self, Previous};
use crate::evidence::tree::TreeHead;
use crate::model::Sha256Digest;

pub const LOCK: &str = ".state/lock";

/// A log that is open for writing. The folder is free again when this is dropped.
#[derive(Debug)]
pub struct EvidenceLog {
    pub(super) disk: Disk,
    pub(super) folder: Folder,
    pub(super) signer: Box<dyn CheckpointSigner>,
    /// Every key that signed the log, the signer's last.
    pub(super) keys: KeyRing,
    pub(super) state: State,
    pub(super) checkpoint: SignedCheckpoint,
    pub(super) staged_blobs: BTreeSet<Sha256Digest>,
    /// A write failed: what is on disk is no longer known, so that nothing more is written.
    pub(super) stopped: bool,
    pub(super) _writer: WriterLock,
}

/// The proof that entries are durably in the log. Only a log makes one.
#[derive(Debug)]
pub struct Receipt {
    first_index: u64,
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
        Self::open_with(dir, &FileKeys::new(keys, origin), origin)
    }

    /// As [`EvidenceLog::open`], with a signer from elsewhere.
    ///
    /// # Errors
    /// As [`EvidenceLog::open`].
    pub fn open_with(
        dir: &Path,
        signer: &dyn SignerSource,
        origin: &str,
    ) -> Result<Self, StoreError> {
        recovery::open(Disk::new(dir), signer, origin)
    }

    /// Appends entries as one batch: all of them or none. They are in-toto Statements, and each blob
    /// that they name was put before.
    ///
    /// # Errors
    /// An entry cannot be one, which changes nothing. Or a write failed: then the log takes no more,
    /// and the next open tells whether the batch was recorded; [`StoreError::Unpublished`] says that
    /// it was.
    pub fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Receipt, StoreError> {
        let commit = self.prepare(entries)?;
        // Lifted only at the end: whichever step fails, nothing is written after it.
        self.stopped = true;
        self.stage(&commit)?;
        let checkpoint = self.record(&commit, None)?;
        let receipt = Receipt {
            first_index: commit.batch.old_size,
            tree_size: commit.head.size,
            root: commit.head.root,
            recorded_at: now,
        };
        self.state = self.publish(&commit, &checkpoint)?;
        self.checkpoint = checkpoint;
        self.stopped = false;
        Ok(receipt)
    }

    /// Makes a blob ready for the next append that names it; without one it is forgotten.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, StoreError> {
        self.must_be_sound()?;
        let digest = Sha256Digest::of(bytes);
        if self.staged_blobs.contains(&digest) || self.is_published(&digest) {
            return Ok(digest);
        }
        self.stopped = true;
        self.disk.write(&staged_blob(&digest), bytes)?;
        self.stopped = false;
        self.staged_blobs.insert(digest);
        Ok(digest)
    }

    /// All entries in order, each checked against the signed root.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(&self.folder, self.checkpoint.head())
    }

    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The key that signs the log.
    pub fn key(&self) -> &LogKey {
        self.signer.key()
    }

    /// Every key that signed the log, oldest first.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    pub fn origin(&self) -> &str {
        self.signer.key().origin()
    }

    /// What a scan manifest names as the log that it found.
    pub fn previous(&self) -> Previous {
        Previous::of(self.checkpoint.head())
    }

    pub(super) fn prepare(&self, entries: Vec<Vec<u8>>) -> Result<Commit, StoreError> {
        self.must_be_sound()?;
        if entries.is_empty() {
            return Err(StoreError::NothingToAppend);
        }
        let old_size = self.checkpoint.head().size;
        let mut blobs = BTreeSet::new();
        for ((number, entry), index) in entries.iter().enumerate().zip(old_size..) {
            let bytes = entry.len();
            if bytes > MAX_ENTRY_BYTES {
                let error = EntryTooLarge { bytes };
                return Err(StoreError::TooLarge { number, error });
            }
            let head = statement::read_head(entry, index)
                .map_err(|error| StoreError::NoStatement { number, error })?;
            self.check_previous(number, head.previous)?;
            for digest in head.blobs {
                if !self.staged_blobs.contains(&digest) && !self.is_published(&digest) {
                    let digest = digest.to_string();
                    return Err(StoreError::UnknownBlob { number, digest });
                }
                blobs.insert(digest);
            }
        }
        Ok(Commit::new(Batch { old_size, entries }, blobs, &self.state))
    }

    /// An entry may name only a checkpoint that was published with that root.
    fn check_previous(&self, number: usize, named: Option<TreeHead>) -> Result<(), StoreError> {
        let Some(named) = named else {
            return Ok(());
        };
        let newest = self.checkpoint.head();
        if named == newest {
            return Ok(());
        }
        let path = self.disk.path(&path::checkpoint_at(named.size));
        let known = std::fs::read(path).ok();
        let known = known.and_then(|note| SignedCheckpoint::open(&note, &self.keys).ok());
        if known.is_some_and(|known| known.head() == named) {
            return Ok(());
        }
        let error = statement::StatementError::Previous(named.size);
        Err(StoreError::NoStatement { number, error })
    }

    /// Step 1: the batch and its blobs are on disk, and there is room for what follows.
    pub(super) fn stage(&mut self, commit: &Commit) -> Result<(), StoreError> {
        let bytes = commit.batch.encode();
        let bytes = bytes.map_err(|error| StoreError::TooLarge { number: 0, error })?;
        let path = format!("{STAGING}/{}", Batch::file_name(commit.head));
        self.disk.write(&path, &bytes)?;
        self.disk.hold(HELD, room::needed(commit, &self.state))?;
        self.disk.sync_folders()
    }

    /// Step 2: the signed checkpoint replaces the last one, if that is still the one we know.
    /// A key that takes over signs with the present one.
    pub(super) fn record(
        &mut self,
        commit: &Commit,
        next: Option<&dyn CheckpointSigner>,
    ) -> Result<SignedCheckpoint, StoreError> {
        let root = self.disk.root().to_owned();
        let signed = SignedCheckpoint::sign_by_both(commit.head, &*self.signer, next);
        let signed = signed.map_err(|error| StoreError::Checkpoint {
            path: root.clone(),
            error,
        })?;
        let lock = self.disk.path(LOCK);
        let before = std::fs::read(&lock).map_err(StoreError::io("read", &lock))?;
        if before != self.checkpoint.note() {
            let what = "another process wrote to it".to_owned();
            return Err(StoreError::Forked { path: root, what });
        }
        self.disk.write(LOCK, signed.note())?;
        self.disk.sync_folders()?;
        Ok(signed)
    }

    /// Step 3: the public part follows.
    pub(super) fn publish(
        &mut self,
        commit: &Commit,
        checkpoint: &SignedCheckpoint,
    ) -> Result<State, StoreError> {
        let published = publish::publish(&mut self.disk, &self.state, commit, checkpoint);
        let state = published.map_err(|source| StoreError::Unpublished {
            path: self.disk.root().to_owned(),
            source: Box::new(source),
        })?;
        self.staged_blobs
            .retain(|digest| !commit.blobs.contains(digest));
        Ok(state)
    }

    fn is_published(&self, digest: &Sha256Digest) -> bool {
        self.disk.path(&path::blob(digest)).is_file()
    }

    fn must_be_sound(&self) -> Result<(), StoreError> {
        match self.stopped {
            true => Err(StoreError::Stopped),
            false => Ok(()),
        }
    }
}

impl Receipt {
    /// The index of the batch's first entry.
    pub fn first_index(&self) -> u64 {
        self.first_index
    }

    /// The size of the log with the batch.
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
