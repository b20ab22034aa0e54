//! Verification of a whole evidence folder, offline and without trust in whoever wrote it.
//!
//! Everything is recomputed from the entries: each is hashed once, every tile is compared with what
//! the entries give, and the root with the signed checkpoint. A file that no check covers is itself a
//! failure. What verification cannot see: that a whole folder was put back to an earlier state. For
//! that, keep a checkpoint elsewhere and pass it as `since`.

mod anchors;
mod blame;
mod blobs;
mod digest;
mod entries;
mod files;
mod mirror;
mod newest;
mod pack;

use std::collections::BTreeMap;
use std::fmt;

pub use anchors::{SeenCosignature, SeenTimestamp};
pub use mirror::against_mirror;
pub use pack::{ExportPin, PackVerification, verify_pack};

use super::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use super::cosignature::WitnessKey;
use super::key::LogKey;
use super::path;
use super::source::Source;
use super::tree::TreeHead;

pub use digest::{OneByOne, Pool};
pub use newest::newest_record;

/// Failures kept in full; the rest is only counted.
const MAX_FAILURES: usize = 100;

/// What is trusted from outside the folder.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The key that must have signed; without it the folder's own key is taken.
    pub key: Option<LogKey>,
    /// A checkpoint from earlier, byte for byte: the log must have grown from it.
    pub since: Option<Vec<u8>>,
    /// Witnesses that must have cosigned a checkpoint.
    pub witnesses: Vec<WitnessKey>,
}

/// What was checked, and everything that was found wrong. Whole if nothing was.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub key: Option<LogKey>,
    /// Whether the key came from outside the folder.
    pub pinned: bool,
    /// The checkpoint's tree head, where the checkpoint itself is good.
    pub head: Option<TreeHead>,
    /// The size of the earlier checkpoint that the log was shown to have grown from.
    pub since: Option<u64>,
    /// Entries read, by predicate type.
    pub entries: BTreeMap<String, u64>,
    pub tiles: u64,
    pub blobs: u64,
    pub checkpoints: u64,
    /// Time-stamp tokens that are about their checkpoints, the oldest first; signatures unchecked.
    pub timestamps: Vec<SeenTimestamp>,
    pub cosignatures: Vec<SeenCosignature>,
    pub failures: Vec<Failure>,
    /// Failures beyond those listed.
    pub more_failures: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file that is wrong, relative to the folder.
    pub path: String,
    /// The entry that is wrong, or that names the file.
    pub entry: Option<u64>,
    pub what: String,
    pub remedy: Remedy,
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Take the file from another copy.
    Restore,
    /// The file does not belong here.
    MoveAway,
    /// Not a damaged file but another truth: ask whoever keeps the log.
    Escalate,
    /// Read rights, a failing disk.
    MakeReadable,
}

/// Verifies an evidence folder.
pub fn verify(source: &dyn Source, trust: &Trust) -> Verification {
    verify_on(source, trust, &OneByOne)
}

/// As [`verify`], with what can be done at the same time on a pool.
pub fn verify_on(source: &dyn Source, trust: &Trust, pool: &dyn Pool) -> Verification {
    let mut result = Verification {
        pinned: trust.key.is_some(),
        ..Verification::default()
    };
    let Some(key) = result.read_key(source, trust) else {
        return result;
    };
    result.key = Some(key.clone());
    let Some(checkpoint) = result.read_checkpoint(source, path::CHECKPOINT, &key) else {
        return result;
    };
    let head = checkpoint.head();
    result.head = Some(head);
    let inventory = files::take_inventory(source, head.size, &mut result);
    let mut known = result.read_checkpoints(source, &inventory, &key, &checkpoint);
    let since = trust.since.as_deref();
    let since = since.and_then(|bytes| result.read_since(bytes, &key, head.size));
    let walked = entries::check(source, head, &known, since, pool, &mut result);
    anchors::check(source, &inventory.anchors, trust, &mut result);
    known.insert(head.size, head);
    if let Some(walked) = walked {
        blobs::check(source, &inventory, &walked, &known, &mut result);
    }
    files::report_empty_folders(&inventory, &mut result);
    result
}

impl Verification {
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty()
    }

    fn fail(&mut self, path: &str, entry: Option<u64>, what: impl Into<String>, remedy: Remedy) {
        if self.failures.len() >= MAX_FAILURES {
            self.more_failures += 1;
            return;
        }
        self.failures.push(Failure {
            path: path.to_owned(),
            entry,
            what: what.into(),
            remedy,
        });
    }

    /// Reads a file that must be there.
    fn read(&mut self, source: &dyn Source, path: &str, limit: u64) -> Option<Vec<u8>> {
        match source.read(path, limit) {
            Ok(Some(bytes)) => Some(bytes),
            Ok(None) => {
                self.fail(path, None, "it is missing", Remedy::Restore);
                None
            }
            Err(error) => {
                self.fail(path, None, error.reason, Remedy::MakeReadable);
                None
            }
        }
    }

    fn read_key(&mut self, source: &dyn Source, trust: &Trust) -> Option<LogKey> {
        let bytes = self.read(source, path::VERIFIER_KEY, MAX_NOTE_BYTES);
        let found = bytes.and_then(|bytes| match LogKey::parse_file(&bytes) {
            Ok(key) => Some(key),
            Err(error) => {
                self.fail(path::VERIFIER_KEY, None, error.to_string(), Remedy::Restore);
                None
            }
        });
        let Some(pinned) = trust.key.clone() else {
            return found;
        };
        if found.is_some_and(|found| found != pinned) {
            let what = "it is not the key given with --vkey";
            self.fail(path::VERIFIER_KEY, None, what, Remedy::Escalate);
        }
        Some(pinned)
    }

    fn read_checkpoint(
        &mut self,
        source: &dyn Source,
        path: &str,
        key: &LogKey,
    ) -> Option<SignedCheckpoint> {
        let bytes = self.read(source, path, MAX_NOTE_BYTES)?;
        match SignedCheckpoint::open(&bytes, key) {
            Ok(checkpoint) => Some(checkpoint),
            Err(error) => {
                self.fail(path, None, error.to_string(), Remedy::Restore);
                None
            }
        }
    }

    /// The tree heads of the `checkpoints` folder by size. The newest must be `checkpoint` itself.
    fn read_checkpoints(
        &mut self,
        source: &dyn Source,
        inventory: &files::Inventory,
        key: &LogKey,
        newest: &SignedCheckpoint,
    ) -> BTreeMap<u64, TreeHead> {
        let mut known = BTreeMap::new();
        for size in &inventory.checkpoints {
            let path = path::checkpoint_at(*size);
            let Some(checkpoint) = self.read_checkpoint(source, &path, key) else {
                continue;
            };
            let found = checkpoint.head().size;
            if found != *size {
                let what = format!("it is the checkpoint at size {found}");
                self.fail(&path, None, what, Remedy::Restore);
                continue;
            }
            if found == newest.head().size && checkpoint.note() != newest.note() {
                let what = "it is not what `checkpoint` holds, at the same size";
                self.fail(&path, None, what, Remedy::Escalate);
                continue;
            }
            self.checkpoints += 1;
            known.insert(*size, checkpoint.head());
        }
        let newest = newest.head().size;
        if !inventory.checkpoints.contains(&newest) {
            let path = path::checkpoint_at(newest);
            self.fail(&path, None, "it is missing", Remedy::Restore);
        }
        known
    }

    fn read_since(&mut self, bytes: &[u8], key: &LogKey, size: u64) -> Option<TreeHead> {
        match SignedCheckpoint::open(bytes, key) {
            Ok(earlier) if earlier.head().size > size => {
                let earlier = earlier.head().size;
                let what = format!(
                    "the log has {size} entries, and had {earlier} before: it was put back, or cut"
                );
                self.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
                None
            }
            Ok(earlier) => Some(earlier.head()),
            Err(error) => {
                let what = format!("the checkpoint given with --since is no proof: {error}");
                self.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
                None
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(entry) = self.entry {
            write!(f, " (entry {entry})")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl Remedy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "take this file from another copy of the log and verify again",
            Self::MoveAway => "find out who put it there, then move it out of the folder",
            Self::Escalate => {
                "keep both versions untouched and ask whoever is responsible for the log"
            }
            Self::MakeReadable => "make the file readable, or copy the folder from a sound disk",
        }
    }
}
