//! How old the newest record is. Times do not go back in a log, so that the last record with a time
//! has the newest one.

use jiff::Timestamp;
use serde::Deserialize;

use crate::evidence::bundle::{self, MAX_BUNDLE_BYTES};
use crate::evidence::path::{Row, TILE_WIDTH, Tile};
use crate::evidence::source::{Source, SourceError};

#[derive(Deserialize)]
struct Timed {
    predicate: Times,
}

#[derive(Deserialize)]
struct Times {
    at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

/// The time of the newest record of a log of `size` entries, which was verified before. Nothing if
/// none of them has a time.
///
/// # Errors
/// A bundle cannot be read.
pub fn newest_record(source: &dyn Source, size: u64) -> Result<Option<Timestamp>, SourceError> {
    for number in (0..size.div_ceil(TILE_WIDTH)).rev() {
        let Some(tile) = Tile::in_tree(Row::Entries, number, size) else {
            continue;
        };
        let bytes = source.read(&tile.path(), MAX_BUNDLE_BYTES)?;
        let bytes = bytes.unwrap_or_default();
        let times = bundle::entries(&bytes).filter_map(|entry| {
            let timed: Timed = serde_json::from_slice(entry.ok()?).ok()?;
            timed.predicate.at.or(timed.predicate.finished_at)
        });
        if let Some(newest) = times.max() {
            return Ok(Some(newest));
        }
    }
    Ok(None)
}
