//! What the auditor's verifier holds a log against: a proof alone, witnesses, tokens, a mirror.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer, SigningKey};

use super::commands::{driftwarden_verify, evidence, scanned, stdout};
use super::support::*;

pub(super) fn write(place: &Place, name: &str, content: &str) -> PathBuf {
    let path = place.root().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::io::Write::write_all(&mut fs::File::create(&path).unwrap(), content.as_bytes()).unwrap();
    path
}

/// Exit status and stdout of the verifier.
pub(super) fn verifier(args: &[&Path]) -> (i32, String) {
    let output = driftwarden_verify(args);
    (output.status.code().unwrap(), stdout(&output))
}

// === one entry with its proof ===

fn proof_of(place: &Place, index: &str) -> (PathBuf, PathBuf) {
    let proof = evidence(&place.log(), &["prove", index]).unwrap();
    let entry = evidence(&place.log(), &["show", index, "--raw"]).unwrap();
    let proof = write(place, &format!("{index}.tlog-proof"), &proof);
    (proof, write(place, &format!("{index}.json"), &entry))
}

fn prove(proof: &Path, entry: &Path, key: &Path) -> (i32, String) {
    let option = Path::new;
    verifier(&[
        option("--proof"),
        proof,
        option("--entry"),
        entry,
        option("--vkey"),
        key,
    ])
}

#[test]
fn an_entry_is_proven_without_the_log() {
    let place = Place::new();
    scanned(&place);
    place
        .open()
        .append((0..300).map(tiny).collect(), now())
        .unwrap();
    let key = place.root().join("kept.vkey");
    fs::copy(place.log().join("log.vkey"), &key).unwrap();
    let (proof, entry) = proof_of(&place, "1");
    let (other_proof, other) = proof_of(&place, "300");
    fs::remove_dir_all(place.log()).unwrap();
    let (status, text) = prove(&proof, &entry, &key);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("entry       1, https://driftwarden.dev/evidence/finding/v1"));
    assert!(text.ends_with("\nPROVEN: this entry, byte for byte, is entry 1 of the log\n"));
    assert_eq!(prove(&other_proof, &other, &key).0, 0);

    let (status, text) = prove(&proof, &other, &key);
    assert_eq!(status, 1);
    insta::assert_snapshot!(text, @"
    FAIL the proof: it does not lead from this entry to the checkpoint's root

    NOT PROVEN
    ");
    let stranger = Place::new();
    scanned(&stranger);
    let (status, text) = prove(&proof, &entry, &stranger.log().join("log.vkey"));
    assert_eq!(status, 1, "{text}");
    let written = fs::read_to_string(&proof).unwrap();
    for tampered in [
        written.replace("index 1\n", "index 2\n"),
        written.replace("index 1\n", "index 01\n"),
        written.replace("\n302\n", "\n303\n"),
        written.replace("@v1", "@v2"),
        written
            .lines()
            .take(6)
            .map(|line| format!("{line}\n"))
            .collect(),
        String::new(),
    ] {
        let tampered = write(&place, "tampered", &tampered);
        assert_eq!(prove(&tampered, &entry, &key).0, 1);
    }
    let extra = written.replace("@v1\n", "@v1\nextra YWJj\n");
    assert_eq!(prove(&write(&place, "extra", &extra), &entry, &key).0, 0);
}

#[test]
fn half_a_proof_is_a_wrong_command_line() {
    let place = Place::new();
    scanned(&place);
    let (proof, entry) = proof_of(&place, "1");
    let option = Path::new;
    let cases: [&[&Path]; 4] = [
        &[option("--proof"), &proof],
        &[option("--entry"), &entry],
        &[option("--proof"), &proof, option("--entry"), &entry],
        &[
            place.root(),
            option("--proof"),
            &proof,
            option("--entry"),
            &entry,
        ],
    ];
    for case in cases {
        assert_eq!(verifier(case).0, 2, "{case:?}");
    }
}

// === witnesses and tokens ===

pub struct Witness {
    signing: SigningKey,
    name: &'static str,
}

impl Witness {
    pub fn new(name: &'static str, seed: u8) -> Self {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        Self { signing, name }
    }

    fn public(&self) -> Vec<u8> {
        [&[4][..], self.signing.verifying_key().as_bytes()].concat()
    }

    fn id(&self) -> u32 {
        signed_note::key_id(self.name, &self.public())
    }

    pub fn key(&self) -> String {
        format!(
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            BASE64_STANDARD.encode(self.public())
        )
    }

    pub fn cosign(&self, note: &str, seconds: u64) -> String {
        let (text, _) = note.split_once("\n\n").unwrap();
        let message = format!("cosignature/v1\ntime {seconds}\n{text}\n");
        let signature = self.signing.sign(message.as_bytes()).to_bytes();
        let id = self.id().to_be_bytes();
        let bytes = [&id[..], &seconds.to_be_bytes(), &signature].concat();
        format!("— {} {}\n", self.name, BASE64_STANDARD.encode(bytes))
    }
}

const SECONDS: u64 = 1_793_784_600;

#[test]
fn witnesses_are_verified_by_their_keys() {
    let place = Place::new();
    scanned(&place);
    let note = fs::read_to_string(place.log().join("checkpoint")).unwrap();
    let first = Witness::new("witness.example/one", 1);
    let second = Witness::new("witness.example/two", 2);
    let lines = first.cosign(&note, SECONDS) + &second.cosign(&note, SECONDS);
    write(&place, "evidence/anchors/2.cosig", &lines);
    let (log, option) = (place.log(), Path::new("--witness"));
    let (status, text) = verifier(&[&log, option, Path::new(&first.key())]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("at 2 entries: by witness.example/one at 2026-11-04T09:30:00Z\n"));
    assert!(text.contains("at 2 entries: by witness.example/two, NOT checked"));
    let (one, two) = (first.key(), second.key());
    let both = [&log, option, Path::new(&one), option, Path::new(&two)];
    assert_eq!(verifier(&both).0, 0);

    let third = Witness::new("witness.example/three", 3);
    let (status, text) = verifier(&[&log, option, Path::new(&third.key())]);
    assert_eq!(status, 1);
    assert!(
        text.contains("FAIL anchors: no checkpoint here is cosigned by `witness.example/three`")
    );
    let old = fs::read_to_string(place.log().join("checkpoints/0")).unwrap();
    write(
        &place,
        "evidence/anchors/2.cosig",
        &first.cosign(&old, SECONDS),
    );
    let (status, text) = verifier(&[&log, option, Path::new(&first.key())]);
    assert_eq!(status, 1);
    assert!(text.contains("FAIL anchors/2.cosig: the cosignature of `witness.example/one` is not"));
    let ed25519 = fs::read_to_string(place.log().join("log.vkey")).unwrap();
    assert_eq!(verifier(&[&log, option, Path::new(ed25519.trim())]).0, 2);
}

#[test]
fn a_cosigned_checkpoint_in_a_proof_is_verified() {
    let place = Place::new();
    scanned(&place);
    let (proof, entry) = proof_of(&place, "1");
    let note = fs::read_to_string(place.log().join("checkpoint")).unwrap();
    let witness = Witness::new("witness.example/one", 1);
    let (option, key) = (Path::new, place.log().join("log.vkey"));
    let witness_key = witness.key();
    let args = [
        option("--proof"),
        &proof,
        option("--entry"),
        &entry,
        option("--vkey"),
        &key,
        option("--witness"),
        option(&witness_key),
    ];
    let (status, text) = verifier(&args);
    assert_eq!(status, 1);
    assert!(text.contains("the proof's checkpoint is not cosigned by `witness.example/one`"));
    let cosigned = fs::read_to_string(&proof).unwrap() + &witness.cosign(&note, SECONDS);
    write(&place, "1.tlog-proof", &cosigned);
    let (status, text) = verifier(&args);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("cosigned    at 2 entries: by witness.example/one at 2026-11-04"));
}

#[test]
fn what_is_no_anchor_is_named() {
    for (name, content, what) in [
        ("2.tsr", "no token", "it is no RFC 3161 token"),
        (
            "2.cosig",
            "no line\n",
            "line 1 is no witness's signature line",
        ),
        (
            "1.cosig",
            "— w AAAA\n",
            "`checkpoints/1`, which it is about, is missing",
        ),
        ("2.txt", "", "a file that the log does not have"),
    ] {
        let place = Place::new();
        scanned(&place);
        write(&place, &format!("evidence/anchors/{name}"), content);
        let (status, text) = verifier(&[&place.log()]);
        assert_eq!(status, 1, "{text}");
        assert!(
            text.contains(&format!("FAIL anchors/{name}: {what}")),
            "{text}"
        );
    }
}

// === a mirror ===

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in &Memory::read(from).0 {
        let to = to.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::io::Write::write_all(&mut fs::File::create(&to).unwrap(), bytes).unwrap();
    }
}

#[test]
fn a_log_goes_on_from_its_mirror_or_it_was_put_back() {
    let place = Place::new();
    scanned(&place);
    let early = place.root().join("early");
    copy(&place.log(), &early);
    place
        .open()
        .append((0..300).map(tiny).collect(), now())
        .unwrap();
    let option = Path::new("--mirror");
    let (status, text) = verifier(&[&place.log(), option, &early]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("mirror      it goes on from the mirror's 2 entries"));
    assert_eq!(verifier(&[&place.log(), option, &place.log()]).0, 0);
    // As if the disk had been put back: the mirror has more.
    let (status, text) = verifier(&[&early, option, &place.log()]);
    assert_eq!(status, 1);
    assert!(text.contains("it has 2 entries, its mirror 302: it was put back to an earlier state"));
}

#[test]
fn two_truths_under_one_key_are_told_apart() {
    let place = Place::new();
    scanned(&place);
    let twin = Place::new();
    fs::create_dir_all(twin.keys()).unwrap();
    fs::copy(
        place.keys().join("signing.key"),
        twin.keys().join("signing.key"),
    )
    .unwrap();
    twin.open().append(vec![tiny(1), tiny(2)], now()).unwrap();
    let option = Path::new("--mirror");
    let (status, text) = verifier(&[&place.log(), option, &twin.log()]);
    assert_eq!(status, 1);
    assert!(text.contains("there are two truths"), "{text}");
    twin.open().append(vec![tiny(3)], now()).unwrap();
    for (log, mirror) in [(&place, &twin), (&twin, &place)] {
        let (status, text) = verifier(&[&log.log(), option, &mirror.log()]);
        assert_eq!(status, 1, "{text}");
    }
    let stranger = Place::new();
    scanned(&stranger);
    let (status, text) = verifier(&[&place.log(), option, &stranger.log()]);
    assert_eq!(status, 1);
    assert!(
        text.contains("the mirror's checkpoint is no proof"),
        "{text}"
    );
}
