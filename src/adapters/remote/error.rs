//! What can go wrong between the log here and the places outside.

use thiserror::Error;

use crate::adapters::store::StoreError;
use crate::evidence::checkpoint::CheckpointError;
use crate::evidence::proof::ProofError;
use crate::evidence::source::SourceError;
use crate::ports::{Alarm, RemoteError};

#[derive(Debug, Error)]
pub enum RemoteLogError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(
        "{place} has {there} entries of this log, and the log here has {here}: it was put back"
    )]
    Ahead {
        place: String,
        there: u64,
        here: u64,
    },
    #[error("{place} has another log than the one here, up to entry {there}: {why}")]
    Diverged {
        place: String,
        there: u64,
        why: String,
    },
    #[error("`{name}` in {place} is no checkpoint of this log: {error}")]
    Checkpoint {
        place: String,
        name: String,
        error: CheckpointError,
    },
    #[error("nothing is passed on, because the log here is not whole: {0}")]
    Damaged(String),
    #[error("{place} refuses: {what}")]
    Answer { place: String, what: String },
    #[error("somebody else writes to {place} at the same time")]
    Contended { place: String },
    #[error("another process has been talking to the places outside for this log for too long")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write `{path}`: {reason}")]
    Write { path: String, reason: String },
    #[error("{place} holds no log")]
    NoLog { place: String },
    #[error("{place} lacks entry {index}, which its checkpoint covers")]
    Incomplete { place: String, index: u64 },
    #[error("what {place} holds does not give the root of its checkpoint at size {size}")]
    OtherRoot { place: String, size: u64 },
    #[error("`{}` is there already", .0.display())]
    Exists(std::path::PathBuf),
}

impl From<SourceError> for RemoteLogError {
    fn from(error: SourceError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<ProofError> for RemoteLogError {
    fn from(error: ProofError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl RemoteLogError {
    /// Whether it is a place's own trouble, and says nothing of the log.
    pub(super) fn is_remote(&self) -> bool {
        matches!(
            self,
            Self::Remote(RemoteError::Unreachable { .. } | RemoteError::Refused { .. })
                | Self::Answer { .. }
        )
    }

    /// The error as an alarm, or as the words for a place that is only not as far as it should be.
    pub(super) fn weigh(self) -> Result<String, Alarm> {
        let alarm = |forbids| Alarm {
            what: self.to_string(),
            help: self.help().to_owned(),
            forbids,
        };
        match &self {
            Self::Remote(RemoteError::Differs { .. })
            | Self::Ahead { .. }
            | Self::Diverged { .. }
            | Self::Checkpoint { .. } => Err(alarm(true)),
            Self::Damaged(_)
            | Self::Store(_)
            | Self::Exists(_)
            | Self::NoLog { .. }
            | Self::Incomplete { .. }
            | Self::OtherRoot { .. } => Err(alarm(false)),
            Self::Remote(RemoteError::Unreachable { .. } | RemoteError::Refused { .. })
            | Self::Answer { .. }
            | Self::Contended { .. }
            | Self::Busy
            | Self::Write { .. } => Ok(self.words()),
        }
    }

    /// What is wrong, without the name of the place.
    fn words(&self) -> String {
        match self {
            Self::Remote(RemoteError::Unreachable { what, .. }) => {
                format!("it cannot be reached: {what}")
            }
            Self::Remote(RemoteError::Refused { what, .. }) | Self::Answer { what, .. } => {
                format!("it refuses: {what}")
            }
            Self::Contended { .. } => "somebody else writes to it at the same time".to_owned(),
            Self::Remote(RemoteError::Differs { .. })
            | Self::Ahead { .. }
            | Self::Diverged { .. }
            | Self::Checkpoint { .. }
            | Self::Damaged(_)
            | Self::Store(_)
            | Self::Busy
            | Self::Write { .. }
            | Self::NoLog { .. }
            | Self::Incomplete { .. }
            | Self::OtherRoot { .. }
            | Self::Exists(_) => self.to_string(),
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::Busy => "wait until it ends, or find out what it waits for",
            Self::Remote(RemoteError::Unreachable { .. }) | Self::Contended { .. } => {
                "run `driftwarden evidence mirror --once` when it answers again: it catches up"
            }
            Self::Remote(RemoteError::Refused { .. }) | Self::Answer { .. } => {
                "check rights and configuration; docs/evidence-outside.md lists what is needed"
            }
            Self::Ahead { .. } => {
                "the disk here shows an older state, from a backup or a snapshot: nothing was \
                 written; keep the folder as it is, and bring back the newer state or open a new log"
            }
            Self::Remote(RemoteError::Differs { .. })
            | Self::Diverged { .. }
            | Self::Checkpoint { .. }
            | Self::OtherRoot { .. } => {
                "two histories exist: keep both untouched and ask whoever is responsible for the log"
            }
            Self::Damaged(_) => {
                "run `driftwarden-verify` on the folder: it names every file that is wrong"
            }
            Self::Store(error) => error.help(),
            Self::Write { .. } => "check that the disk is not full and that the folder is writable",
            Self::NoLog { .. } => "check bucket and prefix, or mirror a log there first",
            Self::Incomplete { .. } => {
                "look for delete markers in the bucket: the versions below them are still there"
            }
            Self::Exists(_) => "name a folder that does not exist yet",
        }
    }
}
