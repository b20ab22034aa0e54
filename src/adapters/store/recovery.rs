//! Opening a log: take the file lock, see how far the last process came, complete it or refuse.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use tlog_tiles::record_hash;

use super::begin::{Beginning, begin, refuse_foreign_files};
use super::disk::{Disk, PENDING};
use super::error::StoreError;
use super::folder::Folder;
use super::lock_file::{LOCK, LockFile};
use super::log::EvidenceLog;
use super::publish::{Commit, Publisher, STAGED_BLOBS, State};
use super::room::{Room, Waiting};
use super::segment::Segments;
use super::staging::Staged;
use super::within::is_within;
use super::writer::Writer;
use super::writer_lock::WriterLock;
use crate::adapters::signing;
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::source::Source;
use crate::evidence::statement;
use crate::evidence::tree::{RightEdge, TreeHead};

pub fn open(
    mut disk: Disk,
    keys: &Path,
    origin: &str,
    beginning: Beginning,
) -> Result<EvidenceLog, StoreError> {
    let folder = Folder::new(disk.root());
    let dir = folder.root();
    refuse_keys_inside(dir, keys)?;
    if fs::metadata(dir).is_ok_and(|found| !found.is_dir()) {
        return Err(StoreError::NotAFolder(dir.to_owned()));
    }
    if !dir.join(LOCK).is_file() {
        refuse_foreign_files(dir)?;
        beginning.must_allow(dir)?;
    }
    disk.create_folder(&dir.join(path::STATE))?;
    let held = WriterLock::take(dir)?;
    let lock = folder.read(LOCK, MAX_NOTE_BYTES)?;
    let (signer, recorded) = match lock {
        None => {
            refuse_foreign_files(dir)?;
            let signer = signing::create_signing_key(keys, origin)?;
            let checkpoint = begin(&mut disk, &signer)?;
            (signer, checkpoint)
        }
        Some(note) => {
            let signer = signing::load_signing_key(keys, origin)?;
            let checkpoint = open_checkpoint(&dir.join(LOCK), &note, signer.key())?;
            (signer, checkpoint)
        }
    };
    let key = signer.key().clone();
    restore_key_file(&mut disk, &folder, &key)?;
    let mut segments = Segments::open(&disk)?;
    let mut publisher = publisher(&disk, &folder, &key, recorded)?;
    let records = segments.read()?;
    let chain = chain(&records, &publisher, &key)?;
    publisher.publish(&chain.commits, &chain.named)?;
    // Also where the last process ended after everything else was done.
    publisher.clear_up(records.iter().map(|record| record.old_size))?;
    segments.wipe(&disk)?;
    discard_leftovers(&mut disk)?;
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

fn restore_key_file(disk: &mut Disk, folder: &Folder, key: &LogKey) -> Result<(), StoreError> {
    match folder.read(path::VERIFIER_KEY, MAX_NOTE_BYTES)? {
        None => {
            disk.write(path::VERIFIER_KEY, &key.file_bytes())?;
            disk.sync_folders()
        }
        Some(bytes) if bytes == key.file_bytes() => Ok(()),
        Some(bytes) => Err(StoreError::OtherKey {
            path: folder.root().to_owned(),
            found: String::from_utf8_lossy(&bytes).trim().to_owned(),
        }),
    }
}

/// A publisher at the lock, with the public checkpoint brought there: all tiles were in place before
/// the lock was moved.
fn publisher(
    disk: &Disk,
    folder: &Folder,
    key: &LogKey,
    recorded: SignedCheckpoint,
) -> Result<Publisher, StoreError> {
    let head = recorded.head();
    let published = read_checkpoint(folder, path::CHECKPOINT, key)?;
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

/// Commits that were recorded after the lock was moved last, and the checkpoints that they name.
struct Chain {
    commits: Vec<Arc<Commit>>,
    named: BTreeSet<u64>,
}

/// The longest chain of whole records that goes on from the lock. A record is believed if its
/// entries give the root that this log's key signed; what does not is discarded: nobody was told of
/// it.
fn chain(records: &[Staged], publisher: &Publisher, key: &LogKey) -> Result<Chain, StoreError> {
    let mut edge = publisher.state.edge.clone();
    let mut chain = Chain {
        commits: Vec::new(),
        named: BTreeSet::new(),
    };
    loop {
        let size = edge.size();
        let next = records.iter().filter(|record| record.old_size == size);
        let next: Vec<_> = next
            .filter_map(|record| replay(record, &edge, key, &mut chain.named))
            .collect();
        let mut next = next.into_iter();
        let Some((commit, after)) = next.next() else {
            return Ok(chain);
        };
        if next.any(|(other, _)| other.head() != commit.head()) {
            return Err(StoreError::Forked {
                path: publisher.disk.root().to_owned(),
                what: format!("two histories go on from {size} entries"),
            });
        }
        edge = after;
        chain.commits.push(Arc::new(commit));
    }
}

fn replay(
    record: &Staged,
    before: &RightEdge,
    key: &LogKey,
    named: &mut BTreeSet<u64>,
) -> Option<(Commit, RightEdge)> {
    let checkpoint = SignedCheckpoint::open(&record.note, key).ok()?;
    let mut edge = before.clone();
    let mut blobs = BTreeSet::new();
    let mut leaves = Vec::with_capacity(record.entries.len());
    let mut previous = Vec::new();
    for (entry, index) in record.entries.iter().zip(record.old_size..) {
        let head = statement::read_head(entry, index).ok()?;
        blobs.extend(head.blobs);
        previous.extend(head.previous.map(|head| head.size));
        let leaf = record_hash(entry);
        edge.push(leaf, |_, _| {});
        leaves.push(leaf);
    }
    if record.entries.is_empty() || edge.head() != checkpoint.head() {
        return None;
    }
    named.extend(previous);
    let commit = Commit {
        old_size: record.old_size,
        entries: record.entries.clone(),
        leaves,
        blobs,
        checkpoint,
    };
    Some((commit, edge))
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
    key: &LogKey,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let note = folder.read(path, MAX_NOTE_BYTES)?;
    let full = folder.root().join(path);
    note.map(|note| open_checkpoint(&full, &note, key))
        .transpose()
}

fn open_checkpoint(path: &Path, note: &[u8], key: &LogKey) -> Result<SignedCheckpoint, StoreError> {
    SignedCheckpoint::open(note, key).map_err(|error| StoreError::Checkpoint {
        path: path.to_owned(),
        error,
    })
}
