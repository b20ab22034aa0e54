//! Keys from systemd, rotated, and of other algorithms.
#![expect(
    clippy::disallowed_methods,
    reason = "a test writes and damages its own copy"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use driftwarden::adapters::signing::{FileKeys, KeyFileError, SignerSource};
use driftwarden::adapters::store::{Beginning, EvidenceLog, EvidenceReader, Folder, StoreError};
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::signer::{CheckpointSigner, LogSigner, SignerFailure, signature_line};
use driftwarden::evidence::verify::{Trust, Verification, verify};
use p256::ecdsa::signature::Signer;
use p256::pkcs8::EncodePublicKey;

use super::support::*;

fn pinned(place: &Place, key: &LogKey, since: Option<&[u8]>) -> Verification {
    let trust = Trust {
        key: Some(key.clone()),
        since: since.map(<[u8]>::to_vec),
        ..Trust::default()
    };
    verify(&Folder::new(&place.log()), &trust)
}

fn rotate(place: &Place, log: &mut EvidenceLog) {
    let next = FileKeys::new(&place.keys(), ORIGIN).next(ORIGIN).unwrap();
    log.rotate(next, now()).unwrap();
}

/// Two rotations, at the edge of a bundle and in the middle of one.
fn rotated() -> (Place, Vec<LogKey>, Vec<u8>) {
    let place = Place::new();
    let mut log = place.open();
    log.append((0..255).map(tiny).collect(), now()).unwrap();
    let kept = log.checkpoint().note().to_vec();
    rotate(&place, &mut log);
    drop(log);
    let mut log = place.open();
    log.append(vec![tiny(300)], now()).unwrap();
    rotate(&place, &mut log);
    drop(log);
    let mut log = place.open();
    log.append(vec![tiny(301)], now()).unwrap();
    let keys = log.keys().keys().cloned().collect();
    (place, keys, kept)
}

#[test]
fn whoever_trusts_any_key_of_a_rotated_log_can_verify_it() {
    let (place, keys, kept) = rotated();
    assert_eq!(keys.len(), 3);
    assert_whole(&place.verify());
    for key in &keys {
        assert_whole(&pinned(&place, key, Some(&kept)));
    }
    let stranger = LogSigner::from_seed(ORIGIN, &[1; 32]).unwrap();
    assert!(!pinned(&place, stranger.key(), None).is_whole());
    assert!(
        EvidenceReader::open(&place.log())
            .unwrap()
            .entry(257)
            .is_ok()
    );
}

#[test]
fn a_key_that_no_older_one_vouches_for_is_refused() {
    let (place, _, _) = rotated();
    let path = place.log().join("log.vkey");
    let file = fs::read_to_string(&path).unwrap();
    let stranger = LogSigner::from_seed(ORIGIN, &[1; 32]).unwrap();
    fs::write(&path, format!("{file}{}\n", stranger.key().as_str())).unwrap();
    let found = place.verify();
    assert!(
        found.failures[0].what.contains("vouches for it"),
        "{:?}",
        found.failures
    );
    let lines: Vec<&str> = file.lines().collect();
    fs::write(&path, format!("{}\n{}\n", lines[1], lines[2])).unwrap();
    assert!(!place.verify().is_whole());
    fs::write(&path, format!("{}\n{}\n{}\n", lines[1], lines[0], lines[2])).unwrap();
    assert!(!place.verify().is_whole());
}

#[test]
fn the_doubly_signed_checkpoint_must_be_there_with_both_lines() {
    let (place, _, _) = rotated();
    let path = place.log().join("checkpoints/256");
    let note = fs::read_to_string(&path).unwrap();
    assert_eq!(note.matches("\n\u{2014} ").count(), 2);
    let lines: Vec<&str> = note.lines().collect();
    for gone in [4, 5] {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone);
        let text: String = kept.map(|(_, line)| format!("{line}\n")).collect();
        fs::write(&path, text).unwrap();
        let found = place.verify();
        assert!(
            found.failures[0].what.contains("has not signed it"),
            "{:?}",
            found.failures
        );
    }
    fs::remove_file(&path).unwrap();
    assert!(!place.verify().is_whole());
}

/// The old key cannot go on beside the new one.
#[test]
fn an_old_key_signs_nothing_after_it_was_replaced() {
    let place = Place::new();
    let mut log = place.open();
    let seed = fs::read_to_string(place.keys().join("signing.key")).unwrap();
    rotate(&place, &mut log);
    drop(log);
    drop(place.open());
    assert!(!place.keys().join("signing.key.next").exists());
    let new = fs::read_to_string(place.keys().join("signing.key")).unwrap();
    assert_ne!(new, seed);
    fs::write(place.keys().join("signing.key"), seed).unwrap();
    let refused = EvidenceLog::open(&place.log(), &place.keys(), ORIGIN).unwrap_err();
    assert!(matches!(refused, StoreError::KeyRetired(_)), "{refused}");
    fs::write(place.keys().join("signing.key"), new).unwrap();
    // The file follows from the log, and is made again where it is gone.
    fs::remove_file(place.log().join("log.vkey")).unwrap();
    drop(place.open());
    assert_whole(&place.verify());
}

/// A device that knows only ECDSA over P-256, and at times does not answer.
#[derive(Debug)]
struct Device {
    secret: [u8; 32],
    answers: bool,
}

#[derive(Debug)]
struct DeviceSigner {
    signing: p256::ecdsa::SigningKey,
    key: LogKey,
    answers: bool,
}

impl SignerSource for Device {
    fn load(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        let signing = p256::ecdsa::SigningKey::from_bytes(&self.secret.into()).unwrap();
        let public = p256::PublicKey::from(signing.verifying_key());
        let spki = public.to_public_key_der().unwrap();
        Ok(Box::new(DeviceSigner {
            key: LogKey::from_spki(origin, spki.as_bytes()).unwrap(),
            signing,
            answers: self.answers,
        }))
    }
}

impl CheckpointSigner for DeviceSigner {
    fn key(&self) -> &LogKey {
        &self.key
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<signed_note::Signature>, SignerFailure> {
        if !self.answers {
            let what = "the device does not answer".to_owned();
            let help = "look at the device".to_owned();
            return Err(SignerFailure { what, help });
        }
        let signature: p256::ecdsa::DerSignature = self.signing.sign(text);
        Ok(vec![signature_line(
            &self.key,
            signature.as_bytes().to_vec(),
        )?])
    }
}

#[test]
fn a_log_that_a_p256_device_signs_verifies_and_fails_cleanly_without_it() {
    let place = Place::new();
    let secret = [7; 32];
    let open = |answers| {
        let device = Device { secret, answers };
        EvidenceLog::open_with(&place.log(), &device, ORIGIN, Beginning::Anytime)
    };
    let mut log = open(true).unwrap();
    log.append(vec![tiny(0)], now()).unwrap();
    let key = log.key().clone();
    drop(log);
    assert_whole(&pinned(&place, &key, None));

    let mut log = open(false).unwrap();
    let error = log.append(vec![tiny(1)], now()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("the log cannot be signed: the device does not answer")
    );
    drop(log);
    let mut log = open(true).unwrap();
    assert_eq!(log.entries().count(), 1);
    log.append(vec![tiny(1)], now()).unwrap();
    assert_whole(&place.verify());
}

fn scan_with_credentials(dir: &Path, credentials: &Path) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_driftwarden"));
    let command = command.arg("scan").current_dir(dir);
    command
        .env("CREDENTIALS_DIRECTORY", credentials)
        .output()
        .unwrap()
}

#[test]
fn keys_come_from_systemd_where_the_key_folder_lacks_them() {
    let place = Place::new();
    fs::write(
        place.root().join("driftwarden.hcl"),
        "evidence { dir = \"evidence\" }\n",
    )
    .unwrap();
    let handed = place.root().join("credentials");
    let run = || scan_with_credentials(place.root(), &handed);
    let said = |output: &std::process::Output| String::from_utf8(output.stderr.clone()).unwrap();
    let first = run();
    assert_ne!(first.status.code(), Some(1), "{}", said(&first));
    fs::rename(place.root().join("evidence.keys"), &handed).unwrap();
    // As systemd has them: for the service alone, by mode or by an access list.
    for mode in [0o400, 0o440] {
        for file in ["signing.key", "redaction.key", "people.key"] {
            fs::set_permissions(handed.join(file), fs::Permissions::from_mode(mode)).unwrap();
        }
        let output = run();
        assert_ne!(output.status.code(), Some(1), "{mode:o}: {}", said(&output));
    }
    assert!(!place.root().join("evidence.keys").exists());
    let secret = fs::read_to_string(handed.join("signing.key")).unwrap();
    fs::set_permissions(
        handed.join("signing.key"),
        fs::Permissions::from_mode(0o444),
    )
    .unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("can be read by others (mode 444)"));
    assert!(!said(&output).contains(secret.trim_end()));
}
