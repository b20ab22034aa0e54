//! Entries: in-toto Statements (v1) whose predicate types are ours, as JSON on one line.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tlog_tiles::Hash;

use super::bundle::MAX_ENTRY_BYTES;
use super::path;
use super::tree::TreeHead;
use crate::model::Sha256Digest;

pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
pub const SCAN: &str = "https://driftwarden.dev/evidence/scan/v1";
pub const FINDING: &str = "https://driftwarden.dev/evidence/finding/v1";
pub const PLAN: &str = "https://driftwarden.dev/evidence/plan/v1";
pub const FINDING_STATE: &str = "https://driftwarden.dev/evidence/finding-state/v1";
pub const SERVICE: &str = "https://driftwarden.dev/evidence/service/v1";
pub const NOTIFICATION: &str = "https://driftwarden.dev/evidence/notification/v1";
pub const FIX: &str = "https://driftwarden.dev/evidence/fix/v1";
pub const WATCH: &str = "https://driftwarden.dev/evidence/watch/v1";
pub const BASELINE: &str = "https://driftwarden.dev/evidence/baseline/v1";
pub const SETTLED: &str = "https://driftwarden.dev/evidence/settled/v1";
pub const KEY_ROTATION: &str = "https://driftwarden.dev/evidence/key_rotation/v1";
pub const KEY_REVOCATION: &str = "https://driftwarden.dev/evidence/key_revocation/v1";
pub const LOG_CONTINUED: &str = "https://driftwarden.dev/evidence/log_continued/v1";
pub const CARRIED: &str = "https://driftwarden.dev/evidence/carried/v1";
pub const HOLD_SET: &str = "https://driftwarden.dev/evidence/hold_set/v1";
pub const HOLD_CLEAR: &str = "https://driftwarden.dev/evidence/hold_clear/v1";
pub const DESTRUCTION: &str = "https://driftwarden.dev/evidence/destruction/v1";
pub const PERSON_ERASED: &str = "https://driftwarden.dev/evidence/person_erased/v1";
pub const STORE_FULL: &str = "https://driftwarden.dev/evidence/store_full/v1";
pub const CLOCK_ANOMALY: &str = "https://driftwarden.dev/evidence/clock_anomaly/v1";

#[derive(Debug, Error)]
pub enum StatementError {
    #[error("it is no in-toto Statement: {0}")]
    Json(serde_json::Error),
    #[error("it has the type `{0}`, not `{STATEMENT_TYPE}`")]
    Type(String),
    #[error("it is {bytes} bytes long; an entry holds at most {MAX_ENTRY_BYTES}")]
    TooLarge { bytes: usize },
    #[error("its subject `{0}` is not where a blob of that digest lies")]
    Blob(String),
    #[error("it names a previous checkpoint at size {0}, which is later than itself")]
    Previous(u64),
}

/// Something that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub digest: SubjectDigest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubjectDigest {
    Sha256(Sha256Digest),
    /// The id of a deviation: a hash of resource, attribute, approved and live value.
    #[serde(rename = "driftwardenDeviation")]
    Deviation(String),
}

/// The checkpoint that stood when an entry was written. It chains the log's checkpoints: one that
/// an entry names cannot be taken away unseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    pub tree_size: u64,
    /// Base64, as the checkpoint has it.
    pub root: String,
}

/// What the log itself must know of an entry, whoever wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub predicate_type: String,
    pub blobs: Vec<Sha256Digest>,
    pub previous: Option<TreeHead>,
}

#[derive(Serialize)]
struct Statement<'a, P> {
    #[serde(rename = "_type")]
    statement_type: &'a str,
    subject: &'a [Subject],
    #[serde(rename = "predicateType")]
    predicate_type: &'a str,
    predicate: &'a P,
}

#[derive(Deserialize)]
struct RawHead<'a> {
    #[serde(rename = "_type", borrow)]
    statement_type: Cow<'a, str>,
    #[serde(borrow)]
    subject: Vec<RawSubject<'a>>,
    #[serde(rename = "predicateType", borrow)]
    predicate_type: Cow<'a, str>,
    predicate: RawPredicate,
}

#[derive(Deserialize)]
struct RawSubject<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    digest: RawDigests<'a>,
}

#[derive(Deserialize)]
struct RawDigests<'a> {
    #[serde(borrow)]
    sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawPredicate {
    previous: Option<Previous>,
}

impl Subject {
    pub fn blob(digest: Sha256Digest) -> Self {
        Self {
            name: path::blob(&digest),
            digest: SubjectDigest::Sha256(digest),
        }
    }

    pub fn file(name: impl Into<String>, digest: Sha256Digest) -> Self {
        Self {
            name: name.into(),
            digest: SubjectDigest::Sha256(digest),
        }
    }
}

impl Previous {
    pub fn of(head: TreeHead) -> Self {
        Self {
            tree_size: head.size,
            root: head.root.to_string(),
        }
    }

    fn head(&self) -> Option<TreeHead> {
        let root = Hash::parse_hash(&self.root).ok()?;
        Some(TreeHead {
            size: self.tree_size,
            root,
        })
    }
}

/// Writes a statement as it goes into the log.
///
/// # Errors
/// It is larger than an entry can be.
pub fn encode<P: Serialize>(
    predicate_type: &str,
    subject: &[Subject],
    predicate: &P,
) -> Result<Vec<u8>, StatementError> {
    let statement = Statement {
        statement_type: STATEMENT_TYPE,
        subject,
        predicate_type,
        predicate,
    };
    let entry = serde_json::to_vec(&statement).map_err(StatementError::Json)?;
    match entry.len() {
        0..=MAX_ENTRY_BYTES => Ok(entry),
        bytes => Err(StatementError::TooLarge { bytes }),
    }
}

/// Reads what the log must know of the entry at `index`.
///
/// # Errors
/// It is no Statement, or it contradicts itself.
pub fn read_head(entry: &[u8], index: u64) -> Result<Head, StatementError> {
    let raw: RawHead<'_> = serde_json::from_slice(entry).map_err(StatementError::Json)?;
    if raw.statement_type != STATEMENT_TYPE {
        return Err(StatementError::Type(raw.statement_type.into_owned()));
    }
    let mut blobs = Vec::new();
    for subject in raw.subject {
        if !subject.name.starts_with("blobs/") {
            continue;
        }
        let digest = subject.digest.sha256.as_deref();
        let digest = digest.and_then(Sha256Digest::parse);
        match digest.filter(|digest| path::blob(digest) == subject.name) {
            Some(digest) => blobs.push(digest),
            None => return Err(StatementError::Blob(subject.name.into_owned())),
        }
    }
    let previous = match &raw.predicate.previous {
        None => None,
        Some(previous) => match previous.head().filter(|head| head.size <= index) {
            Some(head) => Some(head),
            None => return Err(StatementError::Previous(previous.tree_size)),
        },
    };
    Ok(Head {
        predicate_type: raw.predicate_type.into_owned(),
        blobs,
        previous,
    })
}

/// Reads the predicate of an entry whose type is known.
///
/// # Errors
/// The predicate does not have the form of `P`.
pub fn read_predicate<P: for<'de> Deserialize<'de>>(entry: &[u8]) -> Result<P, StatementError> {
    #[derive(Deserialize)]
    struct Only<P> {
        predicate: P,
    }
    let only: Only<P> = serde_json::from_slice(entry).map_err(StatementError::Json)?;
    Ok(only.predicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Nothing {}

    #[test]
    fn a_statement_names_its_blobs() {
        let digest = Sha256Digest::of(b"plan");
        let other = Sha256Digest::of(b"elsewhere");
        let subject = [Subject::blob(digest), Subject::file("plan.json", other)];
        let entry = encode(SCAN, &subject, &Nothing {}).unwrap();
        let head = read_head(&entry, 0).unwrap();
        assert_eq!(head.blobs, [digest]);
        assert_eq!(head.predicate_type, SCAN);
        assert_eq!(head.previous, None);
    }

    #[test]
    fn a_blob_under_another_name_is_refused() {
        let mut subject = Subject::blob(Sha256Digest::of(b"plan"));
        subject.digest = SubjectDigest::Sha256(Sha256Digest::of(b"other"));
        let entry = encode(SCAN, &[subject], &Nothing {}).unwrap();
        assert!(matches!(read_head(&entry, 0), Err(StatementError::Blob(_))));
    }

    #[test]
    fn an_entry_cannot_name_a_later_checkpoint() {
        #[derive(Serialize)]
        struct Predicate {
            previous: Previous,
        }
        let head = TreeHead {
            size: 4,
            root: Hash([0; 32]),
        };
        let previous = Previous::of(head);
        let entry = encode(SCAN, &[], &Predicate { previous }).unwrap();
        assert_eq!(read_head(&entry, 4).unwrap().previous, Some(head));
        assert!(matches!(
            read_head(&entry, 3),
            Err(StatementError::Previous(4))
        ));
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        for entry in [&b""[..], b"{}", b"[]", b"{\"_type\":1}"] {
            assert!(read_head(entry, 0).is_err());
        }
    }

    #[test]
    fn depth_is_no_danger() {
        let deep = |open: &str| {
            let entry = format!(
                r#"{{"_type":"{STATEMENT_TYPE}","subject":[],"predicateType":"t","predicate":{{"a":{}"#,
                open.repeat(30_000)
            );
            entry.into_bytes()
        };
        assert!(read_head(&deep("["), 0).is_err());
        assert!(read_head(&deep(r#"{"a":"#), 0).is_err());
        let mut closed = deep("[");
        closed.extend(std::iter::repeat_n(b']', 30_000));
        closed.extend_from_slice(b"}}");
        // However it is read elsewhere, it is JSON.
        assert!(read_head(&closed, 0).is_ok());
    }
}
