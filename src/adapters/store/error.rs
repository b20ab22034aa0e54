//! What can go wrong with an evidence folder, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;

use crate::adapters::reason::reason;
use crate::adapters::signing::KeyFileError;
use crate::evidence::bundle::EntryTooLarge;
use crate::evidence::checkpoint::CheckpointError;
use crate::evidence::proof::ProofError;
use crate::evidence::record::RecordError;
use crate::evidence::signer::SignerFailure;
use crate::evidence::source::SourceError;
use crate::evidence::statement::StatementError;

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("the evidence folder `{}` is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("cannot {action} `{}`: {}", path.display(), reason(cause))]
    Io {
        action: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
    #[error("`{}` is a file, not a folder", .0.display())]
    NotAFolder(PathBuf),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error("the key folder `{}` lies within the evidence folder", .0.display())]
    KeysInside(PathBuf),
    #[error("`{}` holds files but no log", .0.display())]
    NotEmpty(PathBuf),
    #[error("`{}` holds a log, but `.state/lock` is missing", .0.display())]
    LockMissing(PathBuf),
    #[error("the log in `{}` is signed by another key, `{found}`", path.display())]
    OtherKey { path: PathBuf, found: String },
    #[error("the log in `{}` is frozen; `{by}` goes on from it", path.display())]
    Frozen { path: PathBuf, by: String },
    #[error("`{}` holds a log of its own", .0.display())]
    NotSharded(PathBuf),
    #[error("the shard `{0}` is not there")]
    NoShard(String),
    #[error("the entries of the log in `{}` were destroyed", .0.display())]
    Gone(PathBuf),
    #[error("the key of the log in `{}` was replaced; this is an older one", .0.display())]
    KeyRetired(PathBuf),
    #[error("`{}` is not a checkpoint of this log: {error}", path.display())]
    Checkpoint {
        path: PathBuf,
        error: CheckpointError,
    },
    #[error("the log cannot be signed: {0}")]
    Unsigned(SignerFailure),
    #[error("the log in `{}` went another way: {what}", path.display())]
    Forked { path: PathBuf, what: String },
    #[error("the log in `{}` is damaged: {what}", path.display())]
    Damaged { path: PathBuf, what: String },
    #[error(
        "there is no log in `{}`, and one may be begun on {day} only, not today, {today}",
        dir.display()
    )]
    NotThatDay {
        dir: PathBuf,
        day: Date,
        today: Date,
    },
    #[error("`{}` holds no evidence log", .0.display())]
    NoLog(PathBuf),
    #[error("there is nothing to append")]
    NothingToAppend,
    #[error("entry {number} of the batch cannot be logged: {error}")]
    TooLarge { number: usize, error: EntryTooLarge },
    #[error("entry {number} of the batch cannot be logged: {error}")]
    NoStatement {
        number: usize,
        error: StatementError,
    },
    #[error("entry {number} of the batch hands the log over to another key")]
    Rotation { number: usize },
    #[error("entry {number} of the batch names the blob {digest}, which was not put")]
    UnknownBlob { number: usize, digest: String },
    #[error("an earlier write to the log failed; it takes no more")]
    Stopped,
    #[error(
        "the entries are recorded, but the log in `{}` could not be brought up to date",
        path.display()
    )]
    Unpublished {
        path: PathBuf,
        #[source]
        source: Box<StoreError>,
    },
    #[error("the log cannot say that the store is full")]
    Record(#[source] RecordError),
    #[error("no thread can be started for the log")]
    NoThread {
        #[source]
        cause: io::Error,
    },
    /// One failure that several callers are told of.
    #[error(transparent)]
    Shared(Arc<StoreError>),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error("`{}` is there already", .0.display())]
    ExportExists(PathBuf),
    #[error("`{}` lies within the evidence folder", .0.display())]
    ExportInside(PathBuf),
    #[error("the exported copy is not whole: {0}")]
    ExportBroken(String),
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io {
            action,
            path,
            cause,
        }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.into(),
        }
    }

    pub(super) fn unsigned(path: &Path, error: CheckpointError) -> Self {
        match error {
            CheckpointError::Signer(failure) => Self::Unsigned(failure),
            error => Self::Checkpoint {
                path: path.to_owned(),
                error,
            },
        }
    }

    /// Whether the disk has no room. Nothing was lost then: what did not fit was refused before it
    /// was written. A sync that fails for want of room is a failed sync, and not this.
    pub fn is_full(&self) -> bool {
        if let Self::Shared(error) = self {
            return error.is_full();
        }
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        matches!(self, Self::Io { action, cause, .. } if *action != "sync" && full.contains(&cause.kind()))
    }

    /// The path that the error is about, relative to the log's folder.
    pub(super) fn path_below(&self, root: &Path) -> String {
        if let Self::Shared(error) = self {
            return error.path_below(root);
        }
        let Self::Io { path, .. } = self else {
            return String::new();
        };
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// What the reader can do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::InUse(_) => "one process at a time writes a log; wait until the other one ends",
            Self::Io { .. } => "check that the disk is not full and that the folder is writable",
            Self::NotAFolder(_) => "name a folder as `dir` of `evidence`",
            Self::Key(error) => error.help(),
            Self::KeysInside(_) => {
                "keep the keys elsewhere: whoever gets the log must not get them"
            }
            Self::NotEmpty(_) => "name an empty folder, or one that does not exist yet",
            Self::LockMissing(_) => {
                "the log may be a copy, or was cleaned up: put `.state` back from the original; \
                 starting without it could sign two different logs"
            }
            Self::OtherKey { .. } => "use the key folder that the log was begun with",
            Self::Frozen { .. } => {
                "name the folder and the origin of the log that goes on in the configuration"
            }
            Self::NotSharded(_) => {
                "name a new folder as `dir` for yearly shards, and keep this one as it is"
            }
            Self::NoShard(_) => "shards are named by their year",
            Self::Gone(_) => "only its hashes and checkpoints were kept",
            Self::KeyRetired(_) => {
                "use the key that took over: the last line of `log.vkey` is its public half"
            }
            Self::Unsigned(failure) => &failure.help,
            Self::Checkpoint {
                error: CheckpointError::Unsigned(_),
                ..
            } => {
                "use the key that signs the log: the last line of `log.vkey` is its public half; \
                 `driftwarden evidence key rotate` hands the log over to another; nothing was written"
            }
            Self::Checkpoint { .. } | Self::Forked { .. } => {
                "keep the folder untouched and ask whoever is responsible for the log; \
                 nothing was written"
            }
            Self::Damaged { .. } => {
                "run `driftwarden-verify` on the folder: it names every file that is wrong"
            }
            Self::NotThatDay { .. } => {
                "is the folder's disk mounted, and `dir` of `evidence` right? to begin a new log on \
                 purpose, set `inception` to today"
            }
            Self::NoThread { .. } => "check how many processes and threads this account may have",
            Self::Shared(error) => error.help(),
            Self::NoLog(_) => "run `driftwarden scan` first, or name the folder that holds the log",
            Self::NothingToAppend | Self::TooLarge { .. } | Self::NoStatement { .. } => {
                "this is a fault of driftwarden: please report it"
            }
            Self::UnknownBlob { .. } | Self::Rotation { .. } | Self::Record(_) => {
                "this is a fault of driftwarden: please report it"
            }
            Self::Stopped => "start again: what was recorded is kept",
            Self::Unpublished { .. } => {
                "make room on the disk and start again: the next start completes the folder"
            }
            Self::Source(_) => "check that every file in the folder can be read",
            Self::Proof(ProofError::NoSuchEntry { .. }) => {
                "`driftwarden evidence show` lists the entries"
            }
            Self::Proof(_) => {
                "run `driftwarden-verify` on the folder: it names every file that is wrong"
            }
            Self::ExportExists(_) => "name a folder that does not exist yet",
            Self::ExportInside(_) => {
                "name a folder elsewhere: the verifier refuses a log with other files in it"
            }
            Self::ExportBroken(_) => "run `driftwarden-verify` on the evidence folder itself",
        }
    }
}
