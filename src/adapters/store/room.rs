//! Room on the disk for what follows a recorded batch, held before the batch is recorded: a disk that
//! is full then refuses the batch, and does not leave a log that is recorded but cannot be published.

use super::publish::{Commit, State};
use crate::evidence::path::{TILE_WIDTH, Tile};

pub const HELD: &str = ".state/room";

/// What a file or folder takes at the least on common file systems, in bytes.
const BLOCK: u64 = 4096;

/// At most how much publishing will write, in bytes.
pub fn needed(commit: &Commit, state: &State) -> u64 {
    let entries: usize = commit
        .batch
        .entries
        .iter()
        .map(|entry| entry.len() + 2)
        .sum();
    let leaves = commit.leaves.len() as u64;
    // Each hash stands in a tile of its level, and all levels together have less than twice the
    // leaves; the tiles at the right edge are written anew.
    let edge = Tile::right_edge(commit.head.size).len() as u64;
    let hashes = (2 * leaves + edge * TILE_WIDTH) * 32;
    // A bundle and a tile for each full width, with a folder; each tile at the edge with its folder;
    // a blob with the two folders above it; two checkpoints, and what is being written.
    let files = 3 * (leaves / TILE_WIDTH + 1) + 2 * edge + 2 * commit.blobs.len() as u64 + 4;
    (entries + state.tail.len()) as u64 + hashes + files * BLOCK
}
