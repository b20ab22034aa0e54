//! Which key had to sign what: a log whose key was replaced has more than one.

use std::collections::BTreeMap;

use super::{Remedy, Verification};
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::key::LogKey;
use crate::evidence::path;
use crate::evidence::record::KeyRotation;
use crate::evidence::ring::KeyRing;

/// Every key but the first must be named by a rotation, whose checkpoint both keys signed: so the old
/// key vouches for the new one. Every other checkpoint must be signed by the key of its time.
///
/// The entries are known to be those of the newest checkpoint. Whoever trusts one key of the ring
/// from elsewhere may then trust them all: the later ones because each is named in what the one
/// before it signed, the earlier ones because the rotations are among what the trusted one covers.
pub fn check(
    keys: &KeyRing,
    signed: &BTreeMap<u64, SignedCheckpoint>,
    since: Option<&SignedCheckpoint>,
    result: &mut Verification,
) {
    let rotations = match result.gone {
        0 => result.custody.rotations.clone(),
        _ => by_signatures(keys, signed),
    };
    if let Some(what) = wrong_chain(keys, &rotations) {
        result.fail(path::VERIFIER_KEY, None, what, Remedy::Escalate);
        return;
    }
    for (index, _) in &rotations {
        if !signed.contains_key(&(index + 1)) {
            let path = path::checkpoint_at(index + 1);
            let what = "it is missing, and the key was replaced there";
            result.fail(&path, Some(*index), what, Remedy::Restore);
        }
    }
    for (size, checkpoint) in signed {
        if let Some(what) = unsigned(keys, &rotations, *size, checkpoint) {
            result.fail(&path::checkpoint_at(*size), None, what, Remedy::Escalate);
        }
    }
    if let Some(since) = since
        && let Some(what) = unsigned(keys, &rotations, since.head().size, since)
    {
        let what = format!("the checkpoint given with --since is no proof: {what}");
        result.fail(path::CHECKPOINT, None, what, Remedy::Escalate);
    }
}

/// Where the entries are gone, a rotation is known by the one checkpoint that two keys signed.
fn by_signatures(
    keys: &KeyRing,
    signed: &BTreeMap<u64, SignedCheckpoint>,
) -> Vec<(u64, KeyRotation)> {
    let pairs = keys.keys().zip(keys.keys().skip(1));
    let found = pairs.filter_map(|(old, new)| {
        let both = |one: &&SignedCheckpoint| one.is_signed_by(old) && one.is_signed_by(new);
        let size = signed.values().find(both)?.head().size;
        let rotation = KeyRotation {
            at: jiff::Timestamp::UNIX_EPOCH,
            old: old.clone(),
            new: new.clone(),
        };
        Some((size.checked_sub(1)?, rotation))
    });
    found.collect()
}

fn wrong_chain(keys: &KeyRing, rotations: &[(u64, KeyRotation)]) -> Option<String> {
    let steps: Vec<(&LogKey, &LogKey)> = keys.keys().zip(keys.keys().skip(1)).collect();
    let named = rotations.iter().map(|(_, one)| (&one.old, &one.new));
    if steps.iter().copied().eq(named) {
        return None;
    }
    let unnamed = steps
        .iter()
        .zip(rotations.iter().map(Some).chain(std::iter::repeat(None)));
    let mut unnamed = unnamed.filter(|(step, rotation)| {
        rotation.is_none_or(|(_, rotation)| (&rotation.old, &rotation.new) != **step)
    });
    Some(match unnamed.next() {
        Some(((_, new), _)) => format!("no key before `{}` vouches for it", new.as_str()),
        None => "it lacks a key that a rotation in the log names".to_owned(),
    })
}

/// What is wrong with the signatures of the checkpoint at this size.
fn unsigned(
    keys: &KeyRing,
    rotations: &[(u64, KeyRotation)],
    size: u64,
    checkpoint: &SignedCheckpoint,
) -> Option<String> {
    let before = rotations.iter().filter(|(index, _)| index + 1 < size);
    let key = keys.keys().nth(before.count());
    let both = rotations.iter().find(|(index, _)| index + 1 == size);
    let needed = key
        .into_iter()
        .chain(both.map(|(_, rotation)| &rotation.new));
    let mut missing = needed.filter(|key| !checkpoint.is_signed_by(key));
    let missing = missing.next()?;
    Some(format!(
        "the key of its time, `{}`, has not signed it",
        missing.as_str()
    ))
}
