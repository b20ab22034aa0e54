//! What a caller wants appended, checked as far as it can be without the log.

use tlog_tiles::{Hash, record_hash};

use super::error::StoreError;
use crate::evidence::bundle::{EntryTooLarge, MAX_ENTRY_BYTES};
use crate::evidence::statement;
use crate::evidence::tree::TreeHead;
use crate::model::Sha256Digest;

/// Entries that go into the log together or not at all.
#[derive(Debug)]
pub struct Batch {
    pub(super) entries: Vec<Vec<u8>>,
    pub(super) leaves: Vec<Hash>,
    /// The blobs that entries name, each with the number of its entry in the batch.
    pub(super) blobs: Vec<(usize, Sha256Digest)>,
    /// The checkpoints that entries name.
    pub(super) previous: Vec<(usize, TreeHead)>,
}

impl Batch {
    /// Reads and hashes the entries. It needs no log, so that many callers can do it at once.
    ///
    /// # Errors
    /// There are none, or one is too large or no in-toto Statement; or one hands the log over to another
    /// key, which no ordinary append may.
    pub fn new(entries: Vec<Vec<u8>>) -> Result<Self, StoreError> {
        Self::read(entries, false)
    }

    /// The record of a rotation, whose checkpoint both keys sign.
    ///
    /// # Errors
    /// As [`Batch::new`].
    pub fn rotation(entry: Vec<u8>) -> Result<Self, StoreError> {
        Self::read(vec![entry], true)
    }

    fn read(entries: Vec<Vec<u8>>, may_rotate: bool) -> Result<Self, StoreError> {
        if entries.is_empty() {
            return Err(StoreError::NothingToAppend);
        }
        let mut batch = Self {
            leaves: Vec::with_capacity(entries.len()),
            blobs: Vec::new(),
            previous: Vec::new(),
            entries: Vec::new(),
        };
        for (number, entry) in entries.iter().enumerate() {
            let bytes = entry.len();
            if bytes > MAX_ENTRY_BYTES {
                let error = EntryTooLarge { bytes };
                return Err(StoreError::TooLarge { number, error });
            }
            // Where in the log it will stand is not known yet: the log checks what it names.
            let head = statement::read_head(entry, u64::MAX)
                .map_err(|error| StoreError::NoStatement { number, error })?;
            if head.predicate_type == statement::KEY_ROTATION && !may_rotate {
                return Err(StoreError::Rotation { number });
            }
            let blobs = head.blobs.into_iter().map(|digest| (number, digest));
            batch.blobs.extend(blobs);
            batch
                .previous
                .extend(head.previous.map(|head| (number, head)));
            batch.leaves.push(record_hash(entry));
        }
        batch.entries = entries;
        Ok(batch)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.entries
            .iter()
            .map(|entry| entry.len() as u64 + 2)
            .sum()
    }
}
