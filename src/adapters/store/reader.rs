//! Reading a log without lock and key. Nothing read is believed before it is shown to belong to the
//! signed checkpoint.

use std::path::Path;

use tlog_tiles::record_hash;

use super::error::StoreError;
use super::folder::Folder;
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::key::LogKey;
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::proof::{InclusionProof, ProofError, prove_inclusion};
use crate::evidence::ring::KeyRing;
use crate::evidence::source::Source;
use crate::evidence::tree::{RightEdge, TreeHead};
use crate::model::Sha256Digest;

/// How often a log is opened anew because it was published in the midst of that.
const TRIES: u32 = 20;

/// One entry as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub index: u64,
    pub bytes: Vec<u8>,
}

/// A log that is open for reading, at the checkpoint that was there when it was opened.
#[derive(Debug)]
pub struct EvidenceReader {
    folder: Folder,
    keys: KeyRing,
    checkpoint: SignedCheckpoint,
}

impl EvidenceReader {
    /// Opens a log and keeps in memory what a writer removes as the log grows: however long it is read,
    /// it is there as it was when it was opened.
    ///
    /// # Errors
    /// There is no log, or its checkpoint is not signed by the key in `log.vkey`.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let mut tries = TRIES;
        loop {
            let mut reader = Self::open_now(dir)?;
            let edge = Tile::right_edge(reader.checkpoint.head().size);
            let paths: Vec<String> = edge.iter().map(Tile::path).collect();
            tries -= 1;
            // What is missing still is so for good: whoever reads it says so.
            if reader.folder.hold(&paths, MAX_BUNDLE_BYTES) || tries == 0 {
                return Ok(reader);
            }
        }
    }

    fn open_now(dir: &Path) -> Result<Self, StoreError> {
        let folder = Folder::new(dir);
        let no_log = || StoreError::NoLog(dir.to_owned());
        let keys = folder.read(path::VERIFIER_KEY, MAX_NOTE_BYTES)?;
        let keys = KeyRing::parse_file(&keys.ok_or_else(no_log)?)
            .map_err(|error| StoreError::damaged(dir, format!("`log.vkey`: {error}")))?;
        let note = folder.read(path::CHECKPOINT, MAX_NOTE_BYTES)?;
        let checkpoint =
            SignedCheckpoint::open(&note.ok_or_else(no_log)?, &keys).map_err(|error| {
                let path = dir.join(path::CHECKPOINT);
                StoreError::Checkpoint { path, error }
            })?;
        Ok(Self {
            folder,
            keys,
            checkpoint,
        })
    }

    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The key that signs the log now.
    pub fn key(&self) -> &LogKey {
        self.keys.newest()
    }

    /// Every key that signed the log, oldest first.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// All entries in order, each checked against the signed root.
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(&self.folder, self.checkpoint.head())
    }

    /// One entry with the proof that it is in the log.
    ///
    /// # Errors
    /// There is no such entry, or it does not belong to the checkpoint.
    pub fn entry(&self, index: u64) -> Result<(Entry, InclusionProof), StoreError> {
        let head = self.checkpoint.head();
        let size = head.size;
        let place = usize::try_from(index % TILE_WIDTH).unwrap_or_default();
        let bundle = Tile::in_tree(Row::Entries, index / TILE_WIDTH, size);
        let bundle = bundle.filter(|_| index < size);
        let bundle = bundle.ok_or(ProofError::NoSuchEntry { index, size })?;
        let read = read_bundle(&self.folder, bundle)?;
        let found = read.into_iter().nth(place);
        let bytes = found.ok_or(ProofError::OtherEntry(index))?;
        let proof = prove_inclusion(&self.folder, head, index, &bytes)?;
        Ok((Entry { index, bytes }, proof))
    }

    /// A blob that an entry names, checked against its digest.
    ///
    /// # Errors
    /// It is missing, or is not what its name says.
    pub fn blob(&self, digest: &Sha256Digest) -> Result<Vec<u8>, StoreError> {
        let path = path::blob(digest);
        let bytes = self.folder.read(&path, u64::MAX - 1)?;
        let bytes = bytes.filter(|bytes| Sha256Digest::of(bytes) == *digest);
        bytes.ok_or_else(|| {
            let what = format!("`{path}` is missing or not what its name says");
            StoreError::damaged(self.folder.root(), what)
        })
    }
}

/// Reads entries bundle by bundle. If they do not give the signed root, the last item is an error:
/// whoever decides on entries reads to the end first.
#[derive(Debug)]
pub struct Entries<'f> {
    folder: &'f Folder,
    head: TreeHead,
    edge: RightEdge,
    bundle: std::vec::IntoIter<Vec<u8>>,
    done: bool,
}

impl<'f> Entries<'f> {
    pub(super) fn new(folder: &'f Folder, head: TreeHead) -> Self {
        Self {
            folder,
            head,
            edge: RightEdge::default(),
            bundle: Vec::new().into_iter(),
            done: false,
        }
    }

    fn advance(&mut self) -> Result<Option<Entry>, StoreError> {
        let index = self.edge.size();
        if index == self.head.size {
            self.done = true;
            if self.edge.head() != self.head {
                let what = "its entries are not those that the checkpoint covers";
                return Err(StoreError::damaged(self.folder.root(), what));
            }
            return Ok(None);
        }
        if self.bundle.len() == 0 {
            let bundle = Tile::in_tree(Row::Entries, index / TILE_WIDTH, self.head.size);
            let bundle = bundle.ok_or_else(|| StoreError::NoLog(self.folder.root().to_owned()))?;
            self.bundle = read_bundle(self.folder, bundle)?.into_iter();
        }
        let bytes = self.bundle.next().unwrap_or_default();
        self.edge.push(record_hash(&bytes), |_, _| {});
        Ok(Some(Entry { index, bytes }))
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance();
        self.done |= next.is_err();
        next.transpose()
    }
}

/// The entries of one bundle; those of the full one if the partial one was replaced meanwhile.
fn read_bundle(folder: &Folder, tile: Tile) -> Result<Vec<Vec<u8>>, StoreError> {
    let full = Tile {
        width: TILE_WIDTH,
        ..tile
    };
    let damaged = |what: &str| {
        let what = format!("`{}` {what}", tile.path());
        StoreError::damaged(folder.root(), what)
    };
    let bytes = match folder.read(&tile.path(), MAX_BUNDLE_BYTES)? {
        Some(bytes) => Some(bytes),
        None => folder.read(&full.path(), MAX_BUNDLE_BYTES)?,
    };
    let bytes = bytes.ok_or_else(|| damaged("is missing"))?;
    let width = usize::try_from(tile.width).unwrap_or(usize::MAX);
    let entries = bundle::entries(&bytes).take(width);
    let entries = entries.map(|entry| entry.map(<[u8]>::to_vec));
    let entries = entries.collect::<Result<Vec<_>, _>>();
    let entries = entries.map_err(|error| damaged(&format!("is damaged: {error}")))?;
    match entries.len() == width {
        true => Ok(entries),
        false => Err(damaged("holds too few entries")),
    }
}
