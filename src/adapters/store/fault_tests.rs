//! A disk that is full from any operation on, and a crash at any operation while many callers append.

use std::thread;

use jiff::Timestamp;

use super::crash_tests::{Place, entries, entry, stored};
use super::fuse::Failing;
use super::{Appender, EvidenceLog, StoreError};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn append_a_plan(log: &mut EvidenceLog) -> (Vec<Vec<u8>>, Result<(), StoreError>) {
    let mut batch = entries(254, 257);
    let appended = log.put_blob(b"the plan").and_then(|digest| {
        batch.push(entry(257, Some(digest)));
        log.append(batch.clone(), NOW).map(drop)
    });
    (batch, appended)
}

/// What did not fit changed nothing; where room comes back, the same process goes on, or says that it is
/// to be started again.
#[test]
fn a_disk_that_is_full_from_any_operation_on_loses_nothing() {
    let (mut went_on, mut stopped) = (0, 0);
    for operations in 0.. {
        let place = Place::new();
        let mut log = place.open();
        log.append(entries(0, 254), NOW).unwrap();
        let fuse = log.writer.disk.fuse.clone();
        fuse.set(operations, Failing::Full);
        let (mut batch, appended) = append_a_plan(&mut log);
        fuse.unset();
        let done = appended.is_ok();
        let mut kept = matches!(appended, Ok(()) | Err(StoreError::Unpublished { .. }));
        if !kept {
            let (again, appended) = append_a_plan(&mut log);
            match appended {
                Ok(()) => {
                    (batch, kept) = (again, true);
                    went_on += 1;
                }
                Err(StoreError::Stopped) => stopped += 1,
                Err(error) => panic!("after {operations} operations: {error}"),
            }
        }
        drop(log);
        let log = place.open();
        place.assert_whole();
        let mut found = stored(&log);
        let rest = found.split_off(254);
        assert_eq!(found, entries(0, 254), "after {operations} operations");
        let told = |entry: &Vec<u8>| String::from_utf8_lossy(entry).contains("/store_full/");
        let rest: Vec<_> = rest.into_iter().filter(|entry| !told(entry)).collect();
        // Recorded though it was not said to be, or not at all.
        if kept || !rest.is_empty() {
            assert_eq!(rest, batch, "after {operations} operations");
        }
        if done {
            assert!(
                went_on > 0 && stopped > 3,
                "{went_on} went on, {stopped} stopped"
            );
            return;
        }
    }
}

/// Every batch of a caller by its numbers, and whether the caller got a receipt.
fn append_from_many_threads(appender: &Appender) -> Vec<(u64, bool)> {
    let callers = (0..4).map(|caller| {
        let appender = appender.clone();
        thread::spawn(move || {
            let batches = (0..3).map(|round| 1000 * caller + 10 * round);
            let appended = batches.map(|first| {
                let receipt = appender.append(entries(first, first + 3), NOW);
                (first, receipt.is_ok())
            });
            appended.collect::<Vec<_>>()
        })
    });
    let callers: Vec<_> = callers.collect();
    let appended = callers
        .into_iter()
        .flat_map(|caller| caller.join().unwrap());
    appended.collect()
}

#[test]
fn a_crash_while_many_append_keeps_every_batch_with_a_receipt_and_none_by_halves() {
    let (mut received, mut refused) = (0, 0);
    for failing in [Failing::Before, Failing::After, Failing::Full] {
        for operations in (0..90).step_by(3) {
            let place = Place::new();
            let log = place.open();
            let fuse = log.writer.disk.fuse.clone();
            let appender = Appender::start(log).unwrap();
            fuse.set(operations, failing);
            let appended = append_from_many_threads(&appender);
            // Whether what was recorded could be published is for the next start.
            let _ = appender.close();
            drop(appender);
            fuse.unset();
            let log = place.open();
            place.assert_whole();
            let found = stored(&log);
            for (first, has_receipt) in appended {
                let batch = entries(first, first + 3);
                let there = found.windows(3).filter(|three| *three == batch).count();
                let parts = found.iter().filter(|entry| batch.contains(entry)).count();
                assert_eq!(
                    parts,
                    3 * there,
                    "{failing:?} {operations}: half of {first}"
                );
                assert!(
                    there == 1 || (there == 0 && !has_receipt),
                    "{failing:?} {operations}: {first}"
                );
                received += u32::from(has_receipt);
                refused += u32::from(!has_receipt);
            }
        }
    }
    assert!(received > 20 && refused > 20, "{received} {refused}");
}
