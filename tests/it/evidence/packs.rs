//! Packs: what is chosen, and that nothing can be done to one unseen.

use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::adapters::signing::FileKeys;
use driftwarden::adapters::store::Folder;
use driftwarden::evidence::checkpoint::SignedCheckpoint;
use driftwarden::evidence::dsse;
use driftwarden::evidence::export_key::ExportSigner;
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::pack::{self, PackRecord, sums};
use driftwarden::evidence::proof::InclusionProof;
use driftwarden::evidence::record::{
    CustodyRecord, FindingEvent, FindingRecord, KeyRotation, ScanFacts, ScanRecord, Sources,
};
use driftwarden::evidence::ring::KeyRing;
use driftwarden::evidence::signer::{CheckpointSigner, LogSigner};
use driftwarden::evidence::tree::TreeHead;
use driftwarden::evidence::verify::{PackVerification, Trust, verify_pack};
use driftwarden::model::*;
use jiff::{SignedDuration, Timestamp};

use super::commands::{driftwarden_verify, evidence, stdout};
use super::support::*;

fn day(day: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * day)
}

fn scan(log: &mut driftwarden::adapters::store::EvidenceLog, at: Timestamp) {
    let facts = ScanFacts {
        started_at: at,
        finished_at: at + SignedDuration::from_mins(1),
        ..facts(log.previous())
    };
    let record = ScanRecord::new(facts, &assessment(vec![], vec![]), &people());
    append(log, vec![record.encode().unwrap()]);
}

fn finding(address: &str, control: &str, at: Timestamp) -> FindingRecord {
    let mut judged = judged(address, "/ingress", Value::from("0.0.0.0/0"));
    judged.ruling.duties.controls = vec![control.to_owned()];
    let key = judged.deviation.finding_key();
    let sources = Sources::default();
    FindingRecord::new(FindingEvent::Opened, at, key, &judged, &people(), &sources)
}

/// A log from 2 to 8 November. Entries: 0 scan on day 0; 1 `old` opened and 2 resolved that day;
/// 3 `long` opened on day 1; 4 scan on day 3; 5 `front` opened on day 3 with a blob; 6 `long` and
/// 7 `front` resolved on day 5; 8 scan on day 6.
fn week(place: &Place) {
    let mut log = place.open();
    scan(&mut log, day(0));
    let old = finding("aws_security_group.old", "PCI-DSS 1.2.1", day(0));
    let long = finding("aws_security_group.long", "PCI-DSS 1.2.1", day(1));
    let mut front = finding("aws_security_group.front", "SOC 2 CC7.1", day(3));
    front.details = Some(log.put_blob(b"{\"approved\":[]}").unwrap());
    let gone = old.resolved(day(0) + SignedDuration::from_mins(5));
    let early = [&old, &gone, &long].map(|record| record.encode().unwrap());
    append(&mut log, early.into());
    scan(&mut log, day(3));
    let later = [front.clone(), long.resolved(day(5)), front.resolved(day(5))];
    append(
        &mut log,
        later.map(|record| record.encode().unwrap()).into(),
    );
    scan(&mut log, day(6));
}

fn export(place: &Place, args: &[&str]) -> (PathBuf, String) {
    let out = place.root().join("pack");
    let mut all = vec!["export", "--out", out.to_str().unwrap()];
    all.extend(args);
    let said = evidence(&place.log(), &all).unwrap();
    (out, said)
}

/// The entries of a pack.
fn entries(pack: &Path) -> Vec<u64> {
    let files = fs::read_dir(pack.join("entries")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let proofs = names.filter_map(|name| name.strip_suffix(".tlog-proof")?.parse().ok());
    let mut entries: Vec<u64> = proofs.collect();
    entries.sort_unstable();
    entries
}

fn chosen(args: &[&str]) -> Vec<u64> {
    let place = Place::new();
    week(&place);
    entries(&export(&place, args).0)
}

#[test]
fn a_pack_has_the_scans_of_a_time_and_the_whole_life_of_what_stood_in_it() {
    // Opened before and resolved after the time asked for: it stood in it.
    assert_eq!(
        chosen(&["--from", "2026-11-05", "--to", "2026-11-05"]),
        [3, 4, 5, 6, 7]
    );
    assert_eq!(
        chosen(&["--from", "2026-11-04", "--to", "2026-11-04"]),
        [3, 6]
    );
    assert_eq!(chosen(&["--to", "2026-11-02"]), [0, 1, 2]);
    assert_eq!(chosen(&["--from", "2026-11-08"]), [8]);
    // The end of a time is not in it, its beginning is.
    assert_eq!(chosen(&["--to", "2026-11-03T09:00:00Z"]), [0, 1, 2]);
    assert_eq!(chosen(&["--from", "2026-11-07T09:00:00Z"]), [3, 5, 6, 7, 8]);
}

#[test]
fn a_control_chooses_findings_and_leaves_the_scans() {
    let place = Place::new();
    week(&place);
    let (pack, said) = export(&place, &["--control", "SOC 2 CC7.1"]);
    assert_eq!(entries(&pack), [0, 4, 5, 7, 8]);
    assert!(
        said.starts_with("exported 5 records (3 scans, 1 finding) and 1 blob to "),
        "{said}"
    );
    let index: serde_json::Value =
        serde_json::from_slice(&fs::read(pack.join("index.json")).unwrap()).unwrap();
    let findings = index["controls"]["SOC 2 CC7.1"].as_object().unwrap();
    let lives: Vec<_> = findings.values().collect();
    assert_eq!(lives, [&serde_json::json!([5, 7])]);
    assert_eq!(index["controls"].as_object().unwrap().len(), 1);
    assert_eq!(index["scans"].as_array().unwrap().len(), 3);
    let readme = fs::read_to_string(pack.join("README.md")).unwrap();
    assert!(readme.contains("control     SOC 2 CC7.1\n"));
}

#[test]
fn a_control_that_no_finding_names_is_said_and_not_hidden() {
    let place = Place::new();
    week(&place);
    let (pack, said) = export(
        &place,
        &["--from", "2026-11-05", "--control", "PCI-DSS 1.2"],
    );
    assert_eq!(entries(&pack), [4, 8]);
    let (_, warning) = said.split_once("the pack\n").unwrap();
    insta::assert_snapshot!(warning, @"
    warning: no finding of that time names `PCI-DSS 1.2`
      help: findings of that time name PCI-DSS 1.2.1, SOC 2 CC7.1
    ");
}

#[test]
fn bad_dates_are_explained() {
    let place = Place::new();
    week(&place);
    let refused = |args: &[&str]| {
        let out = place.root().join("pack");
        let mut all = vec!["export", "--out", out.to_str().unwrap()];
        all.extend(args);
        let error = evidence(&place.log(), &all).unwrap_err().to_string();
        assert!(!out.exists());
        error
    };
    insta::assert_snapshot!(refused(&["--from", "1.11.2026"]), @"
    `1.11.2026` is neither a day like `2026-11-02` nor a time like `2026-11-02T09:00:00Z`
      help: days are those of UTC, `--to` a day includes it; a time has seconds and an offset or `Z`
    ");
    insta::assert_snapshot!(refused(&["--from", "2026-11-05", "--to", "2026-11-04"]), @"
    the time asked for ends before it begins
      help: `--to` must be later than `--from`; a time given to it is not included
    ");
    insta::assert_snapshot!(refused(&["--from", "2027-01-01"]), @"
    nothing was recorded in that time
      help: the log speaks of 2026-11-02T09:00:00Z to 2026-11-08T09:01:00Z
    ");
}

#[test]
fn the_verifier_takes_a_pack_with_both_keys_from_elsewhere() {
    let place = Place::new();
    week(&place);
    let (pack, said) = export(&place, &["--from", "2026-11-05", "--to", "2026-11-05"]);
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("verify with: "));
    let words: Vec<&str> = line
        .unwrap()
        .split([' ', '\''])
        .filter(|w| !w.is_empty())
        .collect();
    let [_, dir, _, vkey, _, fingerprint] = words.as_slice() else {
        panic!("{words:?}")
    };
    let args = [dir, "--vkey", vkey, "--export-key", fingerprint].map(Path::new);
    let output = driftwarden_verify(&args);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("given with --export-key"));
    assert!(text.contains("from 2026-11-05T00:00:00Z up to 2026-11-06T00:00:00Z"));
    assert!(text.contains("\nWHOLE: "));
    let unpinned = stdout(&driftwarden_verify(&[&pack]));
    assert_eq!(unpinned.matches("UNPINNED").count(), 2, "{unpinned}");

    let other = Place::new();
    week(&other);
    let (others, _) = export(&other, &["--from", "2026-11-05"]);
    let (key, export_key) = (others.join("log.vkey"), others.join("export.pub.pem"));
    let output = driftwarden_verify(&[&pack, Path::new("--export-key"), &export_key]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("FAIL export.pub.pem: it is not the key given"));
    let output = driftwarden_verify(&[&pack, Path::new("--vkey"), &key]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("FAIL log.vkey: it is not the key given"));
    let output = driftwarden_verify(&[&pack, Path::new("--since"), &key]);
    assert_eq!(output.status.code(), Some(2));
}

fn check(memory: &Memory) -> PackVerification {
    verify_pack(memory, &Trust::default(), None)
}

fn assert_named(memory: &Memory, path: &str, what: &str) {
    let failures = check(memory).log.failures;
    assert!(
        failures.iter().any(|failure| failure.path == path),
        "{path} {what}: {failures:#?}"
    );
}

/// A pack in memory, and the one who may sign it.
fn packed() -> (Memory, ExportSigner) {
    let place = Place::new();
    week(&place);
    let (pack, _) = export(&place, &["--from", "2026-11-05", "--to", "2026-11-05"]);
    let memory = Memory::read(&pack);
    let whole = check(&memory);
    assert!(whole.is_whole(), "{:#?}", whole.log.failures);
    assert_eq!((whole.log.blobs, whole.files), (1, 5 * 3 + 6));
    let key = fs::read_to_string(place.keys().join("export.key")).unwrap();
    (memory, ExportSigner::parse_pem(&key).unwrap())
}

#[test]
fn a_changed_a_missing_and_an_extra_file_of_a_pack_are_named() {
    let (memory, _) = packed();
    for (path, bytes) in &memory.0 {
        for index in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut tampered = memory.clone();
            tampered.0.get_mut(path).unwrap()[index] ^= 1;
            let found = check(&tampered);
            assert!(!found.is_whole(), "{path}: byte {index}");
            if !pack::is_beside_list(path) {
                assert_named(&tampered, path, &format!("byte {index}"));
            }
        }
        let mut without = memory.clone();
        without.0.remove(path);
        assert_named(&without, path, "is missing");
    }
    for extra in ["extra", "entries/9.json", ".state/x", "index.db", "blobs/x"] {
        let mut more = memory.clone();
        more.0.insert(extra.to_owned(), Vec::new());
        assert_named(&more, extra, "is extra");
    }
}

/// Makes the list and its signature anew, as somebody could who holds an export key.
fn sign_again(memory: &mut Memory, signer: &ExportSigner) {
    let (record, _) = PackRecord::read(&memory.0[pack::PACK]).unwrap();
    let listed = memory
        .0
        .iter()
        .filter(|(path, _)| !pack::is_beside_list(path));
    let listed = listed.map(|(path, bytes)| (path.clone(), Sha256Digest::of(bytes)));
    let list = sums::to_bytes(&listed.collect());
    let statement = record.encode(Sha256Digest::of(&list)).unwrap();
    let envelope = dsse::seal(&statement, signer).unwrap();
    for (path, bytes) in [
        (pack::SUMS, list),
        (pack::PACK, statement),
        (pack::PACK_ENVELOPE, envelope),
    ] {
        memory.0.insert(path.to_owned(), bytes);
    }
}

#[test]
fn whoever_holds_the_export_key_still_cannot_forge_an_entry() {
    let (memory, signer) = packed();
    let mut same = memory.clone();
    sign_again(&mut same, &signer);
    assert_eq!(same.0, memory.0);

    let mut forged = memory.clone();
    let entry = forged.0.get_mut("entries/3.json").unwrap();
    *entry = String::from_utf8(entry.clone())
        .unwrap()
        .replace("critical", "harmless")
        .into();
    let envelope = dsse::seal(entry, &signer).unwrap();
    forged.0.insert("entries/3.dsse.json".to_owned(), envelope);
    sign_again(&mut forged, &signer);
    assert_named(&forged, "entries/3.tlog-proof", "proves another entry");

    let mut renamed = memory.clone();
    for suffix in ["json", "dsse.json", "tlog-proof"] {
        let bytes = renamed.0.remove(&format!("entries/3.{suffix}")).unwrap();
        renamed.0.insert(format!("entries/2.{suffix}"), bytes);
    }
    sign_again(&mut renamed, &signer);
    assert_named(&renamed, "entries/2.tlog-proof", "is that of another index");

    let mut silent = memory.clone();
    for suffix in ["json", "dsse.json", "tlog-proof"] {
        silent.0.remove(&format!("entries/6.{suffix}"));
    }
    sign_again(&mut silent, &signer);
    assert_named(&silent, "index.json", "still lists what is gone");
    assert_named(&silent, "pack.json", "still counts what is gone");

    let mut foreign = memory;
    sign_again(&mut foreign, &ExportSigner::from_seed(&[3; 32]));
    assert_named(&foreign, "pack.dsse.json", "is signed by another key");
}

/// A pack of a log whose key was replaced twice, its keys, and the one who may sign it.
fn rotated() -> (PathBuf, Vec<LogKey>, ExportSigner, Place) {
    let place = Place::new();
    week(&place);
    for _ in 0..2 {
        let mut log = place.open();
        let next = FileKeys::new(&place.keys(), ORIGIN).next(ORIGIN).unwrap();
        log.rotate(next, now()).unwrap();
        drop(log);
        scan(&mut place.open(), day(7));
    }
    let keys = place.open().keys().keys().cloned().collect();
    let (pack, _) = export(&place, &["--from", "2026-11-05", "--to", "2026-11-05"]);
    let key = fs::read_to_string(place.keys().join("export.key")).unwrap();
    (pack, keys, ExportSigner::parse_pem(&key).unwrap(), place)
}

fn failures(memory: &Memory, key: &LogKey) -> Vec<String> {
    let trust = Trust {
        key: Some(key.clone()),
        ..Trust::default()
    };
    let failures = verify_pack(memory, &trust, None).log.failures;
    let failures = failures.iter();
    failures
        .map(|failure| format!("{}: {}", failure.path, failure.what))
        .collect()
}

#[test]
fn whoever_was_told_any_key_of_a_log_can_verify_its_packs() {
    let (pack, keys, signer, _place) = rotated();
    assert_eq!(keys.len(), 3);
    for key in &keys {
        let output = driftwarden_verify(&[&pack, Path::new("--vkey"), Path::new(key.as_str())]);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert_eq!(text.matches("given with --vkey").count(), 1, "{text}");
        assert_eq!(text.matches("then key").count(), 2, "{text}");
    }
    let readme = fs::read_to_string(pack.join("README.md")).unwrap();
    let told = format!("    {}\n    {}\n", keys[0].as_str(), keys[1].as_str());
    assert!(readme.contains(&told), "{readme}");
    // The same by the proof alone, as the pack's README tells for other tools.
    let (proof, entry) = (pack.join("keys/9.tlog-proof"), pack.join("keys/9.json"));
    let option = Path::new;
    let by_hand = [
        option("--proof"),
        &proof,
        option("--entry"),
        &entry,
        option("--vkey"),
    ];
    for (key, status) in keys.iter().zip([0, 0, 1]) {
        let output = driftwarden_verify(&[&by_hand[..], &[option(key.as_str())]].concat());
        assert_eq!(output.status.code(), Some(status), "{}", stdout(&output));
    }
    let named = fs::read_to_string(&entry).unwrap();
    assert!(named.contains(keys[1].as_str()), "{named}");

    let whole = Memory::read(&pack);
    let stranger = LogSigner::from_seed(ORIGIN, &[7; 32]).unwrap();
    assert!(!failures(&whole, stranger.key()).is_empty());
    // Whoever holds the export key cannot leave one out, or take one for another.
    let mut without = whole.clone();
    for suffix in ["json", "tlog-proof"] {
        without.0.remove(&format!("keys/9.{suffix}"));
    }
    sign_again(&mut without, &signer);
    for key in &keys {
        let all = failures(&without, key);
        assert!(all[0].starts_with("log.vkey: no key before "), "{all:?}");
    }
    let mut swapped = whole.clone();
    let other = whole.0["keys/11.tlog-proof"].clone();
    swapped.0.insert("keys/9.tlog-proof".to_owned(), other);
    sign_again(&mut swapped, &signer);
    assert!(failures(&swapped, &keys[0])[0].starts_with("keys/9.tlog-proof: "));
    let mut fewer = whole;
    let newest = format!("{}\n", keys[2].as_str()).into_bytes();
    fewer.0.insert("log.vkey".to_owned(), newest);
    sign_again(&mut fewer, &signer);
    let all = failures(&fewer, &keys[2]);
    assert_eq!(all, ["log.vkey: it lacks a key that a rotation here names"]);
}

/// Who stole no key of the log signs a rotation to a key of their own.
#[test]
fn a_rotation_that_the_key_before_did_not_sign_vouches_for_nobody() {
    let (mut memory, signer) = packed();
    let own = String::from_utf8(memory.0["log.vkey"].clone()).unwrap();
    let own = LogKey::parse(own.trim_end()).unwrap();
    let thief = LogSigner::from_seed(ORIGIN, &[7; 32]).unwrap();
    let record = KeyRotation {
        at: now(),
        old: own.clone(),
        new: thief.key().clone(),
    };
    let entry = CustodyRecord::KeyRotation(record).encode().unwrap().entry;
    let root = tlog_tiles::record_hash(&entry);
    let head = TreeHead { size: 1, root };
    let checkpoint = SignedCheckpoint::sign(head, &thief).unwrap();
    let proof = InclusionProof {
        index: 0,
        leaf: root,
        path: Vec::new(),
    };
    let head = SignedCheckpoint::open(&memory.0["checkpoint"], &KeyRing::from(own.clone()));
    let forged = SignedCheckpoint::sign(head.unwrap().head(), &thief).unwrap();
    let file = format!("{}\n{}\n", own.as_str(), thief.key().as_str());
    for (path, bytes) in [
        ("keys/0.json", entry),
        ("keys/0.tlog-proof", proof.to_text(&checkpoint)),
        ("log.vkey", file.into_bytes()),
        ("checkpoint", forged.note().to_vec()),
    ] {
        memory.0.insert(path.to_owned(), bytes);
    }
    sign_again(&mut memory, &signer);
    let all = failures(&memory, &own);
    assert!(all[0].contains("has not signed it"), "{all:?}");
    assert!(
        all.iter().any(|one| one.starts_with("checkpoint: ")),
        "{all:?}"
    );
}

/// A pack holds one checkpoint, and only what `keys/` holds vouches for keys.
#[test]
fn a_key_that_a_pack_names_beside_the_given_one_is_not_believed() {
    let (mut memory, signer) = packed();
    let own = String::from_utf8(memory.0["log.vkey"].clone()).unwrap();
    let own = LogKey::parse(own.trim_end()).unwrap();
    let thief = LogSigner::from_seed(ORIGIN, &[7; 32]).unwrap();
    let ring = KeyRing::from(own.clone());
    let head = SignedCheckpoint::open(&memory.0["checkpoint"], &ring).unwrap();
    let forged = SignedCheckpoint::sign(head.head(), &thief).unwrap();
    for keys in [[&own, thief.key()], [thief.key(), &own]] {
        let [first, second] = keys.map(LogKey::as_str);
        let file = format!("{first}\n{second}\n").into_bytes();
        memory.0.insert("log.vkey".to_owned(), file);
        memory
            .0
            .insert("checkpoint".to_owned(), forged.note().to_vec());
        sign_again(&mut memory, &signer);
        let trust = Trust {
            key: Some(own.clone()),
            ..Trust::default()
        };
        let failures = verify_pack(&memory, &trust, None).log.failures;
        let mut failures = failures.iter();
        assert!(failures.any(|failure| failure.path == "checkpoint"));
    }
}

#[test]
fn a_file_in_a_hidden_place_of_a_pack_is_seen() {
    let place = Place::new();
    week(&place);
    let (pack, _) = export(&place, &["--from", "2026-11-05"]);
    fs::create_dir(pack.join(".state")).unwrap();
    fs::File::create(pack.join(".state/x")).unwrap();
    fs::File::create(pack.join("index.db")).unwrap();
    let found = verify_pack(&Folder::everything(&pack), &Trust::default(), None);
    let failures: Vec<_> = found.log.failures.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(failures, [".state/x", "index.db"]);
    let output = driftwarden_verify(&[&pack]);
    assert_eq!(output.status.code(), Some(1));
}
