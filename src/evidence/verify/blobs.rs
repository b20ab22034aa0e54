//! Blobs and checkpoints against the entries that name them.

use std::collections::BTreeMap;

use super::entries::Named;
use super::files::{Gone, Inventory};
use super::{Remedy, Verification};
use crate::evidence::path;
use crate::evidence::source::Source;
use crate::evidence::tree::TreeHead;
use crate::model::Sha256Digest;

/// What there is, and what the entries name.
pub struct Found<'a> {
    pub inventory: &'a Inventory,
    pub named: &'a Named,
    /// The checkpoints that verified, by size.
    pub known: &'a BTreeMap<u64, TreeHead>,
}

/// Every blob must hold what its name says, where it is one that is to be read, and be named by an entry;
/// every blob and every checkpoint that an entry names must be there.
pub fn check(
    source: &dyn Source,
    found: &Found<'_>,
    gone: Gone,
    is_read: &dyn Fn(&Sha256Digest) -> bool,
    result: &mut Verification,
) {
    let Found {
        inventory,
        named,
        known,
    } = found;
    for digest in &inventory.blobs {
        let entry = named.blobs.get(digest).copied();
        if entry.is_none() && gone == Gone::No {
            let what = "a blob that no entry names";
            result.fail(&path::blob(digest), None, what, Remedy::MoveAway);
        }
        if is_read(digest) {
            check_content(source, digest, entry, result);
        }
    }
    for (digest, entry) in &named.blobs {
        if !inventory.blobs.contains(digest) && gone == Gone::No {
            let what = "it is missing, and the entry names it";
            result.fail(&path::blob(digest), Some(*entry), what, Remedy::Restore);
        }
    }
    for (size, (head, entry)) in &named.checkpoints {
        let path = path::checkpoint_at(*size);
        if !inventory.checkpoints.contains(size) {
            let what = "it is missing, and the entry names it";
            result.fail(&path, Some(*entry), what, Remedy::Restore);
        } else if known.get(size).is_some_and(|known| known != head) {
            let what = "its root is not the one that the entry names";
            result.fail(&path, Some(*entry), what, Remedy::Escalate);
        }
    }
}

fn check_content(
    source: &dyn Source,
    digest: &Sha256Digest,
    entry: Option<u64>,
    result: &mut Verification,
) {
    let path = path::blob(digest);
    match source.digest(&path) {
        Ok(Some(found)) if found == *digest => result.blobs += 1,
        Ok(Some(found)) => {
            let what = format!("its content has the SHA-256 {found}, not the one it is named by");
            result.fail(&path, entry, what, Remedy::Restore);
        }
        Ok(None) => result.fail(&path, entry, "it is missing", Remedy::Restore),
        Err(error) => result.fail(&path, entry, error.reason, Remedy::MakeReadable),
    }
}
