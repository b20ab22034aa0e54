//! A whole log from a mirror. Only what is locked there is believed, and of that nothing that does not
//! give the root of the newest checkpoint: partial tiles are made anew from the entries.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tlog_tiles::record_hash;

use super::collect::bundle_start;
use super::error::RemoteLogError;
use crate::adapters::reason::reason;
use crate::adapters::store::Folder;
use crate::evidence::anchor::{ANCHORS, Anchor};
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::delta::{self, Delta, MAX_DELTA_BYTES};
use crate::evidence::key::LogKey;
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::ring::KeyRing;
use crate::evidence::statement;
use crate::evidence::timestamp::MAX_TOKEN_BYTES;
use crate::evidence::tree::{RightEdge, tile_bytes};
use crate::evidence::verify::{Trust, Verification, verify};
use crate::model::Sha256Digest;
use crate::ports::RemoteStore;

/// Names that are asked for at once.
const GROUP: usize = 64;

/// What becomes of each object, by name.
type Take<'t> = &'t mut dyn FnMut(&str, Vec<u8>) -> Result<(), RemoteLogError>;

/// A log that was brought back, and what verification says of it.
pub struct Restored {
    pub key: LogKey,
    pub verification: Verification,
}

/// Brings the log in a store back into a new folder, and verifies it. `pinned` is the log's key from
/// elsewhere; without it the key that lies in the store is taken.
///
/// # Errors
/// The folder exists; the store lacks something or does not answer; or what it has is not one log.
pub fn restore(
    store: &dyn RemoteStore,
    out: &Path,
    pinned: Option<LogKey>,
) -> Result<Restored, RemoteLogError> {
    if out.exists() {
        return Err(RemoteLogError::Exists(out.to_owned()));
    }
    let place = store.place().to_owned();
    let stored = store.get(path::VERIFIER_KEY, MAX_NOTE_BYTES)?;
    let stored = stored.ok_or(RemoteLogError::NoLog { place })?;
    let keys = KeyRing::parse_file(&stored.bytes);
    let keys = keys.map_err(|error| RemoteLogError::Damaged(format!("`log.vkey`: {error}")))?;
    // Where the pinned key is none of the log's, nothing that lies there is signed by it.
    let keys = match &pinned {
        Some(pinned) if !keys.contains(pinned) => KeyRing::from(pinned.clone()),
        Some(_) | None => keys,
    };
    let run = Run {
        store,
        out,
        keys,
        pinned,
    };
    let restored = run.all();
    if restored.is_err() {
        // The first failure is the one to report.
        drop(fs::remove_dir_all(out));
    }
    restored
}

struct Run<'r> {
    store: &'r dyn RemoteStore,
    out: &'r Path,
    keys: KeyRing,
    pinned: Option<LogKey>,
}

impl Run<'_> {
    fn all(self) -> Result<Restored, RemoteLogError> {
        let checkpoints = self.checkpoints()?;
        let Some(newest) = checkpoints.last() else {
            let place = self.store.place().to_owned();
            return Err(RemoteLogError::NoLog { place });
        };
        let head = newest.head();
        let mut tree = Tree {
            run: &self,
            edge: RightEdge::default(),
            tail: Vec::new(),
            blobs: BTreeSet::new(),
        };
        tree.bundles(head.size)?;
        tree.batches(&checkpoints)?;
        if tree.edge.size() < head.size {
            return Err(RemoteLogError::Incomplete {
                place: self.store.place().to_owned(),
                index: tree.edge.size(),
            });
        }
        if tree.edge.head() != head {
            return Err(RemoteLogError::OtherRoot {
                place: self.store.place().to_owned(),
                size: head.size,
            });
        }
        tree.partials()?;
        let blobs: Vec<String> = tree.blobs.iter().map(path::blob).collect();
        self.blobs(&blobs)?;
        for checkpoint in &checkpoints {
            self.write(
                &path::checkpoint_at(checkpoint.head().size),
                checkpoint.note(),
            )?;
        }
        self.anchors(head.size)?;
        self.write(path::VERIFIER_KEY, &self.keys.file_bytes())?;
        self.write(path::CHECKPOINT, newest.note())?;
        let trust = Trust {
            key: self.pinned,
            ..Trust::default()
        };
        let verification = verify(&Folder::new(self.out), &trust);
        Ok(Restored {
            key: self.keys.newest().clone(),
            verification,
        })
    }

    /// Every numbered checkpoint, the oldest first.
    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, RemoteLogError> {
        let names = self.store.list(&format!("{}/", path::CHECKPOINTS))?;
        let sizes: BTreeSet<u64> = names
            .iter()
            .filter_map(|name| path::parse_checkpoint(name))
            .collect();
        let names: Vec<String> = sizes
            .iter()
            .map(|size| path::checkpoint_at(*size))
            .collect();
        let mut checkpoints = Vec::new();
        self.fetch(&names, MAX_NOTE_BYTES, &mut |name, bytes| {
            let opened = SignedCheckpoint::open(&bytes, &self.keys);
            let opened = opened.map_err(|error| RemoteLogError::Checkpoint {
                place: self.store.place().to_owned(),
                name: name.to_owned(),
                error,
            })?;
            checkpoints.push(opened);
            Ok(())
        })?;
        Ok(checkpoints)
    }

    fn blobs(&self, names: &[String]) -> Result<(), RemoteLogError> {
        self.fetch(names, u64::MAX - 1, &mut |name, bytes| {
            let named = path::parse_blob(name);
            match named.is_some_and(|digest| digest == Sha256Digest::of(&bytes)) {
                true => self.write(name, &bytes),
                false => Err(RemoteLogError::Damaged(format!(
                    "`{name}` in {} is not what its name says",
                    self.store.place()
                ))),
            }
        })
    }

    fn anchors(&self, size: u64) -> Result<(), RemoteLogError> {
        let mut names = self.store.list(&format!("{}/", ANCHORS))?;
        names.retain(|name| Anchor::parse(name).is_some_and(|at| at.size <= size));
        self.fetch(&names, MAX_TOKEN_BYTES, &mut |name, bytes| {
            self.write(name, &bytes)
        })
    }

    /// Reads objects that must be there, in order.
    fn fetch(&self, names: &[String], limit: u64, take: Take<'_>) -> Result<(), RemoteLogError> {
        for group in names.chunks(GROUP) {
            let found = self.store.get_all(group, limit)?;
            for (name, bytes) in group.iter().zip(found) {
                let bytes = bytes.ok_or_else(|| {
                    let place = self.store.place();
                    RemoteLogError::Damaged(format!("{place} lacks `{name}`"))
                })?;
                take(name, bytes)?;
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RemoteLogError> {
        let target = self.out.join(name);
        let folder = target.parent().unwrap_or(self.out);
        let written = fs::create_dir_all(folder)
            .and_then(|()| fs::File::create_new(&target))
            .and_then(|mut file| {
                std::io::Write::write_all(&mut file, bytes)?;
                file.sync_data()
            });
        written.map_err(|error| RemoteLogError::Write {
            path: target.display().to_string(),
            reason: reason(&error),
        })
    }
}

/// The tree as it grows from entries.
struct Tree<'t> {
    run: &'t Run<'t>,
    edge: RightEdge,
    /// The entries of the last, partial bundle.
    tail: Vec<u8>,
    blobs: BTreeSet<Sha256Digest>,
}

impl Tree<'_> {
    fn bundles(&mut self, size: u64) -> Result<(), RemoteLogError> {
        let names = (0..size / TILE_WIDTH).map(|number| full_bundle(number).path());
        let names: Vec<String> = names.collect();
        let run = self.run;
        run.fetch(&names, MAX_BUNDLE_BYTES, &mut |name, bytes| {
            for entry in bundle::entries(&bytes) {
                let entry = entry.map_err(|error| {
                    RemoteLogError::Damaged(format!("`{name}` in {}: {error}", run.store.place()))
                })?;
                self.push(entry)?;
            }
            Ok(())
        })
    }

    /// The entries of the last bundle, from the batches that they came with.
    fn batches(&mut self, checkpoints: &[SignedCheckpoint]) -> Result<(), RemoteLogError> {
        let last = checkpoints.last().map_or(0, |newest| newest.head().size);
        let start = bundle_start(last);
        let within = checkpoints.iter().map(SignedCheckpoint::head);
        let names: Vec<String> = within
            .filter(|head| head.size > start)
            .map(delta::name)
            .collect();
        for group in names.chunks(GROUP) {
            let found = self.run.store.get_all(group, MAX_DELTA_BYTES)?;
            for delta in found
                .iter()
                .flatten()
                .filter_map(|bytes| Delta::decode(bytes))
            {
                let known = self.edge.size().saturating_sub(delta.first);
                if delta.first > self.edge.size() {
                    continue;
                }
                let new = delta
                    .entries
                    .iter()
                    .skip(usize::try_from(known).unwrap_or(usize::MAX));
                for entry in new {
                    self.push(entry)?;
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, entry: &[u8]) -> Result<(), RemoteLogError> {
        let index = self.edge.size();
        let head = statement::read_head(entry, index)
            .map_err(|error| RemoteLogError::Damaged(format!("entry {index}: {error}")))?;
        self.blobs.extend(head.blobs);
        bundle::push(&mut self.tail, entry)
            .map_err(|error| RemoteLogError::Damaged(format!("entry {index}: {error}")))?;
        let mut full = Vec::new();
        self.edge.push(record_hash(entry), |tile, hashes| {
            full.push((tile.path(), tile_bytes(hashes)));
        });
        if self.edge.size().is_multiple_of(TILE_WIDTH) {
            let bundle = full_bundle(self.edge.size() / TILE_WIDTH - 1);
            full.push((bundle.path(), std::mem::take(&mut self.tail)));
        }
        full.iter()
            .try_for_each(|(name, bytes)| self.run.write(name, bytes))
    }

    fn partials(&self) -> Result<(), RemoteLogError> {
        for (tile, hashes) in self.edge.partial_tiles() {
            self.run.write(&tile.path(), &tile_bytes(hashes))?;
        }
        let size = self.edge.size();
        match Tile::in_tree(Row::Entries, size / TILE_WIDTH, size) {
            Some(tile) => self.run.write(&tile.path(), &self.tail),
            None => Ok(()),
        }
    }
}

fn full_bundle(number: u64) -> Tile {
    Tile {
        row: Row::Entries,
        number,
        width: TILE_WIDTH,
    }
}
