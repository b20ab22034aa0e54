//! Logs of sizes at which tiles and levels begin and end, and growth between checkpoints.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use driftwarden::adapters::store::{EvidenceLog, EvidenceReader, Folder};
use driftwarden::evidence::proof::{prove_consistency, prove_inclusion};
use driftwarden::evidence::verify::{Trust, Verification, verify};
use sha2::{Digest, Sha256};

use super::support::*;

#[derive(Clone, Default)]
struct Sha256Ct(Sha256);

mod oracle {
    use ct_merkle::digest::array::typenum::U32;
    use ct_merkle::digest::{FixedOutput, HashMarker, Output, OutputSizeUser, Update};

    use super::*;

    impl OutputSizeUser for Sha256Ct {
        type OutputSize = U32;
    }

    impl Update for Sha256Ct {
        fn update(&mut self, data: &[u8]) {
            Digest::update(&mut self.0, data);
        }
    }

    impl FixedOutput for Sha256Ct {
        fn finalize_into(self, out: &mut Output<Self>) {
            out.copy_from_slice(&self.0.finalize());
        }
    }

    impl HashMarker for Sha256Ct {}
}

type Oracle = MemoryBackedTree<Sha256Ct, Vec<u8>>;

fn grow(log: &mut EvidenceLog, oracle: &mut Oracle, to: u64) {
    let entries: Vec<_> = (oracle.len()..to).map(tiny).collect();
    for entry in &entries {
        oracle.push(entry.clone());
    }
    if !entries.is_empty() {
        log.append(entries, now()).unwrap();
    }
}

/// Grows one log through all sizes, opening it anew at each, and compares it with a tree that
/// another implementation made.
#[test]
fn logs_of_every_awkward_size_verify_and_agree_with_an_independent_tree() {
    let place = Place::new();
    let mut oracle = Oracle::new();
    let mut checkpoints = Vec::new();
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537] {
        let mut log = place.open();
        grow(&mut log, &mut oracle, size);
        let head = log.checkpoint().head();
        assert_eq!(head.size, size);
        assert_eq!(
            head.root.0[..],
            oracle.root().as_bytes()[..],
            "root at {size}"
        );
        checkpoints.push(log.checkpoint().clone());
        assert_eq!(log.entries().filter(Result::is_ok).count() as u64, size);
        drop(log);
        let found = place.verify();
        assert_whole(&found);
        assert_eq!(found.entries.values().sum::<u64>(), size);
    }
    let folder = Folder::new(&place.log());
    for earlier in checkpoints {
        let trust = Trust {
            since: Some(earlier.note().to_vec()),
            ..Trust::default()
        };
        let found = verify(&folder, &trust);
        assert_whole(&found);
        assert_eq!(found.since, Some(earlier.head().size));
    }
}

#[test]
fn proofs_are_accepted_by_an_independent_implementation() {
    let place = Place::new();
    let mut oracle = Oracle::new();
    let mut log = place.open();
    let mut earlier = Vec::new();
    for size in [1, 3, 256, 300, 700] {
        grow(&mut log, &mut oracle, size);
        earlier.push((log.checkpoint().head(), oracle.root()));
    }
    drop(log);
    let reader = EvidenceReader::open(&place.log()).unwrap();
    let head = reader.checkpoint().head();
    let root = oracle.root();
    for index in [0, 1, 255, 256, 299, 511, 512, 699] {
        let (entry, proof) = reader.entry(index).unwrap();
        let bytes = proof.path.iter().flat_map(|hash| hash.0).collect();
        let theirs = ct_merkle::InclusionProof::<Sha256Ct>::try_from_bytes(bytes).unwrap();
        root.verify_inclusion(&entry.bytes, index, &theirs).unwrap();
        assert!(prove_inclusion(reader.folder(), head, index, b"another entry").is_err());
    }
    for (head_then, root_then) in earlier {
        let proof = prove_consistency(reader.folder(), head, head_then).unwrap();
        let bytes = proof.iter().flat_map(|hash| hash.0).collect();
        let theirs = ct_merkle::ConsistencyProof::<Sha256Ct>::try_from_bytes(bytes).unwrap();
        root.verify_consistency(&root_then, &theirs).unwrap();
    }
    assert!(reader.entry(700).is_err());
}

fn since(place: &Place, checkpoint: &[u8]) -> Verification {
    let trust = Trust {
        since: Some(checkpoint.to_vec()),
        ..Trust::default()
    };
    verify(&Folder::new(&place.log()), &trust)
}

#[test]
fn a_log_that_was_put_back_is_shown_by_a_checkpoint_kept_elsewhere() {
    let place = Place::new();
    let mut log = place.open();
    log.append(vec![tiny(0), tiny(1)], now()).unwrap();
    drop(log);
    let copy = Place::new();
    copy_folder(&place.log(), &copy.log());
    copy_folder(&place.keys(), &copy.keys());
    let mut log = place.open();
    log.append(vec![tiny(2)], now()).unwrap();
    let kept = log.checkpoint().note().to_vec();
    drop(log);
    assert_whole(&since(&place, &kept));

    assert_whole(&copy.verify());
    let found = since(&copy, &kept);
    insta::assert_snapshot!(found.failures[0], @"checkpoint: the log has 2 entries, and had 3 before: it was put back, or cut");

    let mut log = copy.open();
    log.append(vec![tiny(7), tiny(8)], now()).unwrap();
    drop(log);
    assert_whole(&copy.verify());
    let found = since(&copy, &kept);
    assert_eq!(found.since, None);
    insta::assert_snapshot!(found.failures[0], @"checkpoint: the log did not grow from the checkpoint given with --since: its first 3 entries have another root");
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        match item.file_type().unwrap().is_dir() {
            true => copy_folder(&item.path(), &target),
            false => {
                std::fs::copy(item.path(), &target).unwrap();
                let rights = std::fs::Permissions::from_mode(0o600);
                std::fs::set_permissions(&target, rights).unwrap();
            }
        }
    }
}
