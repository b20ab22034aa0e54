//! A crash at every single operation on the disk: what was recorded stays, what was not is absent or
//! whole, and the folder verifies after the next open.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Fails one operation and all after it, as a crash would; a write is cut in the middle.
#[derive(Debug, Default)]
pub struct Fuse {
    left: Cell<Option<u32>>,
}

impl Fuse {
    pub fn set(&self, operations: u32) {
        self.left.set(Some(operations));
    }

    pub fn burn(&self) -> io::Result<()> {
        match self.left.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("crashed")),
            Some(left) => {
                self.left.set(Some(left - 1));
                Ok(())
            }
        }
    }

    pub fn burn_while_writing(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.burn().inspect_err(|_| {
            let mut file = File::create(path).unwrap();
            file.write_all(&bytes[..bytes.len() / 2]).unwrap();
        })
    }
}

mod tests {
    use jiff::Timestamp;
    use tempfile::TempDir;

    use super::super::disk::Disk;
    use super::super::log::LOCK;
    use super::super::{EvidenceLog, Folder, StoreError, recovery};
    use super::*;
    use crate::adapters::signing::FileKeys;
    use crate::evidence::statement::{self, Subject};
    use crate::evidence::verify::{Trust, verify};
    use crate::model::Sha256Digest;

    const ORIGIN: &str = "example.org/log";

    struct Place {
        dir: TempDir,
    }

    impl Place {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            Self { dir }
        }

        fn log(&self) -> std::path::PathBuf {
            self.dir.path().join("evidence")
        }

        fn keys(&self) -> FileKeys {
            FileKeys::new(&self.dir.path().join("keys"), ORIGIN)
        }

        fn open_until(&self, fuse: Option<u32>) -> Result<EvidenceLog, StoreError> {
            let disk = Disk::new(&self.log());
            if let Some(operations) = fuse {
                disk.fuse.set(operations);
            }
            let log = recovery::open(disk, &self.keys(), ORIGIN)?;
            log.disk.fuse.left.set(None);
            Ok(log)
        }

        fn open(&self) -> EvidenceLog {
            self.open_until(None).unwrap()
        }

        fn assert_whole(&self) {
            let verification = verify(&Folder::new(&self.log()), &Trust::default());
            assert!(verification.is_whole(), "{:#?}", verification.failures);
        }
    }

    fn entry(number: u64, blob: Option<Sha256Digest>) -> Vec<u8> {
        let subject: Vec<_> = blob.map(Subject::blob).into_iter().collect();
        let predicate = std::collections::BTreeMap::from([("number", number)]);
        statement::encode("https://example.org/test", &subject, &predicate).unwrap()
    }

    fn entries(from: u64, to: u64) -> Vec<Vec<u8>> {
        (from..to).map(|number| entry(number, None)).collect()
    }

    fn stored(log: &EvidenceLog) -> Vec<Vec<u8>> {
        log.entries().map(|entry| entry.unwrap().bytes).collect()
    }

    /// Appends across a tile's boundary with a blob, and crashes at every operation in turn.
    #[test]
    fn a_crash_at_any_operation_of_an_append_loses_nothing_recorded() {
        let (mut lost, mut kept) = (0, 0);
        for operations in 0.. {
            let place = Place::new();
            let mut log = place.open();
            log.append(entries(0, 254), Timestamp::UNIX_EPOCH).unwrap();
            log.disk.fuse.set(operations);
            let put = log.put_blob(b"the plan");
            let mut batch = entries(254, 257);
            let appended = put.and_then(|digest| {
                batch.push(entry(257, Some(digest)));
                log.append(batch.clone(), Timestamp::UNIX_EPOCH)
            });
            let refused = log.append(entries(0, 1), Timestamp::UNIX_EPOCH);
            drop(log);

            let mut log = place.open();
            place.assert_whole();
            let found = stored(&log);
            assert_eq!(
                found[..254],
                entries(0, 254),
                "after {operations} operations"
            );
            match &appended {
                Ok(receipt) => assert_eq!(receipt.tree_size(), 258),
                Err(_) => assert!(matches!(refused, Err(StoreError::Stopped))),
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
        for operations in 0.. {
            let place = Place::new();
            let mut log = place.open();
            log.append(entries(0, 255), Timestamp::UNIX_EPOCH).unwrap();
            let digest = log.put_blob(b"the plan").unwrap();
            let commit = log.prepare(vec![entry(255, Some(digest))]).unwrap();
            log.stage(&commit).unwrap();
            log.record(&commit, None).unwrap();
            drop(log);
            let crashed = place.open_until(Some(operations)).is_err();
            let log = place.open();
            place.assert_whole();
            assert_eq!(stored(&log).len(), 256);
            if !crashed {
                assert!(operations > 10);
                return;
            }
        }
    }

    #[test]
    fn a_crash_at_any_operation_of_the_beginning_leaves_a_log_that_begins() {
        for operations in 0.. {
            let place = Place::new();
            let crashed = place.open_until(Some(operations)).is_err();
            let mut log = place.open();
            log.append(entries(0, 1), Timestamp::UNIX_EPOCH).unwrap();
            place.assert_whole();
            if !crashed {
                assert!(operations > 5);
                return;
            }
        }
    }

    /// Whatever a rotation came to: the log opens, with the old key or with the new one, and verifies.
    #[test]
    fn a_crash_at_any_operation_of_a_rotation_leaves_one_key_that_signs() {
        let (mut before, mut after) = (0, 0);
        for operations in 0.. {
            let place = Place::new();
            let mut log = place.open();
            log.append(entries(0, 255), Timestamp::UNIX_EPOCH).unwrap();
            let old = log.key().clone();
            let new = place.keys().next(ORIGIN).unwrap();
            let next = new.key().clone();
            log.disk.fuse.set(operations);
            let rotated = log.rotate(new, Timestamp::UNIX_EPOCH);
            drop(log);

            // The next process may crash where it completes what the first one left.
            drop(place.open_until(Some(operations / 2)));
            let mut log = place.open();
            place.assert_whole();
            if log.key() == &old {
                assert!(rotated.is_err());
                assert_eq!(stored(&log).len(), 255);
                before += 1;
            } else {
                assert_eq!(log.key(), &next);
                assert_eq!(stored(&log).len(), 256);
                after += 1;
            }
            log.append(entries(300, 303), Timestamp::UNIX_EPOCH)
                .unwrap();
            drop(log);
            place.assert_whole();
            if rotated.is_ok() {
                break;
            }
        }
        assert!(before > 3 && after > 10, "{before} {after}");
    }

    #[test]
    fn a_batch_that_was_never_recorded_is_dropped_with_its_blob() {
        let place = Place::new();
        let mut log = place.open();
        let digest = log.put_blob(b"the plan").unwrap();
        let commit = log.prepare(vec![entry(0, Some(digest))]).unwrap();
        log.stage(&commit).unwrap();
        drop(log);
        let log = place.open();
        assert_eq!(stored(&log), Vec::<Vec<u8>>::new());
        place.assert_whole();
        for folder in [".state/staging", ".state/blobs"] {
            assert!(
                fs::read_dir(place.log().join(folder))
                    .unwrap()
                    .next()
                    .is_none()
            );
        }
    }

    #[test]
    fn a_recorded_batch_that_is_gone_is_damage_and_never_made_up() {
        let place = Place::new();
        let mut log = place.open();
        let commit = log.prepare(entries(0, 1)).unwrap();
        log.stage(&commit).unwrap();
        log.record(&commit, None).unwrap();
        drop(log);
        fs::remove_dir_all(place.log().join(".state/staging")).unwrap();
        let refused = place.open_until(None).unwrap_err();
        assert!(matches!(refused, StoreError::Damaged { .. }));
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
}
