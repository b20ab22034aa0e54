//! Packs: what an auditor asked for out of a log, each entry with its own proof and signature, so that
//! it verifies without the log.

mod fact;
mod index;
mod select;
pub mod sums;
mod wanted;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use index::Index;
pub use select::{Selection, Selector};
pub use wanted::{Wanted, WantedError, first_instant};

use super::anchor::Anchor;
use super::path;
use super::record::Program;
use super::statement::{self, StatementError, Subject};
use crate::model::Sha256Digest;

pub const README: &str = "README.md";
/// What was asked for and what is here: a Statement about the list of sums.
pub const PACK: &str = "pack.json";
pub const PACK_ENVELOPE: &str = "pack.dsse.json";
/// The list of all other files, as `sha256sum -c` reads it.
pub const SUMS: &str = "SHA256SUMS";
pub const INDEX: &str = "index.json";
pub const EXPORT_KEY: &str = "export.pub.pem";
pub const ENTRIES: &str = "entries";
pub const KEYS: &str = "keys";

pub const PACK_TYPE: &str = "https://driftwarden.dev/evidence/pack/v1";

/// The predicate of [`PACK`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackRecord {
    pub exported_at: Timestamp,
    pub program: Program,
    pub origin: String,
    pub tree_size: u64,
    /// Base64, as the checkpoint has it.
    pub root: String,
    /// The first instant asked for; none: from the beginning of the log.
    pub from: Option<Timestamp>,
    /// The first instant no longer asked for; none: to the end of the log.
    pub until: Option<Timestamp>,
    pub control: Option<String>,
    pub entries: u64,
    pub scans: u64,
    pub findings: u64,
}

/// A file that a pack can list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackFile {
    Readme,
    Index,
    LogKey,
    Checkpoint,
    ExportKey,
    Entry(u64),
    Proof(u64),
    Envelope(u64),
    Blob(Sha256Digest),
    Anchor(Anchor),
    /// The record of a key that took over.
    Rotation(u64),
    /// Its proof under the checkpoint that both keys signed.
    RotationProof(u64),
}

pub fn entry(index: u64) -> String {
    PackFile::Entry(index).path()
}

pub fn proof(index: u64) -> String {
    PackFile::Proof(index).path()
}

pub fn envelope(index: u64) -> String {
    PackFile::Envelope(index).path()
}

/// Whether a file is one that the list of sums does not list: the list, and what signs it.
pub fn is_beside_list(path: &str) -> bool {
    [SUMS, PACK, PACK_ENVELOPE].contains(&path)
}

impl PackRecord {
    /// The Statement that names the list of sums.
    ///
    /// # Errors
    /// It is larger than an entry can be.
    pub fn encode(&self, sums: Sha256Digest) -> Result<Vec<u8>, StatementError> {
        statement::encode(PACK_TYPE, &[Subject::file(SUMS, sums)], self)
    }

    /// The record and the digest of the list that it names; nothing if it is no such Statement.
    pub fn read(bytes: &[u8]) -> Option<(Self, Sha256Digest)> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(rename = "_type")]
            statement_type: String,
            subject: Vec<Subject>,
            #[serde(rename = "predicateType")]
            predicate_type: String,
            predicate: PackRecord,
        }
        let raw: Raw = serde_json::from_slice(bytes).ok()?;
        if raw.statement_type != statement::STATEMENT_TYPE || raw.predicate_type != PACK_TYPE {
            return None;
        }
        let [Subject { name, digest }] = raw.subject.as_slice() else {
            return None;
        };
        match digest {
            statement::SubjectDigest::Sha256(digest) if name == SUMS => {
                Some((raw.predicate, *digest))
            }
            statement::SubjectDigest::Sha256(_) | statement::SubjectDigest::Deviation(_) => None,
        }
    }
}

impl PackFile {
    pub fn path(&self) -> String {
        match self {
            Self::Readme => README.to_owned(),
            Self::Index => INDEX.to_owned(),
            Self::LogKey => path::VERIFIER_KEY.to_owned(),
            Self::Checkpoint => path::CHECKPOINT.to_owned(),
            Self::ExportKey => EXPORT_KEY.to_owned(),
            Self::Entry(index) => format!("{ENTRIES}/{index}.json"),
            Self::Proof(index) => format!("{ENTRIES}/{index}.tlog-proof"),
            Self::Envelope(index) => format!("{ENTRIES}/{index}.dsse.json"),
            Self::Blob(digest) => path::blob(digest),
            Self::Anchor(anchor) => anchor.path(),
            Self::Rotation(index) => format!("{KEYS}/{index}.json"),
            Self::RotationProof(index) => format!("{KEYS}/{index}.tlog-proof"),
        }
    }

    /// Reads a path; nothing unless it is written exactly as [`PackFile::path`] writes it.
    pub fn parse(path: &str) -> Option<Self> {
        let fixed = [
            Self::Readme,
            Self::Index,
            Self::LogKey,
            Self::Checkpoint,
            Self::ExportKey,
        ];
        let fixed = fixed.into_iter().find(|file| file.path() == path);
        let blob = || path::parse_blob(path).map(Self::Blob);
        let anchor = || Anchor::parse(path).map(Self::Anchor);
        fixed
            .or_else(blob)
            .or_else(anchor)
            .or_else(|| Self::parse_numbered(path))
    }

    fn parse_numbered(path: &str) -> Option<Self> {
        let (_, name) = path.split_once('/')?;
        let (index, _) = name.split_once('.')?;
        let index = index.parse().ok()?;
        let files = [
            Self::Entry(index),
            Self::Proof(index),
            Self::Envelope(index),
            Self::Rotation(index),
            Self::RotationProof(index),
        ];
        files.into_iter().find(|file| file.path() == path)
    }

    /// The entry that a file belongs to.
    pub fn of_entry(&self) -> Option<u64> {
        match self {
            Self::Entry(index) | Self::Proof(index) | Self::Envelope(index) => Some(*index),
            Self::Readme
            | Self::Index
            | Self::LogKey
            | Self::Checkpoint
            | Self::ExportKey
            | Self::Blob(_)
            | Self::Anchor(_)
            | Self::Rotation(_)
            | Self::RotationProof(_) => None,
        }
    }

    /// The rotation that a file belongs to.
    pub fn of_rotation(&self) -> Option<u64> {
        match self {
            Self::Rotation(index) | Self::RotationProof(index) => Some(*index),
            Self::Readme
            | Self::Index
            | Self::LogKey
            | Self::Checkpoint
            | Self::ExportKey
            | Self::Entry(_)
            | Self::Proof(_)
            | Self::Envelope(_)
            | Self::Blob(_)
            | Self::Anchor(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip_and_near_misses_are_none() {
        let blob = PackFile::Blob(Sha256Digest::of(b"blob"));
        let [token, cosignatures] = Anchor::both(7).map(PackFile::Anchor);
        for file in [
            PackFile::Readme,
            PackFile::Checkpoint,
            PackFile::Entry(0),
            PackFile::Proof(12),
            PackFile::Envelope(12),
            PackFile::Rotation(12),
            PackFile::RotationProof(12),
            blob,
            token,
            cosignatures,
        ] {
            assert_eq!(PackFile::parse(&file.path()), Some(file));
        }
        for path in [
            "entries/01.json",
            "entries/1.txt",
            "entries/1",
            "keys/1.dsse.json",
            "keys/01.json",
            "pack.json",
            "x/README.md",
        ] {
            assert_eq!(PackFile::parse(path), None, "{path}");
        }
    }
}
