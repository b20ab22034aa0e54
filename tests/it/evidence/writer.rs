//! What the writer takes, and what it refuses.

use std::fs;

use driftwarden::adapters::store::{EvidenceLog, StoreError};
use driftwarden::model::Sha256Digest;

use super::support::*;

fn refused(place: &Place, origin: &str) -> String {
    let error = EvidenceLog::open(&place.log(), &place.keys(), origin).unwrap_err();
    assert!(!error.help().is_empty());
    error
        .to_string()
        .replace(&place.root().display().to_string(), "ROOT")
}

#[test]
fn a_second_writer_is_refused_and_the_folder_named() {
    let place = Place::new();
    let first = place.open();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"the evidence folder `ROOT/evidence` is in use by another process");
    drop(first);
    place.open();
}

#[test]
fn another_origin_is_refused() {
    let place = Place::new();
    place.open();
    insta::assert_snapshot!(refused(&place, "example.org/other"), @"the key in `ROOT/keys/signing.key` is that of `driftwarden.example.org/evidence/2026`, not of `example.org/other`");
}

#[test]
fn a_lost_key_is_not_replaced() {
    let place = Place::new();
    place.open();
    fs::remove_file(place.keys().join("signing.key")).unwrap();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"the key file `ROOT/keys/signing.key` is missing");
    assert!(!place.keys().join("signing.key").exists());
}

#[test]
fn another_key_of_the_same_origin_is_refused() {
    let place = Place::new();
    place.open();
    let other = Place::new();
    other.open();
    fs::copy(
        other.keys().join("signing.key"),
        place.keys().join("signing.key"),
    )
    .unwrap();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"`ROOT/evidence/.state/lock` is not a checkpoint of this log: the key of `driftwarden.example.org/evidence/2026` has not signed it");
}

#[test]
fn a_log_without_its_lock_is_refused() {
    let place = Place::new();
    place.open().append(vec![tiny(0)], now()).unwrap();
    fs::remove_file(place.log().join(".state/lock")).unwrap();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"`ROOT/evidence` holds a log, but `.state/lock` is missing");
    fs::remove_dir_all(place.log().join(".state")).unwrap();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"`ROOT/evidence` holds a log, but `.state/lock` is missing");
    assert!(!place.log().join(".state").exists());
}

#[test]
fn a_folder_with_other_files_is_refused_and_left_alone() {
    let place = Place::new();
    fs::create_dir_all(place.log().join("photos")).unwrap();
    insta::assert_snapshot!(refused(&place, ORIGIN), @"`ROOT/evidence` holds files but no log");
    assert!(!place.log().join(".state").exists());
    assert!(!place.keys().exists());
}

#[test]
fn keys_within_the_evidence_folder_are_refused() {
    let place = Place::new();
    let error = EvidenceLog::open(&place.log(), &place.log().join("keys"), ORIGIN).unwrap_err();
    assert!(matches!(error, StoreError::KeysInside(_)));
}

#[test]
fn an_origin_that_cannot_be_one_is_refused() {
    let place = Place::new();
    insta::assert_snapshot!(refused(&place, "my log"), @"`my log` cannot be an origin: it must not be empty, nor hold white space or `+`");
}

#[test]
fn entries_that_cannot_be_logged_are_refused_and_change_nothing() {
    let place = Place::new();
    let mut log = place.open();
    let mut large = tiny(0);
    large.insert(large.len() - 1, b' ');
    let padding = 65_536 - large.len();
    large.splice(large.len() - 1..large.len() - 1, vec![b' '; padding]);
    assert_eq!(large.len(), 65_536);
    let unknown = with_blob(0, Sha256Digest::of(b"never put"));
    let cases = [
        (vec![], "nothing to append"),
        (
            vec![tiny(0), large.clone()],
            "an entry of 65536 bytes is larger",
        ),
        (vec![tiny(0), Vec::new()], "no in-toto Statement"),
        (vec![b"{}".to_vec()], "no in-toto Statement"),
        (vec![unknown], "which was not put"),
    ];
    for (entries, expected) in cases {
        let error = log.append(entries, now()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(log.checkpoint().head().size, 0);
    large.remove(large.len() - 2);
    let receipt = log.append(vec![large], now()).unwrap();
    assert_eq!((receipt.first_index(), receipt.tree_size()), (0, 1));
    assert_eq!(receipt.root(), log.checkpoint().head().root);
    drop(log);
    assert_whole(&place.verify());
}

#[test]
fn a_manifest_may_only_name_a_checkpoint_that_was_published() {
    let place = Place::new();
    let mut log = place.open();
    let stale = manifest(&log, &assessment(vec![], vec![]));
    log.append(vec![tiny(0)], now()).unwrap();
    log.append(vec![stale.entry], now()).unwrap();
    let mut head = log.checkpoint().head();
    head.root.0[0] ^= 1;
    let previous = driftwarden::evidence::statement::Previous::of(head);
    let record = driftwarden::evidence::record::ScanRecord::new(
        facts(previous),
        &assessment(vec![], vec![]),
        &people(),
    );
    assert!(
        log.append(vec![record.encode().unwrap().entry], now())
            .is_err()
    );
    drop(log);
    assert_whole(&place.verify());
}

#[test]
fn a_blob_is_stored_once_and_one_that_nothing_names_is_forgotten() {
    let place = Place::new();
    let mut log = place.open();
    let digest = log.put_blob(b"plan").unwrap();
    log.put_blob(b"unused").unwrap();
    log.append(vec![with_blob(0, digest)], now()).unwrap();
    assert_eq!(log.put_blob(b"plan").unwrap(), digest);
    log.append(vec![with_blob(1, digest)], now()).unwrap();
    drop(log);
    let found = place.verify();
    assert_whole(&found);
    assert_eq!(found.blobs, 1);
    place.open();
    assert!(
        fs::read_dir(place.log().join(".state/blobs"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn entries_that_were_changed_on_disk_are_not_replayed() {
    let place = Place::new();
    let mut log = place.open();
    log.append((0..300).map(tiny).collect(), now()).unwrap();
    let bundle = place.log().join("tile/entries/000");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&bundle).unwrap();
    std::io::Write::write_all(&mut fs::File::create(&bundle).unwrap(), &bytes).unwrap();
    let last = log.entries().last().unwrap();
    assert!(matches!(last, Err(StoreError::Damaged { .. })));
}
