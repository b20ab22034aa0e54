//! Why a provider is not used.

use std::io;
use std::path::{Path, PathBuf};

use crate::adapters::reason::reason;
use crate::provider::checksum::Mismatch;
use crate::provider::lock::ProviderName;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SupplyError {
    #[error(
        "no package of provider `{name}` {version} for {platform} lies in {}",
        listed(.searched)
    )]
    NotFound {
        name: Box<ProviderName>,
        version: String,
        platform: String,
        searched: Vec<PathBuf>,
    },
    #[error("provider package `{}` is refused: {source}", path.display())]
    Mismatch { path: PathBuf, source: Mismatch },
    #[error("provider package `{}` is refused: `{name}` in it is a link", path.display())]
    Link { path: PathBuf, name: String },
    #[error("provider package `{}` is refused: `{name}` in it is no file", path.display())]
    NoFile { path: PathBuf, name: String },
    #[error("provider package `{}` is refused: `{name}` can be changed by everybody", path.display())]
    Writable { path: PathBuf, name: String },
    #[error("provider package `{}` is refused: {count} files in it could be the provider", path.display())]
    Binaries { path: PathBuf, count: usize },
    #[error("provider package `{}` is refused: {what}", path.display())]
    Archive { path: PathBuf, what: String },
    #[error("provider package `{}` changed while it was read", path.display())]
    Changed { path: PathBuf },
    #[error("cannot read `{}`: {what}", path.display())]
    Io { path: PathBuf, what: String },
}

impl SupplyError {
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            what: reason(error),
        }
    }

    pub(super) fn mismatch(path: &Path, source: Mismatch) -> Self {
        Self::Mismatch {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn archive(path: &Path, what: impl Into<String>) -> Self {
        Self::Archive {
            path: path.to_owned(),
            what: what.into(),
        }
    }

    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "name a folder that has it: a mirror made by `terraform providers mirror DIR`, or the \
                 `.terraform/providers` of the folder in which the plan was made"
            }
            Self::Mismatch { source, .. } => source.help(),
            Self::Link { .. } | Self::NoFile { .. } | Self::Binaries { .. } => {
                "take the package from where the plan's pipeline took it: none is built like this"
            }
            Self::Writable { .. } => "take away everybody's right to write: `chmod -R o-w FOLDER`",
            Self::Archive { .. } => "fetch the archive again with `terraform providers mirror`",
            Self::Changed { .. } => "find out who writes there, and try again",
            Self::Io { .. } => "check the path and its permissions",
        }
    }
}

fn listed(folders: &[PathBuf]) -> String {
    let all: Vec<String> = folders
        .iter()
        .map(|folder| format!("`{}`", folder.display()))
        .collect();
    match all.is_empty() {
        true => "any folder, because none was named".to_owned(),
        false => all.join(", "),
    }
}
