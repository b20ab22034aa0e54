//! The keys that checkpoints are verified with, in C2SP's text form `name+id+key`, under the log's
//! origin as their name. Two kinds: Ed25519 (type 0x01), and ECDSA over P-256 (type 0x02) for devices
//! that know no other.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use signed_note::Verifier;
use thiserror::Error;

pub(super) const ED25519: u8 = 1;
const ECDSA_P256: u8 = 2;
/// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
const ED25519_SPKI: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The key that checkpoints are verified with. Its name is the log's origin.
#[derive(Clone)]
pub struct LogKey {
    text: String,
    origin: String,
    id: u32,
    public: Box<Public>,
}

#[derive(Clone)]
enum Public {
    Ed25519(ed25519_dalek::VerifyingKey),
    EcdsaP256(p256::ecdsa::VerifyingKey),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error("it is no verifier key of the form `name+hash+key`")]
    Malformed,
    #[error("its algorithm is neither Ed25519 nor ECDSA over P-256")]
    Algorithm,
    #[error("its hash does not belong to its name and key")]
    Hash,
    #[error("it names one key twice")]
    Twice,
    #[error("its keys are those of more than one origin")]
    Origins,
}

impl LogKey {
    /// Reads a key as C2SP writes it, `name+hash+key`, without a line end.
    ///
    /// # Errors
    /// It is not written exactly so.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::Malformed;
        let (origin, rest) = text.split_once('+').ok_or_else(malformed)?;
        let (_, encoded) = rest.split_once('+').ok_or_else(malformed)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| malformed())?;
        let (kind, key) = bytes.split_first().ok_or_else(malformed)?;
        let known = match *kind {
            ED25519 => Self::ed25519(origin, key.try_into().map_err(|_| malformed())?)?,
            ECDSA_P256 => Self::ecdsa_p256(origin, key)?,
            _ => return Err(KeyError::Algorithm),
        };
        // One key has one text, so that no bit of it can change unseen.
        match known.text == text {
            true => Ok(known),
            false if known.text.len() == text.len() => Err(KeyError::Hash),
            false => Err(malformed()),
        }
    }

    /// The key in a SubjectPublicKeyInfo (DER), as key services give it.
    ///
    /// # Errors
    /// The origin cannot be a key's name, or the key is of another kind.
    pub fn from_spki(origin: &str, der: &[u8]) -> Result<Self, KeyError> {
        let ed25519 = der.strip_prefix(ED25519_SPKI);
        match ed25519.and_then(|key| key.try_into().ok()) {
            Some(key) => Self::ed25519(origin, key),
            None => Self::ecdsa_p256(origin, der),
        }
    }

    pub(super) fn ed25519(origin: &str, bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let public = ed25519_dalek::VerifyingKey::from_bytes(bytes);
        let public = Public::Ed25519(public.map_err(|_| KeyError::Malformed)?);
        let mut encoded = vec![ED25519];
        encoded.extend_from_slice(bytes);
        Self::new(
            origin,
            signed_note::key_id(origin, &encoded),
            &encoded,
            public,
        )
    }

    fn ecdsa_p256(origin: &str, der: &[u8]) -> Result<Self, KeyError> {
        let public = p256::ecdsa::VerifyingKey::from_public_key_der(der);
        let public = Public::EcdsaP256(public.map_err(|_| KeyError::Algorithm)?);
        let mut encoded = vec![ECDSA_P256];
        encoded.extend_from_slice(der);
        let digest: [u8; 32] = Sha256::digest(der).into();
        let [a, b, c, d, ..] = digest;
        Self::new(origin, u32::from_be_bytes([a, b, c, d]), &encoded, public)
    }

    fn new(origin: &str, id: u32, encoded: &[u8], public: Public) -> Result<Self, KeyError> {
        if !signed_note::is_key_name_valid(origin) || origin.chars().any(char::is_control) {
            return Err(KeyError::Malformed);
        }
        Ok(Self {
            text: format!("{origin}+{id:08x}+{}", BASE64_STANDARD.encode(encoded)),
            origin: origin.to_owned(),
            id,
            public: Box::new(public),
        })
    }

    /// The same public key under another origin: yearly shards share one key.
    ///
    /// # Errors
    /// The origin cannot be a key's name.
    pub fn under(&self, origin: &str) -> Result<Self, KeyError> {
        match &*self.public {
            Public::Ed25519(key) => Self::ed25519(origin, key.as_bytes()),
            Public::EcdsaP256(_) => {
                let encoded = self.text.splitn(3, '+').nth(2).unwrap_or_default();
                let bytes = BASE64_STANDARD.decode(encoded).unwrap_or_default();
                Self::ecdsa_p256(origin, bytes.get(1..).unwrap_or_default())
            }
        }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The number by which a note's signature lines name the key.
    pub fn id(&self) -> u32 {
        self.id
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Verifier for LogKey {
    fn name(&self) -> &str {
        &self.origin
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &*self.public {
            Public::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Public::EcdsaP256(key) => {
                use p256::ecdsa::signature::Verifier;
                p256::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
        }
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

impl serde::Serialize for LogKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> serde::Deserialize<'de> for LogKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with openssl: a key, and its signature over the text.
    const SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbwZhRkerHrMibpJ1OCy4jYXS1mcmOT9eM3AMuY85\
                        XC45LnTdCv26MycJaxvmKR8LIxemEofawKXr29XmMv1PaQ==";
    const TEXT: &[u8] = b"example.org/log\n12\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n";
    const SIGNATURE: &str = "MEUCIHVlEey7tdoKEhTqwmiyRVM20kv/4iCjzArkIsWyg5n4AiEAlRUOnZ4x5pHyLLsVJcxD\
                             2oRMxNpOUlEEG7yBAlYHSm4=";

    fn p256() -> LogKey {
        let der = BASE64_STANDARD.decode(SPKI).unwrap();
        LogKey::from_spki("example.org/log", &der).unwrap()
    }

    #[test]
    fn a_p256_key_is_named_by_its_spki_and_verifies_what_openssl_signed() {
        let key = p256();
        assert!(
            key.as_str()
                .starts_with("example.org/log+200b253b+AjBZMBMG")
        );
        assert_eq!(LogKey::parse(key.as_str()), Ok(key.clone()));
        let signature = BASE64_STANDARD.decode(SIGNATURE).unwrap();
        assert!(key.verify(TEXT, &signature));
        assert!(!key.verify(&TEXT[1..], &signature));
        for index in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[index] ^= 1;
            assert!(!key.verify(TEXT, &flipped), "byte {index}");
        }
    }

    #[test]
    fn a_key_under_another_origin_is_the_same_key() {
        let other = p256().under("example.org/log/2027").unwrap();
        assert_eq!(other.origin(), "example.org/log/2027");
        assert_eq!(other.under("example.org/log"), Ok(p256()));
        let ed25519 = LogKey::ed25519("a", &[0; 32]).unwrap();
        assert_eq!(ed25519.under("b").unwrap().under("a"), Ok(ed25519));
    }

    #[test]
    fn a_key_service_gives_ed25519_keys_in_the_same_form() {
        let signer = crate::evidence::signer::LogSigner::from_seed("a", &[3; 32]).unwrap();
        let key = crate::evidence::signer::CheckpointSigner::key(&signer);
        let encoded = key.as_str().rsplit_once('+').unwrap().1;
        let bytes = BASE64_STANDARD.decode(encoded).unwrap();
        let spki = [ED25519_SPKI, &bytes[1..]].concat();
        assert_eq!(LogKey::from_spki("a", &spki).as_ref(), Ok(key));
        assert_eq!(LogKey::from_spki("a", &spki[1..]), Err(KeyError::Algorithm));
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let mut encoded = vec![6];
        encoded.extend_from_slice(&[1; 1312]);
        let id = signed_note::key_id("a", &encoded);
        let text = format!("a+{id:08x}+{}", BASE64_STANDARD.encode(encoded));
        assert_eq!(LogKey::parse(&text), Err(KeyError::Algorithm));
    }
}
