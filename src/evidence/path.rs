//! Where everything lies in an evidence folder: the paths of C2SP tlog-tiles, and our own.

use std::fmt::Write;

use crate::model::Sha256Digest;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

pub const CHECKPOINT: &str = "checkpoint";
pub const VERIFIER_KEY: &str = "log.vkey";
pub const CHECKPOINTS: &str = "checkpoints";
pub const BLOBS: &str = "blobs/sha256";

/// A tile: `Level(0)` holds leaf hashes, `Level(n)` the roots of full tiles one level below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    Level(u8),
    Entries,
}

/// One tile or entry bundle. `width` is 256 for a full one, else the hashes in a partial one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    pub row: Row,
    pub number: u64,
    pub width: u64,
}

impl Row {
    fn height(self) -> u32 {
        match self {
            Self::Entries => 0,
            Self::Level(level) => 8 * u32::from(level),
        }
    }

    /// How many hashes this row holds in a tree of `size` entries.
    fn hashes(self, size: u64) -> u64 {
        size.checked_shr(self.height()).unwrap_or(0)
    }
}

impl Tile {
    /// The tile with this number as a tree of `size` entries has it, or nothing.
    pub fn in_tree(row: Row, number: u64, size: u64) -> Option<Self> {
        let hashes = row.hashes(size);
        let before = number.checked_mul(TILE_WIDTH)?;
        let width = hashes.checked_sub(before)?.min(TILE_WIDTH);
        (width > 0).then_some(Self { row, number, width })
    }

    /// The partial tiles on the right edge of a tree of `size` entries, the bundle first.
    pub fn right_edge(size: u64) -> Vec<Self> {
        let rows = std::iter::once(Row::Entries).chain((0..8).map(Row::Level));
        rows.filter_map(|row| {
            let tile = Self::in_tree(row, row.hashes(size) / TILE_WIDTH, size)?;
            (tile.width < TILE_WIDTH).then_some(tile)
        })
        .collect()
    }

    /// Every tile and bundle of a tree of `size` entries.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let rows = std::iter::once(Row::Entries).chain((0..8).map(Row::Level));
        rows.flat_map(move |row| {
            let tiles = row.hashes(size).div_ceil(TILE_WIDTH);
            (0..tiles).filter_map(move |number| Self::in_tree(row, number, size))
        })
    }

    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    pub fn path(&self) -> String {
        let mut path = match self.row {
            Row::Entries => "tile/entries/".to_owned(),
            Row::Level(level) => format!("tile/{level}/"),
        };
        push_number(&mut path, self.number);
        if !self.is_full() {
            // Writing to a string cannot fail.
            let _ = write!(path, ".p/{}", self.width);
        }
        path
    }

    /// The folder that holds the partial versions of this tile.
    pub fn partials_folder(&self) -> String {
        let full = Self {
            width: TILE_WIDTH,
            ..*self
        };
        full.path() + ".p"
    }

    /// Reads a path; nothing unless it is written exactly as [`Tile::path`] writes it.
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tile/")?;
        let (row, rest) = rest.split_once('/')?;
        let row = match row {
            "entries" => Row::Entries,
            level => Row::Level(level.parse().ok()?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, TILE_WIDTH),
        };
        let digits: String = number.split(['/', 'x']).collect();
        let tile = Self {
            row,
            number: digits.parse().ok()?,
            width,
        };
        (tile.path() == path).then_some(tile)
    }

    /// Whether a tree of `size` entries has exactly this tile.
    pub fn is_in_tree(&self, size: u64) -> bool {
        Self::in_tree(self.row, self.number, size) == Some(*self)
    }

    /// The first entry below the hash at `position` of this tile; in a bundle, that entry.
    pub fn entry_below(&self, position: u64) -> u64 {
        let hash = self.number.saturating_mul(TILE_WIDTH);
        let hash = hash.saturating_add(position);
        hash.checked_shl(self.row.height()).unwrap_or(u64::MAX)
    }
}

/// Three digits a group, `x` before every group but the last: `x001/x234/067`.
fn push_number(path: &mut String, number: u64) {
    if number >= 1000 {
        push_leading(path, number / 1000);
    }
    let _ = write!(path, "{:03}", number % 1000);
}

fn push_leading(path: &mut String, number: u64) {
    if number >= 1000 {
        push_leading(path, number / 1000);
    }
    let _ = write!(path, "x{:03}/", number % 1000);
}

pub fn checkpoint_at(size: u64) -> String {
    format!("{CHECKPOINTS}/{size}")
}

/// The size in a path of the `checkpoints` folder, if it is written as [`checkpoint_at`] writes it.
pub fn parse_checkpoint(path: &str) -> Option<u64> {
    let size = path.strip_prefix(CHECKPOINTS)?.strip_prefix('/')?;
    let size = size.parse().ok()?;
    (checkpoint_at(size) == path).then_some(size)
}

pub fn blob(digest: &Sha256Digest) -> String {
    let hex = digest.to_string();
    let folder: String = hex.chars().take(2).collect();
    format!("{BLOBS}/{folder}/{hex}")
}

/// The digest that a blob's path names, if it is written as [`blob`] writes it.
pub fn parse_blob(path: &str) -> Option<Sha256Digest> {
    let (_, hex) = path.rsplit_once('/')?;
    let digest = Sha256Digest::parse(hex)?;
    (blob(&digest) == path).then_some(digest)
}

/// The folder of the writer's own state, which is outside the log.
pub const STATE: &str = ".state";

/// The index of a log, in its folder.
pub const INDEX: &str = "index.db";

/// Whether a file is an index that can be rebuilt from the log, and so is outside it.
pub fn is_index(path: &str) -> bool {
    let rest = path.strip_prefix(INDEX);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-') && !rest.contains('/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(row: Row, number: u64, width: u64) -> String {
        Tile { row, number, width }.path()
    }

    #[test]
    fn paths_are_those_of_c2sp() {
        assert_eq!(path(Row::Level(0), 0, 256), "tile/0/000");
        assert_eq!(path(Row::Level(1), 5, 44), "tile/1/005.p/44");
        assert_eq!(
            path(Row::Entries, 1_234_067, 256),
            "tile/entries/x001/x234/067"
        );
        assert_eq!(path(Row::Level(0), 1000, 1), "tile/0/x001/000.p/1");
    }

    #[test]
    fn near_misses_are_no_tiles() {
        for path in [
            "tile/0/0",
            "tile/0/000.p/256",
            "tile/0/x000/000",
            "tile/0/000/",
            "tile/00/000",
            "tile/0/+00",
            "tile/0/000.p/01",
        ] {
            assert_eq!(Tile::parse(path), None, "{path}");
        }
    }

    #[test]
    fn only_index_files_at_the_top_are_outside() {
        assert!(is_index("index.db") && is_index("index.db-wal"));
        assert!(!is_index("blobs/index.db") && !is_index("index.dbx"));
    }

    proptest! {
        #[test]
        fn tile_paths_round_trip(level in 0_u8..8, number in 0_u64..1 << 50, width in 1_u64..=256) {
            for row in [Row::Level(level), Row::Entries] {
                let tile = Tile { row, number, width };
                prop_assert_eq!(Tile::parse(&tile.path()), Some(tile));
            }
        }

        #[test]
        fn the_right_edge_is_the_partial_part_of_all(size in 0_u64..200_000) {
            let partial: Vec<_> = Tile::all(size).filter(|tile| !tile.is_full()).collect();
            prop_assert_eq!(partial, Tile::right_edge(size));
        }
    }
}
