//! From recorded commits to the public part of the log. Every step can be done again.

use std::collections::BTreeSet;
use std::sync::Arc;

use tlog_tiles::{Hash, record_hash};

use super::disk::Disk;
use super::error::StoreError;
use super::lock_file::LockFile;
use super::room::{Room, Waiting};
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::source::Source;
use crate::evidence::tree::{RightEdge, TreeHead, tile_bytes, tile_hashes};
use crate::model::Sha256Digest;

/// A path below the log's folder, and the content.
type NewFile = (String, Vec<u8>);

pub const STAGED_BLOBS: &str = ".state/blobs";

/// What publishing needs of the log so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub edge: RightEdge,
    /// The bytes of the last, partial bundle.
    pub tail: Vec<u8>,
}

/// Entries with the signed checkpoint over them and what follows from both.
#[derive(Debug)]
pub struct Commit {
    pub old_size: u64,
    pub entries: Vec<Vec<u8>>,
    pub leaves: Vec<Hash>,
    pub blobs: BTreeSet<Sha256Digest>,
    pub checkpoint: SignedCheckpoint,
}

/// Brings commits, which are recorded already, into the public part.
#[derive(Debug)]
pub struct Publisher {
    pub disk: Disk,
    pub lock: LockFile,
    pub room: Room,
    pub state: State,
    /// The newest checkpoint that is public.
    pub published: SignedCheckpoint,
}

impl State {
    /// Reads the right edge from disk. It is believed only because it gives the signed root.
    pub fn load(source: &dyn Source, head: TreeHead) -> Result<Option<Self>, StoreError> {
        let mut partial = vec![Vec::new(); 8];
        let mut tail = Vec::new();
        for tile in Tile::right_edge(head.size) {
            let Some(bytes) = source.read(&tile.path(), MAX_BUNDLE_BYTES)? else {
                return Ok(None);
            };
            match tile.row {
                Row::Entries => tail = bytes,
                Row::Level(level) => {
                    let hashes = tile_hashes(&bytes);
                    match (partial.get_mut(usize::from(level)), hashes) {
                        (Some(place), Some(hashes)) => *place = hashes,
                        _ => return Ok(None),
                    }
                }
            }
        }
        let leaves = bundle::entries(&tail).map(|entry| entry.map(record_hash).ok());
        let leaves: Option<Vec<Hash>> = leaves.collect();
        if leaves.as_ref() != partial.first() {
            return Ok(None);
        }
        let edge = RightEdge::from_partial_tiles(head.size, partial);
        let edge = edge.filter(|edge| edge.head() == head);
        Ok(edge.map(|edge| Self { edge, tail }))
    }
}

impl Commit {
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head()
    }

    pub fn waiting(&self) -> Waiting {
        let bytes = self.entries.iter().map(|entry| entry.len() as u64 + 2);
        Waiting {
            entry_bytes: bytes.sum(),
            leaves: self.leaves.len() as u64,
            blobs: self.blobs.len() as u64,
            checkpoints: 3,
        }
    }
}

impl Publisher {
    /// Puts blobs, tiles and bundles in place, moves the lock, and then puts the checkpoint over
    /// them. If the disk is full, what was held for this is given back. Of the checkpoints between the
    /// commits only those of the sizes `named` become public.
    ///
    /// # Errors
    /// A write or sync failed: the lock or the checkpoint may be behind, which the next start mends.
    pub fn publish(
        &mut self,
        commits: &[Arc<Commit>],
        named: &BTreeSet<u64>,
    ) -> Result<(), StoreError> {
        let Some(last) = commits.last() else {
            return Ok(());
        };
        let state = loop {
            match self.write(commits, named) {
                Err(error) if error.is_full() && self.room.release(&mut self.disk)? => {}
                other => break other?,
            }
        };
        let checkpoint = last.checkpoint.clone();
        self.state = state;
        self.published = checkpoint;
        Ok(())
    }

    fn write(
        &mut self,
        commits: &[Arc<Commit>],
        named: &BTreeSet<u64>,
    ) -> Result<State, StoreError> {
        let Some(last) = commits.last() else {
            return Ok(self.state.clone());
        };
        self.move_blobs(commits)?;
        let (state, mut files) = self.tiles(commits)?;
        files.extend(checkpoints(commits, named));
        self.disk.write_all(files)?;
        self.disk.sync_folders()?;
        // It is ours already where the disk was full after that.
        if !self.lock.is(last.checkpoint.note()) {
            self.lock.replace(&mut self.disk, last.checkpoint.note())?;
        }
        write_checkpoint(&mut self.disk, &last.checkpoint)?;
        let sizes = commits.iter().map(|commit| commit.old_size);
        clear_up(&mut self.disk, sizes, last.head().size)?;
        Ok(state)
    }

    fn move_blobs(&mut self, commits: &[Arc<Commit>]) -> Result<(), StoreError> {
        let disk = &mut self.disk;
        for digest in commits.iter().flat_map(|commit| &commit.blobs) {
            let to = disk.path(&path::blob(digest));
            let from = disk.path(&staged_blob(digest));
            if from.is_file() {
                disk.rename(&from, &to)?;
            } else if !to.is_file() {
                let what = format!("the blob {digest} is missing");
                return Err(StoreError::damaged(disk.root(), what));
            }
        }
        Ok(())
    }

    /// The tiles and bundles that are new with these commits, and the state after them.
    fn tiles(&self, commits: &[Arc<Commit>]) -> Result<(State, Vec<NewFile>), StoreError> {
        let unchanged = Tile::right_edge(self.state.edge.size());
        let State { mut edge, mut tail } = self.state.clone();
        let mut files = Vec::new();
        for commit in commits {
            for (entry, leaf) in commit.entries.iter().zip(&commit.leaves) {
                bundle::push(&mut tail, entry)
                    .map_err(|error| StoreError::damaged(self.disk.root(), error.to_string()))?;
                edge.push(*leaf, |tile, hashes| {
                    files.push((tile.path(), tile_bytes(hashes)));
                });
                if edge.size() % TILE_WIDTH == 0 {
                    let number = edge.size() / TILE_WIDTH - 1;
                    let bundle = Tile {
                        row: Row::Entries,
                        number,
                        width: TILE_WIDTH,
                    };
                    files.push((bundle.path(), std::mem::take(&mut tail)));
                }
            }
        }
        for (tile, hashes) in edge.partial_tiles() {
            if !unchanged.contains(&tile) {
                files.push((tile.path(), tile_bytes(hashes)));
            }
        }
        if let Some(bundle) = Tile::in_tree(Row::Entries, edge.size() / TILE_WIDTH, edge.size()) {
            files.push((bundle.path(), tail.clone()));
        }
        Ok((State { edge, tail }, files))
    }

    /// Completes what an earlier process began after it moved the lock: then all tiles are there.
    pub fn catch_up(&mut self) -> Result<(), StoreError> {
        write_checkpoint(&mut self.disk, &self.published)
    }

    /// Removes what logs of earlier sizes had at their right edge.
    pub fn clear_up(&mut self, earlier: impl Iterator<Item = u64>) -> Result<(), StoreError> {
        clear_up(&mut self.disk, earlier, self.published.head().size)
    }
}

fn checkpoints(commits: &[Arc<Commit>], named: &BTreeSet<u64>) -> Vec<(String, Vec<u8>)> {
    let named = commits
        .iter()
        .filter(|commit| named.contains(&commit.head().size));
    named
        .map(|commit| {
            let path = path::checkpoint_at(commit.head().size);
            (path, commit.checkpoint.note().to_vec())
        })
        .collect()
}

fn write_checkpoint(disk: &mut Disk, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
    let numbered = path::checkpoint_at(checkpoint.head().size);
    disk.write(&numbered, checkpoint.note())?;
    disk.sync_folders()?;
    disk.write(path::CHECKPOINT, checkpoint.note())?;
    disk.sync_folders()
}

/// Removes the partial tiles of earlier sizes that the log does not have at `size`.
fn clear_up(
    disk: &mut Disk,
    earlier: impl Iterator<Item = u64>,
    size: u64,
) -> Result<(), StoreError> {
    let kept: BTreeSet<Tile> = Tile::right_edge(size).into_iter().collect();
    let folders: BTreeSet<String> = kept.iter().map(Tile::partials_folder).collect();
    let gone: BTreeSet<Tile> = earlier.flat_map(Tile::right_edge).collect();
    for tile in gone.difference(&kept) {
        let path = disk.path(&tile.path());
        if path.is_file() {
            disk.remove(&path)?;
        }
    }
    for folder in gone
        .iter()
        .map(Tile::partials_folder)
        .collect::<BTreeSet<_>>()
    {
        let path = disk.path(&folder);
        if !folders.contains(&folder) && path.is_dir() {
            disk.remove_empty_folder(&path)?;
        }
    }
    disk.sync_folders()
}

pub fn staged_blob(digest: &Sha256Digest) -> String {
    format!("{STAGED_BLOBS}/{digest}")
}
