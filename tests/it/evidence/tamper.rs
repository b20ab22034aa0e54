//! Whatever is done to a file outside `.state`, verification fails and names it.

use std::fs;
use std::os::unix::fs::symlink;

use driftwarden::adapters::store::Folder;
use driftwarden::evidence::path::parse_checkpoint;
use driftwarden::evidence::verify::{Trust, verify};
use driftwarden::model::Value;

use super::support::*;

/// Three scans: nothing, a finding with blobs, nothing again.
fn small_log(place: &Place) -> Memory {
    let mut log = place.open();
    let nothing = assessment(vec![], vec![]);
    let record = manifest(&log, &nothing);
    append(&mut log, vec![record]);
    let digest = log.put_blob(b"the plan as a redacted projection").unwrap();
    let live = Value::List(vec![Value::from("0.0.0.0/0")]);
    let drifted = assessment(
        vec![judged("aws_security_group.front", "/ingress", live)],
        vec![],
    );
    let record = manifest(&log, &drifted);
    log.append(vec![record.entry, with_blob(1, digest)], now())
        .unwrap();
    let record = manifest(&log, &nothing);
    append(&mut log, vec![record]);
    drop(log);
    Memory::read(&place.log())
}

/// A log with two levels of tiles.
fn large_log(place: &Place) -> Memory {
    let mut log = place.open();
    log.append((0..200).map(tiny).collect(), now()).unwrap();
    let record = manifest(&log, &assessment(vec![], vec![]));
    append(&mut log, vec![record]);
    log.append((201..600).map(tiny).collect(), now()).unwrap();
    drop(log);
    Memory::read(&place.log())
}

fn assert_named(memory: &Memory, path: &str, what: &str) {
    let found = memory.verify();
    let named = found.failures.iter().any(|failure| failure.path == path);
    assert!(named, "{path}: {what}: {:#?}", found.failures);
}

fn flip(memory: &Memory, path: &str, index: usize, mask: u8) {
    let mut tampered = memory.clone();
    tampered.0.get_mut(path).unwrap()[index] ^= mask;
    assert_named(&tampered, path, &format!("byte {index} ^ {mask:#x}"));
}

#[test]
fn every_flipped_byte_of_every_file_is_found_and_named() {
    let memory = small_log(&Place::new());
    assert_whole(&memory.verify());
    assert!(memory.0.len() >= 9, "{:?}", memory.0.keys());
    for (path, bytes) in &memory.0 {
        for index in 0..bytes.len() {
            flip(&memory, path, index, 1 << (index % 8));
            flip(&memory, path, index, 0x20);
        }
    }
}

#[test]
fn flipped_bytes_in_a_log_of_several_tiles_are_found_and_named() {
    let memory = large_log(&Place::new());
    assert_whole(&memory.verify());
    for (path, bytes) in &memory.0 {
        for index in (0..bytes.len()).step_by(211).chain([bytes.len() - 1]) {
            flip(&memory, path, index, 1);
        }
    }
}

#[test]
fn a_flipped_entry_is_named_by_its_index() {
    let memory = large_log(&Place::new());
    let path = "tile/entries/001";
    let offset: usize = (256..300).map(|number| tiny(number).len() + 2).sum();
    let mut tampered = memory.clone();
    tampered.0.get_mut(path).unwrap()[offset + 10] ^= 1;
    let found = tampered.verify();
    assert_eq!(found.failures.len(), 1);
    insta::assert_snapshot!(found.failures[0], @"tile/entries/001 (entry 300): it is not the entry that the checkpoint covers, nor that of `tile/0/001`");
}

#[test]
fn a_flipped_hash_is_named_with_the_entry_below_it() {
    let memory = large_log(&Place::new());
    let mut tampered = memory.clone();
    tampered.0.get_mut("tile/1/000.p/2").unwrap()[40] ^= 1;
    let found = tampered.verify();
    assert_eq!(found.failures.len(), 1);
    insta::assert_snapshot!(found.failures[0], @"tile/1/000.p/2 (entry 256): its hash 1 is not that of the entries below it");
}

#[test]
fn every_removed_file_is_found_and_named() {
    for memory in [small_log(&Place::new()), large_log(&Place::new())] {
        for path in memory.0.keys() {
            // Manifests name the checkpoint before them; what none names is known by its file alone.
            let unnamed =
                memory.0.contains_key("checkpoints/201") && parse_checkpoint(path) != Some(200);
            if unnamed && parse_checkpoint(path).is_some_and(|size| size < 600) {
                continue;
            }
            let mut tampered = memory.clone();
            tampered.0.remove(path);
            assert_named(&tampered, path, "removed");
        }
    }
}

#[test]
fn every_emptied_cut_and_extended_file_is_found_and_named() {
    let memory = small_log(&Place::new());
    for (path, bytes) in &memory.0 {
        let mut longer = bytes.clone();
        longer.push(b'\n');
        for (what, content) in [
            ("emptied", Vec::new()),
            ("cut", bytes[..bytes.len() - 1].to_vec()),
            ("extended", longer),
        ] {
            let mut tampered = memory.clone();
            tampered.0.insert(path.clone(), content);
            assert_named(&tampered, path, what);
        }
    }
}

#[test]
fn every_renamed_file_is_found_under_both_names() {
    let memory = small_log(&Place::new());
    for path in memory.0.keys().filter(|path| !is_fixed(path)) {
        let mut tampered = memory.clone();
        let bytes = tampered.0.remove(path).unwrap();
        let renamed = format!("{path}0");
        tampered.0.insert(renamed.clone(), bytes);
        assert_named(&tampered, path, "renamed");
        assert_named(&tampered, &renamed, "renamed");
    }
}

#[test]
fn every_unexpected_file_is_found() {
    let place = Place::new();
    let memory = large_log(&place);
    for path in [
        "notes.txt",
        "checkpoint.tmp",
        "tile/0/000.p/200",
        "tile/0/003",
        "tile/entries/002.p/87",
        "tile/2/000.p/1",
        "checkpoints/5",
        "checkpoints/601",
        "checkpoints/0600",
        "blobs/sha256/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "blobs/index.db",
        "index.dbx",
    ] {
        let mut tampered = memory.clone();
        tampered.0.insert(path.to_owned(), Vec::new());
        assert_named(&tampered, path, "added");
    }
}

#[test]
fn links_empty_folders_and_odd_names_are_found_and_the_index_is_not() {
    let place = Place::new();
    small_log(&place);
    let log = place.log();
    for name in ["index.db", "index.db-wal"] {
        fs::copy(log.join("checkpoint"), log.join(name)).unwrap();
    }
    assert_whole(&place.verify());
    fs::create_dir(log.join("tile/9")).unwrap();
    symlink("checkpoint", log.join("latest")).unwrap();
    fs::create_dir(log.join("index.db-shm")).unwrap();
    let found = verify(&Folder::new(&log), &Trust::default());
    let paths: Vec<_> = found
        .failures
        .iter()
        .map(|failure| failure.path.as_str())
        .collect();
    assert_eq!(paths, ["latest", "index.db-shm", "tile/9"]);
}

#[test]
fn a_checkpoint_that_is_a_link_is_missing() {
    let place = Place::new();
    small_log(&place);
    let checkpoint = place.log().join("checkpoint");
    fs::rename(&checkpoint, place.root().join("elsewhere")).unwrap();
    symlink(place.root().join("elsewhere"), &checkpoint).unwrap();
    let found = place.verify();
    assert_eq!(found.failures[0].to_string(), "checkpoint: it is missing");
}

#[test]
fn swapped_entries_are_found() {
    let memory = large_log(&Place::new());
    let mut tampered = memory.clone();
    let bundle = tampered.0.get_mut("tile/entries/000").unwrap();
    let length = tiny(10).len() + 2;
    let start: usize = (0..10).map(|number| tiny(number).len() + 2).sum();
    bundle[start..start + 2 * length].rotate_left(length);
    let found = tampered.verify();
    assert_eq!(found.failures[0].entry, Some(10));
}

/// Whoever rewrites entries with all their tiles still cannot sign.
#[test]
fn a_log_written_anew_with_another_key_is_found() {
    let place = Place::new();
    small_log(&place);
    let other = Place::new();
    let mut forged = small_log(&other);
    let genuine = Memory::read(&place.log());
    let key = genuine.0["log.vkey"].clone();
    forged.0.insert("log.vkey".to_owned(), key);
    assert_named(&forged, "checkpoint", "signed by another key");
    forged
        .0
        .insert("checkpoint".to_owned(), genuine.0["checkpoint"].clone());
    assert!(!forged.verify().is_whole());
}
