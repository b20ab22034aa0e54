//! The mirror's order of work: whatever fails, the next run completes it, and what is locked always
//! gives a whole log back.

use std::fs;
use std::path::Path;

use driftwarden::adapters::remote::{Outposts, Places, restore};
use driftwarden::adapters::store::{EvidenceReader, Folder};
use driftwarden::evidence::source::{Found, Source};
use driftwarden::evidence::verify::{Trust, verify};
use driftwarden::model::OutsideStanding;
use driftwarden::ports::{Alarm, Outside};

use super::memory_store::{MemoryStore, NoHttp};
use super::support::*;

fn outposts(dir: &Path, store: &MemoryStore) -> Outposts {
    let places = Places {
        mirror: Some(Box::new(store.clone())),
        watchers: Vec::new(),
        authorities: Vec::new(),
        http: Box::new(NoHttp),
        nonce: Box::new(|| [7; 16]),
    };
    Outposts::new(dir, places)
}

fn advance(place: &Place, store: &MemoryStore) -> Result<OutsideStanding, Alarm> {
    outposts(&place.log(), store).advance(now())
}

/// Appends as so many batches as there are numbers, each of that many entries.
fn grow(place: &Place, batches: &[u64]) {
    let mut log = place.open();
    for entries in batches {
        let size = log.checkpoint().head().size;
        let blob = log.put_blob(format!("blob {size}").as_bytes()).unwrap();
        let mut batch: Vec<_> = (size + 1..size + entries).map(tiny).collect();
        batch.push(with_blob(size, blob));
        log.append(batch, now()).unwrap();
    }
}

/// The mirror has the whole log, and gives it back file by file.
fn assert_mirrored(place: &Place, store: &MemoryStore) {
    let out = place.root().join("restored");
    let restored = restore(store, &out, None).map(|restored| restored.verification);
    assert_whole(&restored.unwrap());
    assert_eq!(files(&out), files(&place.log()));
    fs::remove_dir_all(&out).unwrap();
    // A plain copy, without the batches, is the log as well.
    for (name, kept) in &store.0.borrow().objects {
        if !name.starts_with("batch/") {
            let path = out.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            put(&path, &kept.bytes);
        }
    }
    assert_whole(&verify(&Folder::new(&out), &Trust::default()));
    fs::remove_dir_all(&out).unwrap();
}

fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let folder = Folder::new(root);
    let walked = folder.walk(&mut |found| match found {
        Found::File(path) => files.push((path.to_owned(), fs::read(root.join(path)).unwrap())),
        other => panic!("{other:?}"),
    });
    walked.unwrap();
    files.sort();
    files
}

#[test]
fn a_mirror_follows_through_every_awkward_size() {
    let place = Place::new();
    let store = MemoryStore::default();
    drop(place.open());
    assert_eq!(
        advance(&place, &store).unwrap().mirror.unwrap().tree_size,
        Some(0)
    );
    for batches in [
        &[1][..],
        &[1, 3],
        &[250],
        &[1],
        &[1],
        &[254],
        &[1, 1],
        &[600, 2],
        &[3],
    ] {
        grow(&place, batches);
        let size = EvidenceReader::open(&place.log())
            .unwrap()
            .checkpoint()
            .head()
            .size;
        let mirror = advance(&place, &store).unwrap().mirror.unwrap();
        assert_eq!((mirror.tree_size, mirror.entries_behind), (Some(size), 0));
        assert_mirrored(&place, &store);
    }
    // Nothing is left of partial tiles before the last ones: five levels at most have one each.
    let partial = store
        .names()
        .into_iter()
        .filter(|name| name.contains(".p/"));
    assert!(partial.count() <= 3);
}

/// Whoever takes long to read sees the log as it was, though the writer goes on and removes what it
/// replaced.
#[test]
fn a_log_that_is_open_is_read_whole_while_it_grows() {
    let place = Place::new();
    for batches in [&[3, 4][..], &[300], &[1], &[255]] {
        grow(&place, batches);
        let reader = EvidenceReader::open(&place.log()).unwrap();
        let size = reader.checkpoint().head().size;
        let before = files(&place.log());
        grow(&place, &[1, 1]);
        let after = files(&place.log());
        let is_gone = |(name, _): &&(String, _)| after.iter().all(|(own, _)| own != name);
        assert!(
            before.iter().any(|own| is_gone(&own)),
            "nothing was removed"
        );
        let entries: Result<Vec<_>, _> = reader.entries().collect();
        assert_eq!(entries.unwrap().len() as u64, size);
        assert!(reader.entry(size - 1).is_ok());
    }
}

#[test]
fn a_new_mirror_catches_up_with_an_old_log() {
    let place = Place::new();
    grow(&place, &[100, 100, 100, 5, 7]);
    let store = MemoryStore::default();
    let before = outposts(&place.log(), &store)
        .look(now())
        .unwrap()
        .mirror
        .unwrap();
    assert_eq!((before.tree_size, before.entries_behind), (Some(0), 312));
    advance(&place, &store).unwrap();
    assert_mirrored(&place, &store);
}

/// The store fails at each step in turn, once before the step takes effect and once after.
#[test]
fn whatever_step_fails_the_next_run_completes_it() {
    let place = Place::new();
    let memory = place.log().join(".state/mirror");
    grow(&place, &[250, 3]);
    let base = MemoryStore::default();
    advance(&place, &base).unwrap();
    let remembered = fs::read(&memory).unwrap();
    grow(&place, &[1, 5, 2]);
    let mut failed = 0;
    for takes_effect in [false, true] {
        for fuse in 0.. {
            let store = base.copy();
            put(&memory, &remembered);
            {
                let mut inner = store.0.borrow_mut();
                (inner.fuse, inner.takes_effect) = (Some(fuse), takes_effect);
            }
            let first = advance(&place, &store).unwrap().mirror.unwrap();
            if first.problem.is_none() {
                break;
            }
            failed += 1;
            store.0.borrow_mut().fuse = None;
            let second = advance(&place, &store).unwrap().mirror.unwrap();
            assert_eq!(second.tree_size, Some(261), "{takes_effect} {fuse}");
            assert_mirrored(&place, &store);
        }
    }
    assert!(failed > 30, "{failed}");
}

/// What was half sent is of a size that is gone by the next run.
#[test]
fn a_failure_at_any_step_is_made_good_although_the_log_grew_meanwhile() {
    let mut failed = 0;
    for fuse in 0.. {
        let place = Place::new();
        let store = MemoryStore::default();
        grow(&place, &[37]);
        advance(&place, &store).unwrap();
        grow(&place, &[6]);
        store.0.borrow_mut().fuse = Some(fuse);
        let first = advance(&place, &store).unwrap().mirror.unwrap();
        if first.problem.is_none() {
            break;
        }
        failed += 1;
        store.0.borrow_mut().fuse = None;
        grow(&place, &[8]);
        advance(&place, &store).unwrap();
        assert_mirrored(&place, &store);
    }
    assert!(failed > 5, "{failed}");
}

#[test]
fn a_log_that_was_put_back_is_an_alarm_before_anything_is_recorded() {
    let place = Place::new();
    grow(&place, &[5]);
    let store = MemoryStore::default();
    advance(&place, &store).unwrap();
    let kept = place.root().join("kept");
    copy(&place.log(), &kept);
    grow(&place, &[4]);
    advance(&place, &store).unwrap();
    fs::remove_dir_all(place.log()).unwrap();
    copy(&kept, &place.log());
    let alarm = outposts(&place.log(), &store).look(now()).unwrap_err();
    insta::assert_snapshot!(alarm, @"memory has 9 entries of this log, and the log here has 5: it was put back");
    // The pointer may be taken away or set back; the numbered checkpoints stay.
    let pointer = store.0.borrow_mut().objects.remove("checkpoint").unwrap();
    assert!(outposts(&place.log(), &store).look(now()).is_err());
    let mut older = pointer;
    older.bytes = fs::read(place.log().join("checkpoint")).unwrap();
    store
        .0
        .borrow_mut()
        .objects
        .insert("checkpoint".to_owned(), older);
    let mut thorough = outposts(&place.log(), &store);
    thorough.thorough = true;
    assert!(thorough.look(now()).is_err());
    // And so does what it goes on to, with as many entries or more.
    grow(&place, &[3, 1, 2]);
    let alarm = outposts(&place.log(), &store).advance(now()).unwrap_err();
    assert!(alarm.what.contains("holds other bytes"), "{alarm}");
}

#[test]
fn a_damaged_log_is_not_passed_on() {
    let place = Place::new();
    grow(&place, &[3]);
    let store = MemoryStore::default();
    advance(&place, &store).unwrap();
    grow(&place, &[2]);
    let before = store.names();
    let bundle = place.log().join("tile/entries/000.p/5");
    let mut bytes = fs::read(&bundle).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    put(&bundle, &bytes);
    let alarm = advance(&place, &store).unwrap_err();
    assert!(alarm.what.contains("`tile/entries/000.p/5`"), "{alarm}");
    assert_eq!(store.names(), before);
}

#[test]
fn what_a_mirror_lacks_or_forges_is_told_at_restoring() {
    let place = Place::new();
    grow(&place, &[250, 3, 4, 5]);
    let store = MemoryStore::default();
    advance(&place, &store).unwrap();
    let out = place.root().join("restored");
    let names = store.names().into_iter();
    let locked = names.filter(|name| store.0.borrow().objects[name].locked);
    // Tiles are made anew, and a full bundle holds what was in the batches before it.
    let spare = |name: &str| {
        let tile = name.starts_with("tile/") && !name.starts_with("tile/entries/");
        tile || name.starts_with("batch/250-") || name.starts_with("batch/253-")
    };
    let locked: Vec<_> = locked.filter(|name| !spare(name)).collect();
    assert!(locked.len() > 5, "{locked:?}");
    for name in locked {
        // An older checkpoint is told by the verifier; the newest one alone is not missed by anybody
        // who knows no other.
        let copies = [None, Some(b"forged".to_vec())];
        for forged in copies {
            let copy = store.copy();
            let kept = copy.0.borrow_mut().objects.remove(&name).unwrap();
            let is_checkpoint = name.starts_with("checkpoints/");
            if let Some(bytes) = forged {
                let mut kept = kept;
                kept.bytes = bytes;
                copy.0.borrow_mut().objects.insert(name.clone(), kept);
            } else if is_checkpoint {
                continue;
            }
            let restored = restore(&copy, &out, None);
            assert!(restored.is_err(), "{name}");
            assert!(!out.exists());
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    let mut file = fs::File::create(path).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        match item.file_type().unwrap().is_dir() {
            true => copy(&item.path(), &target),
            false => drop(fs::copy(item.path(), target).unwrap()),
        }
    }
}
