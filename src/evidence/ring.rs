//! The keys of one log, oldest first: more than one after a rotation. `log.vkey` holds them, a line each.

use signed_note::{VerificationError, Verifier, Verifiers};

use super::key::{KeyError, LogKey};

/// One key or more, all of one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRing {
    older: Vec<LogKey>,
    newest: LogKey,
}

impl KeyRing {
    /// Reads the content of `log.vkey`: a line for each key, oldest first.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse_file(bytes: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyError::Malformed)?;
        let text = text.strip_suffix('\n').ok_or(KeyError::Malformed)?;
        let mut keys = text.split('\n').map(LogKey::parse);
        let first = keys.next().ok_or(KeyError::Malformed)??;
        let mut ring = Self::from(first);
        for key in keys {
            ring.add(key?)?;
        }
        Ok(ring)
    }

    pub fn file_bytes(&self) -> Vec<u8> {
        let lines = self.keys().map(|key| format!("{}\n", key.as_str()));
        lines.collect::<String>().into_bytes()
    }

    /// Makes a key the newest.
    ///
    /// # Errors
    /// It is in the ring already, or of another origin.
    pub fn add(&mut self, key: LogKey) -> Result<(), KeyError> {
        if key.origin() != self.origin() {
            return Err(KeyError::Origins);
        }
        if self.keys().any(|known| known.id() == key.id()) {
            return Err(KeyError::Twice);
        }
        self.older.push(std::mem::replace(&mut self.newest, key));
        Ok(())
    }

    /// Oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &LogKey> {
        self.older.iter().chain(std::iter::once(&self.newest))
    }

    pub fn newest(&self) -> &LogKey {
        &self.newest
    }

    pub fn contains(&self, key: &LogKey) -> bool {
        self.keys().any(|known| known == key)
    }

    pub fn origin(&self) -> &str {
        self.newest.origin()
    }
}

impl From<LogKey> for KeyRing {
    fn from(newest: LogKey) -> Self {
        Self {
            older: Vec::new(),
            newest,
        }
    }
}

impl Verifiers for KeyRing {
    fn verifier(&self, name: &str, id: u32) -> Result<&dyn Verifier, VerificationError> {
        let mut keys = self.keys();
        let found = keys.find(|key| key.name() == name && key.id() == id);
        found.map(|key| key as &dyn Verifier).ok_or_else(|| {
            let name = name.to_owned();
            VerificationError::UnknownKey { name, id }
        })
    }
}
