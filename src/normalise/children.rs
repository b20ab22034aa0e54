//! The names below one place of a tree of paths, found whatever their case and underscores.

use super::path::{folded, folded_eq};

/// Most keys of an item are nobody's name, and most names are written as the tables write them.
/// Both are told by a few compared bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Children {
    /// In the order of their bins.
    names: Vec<Name>,
    /// The bins that are not empty, one bit each.
    bins: u64,
    /// For each bin that is not empty, in order: where its names begin.
    starts: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Name {
    bin: u32,
    /// As the table writes it.
    spelled: Box<str>,
    node: usize,
}

impl Children {
    pub(super) fn get(&self, name: &str) -> Option<usize> {
        let bit = 1u64.checked_shl(bin(name))?;
        if self.bins & bit == 0 {
            return None;
        }
        let rank = (self.bins & (bit - 1)).count_ones() as usize;
        let start = *self.starts.get(rank)?;
        let end = self.starts.get(rank + 1).copied();
        let names = self.names.get(start..end.unwrap_or(self.names.len()))?;
        let found = names.iter().find(|known| folded_eq(&known.spelled, name));
        found.map(|known| known.node)
    }

    /// Adds a name that is not yet there.
    pub(super) fn add(&mut self, name: &str, node: usize) {
        let bin = bin(name);
        let place = self.names.partition_point(|known| known.bin <= bin);
        let spelled = name.into();
        self.names.insert(place, Name { bin, spelled, node });
        self.bins |= 1 << bin;
        let starts = |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| self.names.get(before));
            before.map(|name| name.bin) != self.names.get(*at).map(|name| name.bin)
        };
        self.starts = (0..self.names.len()).filter(starts).collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.names.iter().map(|name| name.node)
    }
}

/// From the first and the last byte that count; at most 63.
fn bin(name: &str) -> u32 {
    let first = folded(name).next().unwrap_or_default();
    let last = folded(name).next_back().unwrap_or_default();
    u32::from(first.wrapping_mul(7) ^ last) & 63
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_each_name_and_no_other(
            names in prop::collection::vec("[a-cA-C_é]{0,4}", 0..12),
            wanted in prop::collection::vec("[a-cA-C_é]{0,4}", 0..12),
        ) {
            let mut children = Children::default();
            let mut known: Vec<(&str, usize)> = Vec::new();
            for (node, name) in names.iter().enumerate() {
                let is_new = known.iter().all(|(known, _)| !folded_eq(known, name));
                if is_new {
                    children.add(name, node);
                    known.push((name, node));
                }
            }
            for name in names.iter().chain(&wanted) {
                let by_hand = known.iter().find(|(known, _)| folded_eq(known, name));
                prop_assert_eq!(children.get(name), by_hand.map(|(_, node)| *node), "{}", name);
            }
        }
    }
}
