//! A commit on its way into the log: its entries and the signed checkpoint over them in one record,
//! so that one sync makes both last. Nothing of a torn record is believed.

use sha2::{Digest, Sha256};
use tlog_tiles::{Hash, record_hash};

use crate::evidence::bundle;

/// Records begin at multiples of this: what was made to last is never written again together with
/// what comes after it.
pub const BLOCK: u64 = 4096;

pub const MAGIC: &[u8] = b"driftwarden rec\n";

/// What follows the entries: the SHA-256 of what stands before them and of their leaf hashes. Those are known
/// when a record is written, so that no entry is hashed twice on its way to the disk.
const CHECK: usize = 32;

/// Before the note: the magic, and four numbers of eight bytes.
const HEADER: usize = MAGIC.len() + 4 * 8;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// The size of the log before it.
    pub old_size: u64,
    /// The signed checkpoint of the log with it.
    pub note: Vec<u8>,
    pub entries: Vec<Vec<u8>>,
}

/// How many bytes a record takes at most, with entries that take so many in a bundle.
pub fn room_for(bundled: u64) -> u64 {
    const NOTE: u64 = 4096;
    (HEADER as u64 + NOTE + bundled + CHECK as u64).next_multiple_of(BLOCK)
}

/// The bytes of a record, up to the next block. `leaves` are the hashes of its entries.
pub fn encode(
    old_size: u64,
    note: &[u8],
    entries: &[Vec<u8>],
    leaves: &[Hash],
) -> Result<Vec<u8>, bundle::EntryTooLarge> {
    let bundled: usize = entries.iter().map(|entry| entry.len() + 2).sum();
    let length = HEADER + note.len() + bundled + CHECK;
    let mut bytes = Vec::with_capacity(length + BLOCK as usize);
    bytes.extend_from_slice(MAGIC);
    for number in [
        length as u64,
        old_size,
        entries.len() as u64,
        note.len() as u64,
    ] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(note);
    let check = check(&bytes, leaves.iter().copied());
    for entry in entries {
        bundle::push(&mut bytes, entry)?;
    }
    bytes.extend_from_slice(&check);
    bytes.resize(bytes.len().next_multiple_of(BLOCK as usize), 0);
    Ok(bytes)
}

/// The record at the beginning of the bytes, and how many bytes it takes with its padding. Nothing if
/// no whole record is there: its writing was cut short, or there was none.
pub fn decode(bytes: &[u8]) -> Option<(Staged, usize)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, rest) = number(rest)?;
    let (old_size, rest) = number(rest)?;
    let (count, rest) = number(rest)?;
    let (note_length, _) = number(rest)?;
    let length = usize::try_from(length).ok()?;
    let (content, written) = bytes.get(..length)?.split_last_chunk::<CHECK>()?;
    let note_length = usize::try_from(note_length).ok()?;
    let (before, bundled) = content.split_at_checked(HEADER.checked_add(note_length)?)?;
    let note = before.get(HEADER..)?;
    let entries = bundle::entries(bundled).map(|entry| entry.map(<[u8]>::to_vec));
    let entries = entries.collect::<Result<Vec<_>, _>>().ok()?;
    if check(before, entries.iter().map(|entry| record_hash(entry))) != *written {
        return None;
    }
    let staged = Staged {
        old_size,
        note: note.to_vec(),
        entries,
    };
    let whole = staged.entries.len() as u64 == count;
    whole.then_some((staged, length.next_multiple_of(BLOCK as usize)))
}

fn check(before: &[u8], leaves: impl Iterator<Item = Hash>) -> [u8; CHECK] {
    let mut hash = Sha256::new_with_prefix(before);
    for leaf in leaves {
        hash.update(leaf.0);
    }
    hash.finalize().into()
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_round_trips_and_every_torn_or_flipped_byte_is_seen() {
        let staged = Staged {
            old_size: 7,
            note: b"a note".to_vec(),
            entries: vec![b"one".to_vec(), b"three".to_vec()],
        };
        let leaves: Vec<Hash> = staged.entries.iter().map(|one| record_hash(one)).collect();
        let bytes = encode(staged.old_size, &staged.note, &staged.entries, &leaves).unwrap();
        assert_eq!(bytes.len(), 4096);
        assert_eq!(decode(&bytes), Some((staged.clone(), 4096)));
        let length = HEADER + staged.note.len() + 12 + CHECK;
        assert!(bytes[length - 1] != 0 || bytes[length - 2] != 0);
        for cut in 0..length {
            assert_eq!(decode(&bytes[..cut]), None, "cut at {cut}");
            // What a reused file holds where writing stopped.
            let mut torn = bytes[..cut].to_vec();
            torn.resize(4096, 0xa5);
            assert_eq!(decode(&torn), None, "torn at {cut}");
            let mut flipped = bytes.clone();
            flipped[cut] ^= 1;
            assert_eq!(decode(&flipped), None, "flipped at {cut}");
        }
        assert_eq!(decode(&bytes[..length]), Some((staged, 4096)));
    }
}
