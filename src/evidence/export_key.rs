//! The role key that exported packs are signed with: Ed25519 in the PEM forms that every tool reads.
//! It is another key than the log's: a pack is an extract, and whoever makes one need not be able to
//! sign a checkpoint.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::model::Sha256Digest;

/// What stands before the 32 bytes of an Ed25519 key (RFC 8410): in a SubjectPublicKeyInfo, and in a
/// PKCS #8 PrivateKeyInfo.
const PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const PRIVATE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The largest file that can be such a key.
pub const MAX_KEY_BYTES: u64 = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExportKeyError {
    #[error("it is no Ed25519 public key in PEM")]
    Public,
    #[error("it is no Ed25519 private key in PEM (PKCS #8)")]
    Private,
}

/// The public half, which travels in the pack and is pinned from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportKey(VerifyingKey);

/// The private half. It shows only in [`ExportSigner::to_pem`].
#[derive(Clone)]
pub struct ExportSigner(SigningKey);

impl ExportKey {
    /// # Errors
    /// It is not one PEM block with one Ed25519 key.
    pub fn parse_pem(text: &str) -> Result<Self, ExportKeyError> {
        let der = from_pem(text, "PUBLIC KEY").ok_or(ExportKeyError::Public)?;
        let key = der.strip_prefix(&PUBLIC).ok_or(ExportKeyError::Public)?;
        let key = VerifyingKey::try_from(key).map_err(|_| ExportKeyError::Public)?;
        Ok(Self(key))
    }

    pub fn to_pem(&self) -> String {
        to_pem(&self.der(), "PUBLIC KEY")
    }

    /// SHA-256 of the key in DER: short enough to read out over the telephone.
    pub fn fingerprint(&self) -> Sha256Digest {
        Sha256Digest::of(&self.der())
    }

    fn der(&self) -> Vec<u8> {
        [&PUBLIC[..], self.0.as_bytes()].concat()
    }

    pub fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl ExportSigner {
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// # Errors
    /// It is not one PEM block with one Ed25519 key. The error holds none of the text.
    pub fn parse_pem(text: &str) -> Result<Self, ExportKeyError> {
        let der = from_pem(text, "PRIVATE KEY").ok_or(ExportKeyError::Private)?;
        let seed = der.strip_prefix(&PRIVATE).ok_or(ExportKeyError::Private)?;
        let key = SigningKey::try_from(seed).map_err(|_| ExportKeyError::Private)?;
        Ok(Self(key))
    }

    /// The private key, to be kept where only its owner can read it.
    pub fn to_pem(&self) -> String {
        to_pem(&[&PRIVATE[..], self.0.as_bytes()].concat(), "PRIVATE KEY")
    }

    pub fn key(&self) -> ExportKey {
        ExportKey(self.0.verifying_key())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for ExportSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ExportSigner").field(&self.key()).finish()
    }
}

fn to_pem(der: &[u8], label: &str) -> String {
    let body = BASE64_STANDARD.encode(der);
    // Both keys fit into the 64 characters of one line.
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

fn from_pem(text: &str, label: &str) -> Option<Vec<u8>> {
    let text = text
        .trim()
        .strip_prefix(&format!("-----BEGIN {label}-----"))?;
    let body = text.strip_suffix(&format!("-----END {label}-----"))?;
    let body: String = body.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_round_trip_and_the_private_one_does_not_show() {
        let signer = ExportSigner::from_seed(&[9; 32]);
        let again = ExportSigner::parse_pem(&signer.to_pem()).unwrap();
        assert_eq!(again.key(), signer.key());
        assert_eq!(
            ExportKey::parse_pem(&signer.key().to_pem()),
            Ok(signer.key())
        );
        assert!(!format!("{signer:?}").contains("[9,"));
        assert!(ExportSigner::parse_pem(&signer.key().to_pem()).is_err());
        assert!(ExportKey::parse_pem(&signer.to_pem()).is_err());
        assert!(ExportKey::parse_pem("").is_err());
    }

    #[test]
    fn a_signature_is_of_one_message_and_one_key() {
        let signer = ExportSigner::from_seed(&[9; 32]);
        let signature = signer.sign(b"message");
        assert!(signer.key().is_signature(b"message", &signature));
        assert!(!signer.key().is_signature(b"massage", &signature));
        assert!(!signer.key().is_signature(b"message", &signature[..63]));
        let other = ExportSigner::from_seed(&[8; 32]);
        assert!(!other.key().is_signature(b"message", &signature));
    }
}
