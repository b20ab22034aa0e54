//! Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): a witness has seen the log grow to this
//! checkpoint, and no other at its size.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;
use thiserror::Error;

/// The signature type of a timestamped Ed25519 cosignature.
const COSIGNATURE: u8 = 4;

/// The key of one witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WitnessKeyError {
    #[error("it is no verifier key of the form `name+hash+key`")]
    Malformed,
    #[error("it is not the key of a witness: its type is {0}, not 4")]
    Type(u8),
    #[error("its hash does not belong to its name and key")]
    Hash,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CosignatureError {
    #[error("there is no line by `{0}`")]
    Absent(String),
    #[error("the line by `{0}` is no cosignature")]
    Malformed(String),
    #[error("the cosignature by `{0}` is not valid")]
    Signature(String),
    #[error("the checkpoint is no signed note")]
    Note,
}

/// A cosignature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness says it saw the checkpoint.
    pub at: Timestamp,
    /// The signature line, with its line end.
    pub line: String,
}

impl WitnessKey {
    /// Reads a key as C2SP writes it, `name+hash+key`.
    ///
    /// # Errors
    /// It is not written so, or is of another type.
    pub fn parse(text: &str) -> Result<Self, WitnessKeyError> {
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(WitnessKeyError::Malformed);
        let (name, hash, encoded) = (part()?, part()?, part()?);
        let whole = BASE64_STANDARD.decode(encoded);
        let whole = whole.map_err(|_| WitnessKeyError::Malformed)?;
        let (kind, key) = whole.split_first().ok_or(WitnessKeyError::Malformed)?;
        if *kind != COSIGNATURE {
            return Err(WitnessKeyError::Type(*kind));
        }
        let id = signed_note::key_id(name, &whole);
        if hash != format!("{id:08x}") {
            return Err(WitnessKeyError::Hash);
        }
        let key = VerifyingKey::try_from(key).map_err(|_| WitnessKeyError::Malformed)?;
        if !signed_note::is_key_name_valid(name) || name.chars().any(char::is_control) {
            return Err(WitnessKeyError::Malformed);
        }
        let name = name.to_owned();
        Ok(Self { name, id, key })
    }

    /// The name that the witness signs with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Finds this witness's line among signature lines, and verifies it over a checkpoint's note.
    ///
    /// # Errors
    /// There is no such line, or it does not verify.
    pub fn find(&self, note: &[u8], lines: &str) -> Result<Cosignature, CosignatureError> {
        let name = || self.name.clone();
        let text = note_text(note).ok_or(CosignatureError::Note)?;
        let mut malformed = false;
        for line in lines.lines() {
            let Some(rest) = line.strip_prefix("\u{2014} ") else {
                continue;
            };
            let Some((_, encoded)) = rest.split_once(' ').filter(|(by, _)| *by == self.name) else {
                continue;
            };
            let bytes = BASE64_STANDARD.decode(encoded).unwrap_or_default();
            match bytes.split_first_chunk::<4>() {
                None => malformed = true,
                // Another key of the same name, such as the one before it.
                Some((id, _)) if u32::from_be_bytes(*id) != self.id => {}
                Some((_, body)) => return self.verify(text, body, line),
            }
        }
        match malformed {
            true => Err(CosignatureError::Malformed(name())),
            false => Err(CosignatureError::Absent(name())),
        }
    }

    fn verify(
        &self,
        text: &[u8],
        body: &[u8],
        line: &str,
    ) -> Result<Cosignature, CosignatureError> {
        let malformed = || CosignatureError::Malformed(self.name.clone());
        let (time, signature) = body.split_first_chunk::<8>().ok_or_else(malformed)?;
        let seconds = u64::from_be_bytes(*time);
        let signature = Signature::from_slice(signature).map_err(|_| malformed())?;
        let mut signed = format!("cosignature/v1\ntime {seconds}\n").into_bytes();
        signed.extend_from_slice(text);
        let verified = self.key.verify_strict(&signed, &signature);
        verified.map_err(|_| CosignatureError::Signature(self.name.clone()))?;
        let at = i64::try_from(seconds).map(Timestamp::from_second);
        let at = at.ok().and_then(Result::ok).ok_or_else(malformed)?;
        Ok(Cosignature {
            at,
            line: format!("{line}\n"),
        })
    }
}

/// The signed part of a note: everything before the empty line.
fn note_text(note: &[u8]) -> Option<&[u8]> {
    let at = note.windows(2).rposition(|pair| pair == b"\n\n")?;
    note.get(..=at)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    const NOTE: &[u8] = b"example.org/log\n3\nAAAA\n\n\xe2\x80\x94 example.org/log AAAA\n";

    fn witness() -> (SigningKey, WitnessKey) {
        let signing = SigningKey::from_bytes(&[5; 32]);
        let mut key = vec![4];
        key.extend_from_slice(signing.verifying_key().as_bytes());
        let id = signed_note::key_id("w.example", &key);
        let text = format!("w.example+{id:08x}+{}", BASE64_STANDARD.encode(&key));
        (signing, WitnessKey::parse(&text).unwrap())
    }

    fn line(signing: &SigningKey, key: &WitnessKey, time: u64) -> String {
        let mut signed = format!("cosignature/v1\ntime {time}\n").into_bytes();
        signed.extend_from_slice(b"example.org/log\n3\nAAAA\n");
        let mut body = key.id.to_be_bytes().to_vec();
        body.extend_from_slice(&time.to_be_bytes());
        body.extend_from_slice(&signing.sign(&signed).to_bytes());
        format!("\u{2014} w.example {}\n", BASE64_STANDARD.encode(body))
    }

    #[test]
    fn a_cosignature_verifies_among_others() {
        let (signing, key) = witness();
        let own = line(&signing, &key, 1_700_000_000);
        let lines = format!("\u{2014} other AAAA\n\u{2014} w.example AAAAAAAA\n{own}");
        let found = key.find(NOTE, &lines).unwrap();
        assert_eq!(found.line, own);
        assert_eq!(found.at.as_second(), 1_700_000_000);
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let (signing, key) = witness();
        let own = line(&signing, &key, 1_700_000_000);
        let (_, encoded) = own.trim_end().rsplit_once(' ').unwrap();
        let body = BASE64_STANDARD.decode(encoded).unwrap();
        for index in 0..body.len() * 8 {
            let mut body = body.clone();
            body[index / 8] ^= 1 << (index % 8);
            let lines = format!("\u{2014} w.example {}\n", BASE64_STANDARD.encode(body));
            assert!(key.find(NOTE, &lines).is_err(), "bit {index}");
        }
        let mut other = NOTE.to_vec();
        other[16] = b'4';
        assert!(key.find(&other, &own).is_err());
    }

    #[test]
    fn a_log_key_is_no_witness_key() {
        let signing = SigningKey::from_bytes(&[5; 32]);
        let text = signed_note::new_ed25519_verifier_key("w.example", &signing.verifying_key());
        assert_eq!(WitnessKey::parse(&text), Err(WitnessKeyError::Type(1)));
        assert!(WitnessKey::parse("w.example").is_err());
        assert!(WitnessKey::parse("w.example+00000000+BAAA").is_err());
    }
}
