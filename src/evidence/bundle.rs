//! Entry bundles: up to 256 entries, each after its length as two bytes, most significant first.

use thiserror::Error;

/// The longest entry that the length before it can express.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// The largest file that can be a bundle.
pub const MAX_BUNDLE_BYTES: u64 = 256 * (2 + MAX_ENTRY_BYTES as u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "an entry of {bytes} bytes is larger than the {MAX_ENTRY_BYTES} bytes that the log's format can hold"
)]
pub struct EntryTooLarge {
    pub bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the bundle ends in the middle of an entry")]
pub struct Truncated;

/// Appends one entry.
///
/// # Errors
/// The entry is longer than [`MAX_ENTRY_BYTES`].
pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLarge> {
    let bytes = entry.len();
    let length = u16::try_from(bytes).map_err(|_| EntryTooLarge { bytes })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle in order; the last item is the error where the bundle is cut short.
pub fn entries(bundle: &[u8]) -> Entries<'_> {
    Entries { rest: bundle }
}

#[derive(Clone, Debug)]
pub struct Entries<'b> {
    rest: &'b [u8],
}

impl<'b> Iterator for Entries<'b> {
    type Item = Result<&'b [u8], Truncated>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = std::mem::take(&mut self.rest);
        let split = rest.split_first_chunk::<2>().and_then(|(length, rest)| {
            rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        match split {
            Some((entry, rest)) => {
                self.rest = rest;
                Some(Ok(entry))
            }
            None => Some(Err(Truncated)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_length_goes_first_most_significant_byte_first() {
        let mut bundle = Vec::new();
        push(&mut bundle, &[7; 258]).unwrap();
        assert_eq!(bundle[..3], [1, 2, 7]);
    }

    #[test]
    fn one_byte_too_many_is_refused() {
        let mut bundle = Vec::new();
        assert!(push(&mut bundle, &vec![0; 65_535]).is_ok());
        let refused = push(&mut bundle, &vec![0; 65_536]);
        assert_eq!(refused, Err(EntryTooLarge { bytes: 65_536 }));
    }

    proptest! {
        #[test]
        fn bundles_round_trip_and_every_cut_is_seen(
            all in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 1..20),
            cut in 1_usize..40,
        ) {
            let mut bundle = Vec::new();
            for entry in &all {
                push(&mut bundle, entry).unwrap();
            }
            let read: Result<Vec<_>, _> = entries(&bundle).map(|e| e.map(<[u8]>::to_vec)).collect();
            prop_assert_eq!(read.as_ref(), Ok(&all));
            bundle.truncate(bundle.len().saturating_sub(cut));
            let read: Result<Vec<_>, _> = entries(&bundle).map(|e| e.map(<[u8]>::to_vec)).collect();
            prop_assert_ne!(read, Ok(all));
        }
    }
}
