//! Secrets, read where they lie at each use, and kept out of all that is told.

use std::fmt;
use std::path::{Path, PathBuf};

use super::super::reason::reason;
use crate::config::SecretSource;

/// Longer is no secret of any of these receivers.
const LONGEST: usize = 8 << 10;

/// Where a secret lies, ready to be read.
#[derive(Clone, Debug)]
pub(super) enum SecretAt {
    File(PathBuf),
    Env(String),
}

/// A secret. It has no form that can be printed.
#[derive(Clone)]
pub(super) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl SecretAt {
    /// Paths start at the folder of the configuration.
    pub(super) fn new(source: &SecretSource, base: &Path) -> Self {
        match source {
            SecretSource::File(path) => Self::File(base.join(path)),
            SecretSource::Env(name) => Self::Env(name.clone()),
        }
    }

    /// # Errors
    /// Why it cannot be had, without any of it.
    pub(super) fn read(&self) -> Result<Secret, String> {
        let (place, text) = match self {
            Self::File(path) => {
                let place = format!("the secret in `{}`", path.display());
                let text = std::fs::read_to_string(path);
                let text =
                    text.map_err(|error| format!("{place} cannot be read: {}", reason(&error)))?;
                (place, text)
            }
            Self::Env(name) => {
                let place = format!("the secret in the variable `{name}`");
                let text = std::env::var(name).map_err(|_| format!("{place} is not there"))?;
                (place, text)
            }
        };
        let text = text.trim();
        if text.is_empty() {
            return Err(format!("{place} is empty"));
        }
        if text.len() > LONGEST || text.chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(format!("{place} is no single line of plain characters"));
        }
        Ok(Secret(text.to_owned()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the request alone.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// A text without the secret, should a receiver or a library have repeated it, or of an address the
    /// telling parts.
    pub(super) fn hush(&self, text: &str) -> String {
        /// So short a part would tear any text apart, and tells nothing.
        const SHORTEST: usize = 6;
        const SHORTEST_PART: usize = 12;
        let parts = self.0.split(['/', '?', '&', '=', ':']);
        let parts = parts.filter(|part| part.len() >= SHORTEST_PART);
        let whole = std::iter::once(self.0.as_str()).filter(|whole| whole.len() >= SHORTEST);
        whole
            .chain(parts)
            .fold(text.to_owned(), |text, part| text.replace(part, "(secret)"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test writes its own secret")]

    use super::*;

    #[test]
    fn a_secret_is_in_no_message_of_its_own_and_in_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            SecretAt::File(path.clone()).read()
        };
        let secret = read("s3cr3t-key\n").unwrap();
        assert_eq!(secret.expose(), "s3cr3t-key");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.hush("bad key s3cr3t-key"), "bad key (secret)");
        for wrong in ["", " \n", "s3cr3t\nkey", "s3cr3t\u{7f}", "s3cr3tß"] {
            let told = read(wrong).unwrap_err();
            assert!(!told.contains("s3cr3t"), "{told}");
        }
        std::fs::remove_file(&path).unwrap();
        let told = SecretAt::File(path.clone()).read().unwrap_err();
        assert!(
            told.ends_with("cannot be read: no such file or folder"),
            "{told}"
        );
        let told = SecretAt::Env("DRIFTWARDEN_NO_SUCH_VARIABLE".to_owned())
            .read()
            .unwrap_err();
        assert_eq!(
            told,
            "the secret in the variable `DRIFTWARDEN_NO_SUCH_VARIABLE` is not there"
        );
    }
}
