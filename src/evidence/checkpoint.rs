//! Signed checkpoints: a C2SP signed note over origin, size and root, with nothing else in it.

use signed_note::{Note, Signer, VerifierList};
use thiserror::Error;
use tlog_tiles::Checkpoint;

use super::key::LogKey;
use super::tree::TreeHead;

/// The largest file that can be a checkpoint or a key.
pub const MAX_NOTE_BYTES: u64 = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    #[error("it is no signed checkpoint")]
    Malformed,
    #[error("it names the origin `{found}`, the key is that of `{expected}`")]
    Origin { expected: String, found: String },
    #[error("the key of `{0}` has not signed it")]
    Unsigned(String),
    #[error("its signature is not valid")]
    Signature,
    #[error("it has a signature by an unknown key")]
    UnknownSignature,
    #[error("it has lines beside origin, size and root")]
    Extension,
    #[error("`{0}` cannot be an origin: it must not be empty, nor hold white space or `+`")]
    BadOrigin(String),
}

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedCheckpoint {
    head: TreeHead,
    note: Vec<u8>,
}

impl SignedCheckpoint {
    /// Signs a tree head.
    ///
    /// # Errors
    /// The signer's name cannot be an origin, or the signer fails.
    pub fn sign(head: TreeHead, signer: &dyn Signer) -> Result<Self, CheckpointError> {
        let origin = signer.name();
        let bad = || CheckpointError::BadOrigin(origin.to_owned());
        let text = Checkpoint::new(origin, head.size, head.root, "").map_err(|_| bad())?;
        let mut note = Note::new(&text.to_bytes(), &[]).map_err(|_| bad())?;
        note.add_sigs(&[signer])
            .map_err(|_| CheckpointError::Signature)?;
        let note = note.to_bytes();
        Ok(Self { head, note })
    }

    /// Reads a checkpoint and verifies its signature.
    ///
    /// # Errors
    /// It is not exactly a checkpoint of the key's origin, signed by this key and nobody else.
    pub fn open(bytes: &[u8], key: &LogKey) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(bytes).map_err(|_| CheckpointError::Malformed)?;
        let checkpoint =
            Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
        if checkpoint.origin() != key.origin() {
            return Err(CheckpointError::Origin {
                expected: key.origin().to_owned(),
                found: checkpoint.origin().to_owned(),
            });
        }
        let known = VerifierList::new(vec![Box::new(key.verifier().clone())]);
        let (_, unknown) = note.verify(&known).map_err(|error| match error {
            signed_note::NoteError::UnverifiedNote => {
                CheckpointError::Unsigned(key.origin().to_owned())
            }
            _ => CheckpointError::Signature,
        })?;
        if !unknown.is_empty() {
            return Err(CheckpointError::UnknownSignature);
        }
        if !checkpoint.extension().is_empty() {
            return Err(CheckpointError::Extension);
        }
        let head = TreeHead {
            size: checkpoint.size(),
            root: *checkpoint.hash(),
        };
        // A note may say one signature twice, and a number or a key in more than one spelling.
        if note.to_bytes() != bytes || bytes.split(|byte| *byte == b'\n').count() != 6 {
            return Err(CheckpointError::Malformed);
        }
        Ok(Self {
            head,
            note: bytes.to_vec(),
        })
    }

    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The signed note, byte for byte.
    pub fn note(&self) -> &[u8] {
        &self.note
    }
}

#[cfg(test)]
mod tests {
    use tlog_tiles::Hash;

    use super::*;
    use crate::evidence::key::LogSigner;

    fn signer(origin: &str) -> LogSigner {
        LogSigner::from_seed(origin, &[7; 32]).unwrap()
    }

    fn signed() -> (LogKey, SignedCheckpoint) {
        let signer = signer("example.org/log");
        let head = TreeHead {
            size: 12,
            root: Hash([3; 32]),
        };
        let checkpoint = SignedCheckpoint::sign(head, signer.signer()).unwrap();
        (signer.key().clone(), checkpoint)
    }

    #[test]
    fn a_signed_checkpoint_opens() {
        let (key, checkpoint) = signed();
        assert_eq!(
            SignedCheckpoint::open(checkpoint.note(), &key),
            Ok(checkpoint)
        );
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let (key, checkpoint) = signed();
        for index in 0..checkpoint.note().len() {
            for bit in 0..8 {
                let mut note = checkpoint.note().to_vec();
                note[index] ^= 1 << bit;
                assert!(SignedCheckpoint::open(&note, &key).is_err(), "byte {index}");
            }
        }
        for index in 0..key.file_bytes().len() {
            for bit in 0..8 {
                let mut file = key.file_bytes();
                file[index] ^= 1 << bit;
                assert!(LogKey::parse_file(&file).is_err(), "byte {index}");
            }
        }
    }

    #[test]
    fn a_second_signature_line_is_refused() {
        let (key, checkpoint) = signed();
        let text = String::from_utf8(checkpoint.note().to_vec()).unwrap();
        let line = text.lines().last().unwrap();
        let twice = format!("{text}{line}\n");
        assert_eq!(
            SignedCheckpoint::open(twice.as_bytes(), &key),
            Err(CheckpointError::Malformed)
        );
    }

    #[test]
    fn another_origin_is_named() {
        let (_, checkpoint) = signed();
        let other = signer("example.org/other");
        let error = SignedCheckpoint::open(checkpoint.note(), other.key()).unwrap_err();
        insta::assert_snapshot!(error, @"it names the origin `example.org/log`, the key is that of `example.org/other`");
    }
}
