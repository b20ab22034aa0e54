//! Keys: the log's signing key and the installation's redaction key, each in a file that only its
//! owner can read, in a folder that only its owner can enter, or handed over by systemd.

mod export;
mod files;
mod handover;
mod source;

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::reason::reason;
use crate::evidence::key::KeyError;
use crate::evidence::signer::{LogSigner, SignerFailure};
use files::{copy_key, read_key, remove_key, write_key};

pub use handover::Handover;
pub use source::{FileKeys, SignerSource};

pub use export::export_signer;

const SIGNING_KEY: &str = "signing.key";
/// The key that is to take over, until the rotation to it is recorded.
const NEXT_KEY: &str = "signing.key.next";
const PEOPLE_KEY: &str = "people.key";
const REDACTION_KEY: &str = "redaction.key";

#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("the key file `{}` cannot be used: {}", path.display(), reason(cause))]
    Io { path: PathBuf, cause: io::Error },
    #[error("the key file `{}` is no file", path.display())]
    NotAFile { path: PathBuf },
    #[error("the key file `{}` can be read by others (mode {mode:o})", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("the key file `{}` holds no key: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("the key in `{}` is that of `{found}`, not of `{expected}`", path.display())]
    Origin {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error("the key file `{}` is missing", path.display())]
    Missing { path: PathBuf },
    #[error("`{0}` cannot be an origin: it must not be empty, nor hold white space or `+`")]
    BadOrigin(String),
    #[error("the system gives no random bytes")]
    Randomness(#[source] getrandom::Error),
    #[error("the log's signer cannot be used: {0}")]
    Signer(SignerFailure),
}

impl KeyFileError {
    /// What the reader can do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::Io { .. } => {
                "check that the disk is not full, and the owner and the rights of the key folder"
            }
            Self::Exposed { .. } => {
                "take the rights of group and others away (chmod 600); if others could read it, \
                 replace the key"
            }
            Self::Malformed { .. } | Self::Missing { .. } | Self::NotAFile { .. } => {
                "put the file back from a backup; a lost key cannot be made again, and a log goes on \
                 only with its own: `driftwarden evidence key lost --help` says what is left to do"
            }
            Self::Origin { .. } => {
                "use another key folder: every log has a key of its own, under its origin"
            }
            Self::BadOrigin(_) => "choose an origin like `driftwarden.example.org/evidence/2026`",
            Self::Randomness(_) => "this cannot be mended from within driftwarden",
            Self::Signer(failure) => &failure.help,
        }
    }
}

/// The log's signing key, which must be there.
///
/// # Errors
/// It is missing, can be read by others, or is that of another origin.
pub fn load_signing_key(folder: &Path, origin: &str) -> Result<LogSigner, KeyFileError> {
    match find_signing_key(folder, SIGNING_KEY, origin)? {
        Some(signer) => Ok(signer),
        None => Err(KeyFileError::Missing {
            path: folder.join(SIGNING_KEY),
        }),
    }
}

/// The signing key in this file, if there is one.
fn find_signing_key(
    folder: &Path,
    name: &str,
    origin: &str,
) -> Result<Option<LogSigner>, KeyFileError> {
    let Some(found) = read_key(folder, name)? else {
        return Ok(None);
    };
    let malformed = |error: KeyError| KeyFileError::Malformed {
        path: found.path.clone(),
        reason: error.to_string(),
    };
    let signer = LogSigner::parse(&found.text).map_err(malformed)?;
    let named = crate::evidence::signer::CheckpointSigner::key(&signer).origin();
    if named != origin {
        return Err(KeyFileError::Origin {
            expected: origin.to_owned(),
            found: named.to_owned(),
            path: found.path,
        });
    }
    Ok(Some(signer))
}

/// The signing key for a new log: the one in the folder, or a new one.
///
/// # Errors
/// As [`load_signing_key`]; or the key cannot be written.
pub fn create_signing_key(folder: &Path, origin: &str) -> Result<LogSigner, KeyFileError> {
    create_key(folder, SIGNING_KEY, origin)
}

fn create_key(folder: &Path, name: &str, origin: &str) -> Result<LogSigner, KeyFileError> {
    if let Some(signer) = find_signing_key(folder, name, origin)? {
        return Ok(signer);
    }
    let path = folder.join(name);
    let signer = LogSigner::from_seed(origin, &random_bytes()?)
        .map_err(|_| KeyFileError::BadOrigin(origin.to_owned()))?;
    write_key(&path, &signer.to_text())?;
    // Another process may have been quicker.
    match find_signing_key(folder, name, origin)? {
        Some(signer) => Ok(signer),
        None => Err(KeyFileError::Missing { path }),
    }
}

/// The installation's redaction key, made on first use. With another key every sensitive value has
/// another digest, so that it seems to have changed: keep it as long as the log.
///
/// # Errors
/// It can be read by others, holds no key, or cannot be written.
pub fn redaction_key(folder: &Path) -> Result<[u8; 32], KeyFileError> {
    secret(folder, REDACTION_KEY)
}

/// As [`redaction_key`], for a run that records nothing: where there is no key yet, one for this run
/// alone, which is kept nowhere.
///
/// # Errors
/// It can be read by others, or holds no key.
pub fn redaction_key_to_read(folder: &Path) -> Result<[u8; 32], KeyFileError> {
    secret_to_read(folder, REDACTION_KEY)
}

/// Takes the redaction key over into another key folder, so that digests stay comparable.
///
/// # Errors
/// It cannot be read or written.
pub fn copy_redaction_key(from: &Path, to: &Path) -> Result<(), KeyFileError> {
    copy_key(from, to, REDACTION_KEY)?;
    copy_key(from, to, PEOPLE_KEY)
}

/// The key under which people whom the identity map does not know get their pseudonyms, made on first
/// use. Without it nobody can try out whose pseudonym one is.
///
/// # Errors
/// As [`redaction_key`].
pub fn people_key(folder: &Path) -> Result<[u8; 32], KeyFileError> {
    secret(folder, PEOPLE_KEY)
}

/// As [`people_key`], for a run that records nothing.
///
/// # Errors
/// It can be read by others, or holds no key.
pub fn people_key_to_read(folder: &Path) -> Result<[u8; 32], KeyFileError> {
    secret_to_read(folder, PEOPLE_KEY)
}

/// Destroys the key of the pseudonyms; the next use makes another.
///
/// # Errors
/// It cannot be removed.
pub fn erase_people_key(folder: &Path) -> Result<(), KeyFileError> {
    remove_key(folder, PEOPLE_KEY)
}

/// 32 secret bytes in a file, made on first use.
fn secret(folder: &Path, name: &str) -> Result<[u8; 32], KeyFileError> {
    if let Some(found) = read_key(folder, name)? {
        return parse_secret(&found.path, &found.text);
    }
    let path = folder.join(name);
    write_key(&path, &hex::encode(random_bytes()?))?;
    match read_key(folder, name)? {
        Some(found) => parse_secret(&found.path, &found.text),
        None => Err(KeyFileError::Missing { path }),
    }
}

fn secret_to_read(folder: &Path, name: &str) -> Result<[u8; 32], KeyFileError> {
    match read_key(folder, name)? {
        Some(found) => parse_secret(&found.path, &found.text),
        None => random_bytes(),
    }
}

fn parse_secret(path: &Path, text: &str) -> Result<[u8; 32], KeyFileError> {
    let mut key = [0; 32];
    hex::decode_to_slice(text, &mut key).map_err(|_| KeyFileError::Malformed {
        path: path.to_owned(),
        reason: "it is not 64 hex digits".to_owned(),
    })?;
    Ok(key)
}

fn random_bytes() -> Result<[u8; 32], KeyFileError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(KeyFileError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::evidence::signer::CheckpointSigner;

    #[test]
    fn keys_are_made_once_and_only_their_owner_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("keys");
        let first = create_signing_key(&folder, "example.org/log").unwrap();
        let again = create_signing_key(&folder, "example.org/log").unwrap();
        assert_eq!(first.key(), again.key());
        let redaction = redaction_key(&folder).unwrap();
        assert_eq!(redaction, redaction_key(&folder).unwrap());
        assert_ne!(redaction, [0; 32]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|path| mode(path) == 0o600));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        redaction_key(dir.path()).unwrap();
        let path = dir.path().join(REDACTION_KEY);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = redaction_key(dir.path()).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed { mode: 0o640, .. }));
    }

    #[test]
    fn a_lost_key_is_not_replaced_for_a_log_that_exists() {
        let dir = tempfile::tempdir().unwrap();
        let error = load_signing_key(dir.path(), "example.org/log").unwrap_err();
        assert!(matches!(error, KeyFileError::Missing { .. }));
        assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
    }

    #[test]
    fn the_key_of_another_origin_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        create_signing_key(dir.path(), "example.org/log").unwrap();
        let error = create_signing_key(dir.path(), "example.org/other").unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("is that of `example.org/log`, not of `example.org/other`"));
    }
}
