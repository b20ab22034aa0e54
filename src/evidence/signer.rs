//! What signs checkpoints: a key in a file, or a key that never leaves a device or a key service.

use std::fmt::Debug;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use signed_note::Signature;
use thiserror::Error;

use super::key::{ED25519, KeyError, LogKey};

/// Signs the checkpoints of one log.
///
/// Whoever calls it has the batch on disk, and waits: it answers, or fails, within a bounded time. A
/// failure changes nothing in the log and may be tried again. What it gives is verified with
/// [`CheckpointSigner::key`] before it is believed.
pub trait CheckpointSigner: Debug + Send + Sync {
    /// The key that verifies the first line of [`CheckpointSigner::sign`].
    fn key(&self) -> &LogKey;

    /// The signature lines for a note's text (whole, with its last line end), the one by
    /// [`CheckpointSigner::key`] first. Further lines, of other algorithms, go into the note as they
    /// are; verifiers that do not know them ignore them.
    ///
    /// # Errors
    /// The signer cannot be reached, or refuses. The error holds nothing of the private key.
    fn sign(&self, text: &[u8]) -> Result<Vec<Signature>, SignerFailure>;
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct SignerFailure {
    /// In lower case, as part of a sentence.
    pub what: String,
    pub help: String,
}

/// A signature line by `key`.
///
/// # Errors
/// The key's origin cannot be a name in a note.
pub fn signature_line(key: &LogKey, signature: Vec<u8>) -> Result<Signature, SignerFailure> {
    let line = Signature::new(key.origin().to_owned(), key.id(), signature);
    line.map_err(|_| SignerFailure {
        what: format!("`{}` cannot be a signer's name", key.origin()),
        help: "choose an origin without white space and `+`".to_owned(),
    })
}

/// A private key in this process. It never shows itself but in [`LogSigner::to_text`].
#[derive(Clone)]
pub struct LogSigner {
    signing: SigningKey,
    key: LogKey,
}

impl LogSigner {
    /// The key pair that belongs to 32 random bytes.
    ///
    /// # Errors
    /// The origin cannot be a key's name: it is empty, or holds white space or `+`.
    pub fn from_seed(origin: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let signing = SigningKey::from_bytes(seed);
        let key = LogKey::ed25519(origin, signing.verifying_key().as_bytes())?;
        Ok(Self { signing, key })
    }

    /// Reads the text form of a private key.
    ///
    /// # Errors
    /// It is no such text, or the key is not Ed25519. The error never holds any of the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed;
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or_else(malformed)?;
        let mut parts = rest.splitn(3, '+');
        let origin = parts.next().ok_or_else(malformed)?;
        let id = parts.next().ok_or_else(malformed)?;
        let encoded = parts.next().ok_or_else(malformed)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| malformed())?;
        let (kind, seed) = bytes.split_first().ok_or_else(malformed)?;
        if *kind != ED25519 {
            return Err(KeyError::Algorithm);
        }
        let signer = Self::from_seed(origin, seed.try_into().map_err(|_| malformed())?)?;
        match format!("{:08x}", signer.key.id()) == id {
            true => Ok(signer),
            false => Err(KeyError::Hash),
        }
    }

    /// The same private key under another origin.
    ///
    /// # Errors
    /// As [`LogSigner::from_seed`].
    pub fn under(&self, origin: &str) -> Result<Self, KeyError> {
        Self::from_seed(origin, self.signing.as_bytes())
    }

    /// The private key, to be kept where only the daemon can read it.
    pub fn to_text(&self) -> String {
        let mut private = vec![ED25519];
        private.extend_from_slice(self.signing.as_bytes());
        format!(
            "PRIVATE+KEY+{}+{:08x}+{}",
            self.key.origin(),
            self.key.id(),
            BASE64_STANDARD.encode(private)
        )
    }
}

impl CheckpointSigner for LogSigner {
    fn key(&self) -> &LogKey {
        &self.key
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<Signature>, SignerFailure> {
        let signature = self.signing.sign(text).to_bytes().to_vec();
        Ok(vec![signature_line(&self.key, signature)?])
    }
}

impl Debug for LogSigner {
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
        let again = LogSigner::parse(&signer.to_text()).unwrap();
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

    #[test]
    fn every_flipped_bit_of_a_private_key_is_seen() {
        let text = LogSigner::from_seed("example.org/log", &[9; 32])
            .unwrap()
            .to_text();
        for index in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let flipped = String::from_utf8(bytes);
                assert!(flipped.is_err() || LogSigner::parse(&flipped.unwrap()).is_err());
            }
        }
    }
}
