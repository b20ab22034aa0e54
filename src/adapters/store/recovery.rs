//! Opening a log: take the file lock, see how far the last process came, complete it or refuse.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::disk::Disk;
use super::error::StoreError;
use super::folder::Folder;
use super::frozen;
use super::log::{EvidenceLog, LOCK};
use super::publish::{self, Commit, STAGED_BLOBS, State};
use super::room::HELD;
use super::staging::{Batch, STAGING};
use super::vkey;
use super::within::is_within;
use super::writer_lock::WriterLock;
use crate::adapters::signing::SignerSource;
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::ring::KeyRing;
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::source::Source;
use crate::evidence::statement;
use crate::evidence::tree::{RightEdge, TreeHead};

pub fn open(
    mut disk: Disk,
    signers: &dyn SignerSource,
    origin: &str,
) -> Result<EvidenceLog, StoreError> {
    let folder = Folder::new(disk.root());
    let dir = folder.root();
    if let Some(keys) = signers.folder() {
        refuse_keys_inside(dir, keys)?;
    }
    if fs::metadata(dir).is_ok_and(|found| !found.is_dir()) {
        return Err(StoreError::NotAFolder(dir.to_owned()));
    }
    if !dir.join(path::STATE).is_dir() {
        refuse_foreign_files(dir)?;
    }
    disk.create_folder(&dir.join(path::STATE))?;
    let writer = WriterLock::take(dir)?;
    frozen::refuse(&folder)?;
    let lock = folder.read(LOCK, MAX_NOTE_BYTES)?;
    let (signer, checkpoint) = match lock {
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
    let known = vkey::known(&folder, signer.key(), &checkpoint)?;
    complete(&mut disk, &folder, &known, &checkpoint)?;
    discard_leftovers(&mut disk)?;
    let state = load(&folder, checkpoint.head())?;
    let keys = vkey::settle(&mut disk, &folder, signer.key(), checkpoint.head(), &state)?;
    Ok(EvidenceLog {
        disk,
        folder,
        signer,
        keys,
        state,
        checkpoint,
        staged_blobs: BTreeSet::new(),
        stopped: false,
        _writer: writer,
    })
}

/// The first checkpoint of a new log, over no entries.
fn begin(disk: &mut Disk, signer: &dyn CheckpointSigner) -> Result<SignedCheckpoint, StoreError> {
    let head = RightEdge::default().head();
    let signed = SignedCheckpoint::sign(head, signer);
    let signed = signed.map_err(|error| StoreError::Checkpoint {
        path: disk.root().to_owned(),
        error,
    })?;
    disk.write(LOCK, signed.note())?;
    disk.sync_folders()?;
    Ok(signed)
}

/// A folder without `.state/lock` must hold nothing: to begin a second log where one was would sign
/// two truths under one name.
fn refuse_foreign_files(dir: &Path) -> Result<(), StoreError> {
    let items = match fs::read_dir(dir) {
        Ok(items) => items,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("read", dir)(error)),
    };
    let mut foreign = false;
    for item in items {
        let item = item.map_err(StoreError::io("read", dir))?;
        let name = item.file_name();
        let name = name.to_string_lossy();
        if [
            path::CHECKPOINT,
            path::VERIFIER_KEY,
            path::CHECKPOINTS,
            "tile",
        ]
        .contains(&&*name)
        {
            return Err(StoreError::LockMissing(dir.to_owned()));
        }
        foreign |= name != path::STATE && !path::is_index(&name);
    }
    match foreign {
        true => Err(StoreError::NotEmpty(dir.to_owned())),
        false => Ok(()),
    }
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
    let writer = WriterLock::take(dir)?;
    let note = folder.read(LOCK, MAX_NOTE_BYTES)?.ok_or_else(no_log)?;
    let keys = vkey::read(&folder)?.ok_or_else(no_log)?;
    let checkpoint = open_checkpoint(&dir.join(LOCK), &note, &keys)?;
    complete(&mut disk, &folder, &keys, &checkpoint)?;
    discard_leftovers(&mut disk)?;
    let state = load(&folder, checkpoint.head())?;
    vkey::complete(&mut disk, &folder, checkpoint.head(), &state)?;
    Ok((checkpoint, writer))
}

/// Brings the public part to what `.state/lock` says was recorded.
fn complete(
    disk: &mut Disk,
    folder: &Folder,
    keys: &KeyRing,
    recorded: &SignedCheckpoint,
) -> Result<(), StoreError> {
    let root = folder.root();
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
            let path = root.to_owned();
            return Err(StoreError::Forked { path, what });
        }
    }
    let staged = folder_file(root, &format!("{STAGING}/{}", Batch::file_name(head)))?;
    let staged = staged.and_then(|bytes| Batch::decode(&bytes));
    match (staged, published) {
        (Some(batch), Some(published)) if published == head => {
            publish::clear_up(disk, batch.old_size, head)
        }
        (Some(batch), _) => replay(disk, folder, keys, batch, recorded),
        (None, Some(published)) if published == head => Ok(()),
        (None, None) => {
            load(folder, head)?;
            publish::write_checkpoint(disk, recorded)
        }
        (None, Some(published)) => {
            let what = format!(
                "`.state/lock` records {} entries, `checkpoint` has {}, and the batch between them \
                 is not in `{STAGING}`",
                head.size, published.size
            );
            Err(StoreError::damaged(root, what))
        }
    }
}

fn replay(
    disk: &mut Disk,
    folder: &Folder,
    keys: &KeyRing,
    batch: Batch,
    recorded: &SignedCheckpoint,
) -> Result<(), StoreError> {
    let root = folder.root();
    let before = path::checkpoint_at(batch.old_size);
    let Some(base) = read_checkpoint(folder, &before, keys)? else {
        let what = format!("`{before}` is missing");
        return Err(StoreError::damaged(root, what));
    };
    let state = load(folder, base.head())?;
    let mut blobs = BTreeSet::new();
    for (entry, index) in batch.entries.iter().zip(batch.old_size..) {
        let head = statement::read_head(entry, index);
        let head = head.map_err(|error| StoreError::damaged(root, error.to_string()))?;
        blobs.extend(head.blobs);
    }
    let commit = Commit::new(batch, blobs, &state);
    if commit.head != recorded.head() {
        let what = "the batch in `.state/staging` is not the one that was recorded";
        return Err(StoreError::damaged(root, what));
    }
    publish::publish(disk, &state, &commit, recorded).map(|_| ())
}

/// What was never recorded: batches beyond the lock, blobs that no recorded entry names.
fn discard_leftovers(disk: &mut Disk) -> Result<(), StoreError> {
    disk.remove(&disk.path(".state/pending"))?;
    disk.remove(&disk.path(HELD))?;
    for folder in [STAGING, STAGED_BLOBS] {
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

fn folder_file(root: &Path, relative: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = root.join(relative);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", &path)(error)),
    }
}
