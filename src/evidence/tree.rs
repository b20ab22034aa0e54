//! The right edge of the Merkle tree (RFC 6962): all that is needed to append and to know the root.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

use super::path::{Row, TILE_WIDTH, Tile};

/// What one checkpoint commits to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeHead {
    /// Entries in the log.
    pub size: u64,
    pub root: Hash,
}

#[derive(Clone, Debug, Default)]
pub struct RightEdge {
    size: u64,
    /// The perfect subtrees that make up the tree, the largest first, each with its height.
    peaks: Vec<(u32, Hash)>,
    /// Per level the hashes of its last, partial tile.
    partial: Vec<Vec<Hash>>,
}

impl RightEdge {
    /// The edge of a tree of `size` entries, from the hashes of its partial tiles, level 0 first.
    /// Nothing if their widths do not fit the size.
    pub fn from_partial_tiles(size: u64, partial: Vec<Vec<Hash>>) -> Option<Self> {
        let mut peaks = Vec::new();
        let mut covered = 0_u64;
        for (level, hashes) in partial.iter().enumerate().rev() {
            let base = u32::try_from(level).ok()?.checked_mul(8)?;
            let count = u64::try_from(hashes.len()).ok()?;
            if count >= TILE_WIDTH {
                return None;
            }
            covered = covered.checked_add(count.checked_shl(base)?)?;
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let height = rest.len().ilog2();
                let (subtree, after) = rest.split_at_checked(1 << height)?;
                peaks.push((base + height, subtree_root(subtree)?));
                rest = after;
            }
        }
        (covered == size).then_some(Self {
            size,
            peaks,
            partial,
        })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn head(&self) -> TreeHead {
        let mut peaks = self.peaks.iter().rev();
        let root = match peaks.next() {
            None => EMPTY_HASH,
            Some((_, last)) => peaks.fold(*last, |right, (_, left)| node_hash(*left, right)),
        };
        TreeHead {
            size: self.size,
            root,
        }
    }

    /// Adds one leaf, and hands over each tile that it makes full.
    pub fn push(&mut self, leaf: Hash, mut full_tile: impl FnMut(Tile, &[Hash])) {
        self.size += 1;
        self.push_to_level(0, leaf, &mut full_tile);
        self.raise(0, leaf, &mut full_tile);
    }

    /// Adds the leaves of a whole tile, whose root is known, to a tree that ends at a tile's edge.
    pub fn push_tile(
        &mut self,
        leaves: &[Hash],
        root: Hash,
        mut full_tile: impl FnMut(Tile, &[Hash]),
    ) {
        debug_assert!(self.size.is_multiple_of(TILE_WIDTH) && leaves.len() as u64 == TILE_WIDTH);
        self.size += TILE_WIDTH;
        let tile = Tile {
            row: Row::Level(0),
            number: self.size / TILE_WIDTH - 1,
            width: TILE_WIDTH,
        };
        full_tile(tile, leaves);
        self.push_to_level(1, root, &mut full_tile);
        self.raise(8, root, &mut full_tile);
    }

    /// Takes in a new perfect subtree on the right.
    fn raise(&mut self, mut height: u32, mut hash: Hash, full: &mut impl FnMut(Tile, &[Hash])) {
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            hash = node_hash(left, hash);
            height += 1;
            if height.is_multiple_of(8) {
                self.push_to_level(height / 8, hash, full);
            }
        }
        self.peaks.push((height, hash));
    }

    fn push_to_level(&mut self, level: u32, hash: Hash, full: &mut impl FnMut(Tile, &[Hash])) {
        let index = level as usize;
        if self.partial.len() <= index {
            self.partial.resize_with(index + 1, Vec::new);
        }
        let Some(hashes) = self.partial.get_mut(index) else {
            return;
        };
        hashes.push(hash);
        if hashes.len() as u64 == TILE_WIDTH {
            let before = (self.size >> (8 * level)).saturating_sub(TILE_WIDTH);
            let tile = Tile {
                row: Row::Level(level as u8),
                number: before / TILE_WIDTH,
                width: TILE_WIDTH,
            };
            full(tile, hashes);
            hashes.clear();
        }
    }

    /// The partial tiles with their hashes, level 0 first.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let levels = self.partial.iter().zip(0_u8..);
        levels.filter_map(|(hashes, level)| {
            let number = (self.size >> (8 * u32::from(level))) / TILE_WIDTH;
            let tile = Tile::in_tree(Row::Level(level), number, self.size)?;
            Some((tile, hashes.as_slice()))
        })
    }
}

/// The root of a full tile's hashes; nothing if there are none.
pub fn tile_root(hashes: &[Hash]) -> Option<Hash> {
    subtree_root(hashes)
}

/// The root of a perfect subtree; nothing for no hashes.
fn subtree_root(hashes: &[Hash]) -> Option<Hash> {
    match hashes {
        [] => None,
        [one] => Some(*one),
        more => {
            let (left, right) = more.split_at_checked(more.len() / 2)?;
            Some(node_hash(subtree_root(left)?, subtree_root(right)?))
        }
    }
}

/// A tile's bytes: its hashes one after the other.
pub fn tile_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile file; nothing if its length is no multiple of a hash's.
pub fn tile_hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty()
        .then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use tlog_tiles::record_hash;

    use super::*;
    use crate::evidence::oracle::Sha256Ct;

    /// Leaves are numbers, so that both trees hash the same bytes.
    fn leaf(index: u64) -> Vec<u8> {
        index.to_be_bytes().to_vec()
    }

    #[test]
    fn roots_are_those_of_an_independent_implementation() {
        let mut edge = RightEdge::default();
        let mut oracle = MemoryBackedTree::<Sha256Ct, Vec<u8>>::new();
        for index in 0..66_000 {
            let interesting = index < 600 || [65_535, 65_536, 65_537].contains(&index);
            if interesting {
                let expected = oracle.root();
                assert_eq!(edge.head().root.0[..], expected.as_bytes()[..], "{index}");
            }
            edge.push(record_hash(&leaf(index)), |_, _| {});
            oracle.push(leaf(index));
        }
    }

    #[test]
    fn whole_tiles_make_the_same_tree_as_their_leaves() {
        let (mut by_leaf, mut by_tile) = (RightEdge::default(), RightEdge::default());
        let (mut tiles, mut same) = (Vec::new(), Vec::new());
        for number in 0..600 {
            let leaves = (number * 256..(number + 1) * 256).map(|index| record_hash(&leaf(index)));
            let leaves: Vec<Hash> = leaves.collect();
            for leaf in &leaves {
                by_leaf.push(*leaf, |tile, hashes| tiles.push((tile, hashes.to_vec())));
            }
            let root = tile_root(&leaves).unwrap();
            by_tile.push_tile(&leaves, root, |tile, hashes| {
                same.push((tile, hashes.to_vec()))
            });
            assert_eq!(by_leaf.head(), by_tile.head());
        }
        assert_eq!(tiles, same);
        assert_eq!(by_leaf.partial, by_tile.partial);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_edge_read_back_from_its_tiles_goes_on_alike(size in 0_u64..70_000, more in 1_u64..600) {
            let mut edge = RightEdge::default();
            let mut full = 0_u64;
            for index in 0..size {
                edge.push(record_hash(&leaf(index)), |tile, hashes| {
                    assert!(tile.is_full() && hashes.len() == 256);
                    full += 1;
                });
            }
            prop_assert_eq!(full, Tile::all(size).filter(|t| t.is_full() && t.row != Row::Entries).count() as u64);
            let tiles: Vec<Vec<Hash>> = edge.partial.clone();
            let mut again = RightEdge::from_partial_tiles(size, tiles).unwrap();
            prop_assert_eq!(again.head(), edge.head());
            for index in size..size + more {
                edge.push(record_hash(&leaf(index)), |_, _| {});
                again.push(record_hash(&leaf(index)), |_, _| {});
            }
            prop_assert_eq!(again.head(), edge.head());
        }
    }
}
