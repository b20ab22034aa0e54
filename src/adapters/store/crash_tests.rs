//! A crash at every single operation on the disk, before it is done and after it was done and said to
//! have failed: what was recorded stays, what was not is absent or whole, and the folder verifies
//! after the next open.

mod rotation;

use std::fs::{self, File};
use std::io::Write;

use jiff::Timestamp;
use tempfile::TempDir;

use super::batch::Batch;
use super::disk::Disk;
use super::fuse::Failing;
use super::lock_file::LOCK;
use super::{Beginning, EvidenceLog, Folder, StoreError, recovery};
use crate::adapters::signing::FileKeys;
use crate::evidence::statement::{self, Subject};
use crate::evidence::verify::{Trust, verify};
use crate::model::Sha256Digest;
use rotation::record_a_rotation;

const ORIGIN: &str = "example.org/log";

pub(super) struct Place {
    dir: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    pub(super) fn log(&self) -> std::path::PathBuf {
        self.dir.path().join("evidence")
    }

    fn keys(&self) -> FileKeys {
        FileKeys::new(&self.dir.path().join("keys"), ORIGIN)
    }

    fn open_until(&self, fuse: Option<(u32, Failing)>) -> Result<EvidenceLog, StoreError> {
        let disk = Disk::new(&self.log());
        if let Some((operations, failing)) = fuse {
            disk.fuse.set(operations, failing);
        }
        let log = recovery::open(disk, &self.keys(), ORIGIN, Beginning::Anytime)?;
        log.writer.disk.fuse.unset();
        Ok(log)
    }

    pub(super) fn open(&self) -> EvidenceLog {
        self.open_until(None).unwrap()
    }

    pub(super) fn assert_whole(&self) {
        let verification = verify(&Folder::new(&self.log()), &Trust::default());
        assert!(verification.is_whole(), "{:#?}", verification.failures);
    }
}

pub(super) fn entry(number: u64, blob: Option<Sha256Digest>) -> Vec<u8> {
    let subject: Vec<_> = blob.map(Subject::blob).into_iter().collect();
    let predicate = std::collections::BTreeMap::from([("number", number)]);
    statement::encode("https://example.org/test", &subject, &predicate).unwrap()
}

pub(super) fn entries(from: u64, to: u64) -> Vec<Vec<u8>> {
    (from..to).map(|number| entry(number, None)).collect()
}

pub(super) fn stored(log: &EvidenceLog) -> Vec<Vec<u8>> {
    log.entries().map(|entry| entry.unwrap().bytes).collect()
}

/// Appends across a tile's boundary with a blob, and crashes at every operation in turn.
#[test]
fn a_crash_at_any_operation_of_an_append_loses_nothing_recorded() {
    for failing in [Failing::Before, Failing::After] {
        crash_an_append(failing);
    }
}

fn crash_an_append(failing: Failing) {
    let (mut lost, mut kept) = (0, 0);
    for operations in 0.. {
        let place = Place::new();
        let mut log = place.open();
        log.append(entries(0, 254), Timestamp::UNIX_EPOCH).unwrap();
        log.writer.disk.fuse.set(operations, failing);
        let put = log.put_blob(b"the plan");
        let mut batch = entries(254, 257);
        let appended = put.and_then(|digest| {
            batch.push(entry(257, Some(digest)));
            log.append(batch.clone(), Timestamp::UNIX_EPOCH)
        });
        if appended.is_err() {
            let refused = log.append(entries(0, 1), Timestamp::UNIX_EPOCH);
            assert!(matches!(refused, Err(StoreError::Stopped)));
        }
        drop(log);

        let mut log = place.open();
        place.assert_whole();
        let found = stored(&log);
        assert_eq!(
            found[..254],
            entries(0, 254),
            "after {operations} operations"
        );
        if let Ok(receipt) = &appended {
            assert_eq!(receipt.tree_size(), 258);
        }
        let recorded = matches!(appended, Ok(_) | Err(StoreError::Unpublished { .. }));
        if recorded || found.len() > 254 {
            assert_eq!(found[254..], batch, "after {operations} operations");
            kept += 1;
        } else {
            lost += 1;
        }
        log.append(entries(300, 303), Timestamp::UNIX_EPOCH)
            .unwrap();
        drop(log);
        place.assert_whole();
        if appended.is_ok() {
            break;
        }
    }
    assert!(
        lost > 5 && kept > 20,
        "the fuse did its work: {lost} {kept}"
    );
}

#[test]
fn a_crash_at_any_operation_of_recovery_is_recovered_from() {
    for operations in (0..).flat_map(|n| [(n, Failing::Before), (n, Failing::After)]) {
        let place = Place::new();
        let mut log = place.open();
        log.append(entries(0, 255), Timestamp::UNIX_EPOCH).unwrap();
        let digest = log.put_blob(b"the plan").unwrap();
        record(&mut log, vec![entry(255, Some(digest))]);
        drop(log);
        let crashed = place.open_until(Some(operations)).is_err();
        let log = place.open();
        place.assert_whole();
        assert_eq!(stored(&log).len(), 256);
        if !crashed {
            assert!(operations.0 > 10);
            return;
        }
    }
}

#[test]
fn a_crash_at_any_operation_of_the_beginning_leaves_a_log_that_begins() {
    for operations in (0..).flat_map(|n| [(n, Failing::Before), (n, Failing::After)]) {
        let place = Place::new();
        let crashed = place.open_until(Some(operations)).is_err();
        let mut log = place.open();
        log.append(entries(0, 1), Timestamp::UNIX_EPOCH).unwrap();
        place.assert_whole();
        if !crashed {
            assert!(operations.0 > 5);
            return;
        }
    }
}

#[test]
fn a_log_without_its_key_is_completed_from_the_segments_and_frozen() {
    let place = Place::new();
    let next = place.keys().next(ORIGIN).unwrap();
    record_a_rotation(&place, &*next);
    fs::remove_dir_all(place.dir.path().join("keys")).unwrap();
    let end = super::freeze(&place.log(), "example.org/next").unwrap();
    assert_eq!(end.head().size, 21);
    assert!(end.is_signed_by(next.key()));
    place.assert_whole();
    let again = super::freeze(&place.log(), "example.org/next").unwrap();
    assert_eq!(again.head(), end.head());
    let refused = place.open_until(None).unwrap_err();
    assert!(matches!(refused, StoreError::Frozen { .. }));
}

/// Records and does not publish, as if the process ended then.
fn record(log: &mut EvidenceLog, entries: Vec<Vec<u8>>) {
    log.writer
        .commit(vec![Batch::new(entries).unwrap()])
        .unwrap();
}

#[test]
fn a_record_that_was_torn_at_any_byte_is_dropped_with_its_blob() {
    let whole = Place::new();
    let mut log = whole.open();
    record(&mut log, entries(0, 2));
    let digest = log.put_blob(b"the plan").unwrap();
    record(&mut log, vec![entry(2, Some(digest))]);
    drop(log);
    let staged = fs::read(whole.log().join(".state/staging/a")).unwrap();
    let length = u64::from_be_bytes(staged[4096 + 16..4096 + 24].try_into().unwrap()) as usize;
    for cut in 0..length {
        let mut torn = staged.clone();
        torn[4096 + cut..8192].fill(0x5a);
        put(&whole, ".state/staging/a", &torn);
        let records = super::staging::decode(&torn[4096..]);
        assert_eq!(records, None, "cut at {cut}");
    }
    let mut torn = staged.clone();
    torn[4096 + length / 2..8192].fill(0x5a);
    put(&whole, ".state/staging/a", &torn);
    let log = whole.open();
    assert_eq!(stored(&log), entries(0, 2));
    whole.assert_whole();
    let blobs = fs::read_dir(whole.log().join(".state/blobs")).unwrap();
    assert_eq!(blobs.count(), 0);
    drop(log);
    let wiped = fs::read(whole.log().join(".state/staging/a")).unwrap();
    assert!(
        wiped
            .chunks(4096)
            .all(|block| super::staging::decode(block).is_none())
    );
}

fn put(place: &Place, name: &str, bytes: &[u8]) {
    let mut file = File::create(place.log().join(name)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn commits_of_both_segments_are_taken_up_in_order() {
    let place = Place::new();
    let mut log = place.open();
    for number in 0..6 {
        record(&mut log, entries(number * 100, number * 100 + 100));
        log.writer.segments.switch();
    }
    drop(log);
    let log = place.open();
    assert_eq!(stored(&log), entries(0, 600));
    place.assert_whole();
}

#[test]
fn a_record_of_another_key_or_history_is_no_part_of_the_log() {
    let (place, other) = (Place::new(), Place::new());
    let (mut log, mut foreign) = (place.open(), other.open());
    log.append(entries(0, 10), Timestamp::UNIX_EPOCH).unwrap();
    foreign
        .append(entries(0, 10), Timestamp::UNIX_EPOCH)
        .unwrap();
    record(&mut foreign, entries(10, 20));
    drop((log, foreign));
    let staged = fs::read(other.log().join(".state/staging/a")).unwrap();
    put(&place, ".state/staging/a", &staged);
    let log = place.open();
    assert_eq!(stored(&log), entries(0, 10));
    place.assert_whole();
}

#[test]
fn a_segment_that_is_gone_is_damage_and_never_made_up() {
    for segment in ["a", "b"] {
        let place = Place::new();
        let mut log = place.open();
        record(&mut log, entries(0, 1));
        drop(log);
        fs::remove_file(place.log().join(".state/staging").join(segment)).unwrap();
        let refused = place.open_until(None).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }));
    }
}

#[test]
fn a_lock_that_was_put_back_is_a_fork() {
    let place = Place::new();
    let mut log = place.open();
    let before = fs::read(place.log().join(LOCK)).unwrap();
    log.append(entries(0, 1), Timestamp::UNIX_EPOCH).unwrap();
    drop(log);
    File::create(place.log().join(LOCK))
        .unwrap()
        .write_all(&before)
        .unwrap();
    let refused = place.open_until(None).unwrap_err();
    assert!(matches!(refused, StoreError::Forked { .. }));
}

#[test]
fn a_lock_that_changed_under_the_writer_stops_it() {
    let place = Place::new();
    let mut log = place.open();
    let before = fs::read(place.log().join(LOCK)).unwrap();
    log.append(entries(0, 1), Timestamp::UNIX_EPOCH).unwrap();
    File::create(place.log().join(LOCK))
        .unwrap()
        .write_all(&before)
        .unwrap();
    let refused = log
        .append(entries(1, 2), Timestamp::UNIX_EPOCH)
        .unwrap_err();
    assert!(matches!(refused, StoreError::Forked { .. }));
}
