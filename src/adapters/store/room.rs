//! Room on the disk for what must still be written, held by files that mean nothing. A commit is
//! taken only while there is room to publish all that wait, and a reserve apart from it is for the
//! one record that says that the store is full.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::Batch;
use super::disk::Disk;
use super::error::StoreError;
use crate::evidence::path::{TILE_WIDTH, Tile};

const ROOM: &str = ".state/room";
const RESERVE: &str = ".state/reserve";

/// What a file or folder takes at the least on common file systems, in bytes.
const BLOCK: u64 = 4096;

/// Room is made in steps, so that it need not be made for every commit.
const STEP: u64 = 64 << 10;

/// What waits to be published.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    pub entry_bytes: u64,
    pub leaves: u64,
    pub blobs: u64,
    pub checkpoints: u64,
}

/// The room that is held; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    room: u64,
    reserve: u64,
}

impl Waiting {
    /// What a commit of these batches leaves to be published.
    pub fn of<'b>(batches: impl IntoIterator<Item = &'b Batch>) -> Self {
        let none = Self {
            checkpoints: 3,
            ..Self::default()
        };
        batches.into_iter().fold(none, |sum, batch| Self {
            entry_bytes: sum.entry_bytes + batch.bytes(),
            leaves: sum.leaves + batch.leaves.len() as u64,
            blobs: sum.blobs + batch.blobs.len() as u64,
            checkpoints: sum.checkpoints,
        })
    }

    pub fn with(self, other: Self) -> Self {
        Self {
            entry_bytes: self.entry_bytes + other.entry_bytes,
            leaves: self.leaves + other.leaves,
            blobs: self.blobs + other.blobs,
            checkpoints: self.checkpoints + other.checkpoints,
        }
    }

    /// At most how much publishing will write, in bytes, for a log that then has `size` entries and
    /// whose last bundle has `tail` bytes now.
    pub fn needs(self, size: u64, tail: u64) -> u64 {
        // Each hash stands in a tile of its level, and all levels together have less than twice the
        // leaves; the tiles at the right edge are written anew.
        let edge = Tile::right_edge(size).len() as u64;
        let hashes = (2 * self.leaves + edge * TILE_WIDTH) * 32;
        // A bundle and a tile for each full width, with a folder; each tile at the edge with its
        // folder; a blob with the two folders above it; checkpoints, and what is being written.
        let files =
            3 * (self.leaves / TILE_WIDTH + 1) + 2 * edge + 2 * self.blobs + self.checkpoints + 6;
        self.entry_bytes + tail + hashes + files * BLOCK
    }
}

impl Room {
    /// What an earlier process left is still room.
    pub fn find(disk: &Disk) -> Self {
        let length = |name| std::fs::metadata(disk.path(name)).map_or(0, |found| found.len());
        Self(Arc::new(Mutex::new(Held {
            room: length(ROOM),
            reserve: length(RESERVE),
        })))
    }

    /// Holds so much at the least.
    pub fn hold(&self, disk: &mut Disk, bytes: u64) -> Result<(), StoreError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.room < bytes {
            held.room = grow(disk, ROOM, bytes)?;
        }
        Ok(())
    }

    /// Holds the reserve anew, where it was used or is too small by now.
    pub fn hold_reserve(&self, disk: &mut Disk, bytes: u64) -> Result<(), StoreError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.reserve < bytes {
            held.reserve = grow(disk, RESERVE, bytes)?;
        }
        Ok(())
    }

    /// Whether there is a reserve.
    pub fn has_reserve(&self) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.reserve > 0
    }

    /// Gives back the room, and where that was given back already the reserve. Nothing is left to
    /// give back if this is false.
    pub fn release(&self, disk: &mut Disk) -> Result<bool, StoreError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, amount) = match (held.room, held.reserve) {
            (0, 0) => return Ok(false),
            (0, _) => (RESERVE, &mut held.reserve),
            (_, _) => (ROOM, &mut held.room),
        };
        *amount = 0;
        disk.remove(&disk.path(name))?;
        Ok(true)
    }
}

fn grow(disk: &mut Disk, name: &str, bytes: u64) -> Result<u64, StoreError> {
    let to = bytes.next_multiple_of(STEP);
    let file: File = disk.open_or_create(name)?;
    disk.grow(&file, &disk.path(name), to)?;
    disk.sync_folders()?;
    Ok(to)
}
