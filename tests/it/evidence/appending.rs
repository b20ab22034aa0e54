//! Many callers and one log.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

use driftwarden::adapters::signing::{FileKeys, KeyFileError, SignerSource};
use driftwarden::adapters::store::{
    Appender, Appending, Beginning, EvidenceLog, Receipt, StoreError,
};
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::record::Record;
use driftwarden::evidence::signer::{CheckpointSigner, LogSigner, SignerFailure};
use driftwarden::evidence::statement;

use super::support::*;

#[test]
fn every_caller_gets_the_place_of_its_own_entries() {
    let place = Place::new();
    let appender = Appender::start(place.open()).unwrap();
    let mut receipts: Vec<(u64, u64, u64)> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|caller| {
                let appender = appender.clone();
                scope.spawn(move || {
                    let append = |round: u64| {
                        let first = caller * 1000 + round * 10;
                        let entries = (first..first + 1 + round % 4).map(tiny).collect();
                        let receipt = appender.append(entries, now()).unwrap();
                        assert!(receipt.indices().end <= receipt.tree_size());
                        (receipt.first_index(), receipt.indices().end, first)
                    };
                    (0..40).map(append).collect::<Vec<_>>()
                })
            })
            .collect();
        let receipts = callers.into_iter().map(|caller| caller.join().unwrap());
        receipts.flatten().collect()
    });
    appender.close().unwrap();
    assert!(matches!(
        appender.append(vec![tiny(0)], now()),
        Err(StoreError::Stopped)
    ));
    assert_whole(&place.verify());
    let log = place.open();
    let stored: Vec<_> = log.entries().map(|entry| entry.unwrap().bytes).collect();
    receipts.sort_unstable();
    let mut next = 0;
    for (first, end, number) in receipts {
        assert_eq!(first, next, "no entry is anybody's else");
        for index in first..end {
            assert_eq!(stored[index as usize], tiny(number + index - first));
        }
        next = end;
    }
    assert_eq!(next, stored.len() as u64);
}

/// What a task would get, without a runtime.
fn awaited(appending: Appending) -> Result<Receipt, StoreError> {
    struct Sleeper(std::thread::Thread);
    impl Wake for Sleeper {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Sleeper(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut appending = pin!(appending);
    loop {
        match appending.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park_timeout(Duration::from_secs(30)),
        }
    }
}

#[test]
fn one_caller_has_many_batches_on_their_way_and_they_stand_in_its_order() {
    let place = Place::new();
    let appender = Appender::start(place.open()).unwrap();
    let submitted: Vec<Appending> = (0..300)
        .map(|number| appender.submit(vec![tiny(number)], now()).unwrap())
        .collect();
    for (number, appending) in submitted.into_iter().enumerate() {
        let receipt = match number % 2 {
            0 => awaited(appending),
            _ => appending.wait(),
        };
        assert_eq!(receipt.unwrap().first_index(), number as u64);
    }
    // Whoever does not want to know changes nothing for the others.
    drop(appender.submit(vec![tiny(300)], now()).unwrap());
    appender.close().unwrap();
    assert!(matches!(
        appender.submit(vec![tiny(0)], now()),
        Err(StoreError::Stopped)
    ));
    assert_whole(&place.verify());
    assert_eq!(place.open().entries().count(), 301);
}

#[test]
fn blobs_and_checkpoints_of_commits_that_wait_can_be_named() {
    let place = Place::new();
    let appender = Appender::start(place.open()).unwrap();
    let mut named = BTreeSet::new();
    for number in 0..30 {
        appender.append(vec![tiny(number)], now()).unwrap();
        let previous = appender.previous().unwrap();
        named.insert(previous.tree_size);
        let digest = appender.put_blob(format!("{number}").into_bytes(), now());
        let blob = with_blob(number, digest.unwrap());
        appender.append(vec![blob], now()).unwrap();
        let predicate = std::collections::BTreeMap::from([("previous", previous)]);
        let entry = statement::encode("https://example.org/named/v1", &[], &predicate).unwrap();
        appender.append(vec![entry], now()).unwrap();
    }
    drop(appender);
    let found = place.verify();
    assert_whole(&found);
    assert_eq!(found.blobs, 30);
    for size in named {
        assert!(place.log().join(format!("checkpoints/{size}")).is_file());
    }
}

#[test]
fn one_callers_mistake_is_no_other_callers() {
    let place = Place::new();
    let appender = Appender::start(place.open()).unwrap();
    std::thread::scope(|scope| {
        for caller in 0..8 {
            let appender = &appender;
            scope.spawn(move || {
                for round in 0..20 {
                    let entry = match caller % 2 {
                        0 => tiny(round),
                        _ => b"{}".to_vec(),
                    };
                    let appended = appender.append(vec![entry], now());
                    assert_eq!(appended.is_ok(), caller % 2 == 0);
                }
            });
        }
    });
    appender.close().unwrap();
    assert_whole(&place.verify());
    assert_eq!(place.open().checkpoint().head().size, 80);
}

/// A signer that answers or not, as a key service would.
#[derive(Clone, Debug)]
struct Moody {
    signer: LogSigner,
    answers: Arc<AtomicBool>,
}

impl SignerSource for Moody {
    fn load(&self, _: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        Ok(Box::new(self.clone()))
    }
}

impl CheckpointSigner for Moody {
    fn key(&self) -> &LogKey {
        self.signer.key()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<signed_note::Signature>, SignerFailure> {
        match self.answers.load(Ordering::SeqCst) {
            true => self.signer.sign(text),
            false => Err(SignerFailure {
                what: "the service does not answer".to_owned(),
                help: "wait".to_owned(),
            }),
        }
    }
}

#[test]
fn a_signer_that_fails_changes_nothing_and_may_sign_the_next_time() {
    let place = Place::new();
    let answers = Arc::new(AtomicBool::new(true));
    let moody = Moody {
        signer: LogSigner::from_seed(ORIGIN, &[5; 32]).unwrap(),
        answers: answers.clone(),
    };
    let log = EvidenceLog::open_with(&place.log(), &moody, ORIGIN, Beginning::Anytime).unwrap();
    let appender = Appender::start(log).unwrap();
    appender.append(vec![tiny(0)], now()).unwrap();
    answers.store(false, Ordering::SeqCst);
    let failed = appender.append(vec![tiny(1)], now()).unwrap_err();
    assert!(failed.to_string().ends_with("does not answer"), "{failed}");
    answers.store(true, Ordering::SeqCst);
    let receipt = appender.append(vec![tiny(2)], now()).unwrap();
    assert_eq!(receipt.indices(), 1..2);
    appender.close().unwrap();
    assert_whole(&place.verify());
}

#[test]
fn a_log_begins_on_its_day_and_goes_on_on_any() {
    let place = Place::new();
    let open = |day: &str, today: &str| {
        let beginning = Beginning::Only {
            day: day.parse().unwrap(),
            today: today.parse().unwrap(),
        };
        let keys = FileKeys::new(&place.keys(), ORIGIN);
        EvidenceLog::open_with(&place.log(), &keys, ORIGIN, beginning)
    };
    let refused = open("2026-11-28", "2026-11-29").unwrap_err().to_string();
    let refused = refused.replace(&place.root().display().to_string(), "ROOT");
    insta::assert_snapshot!(refused, @"there is no log in `ROOT/evidence`, and one may be begun on 2026-11-28 only, not today, 2026-11-29");
    assert!(!place.log().exists() && !place.keys().exists());
    drop(open("2026-11-28", "2026-11-28").unwrap());
    drop(open("2026-11-28", "2027-01-01").unwrap());
}

/// On a file system of a few MiB, by the shell, which alone may mount one.
#[test]
fn a_full_disk_is_recorded_in_the_log_itself() {
    let place = Place::new();
    let log = place.log();
    std::fs::create_dir(&log).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
        .arg(&log)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: no file system can be mounted here");
        return;
    }
    let tried = std::panic::catch_unwind(|| fill(&place));
    let unmounted = std::process::Command::new("umount").arg(&log).status();
    assert!(unmounted.unwrap().success());
    tried.unwrap();
}

fn fill(place: &Place) {
    let mut log = place.open();
    let mut taken = 0;
    let refused = loop {
        let entries = (0..100).map(|number| tiny(taken + number)).collect();
        match log.append(entries, now()) {
            Ok(_) => taken += 100,
            Err(error) => break error,
        }
    };
    assert!(refused.is_full(), "{refused}");
    assert!(taken >= 100);
    // It is said once, and what is refused changes nothing.
    let again = (0..100).map(tiny).collect();
    assert!(log.append(again, now()).unwrap_err().is_full());
    assert_whole(&place.verify());
    let last = |log: &EvidenceLog| {
        let last = log.entries().last().unwrap().unwrap();
        (last.index, Record::read(last.index, &last.bytes).unwrap())
    };
    let (index, record) = last(&log);
    assert_eq!(index, taken);
    assert!(matches!(record, Record::StoreFull(full) if full.at == now()));
    let grown = std::process::Command::new("mount")
        .args(["-o", "remount,size=16m"])
        .arg(place.log())
        .status();
    assert!(grown.unwrap().success());
    log.append(vec![tiny(2)], now()).unwrap();
    drop(log);
    assert_whole(&place.verify());
    let log = place.open();
    assert_eq!(log.checkpoint().head().size, taken + 2);
}
