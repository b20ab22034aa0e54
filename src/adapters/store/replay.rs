//! What the segments hold beyond the lock: the records that go on from it, one after the other.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use tlog_tiles::record_hash;

use super::error::StoreError;
use super::publish::Commit;
use super::staging::Staged;
use super::vkey;
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::ring::KeyRing;
use crate::evidence::statement;
use crate::evidence::tree::RightEdge;

/// Commits that were recorded after the lock was moved last, and the checkpoints that they name.
#[derive(Debug)]
pub struct Chain {
    /// In the order of the log. A commit in which another key takes over is the last of its part: its
    /// checkpoint becomes public, and `log.vkey` follows before anything that the new key signed.
    pub commits: Vec<Vec<Arc<Commit>>>,
    pub named: BTreeSet<u64>,
}

/// A record that goes on from where the chain is.
struct Step {
    commit: Commit,
    edge: RightEdge,
    /// The keys from then on.
    keys: KeyRing,
    named: Vec<u64>,
}

impl Chain {
    /// The longest chain of whole records that goes on from `edge`. A record is believed if its
    /// entries give the root that the key of its time signed, which a rotation in the chain replaces;
    /// what does not is discarded: nobody was told of it.
    ///
    /// # Errors
    /// Two histories go on from one size.
    pub fn find(
        records: &[Staged],
        edge: &RightEdge,
        keys: &KeyRing,
        root: &Path,
    ) -> Result<Self, StoreError> {
        let (mut edge, mut keys) = (edge.clone(), keys.clone());
        let (mut parts, mut part) = (Vec::new(), Vec::new());
        let mut named = BTreeSet::new();
        loop {
            let size = edge.size();
            let next = records.iter().filter(|record| record.old_size == size);
            let mut next = next.filter_map(|record| Step::take(record, &edge, &keys));
            let Some(step) = next.next() else {
                break;
            };
            if next.any(|other| other.commit.head() != step.commit.head()) {
                return Err(StoreError::Forked {
                    path: root.to_owned(),
                    what: format!("two histories go on from {size} entries"),
                });
            }
            drop(next);
            part.push(Arc::new(step.commit));
            if step.keys != keys {
                parts.push(std::mem::take(&mut part));
            }
            named.extend(step.named);
            (edge, keys) = (step.edge, step.keys);
        }
        parts.push(part);
        Ok(Self {
            commits: parts,
            named,
        })
    }
}

impl Step {
    fn take(record: &Staged, before: &RightEdge, keys: &KeyRing) -> Option<Self> {
        let mut edge = before.clone();
        let mut blobs = BTreeSet::new();
        let mut leaves = Vec::with_capacity(record.entries.len());
        let mut named = Vec::new();
        for (entry, index) in record.entries.iter().zip(record.old_size..) {
            let head = statement::read_head(entry, index).ok()?;
            blobs.extend(head.blobs);
            named.extend(head.previous.map(|head| head.size));
            let leaf = record_hash(entry);
            edge.push(leaf, |_, _| {});
            leaves.push(leaf);
        }
        let (keys, checkpoint) = signed(record, edge.size(), keys)?;
        if record.entries.is_empty() || edge.head() != checkpoint.head() {
            return None;
        }
        let commit = Commit {
            old_size: record.old_size,
            entries: record.entries.clone(),
            leaves,
            blobs,
            checkpoint,
        };
        Some(Self {
            commit,
            edge,
            keys,
            named,
        })
    }
}

/// The record's checkpoint, if the key of its time signed it, and the keys from then on: where the last
/// entry is a rotation, the key that takes over must have signed it, too.
fn signed(record: &Staged, size: u64, keys: &KeyRing) -> Option<(KeyRing, SignedCheckpoint)> {
    let old = keys.newest();
    let mut keys = keys.clone();
    let last = record.entries.last()?;
    if let Some(rotation) = vkey::rotation(size.checked_sub(1)?, last) {
        if rotation.old != *old {
            return None;
        }
        keys.add(rotation.new).ok()?;
    }
    let checkpoint = SignedCheckpoint::open(&record.note, &keys).ok()?;
    let by_both = checkpoint.is_signed_by(old) && checkpoint.is_signed_by(keys.newest());
    by_both.then_some((keys, checkpoint))
}
