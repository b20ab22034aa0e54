//! What can be known of one bundle without the others: reading, hashing, and what its entries name.
//! Bundles are digested in any order, at the same time where the pool can.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tlog_tiles::{Hash, record_hash};

use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::custody::Custody;
use crate::evidence::path::{Row, TILE_WIDTH, Tile};
use crate::evidence::record::{Carried, CustodyRecord};
use crate::evidence::source::Source;
use crate::evidence::statement::{self, StatementError};
use crate::evidence::tree::{TreeHead, tile_hashes, tile_root};
use crate::model::Sha256Digest;

/// Bundles that are digested before the first of them is taken in.
pub const WINDOW: u64 = 256;

/// Runs tasks that do not need one another.
pub trait Pool {
    /// Runs `work` once for each number below `tasks`, in any order, and returns when all are done.
    fn run(&self, tasks: usize, work: &(dyn Fn(usize) + Sync));
}

/// One task after the other.
#[derive(Clone, Copy, Debug)]
pub struct OneByOne;

impl Pool for OneByOne {
    fn run(&self, tasks: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..tasks).for_each(work);
    }
}

/// A bundle in which nothing is wrong, and which agrees with its leaf tile.
pub struct Digested {
    pub leaves: Vec<Hash>,
    /// The root of its leaves, where it is full.
    pub root: Option<Hash>,
    /// Entries by predicate type.
    pub types: BTreeMap<String, u64>,
    pub blobs: Vec<(Sha256Digest, u64)>,
    pub checkpoints: Vec<(TreeHead, u64)>,
    /// What the log says of itself.
    pub custody: Vec<(Told, u64)>,
}

/// A record that is about the log.
pub enum Told {
    Custody(CustodyRecord),
    Carried(Carried),
}

impl Told {
    /// The record, if the entry is one.
    ///
    /// # Errors
    /// It is of such a type, but does not have its form.
    pub fn read(predicate_type: &str, entry: &[u8]) -> Result<Option<Self>, StatementError> {
        if predicate_type == statement::CARRIED {
            return Ok(Some(Self::Carried(statement::read_predicate(entry)?)));
        }
        let record = CustodyRecord::read(predicate_type, entry)?;
        Ok(record.map(Self::Custody))
    }

    pub fn take_in(self, index: u64, custody: &mut Custody) {
        match self {
            Self::Custody(record) => custody.apply(index, record),
            Self::Carried(carried) => custody.carry(carried),
        }
    }
}

/// Digests a window of bundles. Nothing stands for a bundle in which something is wrong: what, is for
/// the pass to say, which reads it again.
pub fn window(
    source: &dyn Source,
    numbers: std::ops::Range<u64>,
    size: u64,
    pool: &dyn Pool,
) -> Vec<Option<Digested>> {
    let slots: Vec<Mutex<Option<Digested>>> = numbers.clone().map(|_| Mutex::default()).collect();
    pool.run(slots.len(), &|task| {
        let digested = digest(source, numbers.start + task as u64, size);
        if let Some(slot) = slots.get(task) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = digested;
        }
    });
    let taken = slots.into_iter().map(Mutex::into_inner);
    taken
        .map(|slot| slot.unwrap_or_else(PoisonError::into_inner))
        .collect()
}

fn digest(source: &dyn Source, number: u64, size: u64) -> Option<Digested> {
    let bundle = Tile::in_tree(Row::Entries, number, size)?;
    let tile = Tile::in_tree(Row::Level(0), number, size)?;
    let stored = source.read(&tile.path(), 32 * TILE_WIDTH).ok()??;
    let stored = tile_hashes(&stored)?;
    let bytes = source.read(&bundle.path(), MAX_BUNDLE_BYTES).ok()??;
    let mut digested = Digested {
        leaves: Vec::with_capacity(stored.len()),
        root: None,
        types: BTreeMap::new(),
        blobs: Vec::new(),
        checkpoints: Vec::new(),
        custody: Vec::new(),
    };
    for (entry, index) in bundle::entries(&bytes).zip(bundle.entry_below(0)..) {
        let entry = entry.ok()?;
        digested.leaves.push(record_hash(entry));
        let head = statement::read_head(entry, index).ok()?;
        let told = Told::read(&head.predicate_type, entry).ok()?;
        digested.custody.extend(told.map(|told| (told, index)));
        match digested.types.get_mut(&head.predicate_type) {
            Some(count) => *count += 1,
            None => {
                digested.types.insert(head.predicate_type, 1);
            }
        }
        let blobs = head.blobs.into_iter().map(|blob| (blob, index));
        digested.blobs.extend(blobs);
        let previous = head.previous.map(|head| (head, index));
        digested.checkpoints.extend(previous);
    }
    if digested.leaves != stored || stored.len() as u64 != bundle.width {
        return None;
    }
    if bundle.is_full() {
        digested.root = tile_root(&digested.leaves);
    }
    Some(digested)
}
