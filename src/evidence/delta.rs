//! The entries of a mirror's last, partial bundle that came with one checkpoint. A partial bundle
//! grows and so cannot be locked; each entry is locked once, in the batch that it came with.

use crate::evidence::bundle::{self, EntryTooLarge, MAX_ENTRY_BYTES};
use crate::evidence::path::TILE_WIDTH;
use crate::evidence::tree::TreeHead;

const FORM: &str = "driftwarden-batch/1";
/// The largest object that can be a batch.
pub const MAX_DELTA_BYTES: u64 = 128 + TILE_WIDTH * (2 + MAX_ENTRY_BYTES as u64);

/// Consecutive entries, the first at index `first`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    pub first: u64,
    pub entries: Vec<Vec<u8>>,
}

/// The name of the batch that leads to a tree head.
pub fn name(head: TreeHead) -> String {
    format!("batch/{}-{}", head.size, hex::encode(head.root.0))
}

impl Delta {
    /// A line that says the form and the first index, then the entries as a bundle has them.
    ///
    /// # Errors
    /// An entry is too large to be one.
    pub fn encode(&self) -> Result<Vec<u8>, EntryTooLarge> {
        let mut bytes = format!("{FORM} {}\n", self.first).into_bytes();
        for entry in &self.entries {
            bundle::push(&mut bytes, entry)?;
        }
        Ok(bytes)
    }

    /// Nothing if the bytes are no batch.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let line_end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = bytes.split_at_checked(line_end)?;
        let line = std::str::from_utf8(line).ok()?;
        let first = line.strip_prefix(FORM)?.strip_prefix(' ')?.parse().ok()?;
        let entries = bundle::entries(rest.get(1..)?);
        let entries = entries.map(|entry| entry.map(<[u8]>::to_vec));
        let entries = entries.collect::<Result<_, _>>().ok()?;
        Some(Self { first, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_round_trips_and_a_cut_one_is_none() {
        let delta = Delta {
            first: 300,
            entries: vec![b"{\n}".to_vec(), Vec::new(), vec![7; 700]],
        };
        let bytes = delta.encode().unwrap();
        assert_eq!(Delta::decode(&bytes), Some(delta));
        assert_eq!(Delta::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Delta::decode(b"driftwarden-batch/2 0\n"), None);
    }
}
