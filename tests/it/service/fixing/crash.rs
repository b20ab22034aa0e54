//! The process ends between the intent and its outcome.

use std::fs;

use driftwarden::adapters::store::{EvidenceLog, EvidenceReader};
use driftwarden::evidence::path;
use driftwarden::evidence::statement::read_head;

use super::super::Estate;
use super::{ENFORCE, configure, estate, handed_over, ledger, now, state, steps};
use driftwarden::model::FindingState;

const ORIGIN: &str = "driftwarden.local/evidence";

/// The log as it was before its last entry.
fn forget_the_last_entry(estate: &Estate) {
    let dir = estate.path().join("evidence");
    let old = estate.path().join("old");
    fs::rename(&dir, &old).unwrap();
    let reader = EvidenceReader::open(&old).unwrap();
    let entries: Vec<_> = reader.entries().map(|entry| entry.unwrap()).collect();
    let mut log = EvidenceLog::open(&dir, &estate.path().join("evidence.keys"), ORIGIN).unwrap();
    let kept = entries.get(..entries.len() - 1).unwrap();
    for entry in kept {
        for blob in read_head(&entry.bytes, entry.index).unwrap().blobs {
            log.put_blob(&fs::read(old.join(path::blob(&blob))).unwrap())
                .unwrap();
        }
        log.append(vec![entry.bytes.clone()], now()).unwrap();
    }
}

/// An intent is in the log, its file is there or not, and nothing says how it ended.
fn crashed(has_file: bool) -> (Estate, (String, String)) {
    let estate = estate(ENFORCE);
    estate.scan();
    let file = handed_over(&estate);
    forget_the_last_entry(&estate);
    assert_eq!(steps(&estate), ["permitted", "intended"]);
    if !has_file {
        fs::remove_dir_all(estate.path().join("handover")).unwrap();
    }
    (estate, file)
}

#[test]
fn it_is_completed_under_the_same_name_with_the_same_bytes() {
    for has_file in [false, true] {
        let (estate, file) = crashed(has_file);
        assert_eq!(state(&estate), FindingState::Fixing);
        super::super::pass(jiff::SignedDuration::from_mins(3));
        estate.scan();
        assert_eq!(steps(&estate)[2..], ["resumed", "handed_over"]);
        assert_eq!(handed_over(&estate), file);
        assert_eq!(ledger(&estate).fixes().all().len(), 1);
        estate.assert_whole();
    }
}

#[test]
fn what_is_no_longer_permitted_is_told_and_not_done() {
    let (estate, _) = crashed(false);
    configure(
        &estate,
        "remediation { mode = \"dry_run\" }\nhandover { dir = \"handover\" }",
    );
    estate.scan();
    assert_eq!(steps(&estate)[2..], ["interrupted", "refused"]);
    assert!(!estate.path().join("handover").exists());
    assert_eq!(state(&estate), FindingState::Open);
    estate.scan();
    assert_eq!(steps(&estate).len(), 4, "said once");
    // Nor is it begun again by itself.
    configure(&estate, ENFORCE);
    estate.scan();
    assert!(!estate.path().join("handover").exists());
}
