//! A crash while the key changes: one key signs afterwards, the old one or the new one.

use std::fs;

use jiff::Timestamp;
use tempfile::TempDir;

use super::{ORIGIN, Place, entries, put, record, stored};
use crate::adapters::signing::{Handover, SignerSource};
use crate::adapters::store::batch::Batch;
use crate::adapters::store::disk::Disk;
use crate::adapters::store::fuse::Failing;
use crate::adapters::store::{Beginning, StoreError, recovery};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::key::LogKey;
use crate::evidence::record::{CustodyRecord, KeyRotation};
use crate::evidence::signer::{CheckpointSigner, LogSigner};

/// Whatever a rotation came to: the log opens, with the old key or with the new one, and verifies. The
/// next process may crash, too, where it completes what the first one left.
#[test]
fn a_crash_at_any_operation_of_a_rotation_leaves_one_key_that_signs() {
    for failing in [Failing::Before, Failing::After] {
        let (mut before, mut after) = (0, 0);
        for operations in 0.. {
            let (rotated, took_over) = crash_a_rotation(operations, failing);
            match took_over {
                true => after += 1,
                false => before += 1,
            }
            assert!(took_over || !rotated, "after {operations} operations");
            if rotated {
                break;
            }
        }
        assert!(before > 0 && after > 10, "{before} {after}");
    }
}

/// Whether the rotation was said to be done, and whether the new key signs after all.
fn crash_a_rotation(operations: u32, failing: Failing) -> (bool, bool) {
    let place = Place::new();
    let mut log = place.open();
    log.append(entries(0, 255), Timestamp::UNIX_EPOCH).unwrap();
    let old = log.key().clone();
    let new = place.keys().next(ORIGIN).unwrap();
    let next = new.key().clone();
    log.writer.disk.fuse.set(operations, failing);
    let rotated = log.rotate(new, Timestamp::UNIX_EPOCH).is_ok();
    if !rotated {
        let refused = log.append(entries(255, 256), Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(StoreError::Stopped)));
    }
    drop(log);

    drop(place.open_until(Some((operations / 2, failing))));
    let mut log = place.open();
    place.assert_whole();
    let took_over = log.key() == &next;
    assert!(took_over || log.key() == &old);
    assert_eq!(log.keys().newest(), log.key());
    assert_eq!(stored(&log).len(), 255 + usize::from(took_over));
    log.append(entries(300, 303), Timestamp::UNIX_EPOCH)
        .unwrap();
    drop(log);
    place.assert_whole();
    (rotated, took_over)
}

/// Records a rotation and what comes before and after it, and publishes nothing of it.
pub(super) fn record_a_rotation(place: &Place, by: &dyn CheckpointSigner) -> LogKey {
    let mut log = place.open();
    log.append(entries(0, 10), Timestamp::UNIX_EPOCH).unwrap();
    record(&mut log, entries(10, 20));
    let rotation = KeyRotation {
        at: Timestamp::UNIX_EPOCH,
        old: log.key().clone(),
        new: by.key().clone(),
    };
    let rotation = CustodyRecord::KeyRotation(rotation).encode().unwrap();
    let batch = Batch::rotation(rotation.entry).unwrap();
    let commit = log.writer.prepare(vec![batch], Some(by)).unwrap();
    log.writer.record(commit).unwrap();
    by.key().clone()
}

#[test]
fn a_crash_at_any_operation_of_the_recovery_of_a_rotation_is_recovered_from() {
    for operations in (0..).flat_map(|n| [(n, Failing::Before), (n, Failing::After)]) {
        let place = Place::new();
        let next = place.keys().next(ORIGIN).unwrap();
        let next = record_a_rotation(&place, &*next);
        let crashed = place.open_until(Some(operations)).is_err();
        let log = place.open();
        place.assert_whole();
        assert_eq!((stored(&log).len(), log.key()), (21, &next));
        if !crashed {
            assert!(operations.0 > 10);
            return;
        }
    }
}

/// The keys of another place stand for those of a key service.
#[test]
fn a_handover_that_a_crash_interrupted_is_completed_by_the_next_one() {
    let (place, service) = (Place::new(), Place::new());
    let next = service.keys().create(ORIGIN).unwrap();
    record_a_rotation(&place, &*next);
    let handover = Handover::new(Box::new(place.keys()), Box::new(service.keys()));
    let open = || {
        recovery::open(
            Disk::new(&place.log()),
            &handover,
            ORIGIN,
            Beginning::Anytime,
        )
    };
    let log = open().unwrap();
    assert_eq!((log.key(), stored(&log).len()), (next.key(), 21));
    let keys = log.keys().clone();
    drop(log);
    assert_eq!(open().unwrap().key(), next.key());
    // The key that signs is never destroyed, the one that did is.
    assert!(!service.keys().retire(&keys).unwrap());
    assert!(service.keys().must_be_there().is_ok());
    assert!(!place.keys().retire(&keys).unwrap());
    assert!(place.keys().must_be_there().is_err());
    place.assert_whole();
}

#[test]
fn what_the_new_key_signed_after_a_rotation_is_taken_up_with_it() {
    let place = Place::new();
    let next = place.keys().next(ORIGIN).unwrap();
    record_a_rotation(&place, &*next);
    let (whole, staging) = (Place::new(), ".state/staging/a");
    let rotated = fs::read(place.log().join(staging)).unwrap();
    copy(&place.dir, &whole.dir);
    let mut log = place.open();
    record(&mut log, entries(21, 30));
    drop(log);
    // No process goes on before a rotation is published; recovery does not rest on that.
    let after = fs::read(place.log().join(staging)).unwrap();
    put(&whole, staging, &rotated);
    put(&whole, ".state/staging/b", &after);
    let log = whole.open();
    assert_eq!((stored(&log).len(), log.key()), (30, next.key()));
    whole.assert_whole();
}

fn copy(from: &TempDir, to: &TempDir) {
    let status = std::process::Command::new("cp")
        .arg("-a")
        .arg(from.path().join("."))
        .arg(to.path())
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_rotation_that_the_old_key_did_not_sign_is_no_part_of_the_log() {
    let place = Place::new();
    let mut log = place.open();
    log.append(entries(0, 10), Timestamp::UNIX_EPOCH).unwrap();
    let old = log.key().clone();
    let thief = LogSigner::from_seed(ORIGIN, &[7; 32]).unwrap();
    let rotation = KeyRotation {
        at: Timestamp::UNIX_EPOCH,
        old: old.clone(),
        new: thief.key().clone(),
    };
    let rotation = CustodyRecord::KeyRotation(rotation).encode().unwrap();
    for signer in [
        &thief as &dyn CheckpointSigner,
        &*place.keys().load(ORIGIN).unwrap(),
    ] {
        let batch = Batch::rotation(rotation.entry.clone()).unwrap();
        let mut commit = log.writer.prepare(vec![batch], None).unwrap();
        let head = commit.commit.head();
        commit.commit.checkpoint = SignedCheckpoint::sign(head, signer).unwrap();
        log.writer.record(commit).unwrap();
        drop(log);
        log = place.open();
        assert_eq!((stored(&log).len(), log.key()), (10, &old));
        place.assert_whole();
    }
}
