//! Who is wrong, where files disagree.

use super::Remedy;
use super::entries::{Expectation, Mismatch, Named, Pass};
use crate::evidence::path::{self, Row, Tile};
use crate::evidence::tree::TreeHead;

impl Pass<'_> {
    /// The signed root decides who is wrong: if the entries give it, every tile that differs from
    /// them is wrong; if not, the entries are.
    pub fn conclude(mut self, head: TreeHead) -> Option<Named> {
        if self.edge.head() == head {
            self.blame_tiles();
            self.blame_heads();
            self.result.since = self.grew_since;
            return Some(self.named);
        }
        let lowest = self.mismatches.iter().map(|m| m.tile.row).min();
        for mismatch in std::mem::take(&mut self.mismatches) {
            if Some(mismatch.tile.row) == lowest {
                self.blame_entries(&mismatch);
            }
        }
        if lowest.is_none() {
            let what = format!(
                "its root is not that of the {} entries here, which agree with all their tiles: \
                 the log was written anew",
                head.size
            );
            self.result
                .fail(path::CHECKPOINT, None, what, Remedy::Escalate);
        }
        None
    }

    fn blame_tiles(&mut self) {
        for Mismatch { tile, position } in std::mem::take(&mut self.mismatches) {
            let entry = tile.entry_below(position);
            let what = format!("its hash {position} is not that of the entries below it");
            self.result
                .fail(&tile.path(), Some(entry), what, Remedy::Restore);
        }
    }

    fn blame_heads(&mut self) {
        for (head, expectation) in std::mem::take(&mut self.missed) {
            let size = head.size;
            let (path, what) = match expectation {
                Expectation::Published => (
                    path::checkpoint_at(size),
                    format!("its root is not that of the first {size} entries"),
                ),
                Expectation::Since => (
                    path::CHECKPOINT.to_owned(),
                    format!(
                        "the log did not grow from the checkpoint given with --since: \
                         its first {size} entries have another root"
                    ),
                ),
            };
            self.result.fail(&path, None, what, Remedy::Escalate);
        }
    }

    fn blame_entries(&mut self, mismatch: &Mismatch) {
        let Mismatch { tile, position } = *mismatch;
        if tile.row == Row::Level(0) {
            let bundle = Tile {
                row: Row::Entries,
                ..tile
            };
            let entry = Some(bundle.entry_below(position));
            let what = format!(
                "it is not the entry that the checkpoint covers, nor that of `{}`",
                tile.path()
            );
            self.result
                .fail(&bundle.path(), entry, what, Remedy::Restore);
        } else {
            let what = format!(
                "its hash {position} is not that of the entries below it, which are not those \
                 that the checkpoint covers"
            );
            let entry = Some(tile.entry_below(position));
            self.result
                .fail(&tile.path(), entry, what, Remedy::Escalate);
        }
    }
}
