//! Opening a log: take the file lock, see how far the last process came, complete it or refuse.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::begin::{Beginning, begin, refuse_foreign_files};
use super::disk::{Disk, PENDING};
use super::error::StoreError;
use super::folder::Folder;
use super::frozen;
use super::lock_file::{LOCK, LockFile};
use super::log::EvidenceLog;
use super::publish::{Publisher, STAGED_BLOBS, State};
use super::replay::Chain;
use super::room::{Room, Waiting};
use super::segment::Segments;
use super::vkey;
use super::within::is_within;
use super::writer::Writer;
use super::writer_lock::WriterLock;
use crate::adapters::signing::SignerSource;
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::ring::KeyRing;
use crate::evidence::source::Source;
use crate::evidence::tree::TreeHead;

pub fn open(
    mut disk: Disk,
    signers: &dyn SignerSource,
    origin: &str,
    beginning: Beginning,
) -> Result<EvidenceLog, StoreError> {
    let folder = Folder::new(disk.root());
    let dir = folder.root();
    if let Some(keys) = signers.folder() {
        refuse_keys_inside(dir, keys)?;
    }
    if fs::metadata(dir).is_ok_and(|found| !found.is_dir()) {
        return Err(StoreError::NotAFolder(dir.to_owned()));
    }
    if !dir.join(LOCK).is_file() {
        refuse_foreign_files(dir)?;
        beginning.must_allow(dir)?;
    }
    disk.create_folder(&dir.join(path::STATE))?;
    let held = WriterLock::take(dir)?;
    frozen::refuse(&folder)?;
    let lock = folder.read(LOCK, MAX_NOTE_BYTES)?;
    let (signer, recorded) = match lock {
        None => {
            refuse_foreign_files(dir)?;
            let signer = signers.create(origin)?;
            let checkpoint = begin(&mut disk, &*signer)?;
            (signer, checkpoint)
        }
        Some(note) => {
            let signed_by = |key: &LogKey| {
                let key = KeyRing::from(key.clone());
                SignedCheckpoint::open(&note, &key).is_ok()
            };
            signers.settle(&signed_by, origin)?;
            let signer = signers.load(origin)?;
            let checkpoint =
                open_checkpoint(&dir.join(LOCK), &note, &KeyRing::from(signer.key().clone()))?;
            (signer, checkpoint)
        }
    };
    let known = vkey::known(&folder, signer.key(), &recorded)?;
    let Recovered {
        publisher,
        segments,
        keys,
    } = recover(&mut disk, &folder, &known, recorded)?;
    let signer = match keys.newest() == signer.key() {
        true => signer,
        // A rotation was recorded, and is published only now.
        false => {
            signers.settle(&|key| key == keys.newest(), origin)?;
            signers.load(origin)?
        }
    };
    vkey::must_be_newest(&folder, &keys, signer.key())?;
    let writer = Writer {
        lock: publisher.lock.clone(),
        room: publisher.room.clone(),
        segments,
        edge: publisher.state.edge.clone(),
        checkpoint: publisher.published.clone(),
        tail: publisher.state.tail.len() as u64,
        staged_blobs: BTreeSet::new(),
        pending: Vec::new(),
        waiting: Waiting::default(),
        named: Default::default(),
        told_full: false,
        stopped: false,
        disk,
        signer,
        keys,
    };
    Ok(EvidenceLog {
        folder,
        writer,
        publisher,
        held,
    })
}

fn refuse_keys_inside(dir: &Path, keys: &Path) -> Result<(), StoreError> {
    match is_within(keys, dir).map_err(StoreError::io("find", keys))? {
        true => Err(StoreError::KeysInside(keys.to_owned())),
        false => Ok(()),
    }
}

/// Completes a log whose key is not at hand, and gives its last checkpoint. What was recorded needs no
/// signature any more.
pub fn complete_without_key(dir: &Path) -> Result<(SignedCheckpoint, WriterLock), StoreError> {
    let folder = Folder::new(dir);
    let mut disk = Disk::new(dir);
    let no_log = || StoreError::NoLog(dir.to_owned());
    if !dir.join(path::STATE).is_dir() {
        return Err(no_log());
    }
    let held = WriterLock::take(dir)?;
    let note = folder.read(LOCK, MAX_NOTE_BYTES)?.ok_or_else(no_log)?;
    let keys = vkey::read(&folder)?.ok_or_else(no_log)?;
    let recorded = open_checkpoint(&dir.join(LOCK), &note, &keys)?;
    let recovered = recover(&mut disk, &folder, &keys, recorded)?;
    Ok((recovered.publisher.published, held))
}

/// What is known once the public part is where the segments say that it must be.
struct Recovered {
    publisher: Publisher,
    segments: Segments,
    keys: KeyRing,
}

/// Brings the public part and `log.vkey` to what was recorded, up to the lock and beyond it. This
/// needs no signer: what was recorded is signed.
fn recover(
    disk: &mut Disk,
    folder: &Folder,
    known: &KeyRing,
    recorded: SignedCheckpoint,
) -> Result<Recovered, StoreError> {
    let mut segments = Segments::open(disk)?;
    let mut publisher = publisher(disk, folder, known, recorded)?;
    let head = publisher.published.head();
    let mut keys = vkey::settle(disk, folder, known, head, &publisher.state)?;
    let records = segments.read()?;
    let chain = Chain::find(&records, &publisher.state.edge, &keys, folder.root())?;
    for commits in &chain.commits {
        publisher.publish(commits, &chain.named)?;
        let head = publisher.published.head();
        keys = vkey::complete(disk, folder, head, &publisher.state)?;
    }
    // Also where the last process ended after everything else was done.
    publisher.clear_up(records.iter().map(|record| record.old_size))?;
    segments.wipe(disk)?;
    discard_leftovers(disk)?;
    Ok(Recovered {
        publisher,
        segments,
        keys,
    })
}

/// A publisher at the lock, with the public checkpoint brought there: all tiles were in place before
/// the lock was moved.
fn publisher(
    disk: &Disk,
    folder: &Folder,
    keys: &KeyRing,
    recorded: SignedCheckpoint,
) -> Result<Publisher, StoreError> {
    let head = recorded.head();
    let published = read_checkpoint(folder, path::CHECKPOINT, keys)?;
    let published = published.map(|published| published.head());
    if let Some(published) = published {
        let forked =
            published.size > head.size || (published.size == head.size && published != head);
        if forked {
            let what = format!(
                "`checkpoint` has {} entries, `.state/lock` has {} of another history",
                published.size, head.size
            );
            let path = folder.root().to_owned();
            return Err(StoreError::Forked { path, what });
        }
    }
    let mut publisher = Publisher {
        disk: disk.for_publisher(),
        lock: LockFile::new(recorded.note()),
        room: Room::find(disk),
        state: load(folder, head)?,
        published: recorded,
    };
    if published != Some(head) {
        publisher.catch_up()?;
    }
    Ok(publisher)
}

/// What was never recorded: files that were being written, blobs that no recorded entry names.
fn discard_leftovers(disk: &mut Disk) -> Result<(), StoreError> {
    for folder in [PENDING, STAGED_BLOBS] {
        let folder = disk.path(folder);
        disk.create_folder(&folder)?;
        let items = fs::read_dir(&folder).map_err(StoreError::io("read", &folder))?;
        for item in items {
            let item = item.map_err(StoreError::io("read", &folder))?;
            disk.remove(&item.path())?;
        }
    }
    disk.sync_folders()
}

fn load(folder: &Folder, head: TreeHead) -> Result<State, StoreError> {
    State::load(folder, head)?.ok_or_else(|| {
        let what = format!(
            "the last tiles are not those of the checkpoint at size {}",
            head.size
        );
        StoreError::damaged(folder.root(), what)
    })
}

fn read_checkpoint(
    folder: &Folder,
    path: &str,
    keys: &KeyRing,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let note = folder.read(path, MAX_NOTE_BYTES)?;
    let full = folder.root().join(path);
    note.map(|note| open_checkpoint(&full, &note, keys))
        .transpose()
}

fn open_checkpoint(
    path: &Path,
    note: &[u8],
    keys: &KeyRing,
) -> Result<SignedCheckpoint, StoreError> {
    SignedCheckpoint::open(note, keys).map_err(|error| StoreError::Checkpoint {
        path: path.to_owned(),
        error,
    })
}
