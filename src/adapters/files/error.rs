//! What went wrong with a file, in words.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::reason::reason;
use crate::config::place;
use crate::model::{SourceLocation, WorkspaceName};

/// One file or folder that is not as it should be. The remedy, where there is one, is in
/// [`FileError::help`].
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot read `{}`: {}", .path.display(), reason(.cause))]
    Read { path: PathBuf, cause: io::Error },
    #[error("cannot write `{}`: {}", .path.display(), reason(.cause))]
    Write { path: PathBuf, cause: io::Error },
    #[error("`{}` is {found}, not {wanted}", .path.display())]
    WrongKind {
        path: PathBuf,
        found: &'static str,
        wanted: &'static str,
    },
    #[error("`{}` is larger than {max} bytes", .path.display())]
    TooLarge { path: PathBuf, max: u64 },
    #[error("{}:{line}:{column}: this is not UTF-8", .path.display())]
    NotText {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    #[error("no file matches `{pattern}`")]
    NoMatch { pattern: String },
    #[error("`{pattern}` is no pattern: {reason}")]
    Pattern {
        pattern: String,
        reason: &'static str,
    },
    #[error("the folder `{}` holds no {wanted} file", .path.display())]
    Empty { path: PathBuf, wanted: &'static str },
    #[error("`{}` holds {what}", .path.display())]
    TooMuch { path: PathBuf, what: String },
    #[error("{}: the plan `{}` belongs to two baselines", place(.second), .path.display())]
    PlanTwice {
        path: PathBuf,
        first: SourceLocation,
        second: SourceLocation,
    },
    #[error("{}: the workspace `{name}` comes from two baselines", place(.second))]
    WorkspaceTwice {
        name: WorkspaceName,
        first: SourceLocation,
        second: SourceLocation,
    },
    #[error("`{}` gives a workspace no name: {reason}", .path.display())]
    BadName { path: PathBuf, reason: &'static str },
}

impl FileError {
    pub(super) fn read(path: &Path, cause: io::Error) -> Self {
        let path = path.to_path_buf();
        Self::Read { path, cause }
    }

    pub(super) fn write(path: &Path, cause: io::Error) -> Self {
        let path = path.to_path_buf();
        Self::Write { path, cause }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Read { cause, .. } => match cause.kind() {
                io::ErrorKind::NotFound => {
                    Some("relative paths start at the configuration file's folder".to_owned())
                }
                io::ErrorKind::PermissionDenied => {
                    Some("let the account that runs driftwarden read it".to_owned())
                }
                _ => Some("see that the file can be read, or name another".to_owned()),
            },
            Self::Write { .. } => Some("free space or give access to the folder, then do it again".to_owned()),
            Self::WrongKind { wanted: "a file", found: "a folder", .. } => {
                Some("to read the files in it, end the pattern in `/*.json`".to_owned())
            }
            Self::WrongKind { .. } => {
                Some("name something else, or take it out of the folder".to_owned())
            }
            Self::TooMuch { .. } => Some("name a narrower pattern".to_owned()),
            Self::TooLarge { .. } => Some("is it the file that you mean?".to_owned()),
            Self::NotText { .. } => Some("save it as UTF-8".to_owned()),
            Self::NoMatch { .. } => Some(
                "relative patterns start at the configuration file's folder; a pattern that matches \
                 nothing is no empty estate"
                    .to_owned(),
            ),
            Self::Pattern { .. } => {
                Some("`*` stands for a part of a name, `**` for any folders".to_owned())
            }
            Self::Empty { .. } => Some("put the file there, or name another folder".to_owned()),
            Self::PlanTwice { first, .. } | Self::WorkspaceTwice { first, .. } => Some(format!(
                "the first is at {}; each workspace has one baseline, each plan one workspace",
                place(first)
            )),
            Self::BadName { .. } => Some("rename the file".to_owned()),
        }
    }
}

/// Every file problem of one step; never empty.
#[derive(Debug)]
pub struct FileErrors(pub Vec<FileError>);

impl fmt::Display for FileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
            if let Some(help) = error.help() {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for FileErrors {}

impl From<FileError> for FileErrors {
    fn from(error: FileError) -> Self {
        Self(vec![error])
    }
}
