//! The log's key pair: Ed25519 in C2SP's text forms, under the log's origin as its name.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use signed_note::{Signer, SignerError, StandardSigner, StandardVerifier, Verifier};
use thiserror::Error;

const ED25519: u8 = 1;

/// The key that checkpoints are verified with. Its name is the log's origin.
#[derive(Clone)]
pub struct LogKey {
    text: String,
    verifier: StandardVerifier,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("it is no verifier key of the form `name+hash+key`")]
    Malformed,
    #[error("its algorithm is not Ed25519")]
    Algorithm,
    #[error("its hash does not belong to its name and key")]
    Hash,
}

/// The key that signs checkpoints. It never shows its private half but in [`LogSigner::to_text`].
#[derive(Clone)]
pub struct LogSigner {
    text: String,
    signer: StandardSigner,
    key: LogKey,
}

// === impl LogKey ===

impl LogKey {
    /// Reads a key as C2SP writes it, `name+hash+key`, without a line end.
    ///
    /// # Errors
    /// It is not written exactly so.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let verifier = StandardVerifier::new(text).map_err(|error| match error {
            signed_note::VerifierError::Alg => KeyError::Algorithm,
            signed_note::VerifierError::Id => KeyError::Hash,
            _ => KeyError::Malformed,
        })?;
        let (_, rest) = text.split_once('+').ok_or(KeyError::Malformed)?;
        let (hash, _) = rest.split_once('+').ok_or(KeyError::Malformed)?;
        if hash != format!("{:08x}", verifier.key_id()) {
            return Err(KeyError::Malformed);
        }
        let text = text.to_owned();
        Ok(Self { text, verifier })
    }

    /// Reads the content of `log.vkey`: the key and one line end.
    ///
    /// # Errors
    /// It is anything else.
    pub fn parse_file(bytes: &[u8]) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(bytes).map_err(|_| KeyError::Malformed)?;
        Self::parse(text.strip_suffix('\n').ok_or(KeyError::Malformed)?)
    }

    pub fn file_bytes(&self) -> Vec<u8> {
        format!("{}\n", self.text).into_bytes()
    }

    pub fn verifier(&self) -> &StandardVerifier {
        &self.verifier
    }

    pub fn origin(&self) -> &str {
        self.verifier.name()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LogKey").field(&self.text).finish()
    }
}

impl PartialEq for LogKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for LogKey {}

// === impl LogSigner ===

impl LogSigner {
    /// The key pair that belongs to 32 random bytes.
    ///
    /// # Errors
    /// The origin cannot be a key's name: it is empty, or holds white space or `+`.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(origin) || origin.chars().any(char::is_control) {
            return Err(KeyError::Malformed);
        }
        let verifying = SigningKey::from_bytes(seed).verifying_key();
        let mut public = vec![ED25519];
        public.extend_from_slice(verifying.as_bytes());
        let mut private = vec![ED25519];
        private.extend_from_slice(seed);
        let text = format!(
            "PRIVATE+KEY+{origin}+{:08x}+{}",
            signed_note::key_id(origin, &public),
            BASE64_STANDARD.encode(private)
        );
        Self::parse(&text)
    }

    /// Reads the text form of a private key.
    ///
    /// # Errors
    /// It is no such text, or the key is not Ed25519. The error never holds any of the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let signer = StandardSigner::new(text).map_err(|error| match error {
            SignerError::Alg => KeyError::Algorithm,
            SignerError::Id => KeyError::Hash,
            SignerError::Format => KeyError::Malformed,
        })?;
        let rest = text.strip_prefix("PRIVATE+KEY+").unwrap_or_default();
        let encoded = rest.splitn(3, '+').nth(2).unwrap_or_default();
        let seed = BASE64_STANDARD.decode(encoded).unwrap_or_default();
        let seed = seed.split_first().map(|(_, seed)| seed).unwrap_or_default();
        let signing = SigningKey::try_from(seed).map_err(|_| KeyError::Malformed)?;
        let public = signing.verifying_key();
        let key = signed_note::new_ed25519_verifier_key(signer.name(), &public);
        let key = LogKey::parse(&key)?;
        let text = text.to_owned();
        Ok(Self { text, signer, key })
    }

    /// The private key, to be kept where only the daemon can read it.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    pub fn signer(&self) -> &dyn Signer {
        &self.signer
    }

    pub fn key(&self) -> &LogKey {
        &self.key
    }
}

impl std::fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LogSigner").field(&self.key).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_round_trips_and_does_not_show() {
        let signer = LogSigner::from_seed("example.org/log", &[9; 32]).unwrap();
        let again = LogSigner::parse(signer.to_text()).unwrap();
        assert_eq!(again.key(), signer.key());
        assert!(!format!("{signer:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_name_with_a_space_or_a_plus_is_refused() {
        for origin in ["", "a b", "a+b", "a\nb", "a\u{7f}b"] {
            assert!(
                LogSigner::from_seed(origin, &[9; 32]).is_err(),
                "{origin:?}"
            );
        }
    }
}
