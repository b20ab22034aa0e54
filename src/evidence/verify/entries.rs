//! One pass over all entries: hash, read, build the tree again, compare.

use std::collections::BTreeMap;

use tlog_tiles::{Hash, record_hash};

use super::digest::{self, Digested, Pool, Told, WINDOW};
use super::files::Gone;
use super::{Remedy, Verification};
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::path::{Row, TILE_WIDTH, Tile};
use crate::evidence::source::Source;
use crate::evidence::statement;
use crate::evidence::tree::{RightEdge, TreeHead, tile_hashes};
use crate::model::Sha256Digest;

/// What the entries name, with the first entry that does.
#[derive(Debug, Default)]
pub struct Named {
    pub blobs: BTreeMap<Sha256Digest, u64>,
    pub checkpoints: BTreeMap<u64, (TreeHead, u64)>,
}

/// A tile file that differs from what the entries give.
pub struct Mismatch {
    pub tile: Tile,
    /// The first of its hashes that differs.
    pub position: u64,
}

pub struct Pass<'r> {
    pub source: &'r dyn Source,
    pub gone: Gone,
    pub result: &'r mut Verification,
    pub edge: RightEdge,
    pub named: Named,
    pub mismatches: Vec<Mismatch>,
    /// Tree heads to meet on the way, by size, and those that were not met.
    pub expected: Vec<(TreeHead, Expectation)>,
    pub missed: Vec<(TreeHead, Expectation)>,
    /// The size of the checkpoint from outside, once its root was met.
    pub grew_since: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// A file of the `checkpoints` folder.
    Published,
    /// The checkpoint that came from outside.
    Since,
}

/// What the entries must agree with, and how they are read.
pub struct Check<'c> {
    pub published: &'c BTreeMap<u64, TreeHead>,
    pub since: Option<TreeHead>,
    pub gone: Gone,
    pub pool: &'c dyn Pool,
}

/// Checks all entries and tiles against the checkpoint. Gives nothing if the entries are not those
/// that the checkpoint covers, so that what they name proves nothing.
pub fn check(
    source: &dyn Source,
    head: TreeHead,
    against: &Check<'_>,
    result: &mut Verification,
) -> Option<Named> {
    let published = against
        .published
        .values()
        .map(|head| (*head, Expectation::Published));
    let since = against.since.map(|head| (head, Expectation::Since));
    let mut expected: Vec<_> = published.chain(since).collect();
    expected.retain(|(expected, _)| expected.size <= head.size);
    expected.sort_by_key(|(expected, _)| std::cmp::Reverse(expected.size));
    let mut pass = Pass {
        source,
        gone: against.gone,
        result,
        edge: RightEdge::default(),
        named: Named::default(),
        mismatches: Vec::new(),
        expected,
        missed: Vec::new(),
        grew_since: None,
    };
    pass.meet_heads();
    let bundles = head.size.div_ceil(TILE_WIDTH);
    let mut next = 0;
    while next < bundles {
        let window = next..bundles.min(next + WINDOW);
        next = window.end;
        let digested = digest::window(source, window.clone(), head.size, against.pool);
        for (number, digested) in window.zip(digested) {
            match digested {
                Some(digested) => pass.take(number, digested),
                None => pass.bundle(number, head.size)?,
            }
        }
    }
    pass.compare_partial_tiles();
    pass.conclude(head)
}

impl Pass<'_> {
    /// Takes in a bundle in which nothing is wrong.
    fn take(&mut self, number: u64, digested: Digested) {
        self.result.tiles += 1;
        for (predicate_type, count) in digested.types {
            *self.result.entries.entry(predicate_type).or_default() += count;
        }
        for (blob, index) in digested.blobs {
            self.named.blobs.entry(blob).or_insert(index);
        }
        for (told, index) in digested.custody {
            told.take_in(index, &mut self.result.custody);
        }
        for (head, index) in digested.checkpoints {
            if let Err(what) = self.name_checkpoint(head, index) {
                let row = Row::Entries;
                let width = digested.leaves.len() as u64;
                let bundle = Tile { row, number, width };
                let path = bundle.path();
                self.result.fail(&path, Some(index), what, Remedy::Escalate);
            }
        }
        let end = self.edge.size() + TILE_WIDTH;
        let meets = self
            .expected
            .last()
            .is_some_and(|(head, _)| head.size < end);
        match digested.root {
            Some(root) if !meets => {
                let mut full = Vec::new();
                self.edge.push_tile(&digested.leaves, root, |tile, hashes| {
                    if tile.row != Row::Level(0) {
                        full.push((tile, hashes.to_vec()));
                    }
                });
                self.compare_full(full);
                self.meet_heads();
            }
            _ => digested.leaves.into_iter().for_each(|leaf| self.push(leaf)),
        }
    }

    fn compare_full(&mut self, full: Vec<(Tile, Vec<Hash>)>) {
        for (tile, hashes) in full {
            if let Some(stored) = self.read_tile(tile) {
                self.compare(tile, &hashes, &stored);
            }
        }
    }

    /// Reads one bundle and its leaf tile. Nothing if neither gives the leaves: then no root can be
    /// computed.
    fn bundle(&mut self, number: u64, size: u64) -> Option<()> {
        let bundle = Tile::in_tree(Row::Entries, number, size)?;
        let leaves_tile = Tile::in_tree(Row::Level(0), number, size)?;
        let stored = self.read_tile(leaves_tile);
        let bytes = self.read_bundle(bundle);
        let read = bytes.and_then(|bytes| self.entries(bundle, &bytes, stored.as_deref()));
        let leaves = read.or_else(|| stored.clone())?;
        if let Some(stored) = stored {
            self.compare(leaves_tile, &leaves, &stored);
        }
        for leaf in leaves {
            self.push(leaf);
        }
        Some(())
    }

    fn read_bundle(&mut self, bundle: Tile) -> Option<Vec<u8>> {
        let path = bundle.path();
        if self.gone == Gone::Yes && self.source.read(&path, MAX_BUNDLE_BYTES) == Ok(None) {
            self.result.gone += bundle.width;
            return None;
        }
        self.result.read(self.source, &path, MAX_BUNDLE_BYTES)
    }

    /// The leaf hashes of a bundle's entries, if it holds as many as it must.
    fn entries(
        &mut self,
        bundle: Tile,
        bytes: &[u8],
        stored: Option<&[Hash]>,
    ) -> Option<Vec<Hash>> {
        let mut leaves = Vec::new();
        let mut complaint = None;
        for (entry, index) in bundle::entries(bytes).zip(bundle.entry_below(0)..) {
            let Ok(entry) = entry else {
                complaint = Some((index, "the bundle ends in the middle of it".to_owned()));
                break;
            };
            let leaf = record_hash(entry);
            let as_stored = stored.is_none_or(|stored| stored.get(leaves.len()) == Some(&leaf));
            leaves.push(leaf);
            if let (Err(what), true) = (self.entry(entry, index), as_stored) {
                let path = bundle.path();
                self.result.fail(&path, Some(index), what, Remedy::Escalate);
            }
        }
        if leaves.len() as u64 == bundle.width && complaint.is_none() {
            return Some(leaves);
        }
        // The first entry that is not the stored one is where the bundle went wrong.
        let stored = stored.unwrap_or_default();
        let wrong = leaves.iter().zip(stored).position(|(a, b)| a != b);
        let (index, what) = match (wrong, complaint) {
            (Some(at), _) => {
                let what = "it is not the entry that the checkpoint covers".to_owned();
                (bundle.entry_below(at as u64), what)
            }
            (None, Some(complaint)) => complaint,
            (None, None) => {
                let what = format!(
                    "the bundle holds {} entries instead of {}",
                    leaves.len(),
                    bundle.width
                );
                (bundle.entry_below(leaves.len() as u64), what)
            }
        };
        let path = bundle.path();
        self.result.fail(&path, Some(index), what, Remedy::Restore);
        None
    }

    fn entry(&mut self, entry: &[u8], index: u64) -> Result<(), String> {
        let head = statement::read_head(entry, index).map_err(|error| error.to_string())?;
        let told = Told::read(&head.predicate_type, entry).map_err(|error| error.to_string())?;
        if let Some(told) = told {
            told.take_in(index, &mut self.result.custody);
        }
        match self.result.entries.get_mut(&head.predicate_type) {
            Some(count) => *count += 1,
            None => {
                self.result.entries.insert(head.predicate_type, 1);
            }
        }
        for blob in head.blobs {
            self.named.blobs.entry(blob).or_insert(index);
        }
        match head.previous {
            Some(previous) => self.name_checkpoint(previous, index),
            None => Ok(()),
        }
    }

    fn name_checkpoint(&mut self, head: TreeHead, index: u64) -> Result<(), String> {
        let first = self.named.checkpoints.entry(head.size);
        let (before, _) = first.or_insert((head, index));
        match *before == head {
            true => Ok(()),
            false => Err(format!(
                "it names another root at size {} than an entry before it",
                head.size
            )),
        }
    }

    fn push(&mut self, leaf: Hash) {
        let mut full = Vec::new();
        self.edge.push(leaf, |tile, hashes| {
            if tile.row != Row::Level(0) {
                full.push((tile, hashes.to_vec()));
            }
        });
        self.compare_full(full);
        self.meet_heads();
    }

    fn compare_partial_tiles(&mut self) {
        let tiles = self.edge.partial_tiles();
        let tiles = tiles.filter(|(tile, _)| tile.row != Row::Level(0));
        let tiles: Vec<_> = tiles
            .map(|(tile, hashes)| (tile, hashes.to_vec()))
            .collect();
        for (tile, hashes) in tiles {
            if let Some(stored) = self.read_tile(tile) {
                self.compare(tile, &hashes, &stored);
            }
        }
    }

    fn read_tile(&mut self, tile: Tile) -> Option<Vec<Hash>> {
        let path = tile.path();
        let bytes = self.result.read(self.source, &path, 32 * TILE_WIDTH)?;
        let hashes = tile_hashes(&bytes).filter(|hashes| hashes.len() as u64 == tile.width);
        if hashes.is_none() {
            let what = format!(
                "it is {} bytes long instead of {}",
                bytes.len(),
                32 * tile.width
            );
            let entry = Some(tile.entry_below(0));
            self.result.fail(&path, entry, what, Remedy::Restore);
        } else {
            self.result.tiles += 1;
        }
        hashes
    }

    fn compare(&mut self, tile: Tile, computed: &[Hash], stored: &[Hash]) {
        if computed == stored {
            return;
        }
        let position = computed.iter().zip(stored).position(|(a, b)| a != b);
        let position = position.unwrap_or_default() as u64;
        self.mismatches.push(Mismatch { tile, position });
    }

    fn meet_heads(&mut self) {
        let size = self.edge.size();
        while let Some(expected) = self.expected.pop_if(|(head, _)| head.size == size) {
            match (self.edge.head() == expected.0, expected.1) {
                (true, Expectation::Since) => self.grew_since = Some(size),
                (true, Expectation::Published) => {}
                (false, _) => self.missed.push(expected),
            }
        }
    }
}
