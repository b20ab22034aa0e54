//! `log.vkey`: the keys that signed the log, oldest first. It follows from the log: the first key, and
//! then the new key of each rotation that was recorded.

use super::disk::Disk;
use super::error::StoreError;
use super::folder::Folder;
use super::publish::State;
use super::reader::Entries;
use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::key::LogKey;
use crate::evidence::path::{self, Row, TILE_WIDTH, Tile};
use crate::evidence::record::{CustodyRecord, KeyRotation, Record};
use crate::evidence::ring::KeyRing;
use crate::evidence::source::Source;
use crate::evidence::tree::TreeHead;

/// The keys that checkpoints of the log up to the lock may be signed by: those of the file, or of the
/// entries where the file is lost; and the signer's own. A key that is not in the file must have signed
/// the lock together with one that is: a rotation was published, and the file not yet written.
pub fn known(
    folder: &Folder,
    own: &LogKey,
    lock: &SignedCheckpoint,
) -> Result<KeyRing, StoreError> {
    let Some(mut ring) = read(folder)? else {
        return from_entries(folder, own, lock.head());
    };
    if ring.contains(own) {
        return Ok(ring);
    }
    let before = KeyRing::from(ring.newest().clone());
    let vouched = SignedCheckpoint::open(lock.note(), &before).is_ok();
    match vouched && ring.add(own.clone()).is_ok() {
        true => Ok(ring),
        false => Err(other(folder, &ring)),
    }
}

/// Brings the file in line with the log up to `head`: writes what is `known` where it is lost, and adds
/// the key of a rotation that is the last entry. Gives the keys.
pub fn settle(
    disk: &mut Disk,
    folder: &Folder,
    known: &KeyRing,
    head: TreeHead,
    state: &State,
) -> Result<KeyRing, StoreError> {
    if read(folder)?.is_none() {
        write(disk, known)?;
    }
    complete(disk, folder, head, state)
}

/// # Errors
/// The signer's key is not the newest of the log.
pub fn must_be_newest(folder: &Folder, ring: &KeyRing, own: &LogKey) -> Result<(), StoreError> {
    if ring.newest() == own {
        return Ok(());
    }
    Err(match ring.contains(own) {
        true => StoreError::KeyRetired(folder.root().to_owned()),
        false => other(folder, ring),
    })
}

/// Adds the key of a rotation that was recorded last, where the file lacks it.
pub fn complete(
    disk: &mut Disk,
    folder: &Folder,
    head: TreeHead,
    state: &State,
) -> Result<KeyRing, StoreError> {
    let ring = read(folder)?.ok_or_else(|| StoreError::NoLog(folder.root().to_owned()));
    let mut ring = ring?;
    if let Some(rotation) = last_rotation(folder, head, state)?
        && ring.newest() == &rotation.old
    {
        let added = ring.add(rotation.new);
        added.map_err(|_| other(folder, &ring))?;
        write(disk, &ring)?;
    }
    Ok(ring)
}

fn write(disk: &mut Disk, ring: &KeyRing) -> Result<(), StoreError> {
    disk.write(path::VERIFIER_KEY, &ring.file_bytes())?;
    disk.sync_folders()
}

/// The content of the file, or nothing where there is none.
pub fn read(folder: &Folder) -> Result<Option<KeyRing>, StoreError> {
    let Some(bytes) = folder.read(path::VERIFIER_KEY, MAX_NOTE_BYTES)? else {
        return Ok(None);
    };
    match KeyRing::parse_file(&bytes) {
        Ok(ring) => Ok(Some(ring)),
        Err(_) => Err(StoreError::OtherKey {
            path: folder.root().to_owned(),
            found: String::from_utf8_lossy(&bytes).trim().to_owned(),
        }),
    }
}

fn other(folder: &Folder, ring: &KeyRing) -> StoreError {
    StoreError::OtherKey {
        path: folder.root().to_owned(),
        found: ring.newest().as_str().to_owned(),
    }
}

/// The first key and every key that a rotation names.
fn from_entries(folder: &Folder, own: &LogKey, head: TreeHead) -> Result<KeyRing, StoreError> {
    let mut ring: Option<KeyRing> = None;
    for entry in Entries::new(folder, head) {
        let entry = entry?;
        if let Some(rotation) = rotation(entry.index, &entry.bytes) {
            let so_far = ring.get_or_insert_with(|| KeyRing::from(rotation.old.clone()));
            let added = so_far.add(rotation.new);
            added.map_err(|error| StoreError::damaged(folder.root(), error.to_string()))?;
        }
    }
    Ok(ring.unwrap_or_else(|| KeyRing::from(own.clone())))
}

/// A rotation is always the last entry of its checkpoint.
fn last_rotation(
    folder: &Folder,
    head: TreeHead,
    state: &State,
) -> Result<Option<KeyRotation>, StoreError> {
    let Some(last) = head.size.checked_sub(1) else {
        return Ok(None);
    };
    let bundle = match head.size % TILE_WIDTH {
        0 => {
            let tile = Tile::in_tree(Row::Entries, last / TILE_WIDTH, head.size);
            let path = tile.map(|tile| tile.path()).unwrap_or_default();
            folder.read(&path, MAX_BUNDLE_BYTES)?.unwrap_or_default()
        }
        _ => state.tail.clone(),
    };
    let entry = bundle::entries(&bundle).last().and_then(Result::ok);
    Ok(entry.and_then(|entry| rotation(last, entry)))
}

/// The rotation that an entry records, if it does.
pub fn rotation(index: u64, entry: &[u8]) -> Option<KeyRotation> {
    let Ok(Record::Custody(record)) = Record::read(index, entry) else {
        return None;
    };
    match *record {
        CustodyRecord::KeyRotation(rotation) => Some(rotation),
        CustodyRecord::KeyRevocation(_)
        | CustodyRecord::LogContinued(_)
        | CustodyRecord::HoldSet(_)
        | CustodyRecord::HoldClear(_)
        | CustodyRecord::Destruction(_)
        | CustodyRecord::PersonErased(_) => None,
    }
}
