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
mod keys;
mod mirror;
mod newest;
mod pack;
mod shelf;

use std::collections::BTreeMap;
use std::fmt;

pub use anchors::{SeenCosignature, SeenTimestamp};
pub use mirror::against_mirror;
pub use pack::{ExportPin, PackVerification, verify_pack};

use super::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use super::cosignature::WitnessKey;
use super::custody::Custody;
use super::key::LogKey;
use super::path;
use super::record::Destruction;
use super::ring::KeyRing;
use super::source::Source;
use super::tree::TreeHead;
use crate::model::Sha256Digest;

pub use digest::{OneByOne, Pool};
pub use newest::newest_record;
pub use shelf::{Logs, LogsTrust, Untouched, verify_logs};

/// Failures kept in full; the rest is only counted.
const MAX_FAILURES: usize = 100;

/// What is trusted from outside the folder.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The key that must have signed; without it the folder's own key is taken.
    pub key: Option<LogKey>,
    /// A checkpoint from earlier, byte for byte: the log must have grown from it.
    pub since: Option<Vec<u8>>,
    /// A record of a later log, itself verified, that the entries and blobs of this one were destroyed.
    pub destroyed: Option<Destruction>,
    /// Witnesses that must have cosigned a checkpoint.
    pub witnesses: Vec<WitnessKey>,
    /// They may have cosigned another log instead, beside which this one is verified.
    pub witnessed_elsewhere: bool,
    /// Which blobs are read again.
    pub blobs: BlobsRead,
}

/// Which blobs are held against their digests. That each is there is checked of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlobsRead {
    #[default]
    All,
    /// A sixteenth of many, another one at each size of the log; of few, all.
    Some,
}

/// Fewer are read at once, every time.
const FEW_BLOBS: usize = 64;

impl BlobsRead {
    fn includes(self, digest: &Sha256Digest, all: usize, size: u64) -> bool {
        let [first, ..] = digest.0;
        match self {
            Self::All => true,
            Self::Some => all <= FEW_BLOBS || u64::from(first % 16) == size % 16,
        }
    }
}

/// What was checked, and everything that was found wrong. Whole if nothing was.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// Every key that signed the log, oldest first.
    pub keys: Option<KeyRing>,
    /// The key that came from outside the folder, if one did.
    pub pinned: Option<LogKey>,
    /// The checkpoint's tree head, where the checkpoint itself is good.
    pub head: Option<TreeHead>,
    /// The size of the earlier checkpoint that the log was shown to have grown from.
    pub since: Option<u64>,
    /// Entries read, by predicate type.
    pub entries: BTreeMap<String, u64>,
    /// Entries whose hashes are there and whole, and which themselves are gone.
    pub gone: u64,
    /// The record that vouches for that.
    pub destroyed: Option<Destruction>,
    /// What the log says of itself; empty unless its entries are those that were signed.
    pub custody: Custody,
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
    /// Only a record in a later log can tell destroyed from lost.
    Vouch,
}

/// Verifies an evidence folder.
pub fn verify(source: &dyn Source, trust: &Trust) -> Verification {
    verify_on(source, trust, &OneByOne)
}

/// As [`verify`], with what can be done at the same time on a pool.
pub fn verify_on(source: &dyn Source, trust: &Trust, pool: &dyn Pool) -> Verification {
    let mut result = Verification {
        pinned: trust.key.clone(),
        destroyed: trust.destroyed.clone(),
        ..Verification::default()
    };
    let Some(keys) = result.read_keys(source, trust) else {
        return result;
    };
    result.keys = Some(keys.clone());
    let Some(checkpoint) = result.read_checkpoint(source, path::CHECKPOINT, &keys) else {
        return result;
    };
    let head = checkpoint.head();
    result.head = Some(head);
    let inventory = files::take_inventory(source, head.size, &mut result);
    let mut signed = result.read_checkpoints(source, &inventory, &keys, &checkpoint);
    let since = trust.since.as_deref();
    let since = since.and_then(|bytes| result.read_since(bytes, &keys, head.size));
    let mut known: BTreeMap<u64, TreeHead> = signed
        .iter()
        .map(|(size, one)| (*size, one.head()))
        .collect();
    let gone = files::gone(&inventory, trust, keys.origin(), head, &mut result);
    let walked = entries::check(
        source,
        head,
        &entries::Check {
            published: &known,
            since: since.as_ref().map(SignedCheckpoint::head),
            gone,
            pool,
        },
        &mut result,
    );
    anchors::check(source, &inventory.anchors, trust, &mut result);
    known.insert(head.size, head);
    if let Some(walked) = walked {
        let read = |digest: &Sha256Digest| {
            let all = inventory.blobs.len();
            trust.blobs.includes(digest, all, head.size)
        };
        let found = blobs::Found {
            inventory: &inventory,
            named: &walked,
            known: &known,
        };
        blobs::check(source, &found, gone, &read, &mut result);
        signed.insert(head.size, checkpoint);
        keys::check(&keys, &signed, since.as_ref(), &mut result);
    } else {
        result.custody = Custody::default();
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

    fn read_keys(&mut self, source: &dyn Source, trust: &Trust) -> Option<KeyRing> {
        let bytes = self.read(source, path::VERIFIER_KEY, MAX_NOTE_BYTES);
        let found = bytes.and_then(|bytes| match KeyRing::parse_file(&bytes) {
            Ok(keys) => Some(keys),
            Err(error) => {
                self.fail(path::VERIFIER_KEY, None, error.to_string(), Remedy::Restore);
                None
            }
        });
        let Some(pinned) = trust.key.clone() else {
            return found;
        };
        match found {
            Some(found) if found.contains(&pinned) => Some(found),
            Some(_) => {
                let what = "it is not the key given with --vkey";
                self.fail(path::VERIFIER_KEY, None, what, Remedy::Escalate);
                Some(KeyRing::from(pinned))
            }
            None => Some(KeyRing::from(pinned)),
        }
    }

    fn read_checkpoint(
        &mut self,
        source: &dyn Source,
        path: &str,
        keys: &KeyRing,
    ) -> Option<SignedCheckpoint> {
        let bytes = self.read(source, path, MAX_NOTE_BYTES)?;
        match SignedCheckpoint::open(&bytes, keys) {
            Ok(checkpoint) => Some(checkpoint),
            Err(error) => {
                self.fail(path, None, error.to_string(), Remedy::Restore);
                None
            }
        }
    }

    /// What the `checkpoints` folder holds, by size. The newest must be `checkpoint` itself.
    fn read_checkpoints(
        &mut self,
        source: &dyn Source,
        inventory: &files::Inventory,
        keys: &KeyRing,
        newest: &SignedCheckpoint,
    ) -> BTreeMap<u64, SignedCheckpoint> {
        let mut known = BTreeMap::new();
        for size in &inventory.checkpoints {
            let path = path::checkpoint_at(*size);
            let Some(checkpoint) = self.read_checkpoint(source, &path, keys) else {
                continue;
            };
            let found = checkpoint.head().size;
            if found != *size {
                let what = format!("it is the checkpoint at size {found}");
                self.fail(&path, None, what, Remedy::Restore);
                continue;
            }
            if found == newest.head().size && checkpoint.head() != newest.head() {
                let what = "it is not what `checkpoint` holds, at the same size";
                self.fail(&path, None, what, Remedy::Escalate);
                continue;
            }
            self.checkpoints += 1;
            known.insert(*size, checkpoint);
        }
        let newest = newest.head().size;
        if !inventory.checkpoints.contains(&newest) {
            let path = path::checkpoint_at(newest);
            self.fail(&path, None, "it is missing", Remedy::Restore);
        }
        known
    }

    fn read_since(&mut self, bytes: &[u8], keys: &KeyRing, size: u64) -> Option<SignedCheckpoint> {
        match SignedCheckpoint::open(bytes, keys) {
            Ok(earlier) if earlier.head().size > size => {
                let earlier = earlier.head().size;
                let what = format!(
                    "the log has {size} entries, and had {earlier} before: it was put back, or cut"
                );
                self.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
                None
            }
            Ok(earlier) => Some(earlier),
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
            Self::Vouch => {
                "verify the folder that holds all logs: a destruction record in a later one must vouch"
            }
            Self::MakeReadable => "make the file readable, or copy the folder from a sound disk",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_sixteen_sizes_every_blob_is_read_and_of_few_all_are_each_time() {
        let blobs: Vec<Sha256Digest> = (0..200_u8).map(|one| Sha256Digest::of(&[one])).collect();
        for blob in &blobs {
            let reads = |all: usize| {
                let sizes = 1000..1016;
                let some = sizes.filter(|size| BlobsRead::Some.includes(blob, all, *size));
                some.count()
            };
            assert_eq!((reads(blobs.len()), reads(FEW_BLOBS)), (1, 16));
            assert!(BlobsRead::All.includes(blob, blobs.len(), 7));
        }
    }
}
