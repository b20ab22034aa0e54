//! A log beside its mirror: one must be the beginning of the other, and the mirror the shorter one.

use super::{Remedy, Verification};
use crate::evidence::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use crate::evidence::path;
use crate::evidence::proof::{ProofError, prove_consistency};
use crate::evidence::ring::KeyRing;
use crate::evidence::source::Source;
use crate::evidence::tree::TreeHead;

/// Shows that the verified log grew from what its mirror holds. Gives the mirror's size.
pub fn against_mirror(
    source: &dyn Source,
    mirror: &dyn Source,
    result: &mut Verification,
) -> Option<u64> {
    let (keys, head) = (result.keys.clone()?, result.head?);
    let checked = mirror_head(mirror, &keys).and_then(|of_mirror| {
        let (size, mirrored) = (head.size, of_mirror.size);
        if mirrored > size {
            // The mirror's own tiles tell whether it is the same log.
            let proof = prove_consistency(mirror, of_mirror, head);
            return Err(ahead(size, mirrored, proof.err()));
        }
        if mirrored == size && of_mirror != head {
            let what = "the mirror has another root at the same size of";
            return Err(format!("{what} {size} entries: there are two truths"));
        }
        match prove_consistency(source, head, of_mirror) {
            Ok(_) => Ok(mirrored),
            Err(error) => Err(format!(
                "it did not grow from the {mirrored} entries of the mirror: {error}"
            )),
        }
    });
    match checked {
        Ok(size) => Some(size),
        Err(what) => {
            result.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
            None
        }
    }
}

fn mirror_head(mirror: &dyn Source, keys: &KeyRing) -> Result<TreeHead, String> {
    let note = match mirror.read(path::CHECKPOINT, MAX_NOTE_BYTES) {
        Ok(Some(note)) => note,
        Ok(None) => return Err("the mirror holds no `checkpoint`".to_owned()),
        Err(error) => return Err(format!("the mirror's {error}")),
    };
    match SignedCheckpoint::open(&note, keys) {
        Ok(checkpoint) => Ok(checkpoint.head()),
        Err(error) => Err(format!("the mirror's checkpoint is no proof: {error}")),
    }
}

fn ahead(size: u64, mirrored: u64, failed: Option<ProofError>) -> String {
    let what = format!("it has {size} entries, its mirror {mirrored}");
    match failed {
        None => {
            format!("{what}: it was put back to an earlier state; the mirror holds what is missing")
        }
        Some(ProofError::Tree(error)) => {
            format!("{what}, and is not the beginning of it ({error}): there are two truths")
        }
        Some(error) => {
            format!("{what}, and whether it is the beginning of it cannot be shown: {error}")
        }
    }
}
