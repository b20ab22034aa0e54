//! What can go wrong with an index, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::adapters::reason::reason;
use crate::adapters::store::StoreError;
use crate::evidence::record::RecordError;

#[derive(Debug, Error)]
pub enum IndexError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("cannot {action} `{}`: {}", path.display(), reason(cause))]
    Io {
        action: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
    #[error("cannot write the tables: {0}")]
    Tables(rusqlite::Error),
    #[error("`{}` is there and is no index of a log", .0.display())]
    NotOurs(PathBuf),
    #[error("`{}` lies within the evidence folder", .0.display())]
    Inside(PathBuf),
    #[error("`{}` is being made by another process", .0.display())]
    Busy(PathBuf),
}

impl IndexError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io {
            action,
            path,
            cause,
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::Store(error) => error.help(),
            Self::Record(_) => "use the version of driftwarden that wrote the log, or a newer one",
            Self::Io { .. } => {
                "check that the disk is not full and that the folder is writable, or name another \
                 place with --out"
            }
            Self::Tables(_) => {
                "check that the disk is not full, that of temporary files included; what was there \
                 before still is"
            }
            Self::NotOurs(_) => "name another file, or move this one away",
            Self::Inside(_) => {
                "leave --out away, or name a file elsewhere: the verifier refuses a log with other \
                 files in it"
            }
            Self::Busy(_) => "wait until it ends",
        }
    }
}
