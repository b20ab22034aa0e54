//! What lies in the folder, against what a tree of this size has.

use std::collections::BTreeSet;

use super::{Remedy, Trust, Verification};
use crate::evidence::anchor::Anchor;
use crate::evidence::path::{self, Row, Tile};
use crate::evidence::source::{Found, Source};
use crate::evidence::tree::TreeHead;
use crate::model::Sha256Digest;

const ENTRIES: &str = "tile/entries";

#[derive(Debug, Default)]
pub struct Inventory {
    pub checkpoints: BTreeSet<u64>,
    pub blobs: BTreeSet<Sha256Digest>,
    pub anchors: BTreeSet<Anchor>,
    pub empty_folders: BTreeSet<String>,
    pub bundles: u64,
}

/// How missing entries and blobs are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// As damage.
    No,
    /// As destroyed; who vouches for that was checked.
    Yes,
}

/// Lists the folder; whatever the log does not have is a failure.
pub fn take_inventory(source: &dyn Source, size: u64, result: &mut Verification) -> Inventory {
    let mut inventory = Inventory::default();
    let mut wrong = Vec::new();
    let walked = source.walk(&mut |found| match found {
        Found::File(path) => {
            if let Some(what) = classify(path, size, &mut inventory) {
                wrong.push((path.to_owned(), what));
            }
        }
        Found::EmptyFolder(path) => {
            inventory.empty_folders.insert(path.to_owned());
        }
        Found::Other(path) => {
            let what = "neither a file nor a folder, or its name is not UTF-8";
            wrong.push((path.to_owned(), what));
        }
    });
    if let Err(error) = walked {
        result.fail(&error.path, None, error.reason, Remedy::MakeReadable);
    }
    wrong.sort();
    for (path, what) in wrong {
        result.fail(&path, None, what, Remedy::MoveAway);
    }
    inventory
}

/// Whether the entries may be gone: a destruction record says so, or not one entry or blob is left, as
/// destruction leaves a log. Without a record that is one failure, and the only one if the hashes are
/// whole.
pub fn gone(
    inventory: &Inventory,
    trust: &Trust,
    origin: &str,
    head: TreeHead,
    result: &mut Verification,
) -> Gone {
    if let Some(record) = &trust.destroyed {
        if record.log.is(origin, head) {
            return Gone::Yes;
        }
        let what = "the destruction record names another end of this log";
        result.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
        return Gone::No;
    }
    if inventory.bundles > 0 || !inventory.blobs.is_empty() || head.size == 0 {
        return Gone::No;
    }
    let what = "the entries are gone; a destruction record must vouch";
    result.fail(ENTRIES, None, what, Remedy::Vouch);
    Gone::Yes
}

/// Every empty folder is a failure, unless it is empty because a file of it is missing.
pub fn report_empty_folders(inventory: &Inventory, result: &mut Verification) {
    for folder in &inventory.empty_folders {
        let within = |path: &str| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        if !result.failures.iter().any(|failure| within(&failure.path)) {
            let what = "an empty folder, which the log does not have";
            result.fail(folder, None, what, Remedy::MoveAway);
        }
    }
}

/// Files a path; or says why it does not belong here.
fn classify(path: &str, size: u64, inventory: &mut Inventory) -> Option<&'static str> {
    if path == path::CHECKPOINT || path == path::VERIFIER_KEY {
        return None;
    }
    if let Some(tile) = Tile::parse(path) {
        return match tile.is_in_tree(size) {
            true => {
                inventory.bundles += u64::from(tile.row == Row::Entries);
                None
            }
            false if tile.is_full() => Some("a tile beyond the checkpoint's size"),
            false => Some("a partial tile that is not of the checkpoint's size"),
        };
    }
    if let Some(at) = path::parse_checkpoint(path) {
        inventory.checkpoints.insert(at);
        return (at > size).then_some("a checkpoint that is newer than `checkpoint`");
    }
    if let Some(anchor) = Anchor::parse(path) {
        inventory.anchors.insert(anchor);
        return None;
    }
    if let Some(digest) = path::parse_blob(path) {
        inventory.blobs.insert(digest);
        return None;
    }
    Some("a file that the log does not have")
}
