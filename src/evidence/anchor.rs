//! What ties a checkpoint to the world outside: files `anchors/<size>.tsr` and `anchors/<size>.cosig`
//! beside the checkpoint of that size.

use super::path;

pub const ANCHORS: &str = "anchors";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnchorKind {
    /// An RFC 3161 token over the exact bytes of the checkpoint.
    Timestamp,
    /// Signature lines of witnesses.
    Cosignatures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anchor {
    pub size: u64,
    pub kind: AnchorKind,
}

impl AnchorKind {
    fn extension(self) -> &'static str {
        match self {
            Self::Timestamp => "tsr",
            Self::Cosignatures => "cosig",
        }
    }
}

impl Anchor {
    /// What a checkpoint of this size can have.
    pub fn both(size: u64) -> [Self; 2] {
        [AnchorKind::Timestamp, AnchorKind::Cosignatures].map(|kind| Self { size, kind })
    }

    pub fn path(&self) -> String {
        format!("{ANCHORS}/{}.{}", self.size, self.kind.extension())
    }

    /// The checkpoint that it is about.
    pub fn checkpoint(&self) -> String {
        path::checkpoint_at(self.size)
    }

    /// Reads a path; nothing unless it is written exactly as [`Anchor::path`] writes it.
    pub fn parse(path: &str) -> Option<Self> {
        let name = path.strip_prefix(ANCHORS)?.strip_prefix('/')?;
        let (size, _) = name.split_once('.')?;
        let size = size.parse().ok()?;
        Self::both(size)
            .into_iter()
            .find(|anchor| anchor.path() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip_and_near_misses_are_none() {
        for anchor in Anchor::both(257) {
            assert_eq!(Anchor::parse(&anchor.path()), Some(anchor));
        }
        for path in [
            "anchors/01.tsr",
            "anchors/+1.tsr",
            "anchors/1.tst",
            "anchors/1",
            "1.tsr",
        ] {
            assert_eq!(Anchor::parse(path), None, "{path}");
        }
    }
}
