//! A C2SP tlog-proof as a reader meets it: one file that, with the log's key alone, shows an entry to
//! be in the log.

use thiserror::Error;
use tlog_tiles::{Hash, check_record, record_hash};

use super::checkpoint::{CheckpointError, MAX_NOTE_BYTES, SignedCheckpoint};
use super::cosignature::split_lines;
use super::ring::KeyRing;

pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The largest file that can be a proof: the checkpoint, and a hash for each bit of a size.
pub const MAX_PROOF_BYTES: u64 = MAX_NOTE_BYTES + 64 * 64 + 64 * 1024;

/// A proof that was read. Nothing in it is believed before [`TlogProof::verify`].
#[derive(Clone, Debug, PartialEq)]
pub struct TlogProof {
    index: u64,
    path: Vec<Hash>,
    note: Vec<u8>,
}

/// What a proof proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven {
    pub index: u64,
    /// The checkpoint, with the log's own signature lines.
    pub checkpoint: SignedCheckpoint,
    /// The signature lines of everybody else.
    pub other_lines: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlogProofError {
    #[error("it is no C2SP tlog-proof")]
    Malformed,
    #[error("its checkpoint is not to be trusted: {0}")]
    Checkpoint(CheckpointError),
    #[error("entry {index} is not in the log of its checkpoint, which has {size} entries")]
    Beyond { index: u64, size: u64 },
    #[error("it does not lead from this entry to the checkpoint's root")]
    OtherEntry,
}

impl TlogProof {
    /// # Errors
    /// It is not written as C2SP has it.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        Self::read(bytes).ok_or(TlogProofError::Malformed)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let note = bytes.get(end + 2..)?.to_vec();
        let mut lines = head.split('\n').peekable();
        if lines.next()? != HEADER {
            return None;
        }
        // What an application adds for itself is not covered by anything.
        lines.next_if(|line| line.starts_with("extra "));
        let number = lines.next()?.strip_prefix("index ")?;
        let index: u64 = number.parse().ok()?;
        if index.to_string() != number {
            return None;
        }
        let hashes = lines.map(|line| {
            let hash = Hash::parse_hash(line).ok()?;
            (hash.to_string() == line).then_some(hash)
        });
        Some(Self {
            index,
            path: hashes.collect::<Option<_>>()?,
            note,
        })
    }

    /// The index that the proof is about.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Shows that `entry` is in the log of these keys.
    ///
    /// # Errors
    /// The checkpoint is not that log's, or the proof does not lead from the entry to its root.
    pub fn verify(&self, entry: &[u8], keys: &KeyRing) -> Result<Proven, TlogProofError> {
        let split = split_lines(&self.note, keys.origin());
        let (log, other_lines) = split.unwrap_or_else(|| (self.note.clone(), Vec::new()));
        let checkpoint = SignedCheckpoint::open(&log, keys).map_err(TlogProofError::Checkpoint)?;
        let (index, head) = (self.index, checkpoint.head());
        if index >= head.size {
            let size = head.size;
            return Err(TlogProofError::Beyond { index, size });
        }
        check_record(&self.path, head.size, head.root, index, record_hash(entry))
            .map_err(|_| TlogProofError::OtherEntry)?;
        Ok(Proven {
            index,
            checkpoint,
            other_lines,
        })
    }
}
