//! Beginning a log: where one may begin, and when.

use std::fs;
use std::io;
use std::path::Path;

use jiff::civil::Date;

use super::disk::Disk;
use super::error::StoreError;
use super::lock_file::LOCK;
use super::segment::Segments;
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::path;
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::tree::RightEdge;

/// Whether a new log may be begun where there is none. A folder that is not there, because a disk is
/// not mounted or the name is wrong, must not become a second log with the first one's name. Of yearly
/// shards this is about the first: where an older one is there, the folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    Anytime,
    /// Only on one day, in UTC.
    Only {
        day: Date,
        today: Date,
    },
}

impl Beginning {
    pub(super) fn must_allow(self, dir: &Path) -> Result<(), StoreError> {
        match self {
            Self::Only { day, today } if day != today => {
                let dir = dir.to_owned();
                Err(StoreError::NotThatDay { dir, day, today })
            }
            Self::Anytime | Self::Only { .. } => Ok(()),
        }
    }
}

/// The first checkpoint of a new log, over no entries.
pub fn begin(
    disk: &mut Disk,
    signer: &dyn CheckpointSigner,
) -> Result<SignedCheckpoint, StoreError> {
    let head = RightEdge::default().head();
    let signed = SignedCheckpoint::sign(head, signer);
    let signed = signed.map_err(|error| StoreError::unsigned(disk.root(), error))?;
    Segments::create(disk)?;
    disk.write(LOCK, signed.note())?;
    disk.sync_folders()?;
    Ok(signed)
}

/// A folder without `.state/lock` must hold nothing: to begin a second log where one was would sign
/// two truths under one name.
pub fn refuse_foreign_files(dir: &Path) -> Result<(), StoreError> {
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
