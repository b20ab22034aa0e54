//! What is remembered of the mirror between two runs. Losing it loses no evidence.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::RemoteLogError;

const FILE: &str = ".state/mirror";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The mirror that this is about; another one is not known at all.
    pub place: String,
    /// Entries that it was last seen to have.
    pub tree_size: Option<u64>,
    /// Sizes whose partial tiles may still lie there.
    pub stale: Vec<u64>,
}

impl Memory {
    /// What is remembered of a place; nothing where the file is missing or of another place.
    pub fn load(root: &Path, place: &str) -> Self {
        let bytes = fs::read(root.join(FILE)).unwrap_or_default();
        let known: Self = serde_json::from_slice(&bytes).unwrap_or_default();
        match known.place == place {
            true => known,
            false => Self {
                place: place.to_owned(),
                ..Self::default()
            },
        }
    }

    pub fn save(&self, root: &Path) -> Result<(), RemoteLogError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        write_whole(root, FILE, &bytes)
    }
}

/// Writes a file of the evidence folder so that it is there whole or not at all. The temporary one
/// lies in `.state`, which no verifier looks into.
pub fn write_whole(root: &Path, name: &str, bytes: &[u8]) -> Result<(), RemoteLogError> {
    let temporary = root.join(".state/outside.pending");
    let target = root.join(name);
    let parent = target.parent().unwrap_or(root);
    let written = fs::create_dir(parent)
        .or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => Ok(()),
            _ => Err(error),
        })
        .and_then(|()| fs::File::create(&temporary))
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_data()
        })
        .and_then(|()| fs::rename(&temporary, &target))
        .and_then(|()| fs::File::open(parent)?.sync_all())
        .and_then(|()| fs::File::open(root)?.sync_all());
    written.map_err(|error| RemoteLogError::Write {
        path: target.display().to_string(),
        reason: crate::adapters::reason::reason(&error),
    })
}
