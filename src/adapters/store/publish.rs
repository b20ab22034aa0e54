//! From a recorded batch to the public part of the log. Every step can be done again.

use std::collections::BTreeSet;

use tlog_tiles::{Hash, record_hash};

use super::disk::Disk;
use super::error::StoreError;
use super::room::HELD;
use super::staging::{Batch, STAGING};
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::source::Source;
use crate::evidence::tree::{RightEdge, TreeHead, tile_bytes, tile_hashes};
use crate::model::Sha256Digest;

pub const STAGED_BLOBS: &str = ".state/blobs";

/// What appending needs of the log so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub edge: RightEdge,
    /// The bytes of the last, partial bundle.
    pub tail: Vec<u8>,
}

/// A batch with what follows from it.
#[derive(Debug)]
pub struct Commit {
    pub batch: Batch,
    pub leaves: Vec<Hash>,
    pub blobs: BTreeSet<Sha256Digest>,
    pub head: TreeHead,
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
    pub fn new(batch: Batch, blobs: BTreeSet<Sha256Digest>, state: &State) -> Self {
        let leaves: Vec<Hash> = batch
            .entries
            .iter()
            .map(|entry| record_hash(entry))
            .collect();
        let mut edge = state.edge.clone();
        for leaf in &leaves {
            edge.push(*leaf, |_, _| {});
        }
        Self {
            batch,
            leaves,
            blobs,
            head: edge.head(),
        }
    }
}

/// Puts blobs, tiles and bundles in place, then the checkpoint over them, and then clears up.
pub fn publish(
    disk: &mut Disk,
    state: &State,
    commit: &Commit,
    checkpoint: &SignedCheckpoint,
) -> Result<State, StoreError> {
    disk.remove(&disk.path(HELD))?;
    move_blobs(disk, &commit.blobs)?;
    let state = write_tiles(disk, state, commit)?;
    disk.sync_folders()?;
    write_checkpoint(disk, checkpoint)?;
    clear_up(disk, commit.batch.old_size, checkpoint.head())?;
    Ok(state)
}

fn move_blobs(disk: &mut Disk, blobs: &BTreeSet<Sha256Digest>) -> Result<(), StoreError> {
    for digest in blobs {
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

fn write_tiles(disk: &mut Disk, state: &State, commit: &Commit) -> Result<State, StoreError> {
    let unchanged = Tile::right_edge(state.edge.size());
    let State { mut edge, mut tail } = state.clone();
    for (entry, leaf) in commit.batch.entries.iter().zip(&commit.leaves) {
        bundle::push(&mut tail, entry)
            .map_err(|error| StoreError::damaged(disk.root(), error.to_string()))?;
        let mut full = Vec::new();
        edge.push(*leaf, |tile, hashes| full.push((tile, tile_bytes(hashes))));
        if edge.size() % TILE_WIDTH == 0 {
            let number = edge.size() / TILE_WIDTH - 1;
            let bundle = Tile {
                row: Row::Entries,
                number,
                width: TILE_WIDTH,
            };
            full.push((bundle, std::mem::take(&mut tail)));
        }
        for (tile, bytes) in full {
            disk.write(&tile.path(), &bytes)?;
        }
    }
    for (tile, hashes) in edge.partial_tiles() {
        if !unchanged.contains(&tile) {
            disk.write(&tile.path(), &tile_bytes(hashes))?;
        }
    }
    if let Some(bundle) = Tile::in_tree(Row::Entries, edge.size() / TILE_WIDTH, edge.size()) {
        disk.write(&bundle.path(), &tail)?;
    }
    Ok(State { edge, tail })
}

pub fn write_checkpoint(disk: &mut Disk, checkpoint: &SignedCheckpoint) -> Result<(), StoreError> {
    let numbered = path::checkpoint_at(checkpoint.head().size);
    disk.write(&numbered, checkpoint.note())?;
    disk.sync_folders()?;
    disk.write(path::CHECKPOINT, checkpoint.note())?;
    disk.sync_folders()
}

/// Removes the partial tiles that the new ones replace, and then the batch.
pub fn clear_up(disk: &mut Disk, old_size: u64, head: TreeHead) -> Result<(), StoreError> {
    let kept = Tile::right_edge(head.size);
    for tile in Tile::right_edge(old_size) {
        if kept.contains(&tile) {
            continue;
        }
        disk.remove(&disk.path(&tile.path()))?;
        let folder = tile.partials_folder();
        if !kept.iter().any(|kept| kept.partials_folder() == folder) {
            disk.remove_empty_folder(&disk.path(&folder))?;
        }
    }
    disk.sync_folders()?;
    let staged = format!("{STAGING}/{}", Batch::file_name(head));
    disk.remove(&disk.path(&staged))?;
    disk.sync_folders()
}

pub fn staged_blob(digest: &Sha256Digest) -> String {
    format!("{STAGED_BLOBS}/{digest}")
}
