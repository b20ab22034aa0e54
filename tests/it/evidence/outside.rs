//! What the auditor's verifier holds a log against: a proof alone, witnesses, tokens, a mirror, a
//! bucket's listing.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use driftwarden::evidence::path::{self, Tile};
use driftwarden::model::Sha256Digest;
use ed25519_dalek::{Signer, SigningKey};

use super::commands::{driftwarden_verify, evidence, scanned, stdout};
use super::support::*;

fn write(place: &Place, name: &str, content: &str) -> PathBuf {
    let path = place.root().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::io::Write::write_all(&mut fs::File::create(&path).unwrap(), content.as_bytes()).unwrap();
    path
}

/// Exit status and stdout of the verifier.
fn verifier(args: &[&Path]) -> (i32, String) {
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

struct Witness {
    signing: SigningKey,
    name: &'static str,
}

impl Witness {
    fn new(name: &'static str, seed: u8) -> Self {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        Self { signing, name }
    }

    fn public(&self) -> Vec<u8> {
        [&[4][..], self.signing.verifying_key().as_bytes()].concat()
    }

    fn id(&self) -> u32 {
        signed_note::key_id(self.name, &self.public())
    }

    fn key(&self) -> String {
        format!(
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            BASE64_STANDARD.encode(self.public())
        )
    }

    fn cosign(&self, note: &str, seconds: u64) -> String {
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
    let both = [
        &log,
        option,
        Path::new(&first.key()),
        option,
        Path::new(&second.key()),
    ];
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

// === a bucket ===

/// A line for each object that a mirror of this log holds, as an auditor would get them.
fn listing(place: &Place) -> Vec<serde_json::Value> {
    let memory = Memory::read(&place.log());
    let locked = |path: &str| {
        let full = Tile::parse(path).is_some_and(|tile| tile.is_full());
        full || path::parse_checkpoint(path).is_some() || path::parse_blob(path).is_some()
    };
    let line = |path: &str, bytes: &[u8]| {
        serde_json::json!({
            "Key": format!("log/{path}"), "VersionId": "v1", "IsLatest": true,
            "Retention": { "Mode": "COMPLIANCE", "RetainUntilDate": "2033-12-31T00:00:00+00:00" },
            "LegalHold": { "Status": "OFF" },
            "ChecksumSHA256": BASE64_STANDARD.encode(Sha256Digest::of(bytes).0),
        })
    };
    let mut lines: Vec<_> = memory
        .0
        .iter()
        .filter(|(path, _)| locked(path))
        .map(|(path, bytes)| line(path, bytes))
        .collect();
    lines.push(serde_json::json!({ "Key": "log/checkpoint", "VersionId": "v9" }));
    let head = place.open().checkpoint().head();
    let batch = format!("batch/{}-{}", head.size, hex::encode(head.root.0));
    lines.push(line(&batch, b"batch"));
    lines
}

fn held(place: &Place, lines: &[serde_json::Value], until: &str) -> (i32, String) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let listing = write(place, "listing.jsonl", &text);
    let option = Path::new;
    verifier(&[
        &place.log(),
        option("--worm-listing"),
        &listing,
        option("--worm-until"),
        option(until),
        option("--worm-prefix"),
        option("log/"),
    ])
}

fn stored() -> (Place, Vec<serde_json::Value>) {
    let place = Place::new();
    let mut log = place.open();
    let blob = log.put_blob(b"a plan").unwrap();
    let entries = (0..299).map(tiny).chain([with_blob(299, blob)]);
    log.append(entries.collect(), now()).unwrap();
    drop(log);
    let lines = listing(&place);
    (place, lines)
}

#[test]
fn a_bucket_that_holds_the_log_is_believed_to_its_date() {
    let (place, lines) = stored();
    let (status, text) = held(&place, &lines, "2033-12-31");
    assert_eq!(status, 0, "{text}");
    let (_, worm) = text.split_once("worm ").unwrap();
    insta::assert_snapshot!(worm.split("\n\n").next().unwrap(), @"");
    let (status, text) = held(&place, &lines, "2034-01-01");
    assert_eq!(status, 1);
    assert!(text.contains("version v1 is kept until 2033-12-31T00:00:00Z only, not until 2034-"));
}

#[test]
fn what_a_bucket_lacks_is_named() {
    let (place, lines) = stored();
    let key = |index: usize| {
        let key = lines[index]["Key"].as_str().unwrap();
        key.strip_prefix("log/").unwrap().to_owned()
    };
    let expect = |lines: &[serde_json::Value], path: &str, what: &str| {
        let (status, text) = held(&place, lines, "2030-01-01");
        assert_eq!(status, 1, "{text}");
        assert!(text.contains(&format!("FAIL {path}: {what}")), "{text}");
    };
    for index in 0..lines.len() {
        if key(index) == "checkpoint" {
            continue;
        }
        let mut fewer = lines.clone();
        fewer.remove(index);
        expect(&fewer, &key(index), "it is not in the listing");
        let mut changed = lines.clone();
        changed[index]["Retention"]["Mode"] = "GOVERNANCE".into();
        expect(
            &changed,
            &key(index),
            "version v1 is in the mode GOVERNANCE",
        );
        let mut changed = lines.clone();
        changed[index].as_object_mut().unwrap().remove("Retention");
        expect(&changed, &key(index), "version v1 has no retention");
        let mut more = lines.clone();
        more.push(lines[index].clone());
        more.last_mut().unwrap()["VersionId"] = "v2".into();
        expect(
            &more,
            &key(index),
            "it was overwritten: it has version v1, version v2",
        );
        let mut marked = lines.clone();
        marked.push(serde_json::json!({
            "Key": lines[index]["Key"], "VersionId": "m1", "DeleteMarker": true
        }));
        expect(&marked, &key(index), "version m1 is a delete marker");
    }
    let mut other = lines.clone();
    other[0]["ChecksumSHA256"] = BASE64_STANDARD.encode([0; 32]).into();
    expect(
        &other,
        &key(0),
        "version v1 has another SHA-256 than the file here",
    );
}

#[test]
fn both_forms_of_the_listing_say_the_same_and_others_are_refused() {
    let (place, mut lines) = stored();
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        if line.remove("Retention").is_some() {
            line.insert("ObjectLockMode".to_owned(), "COMPLIANCE".into());
            let date = "2033-12-31T00:00:00.000Z";
            line.insert("ObjectLockRetainUntilDate".to_owned(), date.into());
            line.insert("ObjectLockLegalHoldStatus".to_owned(), "ON".into());
            line.remove("LegalHold");
        }
    }
    let (status, text) = held(&place, &lines, "2033-12-31");
    assert_eq!(status, 0, "{text}");
    assert!(
        text.contains(&format!("{} under legal hold", lines.len() - 1)),
        "{text}"
    );
    for (wrong, what) in [
        (
            serde_json::json!({ "VersionId": "v1" }),
            "line 1 is no object version",
        ),
        (
            serde_json::json!({ "Key": "elsewhere/x" }),
            "it names no object below `log/`",
        ),
    ] {
        let (status, text) = held(&place, &[wrong], "2033-12-31");
        assert_eq!(status, 1);
        assert!(text.contains(what), "{text}");
    }
    assert_eq!(held(&place, &lines, "soon").0, 2);
    let listing = place.root().join("listing.jsonl");
    assert_eq!(
        verifier(&[&place.log(), Path::new("--worm-listing"), &listing]).0,
        2
    );
}
