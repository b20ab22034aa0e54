//! Signed checkpoints: a C2SP signed note over origin, size and root, with nothing else in it.

use std::collections::BTreeSet;

use signed_note::Note;
use thiserror::Error;
use tlog_tiles::Checkpoint;

use super::key::LogKey;
use super::ring::KeyRing;
use super::signer::{CheckpointSigner, SignerFailure};
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
    #[error("it has lines beside origin, size and root")]
    Extension,
    #[error("`{0}` cannot be an origin: it must not be empty, nor hold white space or `+`")]
    BadOrigin(String),
    #[error("it cannot be signed: {0}")]
    Signer(SignerFailure),
}

/// A checkpoint whose signature was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedCheckpoint {
    head: TreeHead,
    note: Vec<u8>,
    signers: Vec<LogKey>,
}

impl SignedCheckpoint {
    /// Signs a tree head. What the signer gives is believed only once it verifies.
    ///
    /// # Errors
    /// The signer's name cannot be an origin, or the signer fails.
    pub fn sign(head: TreeHead, signer: &dyn CheckpointSigner) -> Result<Self, CheckpointError> {
        Self::sign_by_both(head, signer, None)
    }

    /// Signs a tree head with a second key too: the one that takes over.
    ///
    /// # Errors
    /// As [`SignedCheckpoint::sign`]; or the keys are those of two origins.
    pub fn sign_by_both(
        head: TreeHead,
        signer: &dyn CheckpointSigner,
        next: Option<&dyn CheckpointSigner>,
    ) -> Result<Self, CheckpointError> {
        let origin = signer.key().origin();
        let bad = || CheckpointError::BadOrigin(origin.to_owned());
        let text = Checkpoint::new(origin, head.size, head.root, "").map_err(|_| bad())?;
        let text = text.to_bytes();
        let mut lines = Vec::new();
        let mut ring = KeyRing::from(signer.key().clone());
        for signer in std::iter::once(signer).chain(next) {
            lines.extend(signer.sign(&text).map_err(CheckpointError::Signer)?);
            if !ring.contains(signer.key()) {
                ring.add(signer.key().clone()).map_err(|_| bad())?;
            }
        }
        let note = Note::new(&text, &lines).map_err(|_| bad())?.to_bytes();
        let signed = Self::open(&note, &ring)?;
        match ring.keys().find(|key| !signed.is_signed_by(key)) {
            None => Ok(signed),
            Some(_) => Err(CheckpointError::Signature),
        }
    }

    /// Reads a checkpoint and verifies its signatures by the keys that are known. Lines of other keys
    /// are ignored, as the format of notes demands: they may be witnesses', or of a newer algorithm.
    ///
    /// # Errors
    /// It is not exactly a checkpoint of the keys' origin, signed by one of them or more.
    pub fn open(bytes: &[u8], keys: &KeyRing) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(bytes).map_err(|_| CheckpointError::Malformed)?;
        let checkpoint =
            Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
        if checkpoint.origin() != keys.origin() {
            return Err(CheckpointError::Origin {
                expected: keys.origin().to_owned(),
                found: checkpoint.origin().to_owned(),
            });
        }
        let (known, unknown) = note.verify(keys).map_err(|error| match error {
            signed_note::NoteError::UnverifiedNote => {
                CheckpointError::Unsigned(keys.origin().to_owned())
            }
            _ => CheckpointError::Signature,
        })?;
        if !checkpoint.extension().is_empty() {
            return Err(CheckpointError::Extension);
        }
        let head = TreeHead {
            size: checkpoint.size(),
            root: *checkpoint.hash(),
        };
        // A note may say one signature twice, and a number or a key in more than one spelling.
        let lines = note
            .text()
            .iter()
            .chain(b"\n")
            .filter(|b| **b == b'\n')
            .count();
        let all = bytes.iter().filter(|byte| **byte == b'\n').count();
        let plain = Checkpoint::new(keys.origin(), head.size, head.root, "");
        let plain = plain.is_ok_and(|plain| plain.to_bytes() == note.text());
        if !plain || note.to_bytes() != bytes || lines + known.len() + unknown.len() != all {
            return Err(CheckpointError::Malformed);
        }
        let ids: BTreeSet<u32> = known.iter().map(signed_note::Signature::id).collect();
        let signers = keys.keys().filter(|key| ids.contains(&key.id()));
        Ok(Self {
            head,
            note: bytes.to_vec(),
            signers: signers.cloned().collect(),
        })
    }

    /// Whether this key's signature was verified.
    pub fn is_signed_by(&self, key: &LogKey) -> bool {
        self.signers.contains(key)
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
    use crate::evidence::signer::{LogSigner, signature_line};

    fn signer(origin: &str) -> LogSigner {
        LogSigner::from_seed(origin, &[7; 32]).unwrap()
    }

    fn head() -> TreeHead {
        TreeHead {
            size: 12,
            root: Hash([3; 32]),
        }
    }

    fn signed() -> (KeyRing, SignedCheckpoint) {
        let signer = signer("example.org/log");
        let checkpoint = SignedCheckpoint::sign(head(), &signer).unwrap();
        (KeyRing::from(signer.key().clone()), checkpoint)
    }

    /// A signer whose lines are what a test wants.
    #[derive(Debug)]
    struct Lines(LogKey, Vec<signed_note::Signature>);

    impl CheckpointSigner for Lines {
        fn key(&self) -> &LogKey {
            &self.0
        }

        fn sign(&self, _: &[u8]) -> Result<Vec<signed_note::Signature>, SignerFailure> {
            Ok(self.1.clone())
        }
    }

    #[test]
    fn a_signed_checkpoint_opens() {
        let (keys, checkpoint) = signed();
        assert_eq!(
            SignedCheckpoint::open(checkpoint.note(), &keys),
            Ok(checkpoint)
        );
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let (keys, checkpoint) = signed();
        for index in 0..checkpoint.note().len() {
            for bit in 0..8 {
                let mut note = checkpoint.note().to_vec();
                note[index] ^= 1 << bit;
                assert!(
                    SignedCheckpoint::open(&note, &keys).is_err(),
                    "byte {index}"
                );
            }
        }
        for index in 0..keys.file_bytes().len() {
            for bit in 0..8 {
                let mut file = keys.file_bytes();
                file[index] ^= 1 << bit;
                assert!(KeyRing::parse_file(&file).is_err(), "byte {index}");
            }
        }
    }

    #[test]
    fn a_signature_that_stands_there_twice_is_refused() {
        let (keys, checkpoint) = signed();
        let text = String::from_utf8(checkpoint.note().to_vec()).unwrap();
        let line = text.lines().last().unwrap();
        let twice = format!("{text}{line}\n");
        assert_eq!(
            SignedCheckpoint::open(twice.as_bytes(), &keys),
            Err(CheckpointError::Malformed)
        );
    }

    #[test]
    fn lines_of_keys_that_nobody_knows_are_ignored() {
        let (keys, checkpoint) = signed();
        let text = String::from_utf8(checkpoint.note().to_vec()).unwrap();
        // As long as an ML-DSA-44 signature with its time, under the log's own name; and a witness.
        let newer = signed_note::Signature::new("example.org/log".to_owned(), 7, vec![6; 2428]);
        let witness = signed_note::Signature::new("witness.example".to_owned(), 8, vec![4; 72]);
        let mut note = text.into_bytes();
        note.extend(newer.unwrap().to_bytes());
        note.extend(witness.unwrap().to_bytes());
        let opened = SignedCheckpoint::open(&note, &keys).unwrap();
        assert_eq!(opened.head(), checkpoint.head());
        assert_eq!(opened.note(), note);
        // They alone are no signature.
        let (body, lines) = std::str::from_utf8(&note)
            .unwrap()
            .split_once("\n\n")
            .unwrap();
        let rest = lines.split_once('\n').unwrap().1;
        let bare = format!("{body}\n\n{rest}");
        let error = SignedCheckpoint::open(bare.as_bytes(), &keys).unwrap_err();
        assert_eq!(
            error,
            CheckpointError::Unsigned("example.org/log".to_owned())
        );
    }

    #[test]
    fn what_a_signer_gives_is_verified() {
        let good = signer("example.org/log");
        let key = good.key().clone();
        for lines in [
            vec![],
            vec![signature_line(&key, vec![1; 64]).unwrap()],
            vec![signature_line(signer("example.org/other").key(), vec![1; 64]).unwrap()],
        ] {
            assert!(SignedCheckpoint::sign(head(), &Lines(key.clone(), lines)).is_err());
        }
    }

    #[test]
    fn two_keys_sign_one_checkpoint_and_either_opens_it() {
        let old = signer("example.org/log");
        let new = LogSigner::from_seed("example.org/log", &[8; 32]).unwrap();
        let both = SignedCheckpoint::sign_by_both(head(), &old, Some(&new)).unwrap();
        for (one, other) in [(&old, &new), (&new, &old)] {
            let ring = KeyRing::from(one.key().clone());
            let opened = SignedCheckpoint::open(both.note(), &ring).unwrap();
            assert!(opened.is_signed_by(one.key()) && !opened.is_signed_by(other.key()));
        }
        assert!(both.is_signed_by(old.key()) && both.is_signed_by(new.key()));
        assert!(SignedCheckpoint::sign_by_both(head(), &old, Some(&signer("a"))).is_err());
    }

    #[test]
    fn another_origin_is_named() {
        let (_, checkpoint) = signed();
        let other = KeyRing::from(signer("example.org/other").key().clone());
        let error = SignedCheckpoint::open(checkpoint.note(), &other).unwrap_err();
        insta::assert_snapshot!(error, @"it names the origin `example.org/log`, the key is that of `example.org/other`");
    }
}
