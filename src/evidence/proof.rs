//! Proofs from tiles: that an entry is in the log, and that the log only grew.

use thiserror::Error;
use tlog_tiles::{Hash, HashReader, TileHashReader, TileReader, record_hash};

use super::checkpoint::SignedCheckpoint;
use super::path::{Row, TILE_WIDTH, Tile};
use super::source::{Source, SourceError};
use super::tree::TreeHead;

#[derive(Debug, Error)]
pub enum ProofError {
    #[error("entry {index} is not in the log, which has {size} entries")]
    NoSuchEntry { index: u64, size: u64 },
    #[error("the log has {size} entries, fewer than the {earlier} of the earlier checkpoint")]
    Shorter { earlier: u64, size: u64 },
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("`{0}` is missing, or is not a tile")]
    Tile(String),
    #[error("the tiles do not belong to the checkpoint: {0}")]
    Tree(String),
    #[error("entry {0} is not the one that the checkpoint covers")]
    OtherEntry(u64),
}

/// An entry's place in the log and the hashes that lead from it to the root.
#[derive(Clone, Debug, PartialEq)]
pub struct InclusionProof {
    pub index: u64,
    pub leaf: Hash,
    pub path: Vec<Hash>,
}

/// Proves that `entry` is the entry at `index`.
///
/// # Errors
/// It is not, or the tiles cannot be read, or do not belong to the tree head.
pub fn prove_inclusion(
    source: &dyn Source,
    head: TreeHead,
    index: u64,
    entry: &[u8],
) -> Result<InclusionProof, ProofError> {
    if index >= head.size {
        let size = head.size;
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let tiles = Tiles::new(source, head.size);
    let reader = TileHashReader::new(head.size, head.root, &tiles);
    let path = tlog_tiles::prove_record(head.size, index, &reader);
    let path = path.map_err(|error| tiles.explain(&error))?;
    let leaf = record_hash(entry);
    tlog_tiles::check_record(&path, head.size, head.root, index, leaf)
        .map_err(|_| ProofError::OtherEntry(index))?;
    Ok(InclusionProof { index, leaf, path })
}

/// Proves that `entry` was the entry at `index` when the log had `earlier`.
///
/// # Errors
/// It was not, or the tiles cannot be read, or do not belong to the tree head.
pub fn prove_earlier_inclusion(
    source: &dyn Source,
    head: TreeHead,
    earlier: TreeHead,
    index: u64,
    entry: &[u8],
) -> Result<InclusionProof, ProofError> {
    let (size, of) = (earlier.size, head.size);
    if size > of {
        return Err(ProofError::Shorter {
            earlier: size,
            size: of,
        });
    }
    if index >= size {
        return Err(ProofError::NoSuchEntry { index, size });
    }
    let tiles = Tiles::new(source, head.size);
    let reader = TileHashReader::new(head.size, head.root, &tiles);
    let path = tlog_tiles::prove_record(size, index, &reader);
    let path = path.map_err(|error| tiles.explain(&error))?;
    let leaf = record_hash(entry);
    tlog_tiles::check_record(&path, size, earlier.root, index, leaf)
        .map_err(|_| ProofError::OtherEntry(index))?;
    Ok(InclusionProof { index, leaf, path })
}

/// Proves that the tree at `earlier` is the beginning of the tree at `head`.
///
/// # Errors
/// It is not, or the tiles cannot be read, or do not belong to the tree head.
pub fn prove_consistency(
    source: &dyn Source,
    head: TreeHead,
    earlier: TreeHead,
) -> Result<Vec<Hash>, ProofError> {
    if earlier.size > head.size {
        return Err(ProofError::Shorter {
            earlier: earlier.size,
            size: head.size,
        });
    }
    if earlier.size == 0 {
        return Ok(Vec::new());
    }
    let tiles = Tiles::new(source, head.size);
    let reader = TileHashReader::new(head.size, head.root, &tiles);
    let proof = tlog_tiles::prove_tree(head.size, earlier.size, &reader);
    let proof = proof.map_err(|error| tiles.explain(&error))?;
    tlog_tiles::check_tree(&proof, head.size, head.root, earlier.size, earlier.root)
        .map_err(|error| ProofError::Tree(error.to_string()))?;
    Ok(proof)
}

/// The root of the log as it was at an earlier size.
///
/// # Errors
/// It never had that size, or the tiles cannot be read, or do not belong to the tree head.
pub fn head_at(source: &dyn Source, head: TreeHead, size: u64) -> Result<TreeHead, ProofError> {
    if size > head.size {
        let (earlier, size) = (size, head.size);
        return Err(ProofError::Shorter { earlier, size });
    }
    let tiles = Tiles::new(source, head.size);
    let reader = TileHashReader::new(head.size, head.root, &tiles);
    let root = tlog_tiles::tree_hash(size, &reader);
    let root = root.map_err(|error| tiles.explain(&error))?;
    Ok(TreeHead { size, root })
}

/// The hashes of one tile, or of a bundle's entries, shown to belong to the tree head.
///
/// # Errors
/// The tiles cannot be read, or do not belong to it.
pub fn authentic_hashes(
    source: &dyn Source,
    head: TreeHead,
    tile: Tile,
) -> Result<Vec<Hash>, ProofError> {
    let level = match tile.row {
        Row::Level(level) => level,
        Row::Entries => 0,
    };
    let first = tile.number.saturating_mul(TILE_WIDTH);
    let indexes = (first..first.saturating_add(tile.width))
        .map(|number| tlog_tiles::stored_hash_index(level.saturating_mul(8), number));
    let indexes: Vec<u64> = indexes.collect();
    let tiles = Tiles::new(source, head.size);
    let reader = TileHashReader::new(head.size, head.root, &tiles);
    let hashes = reader.read_hashes(&indexes);
    hashes.map_err(|error| tiles.explain(&error))
}

impl InclusionProof {
    /// The proof as C2SP's tlog-proof has it: self-contained, for the file ending `.tlog-proof`.
    pub fn to_text(&self, checkpoint: &SignedCheckpoint) -> Vec<u8> {
        let mut text = format!("c2sp.org/tlog-proof@v1\nindex {}\n", self.index);
        for hash in &self.path {
            text.push_str(&hash.to_string());
            text.push('\n');
        }
        text.push('\n');
        let mut text = text.into_bytes();
        text.extend_from_slice(checkpoint.note());
        text
    }
}

/// Reads tiles for the prover, which authenticates every tile before it uses it.
struct Tiles<'s> {
    source: &'s dyn Source,
    size: u64,
    failed: std::cell::RefCell<Option<ProofError>>,
}

impl<'s> Tiles<'s> {
    fn new(source: &'s dyn Source, size: u64) -> Self {
        Self {
            source,
            size,
            failed: std::cell::RefCell::new(None),
        }
    }

    fn read(&self, wanted: &tlog_tiles::Tile) -> Result<Vec<u8>, ProofError> {
        let row = Row::Level(wanted.level());
        let tile = Tile::in_tree(row, wanted.level_index(), self.size);
        let path = tile.map(|tile| tile.path()).unwrap_or_default();
        let bytes = self.source.read(&path, 32 * 256)?;
        let mut bytes = bytes.ok_or_else(|| ProofError::Tile(path.clone()))?;
        let width = wanted.width() as usize * 32;
        if bytes.len() < width {
            return Err(ProofError::Tile(path));
        }
        bytes.truncate(width);
        Ok(bytes)
    }

    /// What went wrong while reading says more than what the prover made of it.
    fn explain(&self, error: &tlog_tiles::Error) -> ProofError {
        let failed = self.failed.take();
        failed.unwrap_or_else(|| ProofError::Tree(error.to_string()))
    }
}

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read: Result<_, _> = tiles.iter().map(|tile| self.read(tile)).collect();
        read.map_err(|error| {
            self.failed.replace(Some(error));
            tlog_tiles::Error::InvalidTile
        })
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}
