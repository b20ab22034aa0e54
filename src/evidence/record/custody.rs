//! What happens to the log itself: its keys, its shards, what is held and what is destroyed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tlog_tiles::Hash;

use super::{Encoded, RecordError};
use crate::evidence::key::LogKey;
use crate::evidence::statement::{self, StatementError, Subject};
use crate::evidence::tree::TreeHead;
use crate::model::{FindingKey, Sha256Digest};

/// Another key takes over. The last entry of the one checkpoint that both keys sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    pub at: Timestamp,
    pub old: LogKey,
    pub new: LogKey,
}

/// A log at its last checkpoint, as a later log names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEnd {
    pub origin: String,
    pub tree_size: u64,
    /// Base64, as the checkpoint has it.
    pub root: String,
}

/// Entry 0 of a log that goes on where another ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogContinued {
    pub at: Timestamp,
    pub why: Continuation,
    pub log: LogEnd,
    /// The keys that signed the other log, oldest first.
    pub keys: Vec<LogKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Continuation {
    NewShard,
    KeyLost,
    KeyCompromised,
}

/// A key that others may have: what it signed counts only where something else shows that it was
/// signed before `compromised_at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRevocation {
    pub at: Timestamp,
    pub compromised_at: Timestamp,
    pub log: LogEnd,
    pub keys: Vec<LogKey>,
}

/// Nothing that the hold is on is destroyed until the hold is cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldSet {
    pub at: Timestamp,
    pub hold: String,
    pub on: HoldScope,
    pub reason: String,
    /// A pseudonym.
    pub by: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldScope {
    Everything,
    Shard(String),
    Finding(FindingKey),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldClear {
    pub at: Timestamp,
    pub hold: String,
    pub reason: String,
    /// A pseudonym.
    pub by: String,
}

/// The entries and blobs of a shard were destroyed. Its hashes and checkpoints stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destruction {
    pub at: Timestamp,
    pub shard: String,
    pub log: LogEnd,
    /// When the shard ended, and for how long it had to be kept from then on.
    pub ended: Timestamp,
    pub retention: String,
    pub entries: u64,
    pub blobs: u64,
    pub blob_bytes: u64,
    /// Of the blobs' digests in hex, sorted, each with a line end.
    pub blobs_sha256: Option<Sha256Digest>,
}

/// A person can no longer be named: whatever tied the pseudonym to a name was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonErased {
    pub at: Timestamp,
    pub person: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustodyRecord {
    KeyRotation(KeyRotation),
    KeyRevocation(KeyRevocation),
    LogContinued(LogContinued),
    HoldSet(HoldSet),
    HoldClear(HoldClear),
    Destruction(Destruction),
    PersonErased(PersonErased),
}

// === impl LogEnd ===

impl LogEnd {
    pub fn of(origin: &str, head: TreeHead) -> Self {
        Self {
            origin: origin.to_owned(),
            tree_size: head.size,
            root: head.root.to_string(),
        }
    }

    /// Whether this is where that log stands.
    pub fn is(&self, origin: &str, head: TreeHead) -> bool {
        self.origin == origin
            && self.tree_size == head.size
            && Hash::parse_hash(&self.root).ok() == Some(head.root)
    }
}

// === impl CustodyRecord ===

impl CustodyRecord {
    /// Reads the entry if its type is one of these.
    ///
    /// # Errors
    /// It is of such a type, but does not have its form.
    pub fn read(predicate_type: &str, entry: &[u8]) -> Result<Option<Self>, StatementError> {
        use statement::read_predicate as read;
        Ok(Some(match predicate_type {
            statement::KEY_ROTATION => Self::KeyRotation(read(entry)?),
            statement::KEY_REVOCATION => Self::KeyRevocation(read(entry)?),
            statement::LOG_CONTINUED => Self::LogContinued(read(entry)?),
            statement::HOLD_SET => Self::HoldSet(read(entry)?),
            statement::HOLD_CLEAR => Self::HoldClear(read(entry)?),
            statement::DESTRUCTION => Self::Destruction(read(entry)?),
            statement::PERSON_ERASED => Self::PersonErased(read(entry)?),
            _ => return Ok(None),
        }))
    }

    pub fn word(&self) -> &'static str {
        match self {
            Self::KeyRotation(_) => "key_rotation",
            Self::KeyRevocation(_) => "key_revocation",
            Self::LogContinued(_) => "log_continued",
            Self::HoldSet(_) => "hold_set",
            Self::HoldClear(_) => "hold_clear",
            Self::Destruction(_) => "destruction",
            Self::PersonErased(_) => "person_erased",
        }
    }

    pub fn at(&self) -> Timestamp {
        match self {
            Self::KeyRotation(record) => record.at,
            Self::KeyRevocation(record) => record.at,
            Self::LogContinued(record) => record.at,
            Self::HoldSet(record) => record.at,
            Self::HoldClear(record) => record.at,
            Self::Destruction(record) => record.at,
            Self::PersonErased(record) => record.at,
        }
    }

    /// # Errors
    /// Its texts are too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let root = |log: &LogEnd| Subject::file(log.origin.as_str(), log.digest());
        let key =
            |key: &LogKey| Subject::file(key.as_str(), Sha256Digest::of(key.as_str().as_bytes()));
        let text = |name: &str| Subject::file(name, Sha256Digest::of(name.as_bytes()));
        use statement as s;
        let entry = match self {
            Self::KeyRotation(record) => {
                let subjects = [key(&record.old), key(&record.new)];
                s::encode(s::KEY_ROTATION, &subjects, record)
            }
            Self::KeyRevocation(record) => {
                let subjects: Vec<_> = record.keys.iter().map(key).collect();
                s::encode(s::KEY_REVOCATION, &subjects, record)
            }
            Self::LogContinued(record) => s::encode(s::LOG_CONTINUED, &[root(&record.log)], record),
            Self::HoldSet(record) => s::encode(s::HOLD_SET, &[text(&record.hold)], record),
            Self::HoldClear(record) => s::encode(s::HOLD_CLEAR, &[text(&record.hold)], record),
            Self::Destruction(record) => s::encode(s::DESTRUCTION, &[root(&record.log)], record),
            Self::PersonErased(record) => {
                s::encode(s::PERSON_ERASED, &[text(&record.person)], record)
            }
        };
        Ok(Encoded {
            entry: entry?,
            blobs: Vec::new(),
        })
    }
}

impl LogEnd {
    /// The root as a digest, which it is.
    fn digest(&self) -> Sha256Digest {
        let root = Hash::parse_hash(&self.root).map(|hash| hash.0);
        Sha256Digest(root.unwrap_or_default())
    }
}
