//! What a mirror lacks, read from the log here. Everything is shown to belong to the signed checkpoint
//! before it leaves: what is locked for years is locked right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::time::SystemTime;

use jiff::Timestamp;
use tlog_tiles::record_hash;

use super::error::RemoteLogError;
use crate::adapters::store::EvidenceReader;
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::delta::{self, Delta};
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::proof::authentic_hashes;
use crate::evidence::source::Source;
use crate::evidence::statement;
use crate::evidence::tree::{TreeHead, tile_bytes};
use crate::model::Sha256Digest;
use crate::ports::Object;

type Send<'s> = &'s mut dyn FnMut(Object) -> Result<(), RemoteLogError>;

/// The log here, and from where on it is missing elsewhere.
pub struct Missing<'l> {
    log: &'l EvidenceReader,
    from: u64,
    head: TreeHead,
    /// The published checkpoints up to the head.
    checkpoints: BTreeMap<u64, SignedCheckpoint>,
}

impl<'l> Missing<'l> {
    pub fn new(log: &'l EvidenceReader, from: u64) -> Result<Self, RemoteLogError> {
        let head = log.checkpoint().head();
        let mut missing = Self {
            log,
            from,
            head,
            checkpoints: BTreeMap::new(),
        };
        let sizes = checkpoint_sizes(log)?;
        // The one before is where the first batch begins.
        let before = sizes
            .range(..=bundle_start(head.size).max(from))
            .next_back();
        let first = before.copied().unwrap_or(0).min(from);
        for size in sizes.range(first..=head.size) {
            let checkpoint = missing.checkpoint(*size)?;
            missing.checkpoints.insert(*size, checkpoint);
        }
        Ok(missing)
    }

    /// Everything that is locked: blobs, full tiles and bundles, batches, and then the checkpoints in
    /// order, so that a checkpoint that is there has all that it covers.
    pub fn locked(&self, send: Send<'_>) -> Result<(), RemoteLogError> {
        let mut blobs = BTreeSet::new();
        for tile in self.new_full_tiles() {
            let bytes = match tile.row {
                Row::Entries => self.bundle(tile, &mut blobs)?.1,
                Row::Level(_) => tile_bytes(&authentic_hashes(self.source(), self.head, tile)?),
            };
            let name = tile.path();
            send(Object { name, bytes })?;
        }
        let last = Tile::in_tree(Row::Entries, self.head.size / TILE_WIDTH, self.head.size);
        if let Some(tile) = last {
            let (entries, _) = self.bundle(tile, &mut blobs)?;
            for (checkpoint, delta) in self.batches(&entries) {
                let bytes = delta
                    .encode()
                    .map_err(|error| RemoteLogError::Damaged(error.to_string()))?;
                let name = delta::name(checkpoint);
                send(Object { name, bytes })?;
            }
        }
        for digest in blobs {
            send(self.blob(&digest)?)?;
        }
        // Where nothing is there yet, also the checkpoint over no entries, which the first ones name.
        let first = if self.from == 0 { 0 } else { self.from + 1 };
        for (size, checkpoint) in self.checkpoints.range(first..) {
            let name = path::checkpoint_at(*size);
            let bytes = checkpoint.note().to_vec();
            send(Object { name, bytes })?;
        }
        Ok(())
    }

    /// What changes with every checkpoint: the partial tiles, and the key for whoever copies the whole.
    pub fn unlocked(&self, send: Send<'_>) -> Result<(), RemoteLogError> {
        for tile in Tile::right_edge(self.head.size) {
            let bytes = match tile.row {
                Row::Entries => self.bundle(tile, &mut BTreeSet::new())?.1,
                Row::Level(_) => tile_bytes(&authentic_hashes(self.source(), self.head, tile)?),
            };
            let name = tile.path();
            send(Object { name, bytes })?;
        }
        let key = self.source().read(path::VERIFIER_KEY, MAX_NOTE_BYTES)?;
        let bytes = key.ok_or_else(|| missing(path::VERIFIER_KEY))?;
        let name = path::VERIFIER_KEY.to_owned();
        send(Object { name, bytes })
    }

    fn source(&self) -> &'l dyn Source {
        self.log.folder()
    }

    fn checkpoint(&self, size: u64) -> Result<SignedCheckpoint, RemoteLogError> {
        let path = path::checkpoint_at(size);
        let note = self.source().read(&path, MAX_NOTE_BYTES)?;
        let note = note.ok_or_else(|| missing(&path))?;
        let opened = SignedCheckpoint::open(&note, self.log.keys())
            .map_err(|error| RemoteLogError::Damaged(format!("`{path}`: {error}")))?;
        match opened.head().size == size {
            true => Ok(opened),
            false => Err(RemoteLogError::Damaged(format!(
                "`{path}` is of another size"
            ))),
        }
    }

    fn new_full_tiles(&self) -> impl Iterator<Item = Tile> {
        let rows = std::iter::once(Row::Entries).chain((0..8).map(Row::Level));
        let (from, size) = (self.from, self.head.size);
        rows.flat_map(move |row| {
            let height = match row {
                Row::Entries => 0,
                Row::Level(level) => 8 * u32::from(level),
            };
            let full = |size: u64| size.checked_shr(height).unwrap_or(0) / TILE_WIDTH;
            (full(from)..full(size)).map(move |number| Tile {
                row,
                number,
                width: TILE_WIDTH,
            })
        })
    }

    /// The entries of a bundle and its bytes. Notes the blobs of those entries that are new.
    fn bundle(
        &self,
        tile: Tile,
        blobs: &mut BTreeSet<Sha256Digest>,
    ) -> Result<(Vec<Vec<u8>>, Vec<u8>), RemoteLogError> {
        let path = tile.path();
        let bytes = self.source().read(&path, MAX_BUNDLE_BYTES)?;
        let bytes = bytes.ok_or_else(|| missing(&path))?;
        let entries = bundle::entries(&bytes).map(|entry| entry.map(<[u8]>::to_vec));
        let entries: Vec<Vec<u8>> = entries
            .collect::<Result<_, _>>()
            .map_err(|error| RemoteLogError::Damaged(format!("`{path}`: {error}")))?;
        let hashes = authentic_hashes(self.source(), self.head, tile)?;
        let same = entries.len() == hashes.len()
            && entries
                .iter()
                .zip(&hashes)
                .all(|(entry, hash)| record_hash(entry) == *hash);
        if !same {
            let what = format!("`{path}` holds other entries than the checkpoint covers");
            return Err(RemoteLogError::Damaged(what));
        }
        for (entry, index) in entries.iter().zip(tile.number * TILE_WIDTH..) {
            if index >= self.from {
                let head = statement::read_head(entry, index)
                    .map_err(|error| RemoteLogError::Damaged(format!("entry {index}: {error}")))?;
                blobs.extend(head.blobs);
            }
        }
        Ok((entries, bytes))
    }

    /// One batch for each checkpoint within the last bundle. What is in a batch follows from the log
    /// alone, never from how far a mirror was, so that every try makes the same bytes.
    fn batches(&self, entries: &[Vec<u8>]) -> Vec<(TreeHead, Delta)> {
        let start = bundle_start(self.head.size);
        let mut batches = Vec::new();
        let mut before = start;
        for (size, checkpoint) in &self.checkpoints {
            if *size <= start {
                continue;
            }
            let within = |size: u64| usize::try_from(size - start).unwrap_or(usize::MAX);
            let own = entries.get(within(before)..within(*size));
            if *size > self.from {
                let entries = own.unwrap_or_default().to_vec();
                let first = before;
                batches.push((checkpoint.head(), Delta { first, entries }));
            }
            before = *size;
        }
        batches
    }

    fn blob(&self, digest: &Sha256Digest) -> Result<Object, RemoteLogError> {
        let name = path::blob(digest);
        let bytes = self.source().read(&name, u64::MAX - 1)?;
        let bytes = bytes.filter(|bytes| Sha256Digest::of(bytes) == *digest);
        let bytes = bytes.ok_or_else(|| {
            RemoteLogError::Damaged(format!("`{name}` is missing or not what its name says"))
        })?;
        Ok(Object { name, bytes })
    }
}

fn missing(path: &str) -> RemoteLogError {
    RemoteLogError::Damaged(format!("`{path}` is missing"))
}

/// The index of the first entry of the bundle that grows.
pub fn bundle_start(size: u64) -> u64 {
    size / TILE_WIDTH * TILE_WIDTH
}

/// The sizes at which the log here was published.
fn checkpoint_sizes(log: &EvidenceReader) -> Result<BTreeSet<u64>, RemoteLogError> {
    let folder = log.folder().root().join(path::CHECKPOINTS);
    let read = |error: std::io::Error| RemoteLogError::Damaged(format!("`checkpoints`: {error}"));
    let mut sizes = BTreeSet::new();
    for item in fs::read_dir(folder).map_err(read)? {
        let name = item.map_err(read)?.file_name();
        let path = format!("{}/{}", path::CHECKPOINTS, name.to_string_lossy());
        sizes.extend(path::parse_checkpoint(&path));
    }
    Ok(sizes)
}

/// When the oldest entry that is missing was published: the time of the first checkpoint over it.
pub fn oldest_missing(
    log: &EvidenceReader,
    covered: u64,
) -> Result<Option<Timestamp>, RemoteLogError> {
    if covered >= log.checkpoint().head().size {
        return Ok(None);
    }
    let sizes = checkpoint_sizes(log)?;
    let Some(first) = sizes.range(covered + 1..).next() else {
        return Ok(None);
    };
    let path = log.folder().root().join(path::checkpoint_at(*first));
    let written = fs::metadata(path).and_then(|found| found.modified());
    match written {
        Ok(time) => Ok(timestamp(time)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RemoteLogError::Damaged(error.to_string())),
    }
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}
