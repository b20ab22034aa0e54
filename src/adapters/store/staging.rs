//! A batch on its way into the log: written and synced before the checkpoint over it is signed, kept
//! until everything that follows from it is in place.

use sha2::{Digest, Sha256};

use crate::evidence::bundle;
use crate::evidence::tree::TreeHead;

pub const STAGING: &str = ".state/staging";

const MAGIC: &[u8] = b"driftwarden batch 1\n";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The size of the log before it.
    pub old_size: u64,
    pub entries: Vec<Vec<u8>>,
}

impl Batch {
    /// The file that holds the batch which makes a log with this head.
    pub fn file_name(head: TreeHead) -> String {
        format!("{}-{}", head.size, hex::encode(head.root.0))
    }

    pub fn encode(&self) -> Result<Vec<u8>, bundle::EntryTooLarge> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.old_size.to_be_bytes());
        bytes.extend_from_slice(&(self.entries.len() as u64).to_be_bytes());
        for entry in &self.entries {
            bundle::push(&mut bytes, entry)?;
        }
        let check = Sha256::digest(&bytes);
        bytes.extend_from_slice(&check);
        Ok(bytes)
    }

    /// Nothing if the bytes are not a whole batch: its writing was cut short.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, check) = bytes.split_last_chunk::<32>()?;
        if Sha256::digest(content)[..] != check[..] {
            return None;
        }
        let rest = content.strip_prefix(MAGIC)?;
        let (old_size, rest) = rest.split_first_chunk::<8>()?;
        let (count, rest) = rest.split_first_chunk::<8>()?;
        let entries = bundle::entries(rest).map(|entry| entry.map(<[u8]>::to_vec));
        let entries = entries.collect::<Result<Vec<_>, _>>().ok()?;
        let whole = entries.len() as u64 == u64::from_be_bytes(*count);
        whole.then_some(Self {
            old_size: u64::from_be_bytes(*old_size),
            entries,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_round_trips_and_every_torn_or_flipped_byte_is_seen() {
        let batch = Batch {
            old_size: 7,
            entries: vec![b"one".to_vec(), b"three".to_vec()],
        };
        let bytes = batch.encode().unwrap();
        assert_eq!(Batch::decode(&bytes), Some(batch));
        for cut in 0..bytes.len() {
            assert_eq!(Batch::decode(&bytes[..cut]), None, "cut at {cut}");
            let mut flipped = bytes.clone();
            flipped[cut] ^= 1;
            assert_eq!(Batch::decode(&flipped), None, "flipped at {cut}");
        }
    }
}
