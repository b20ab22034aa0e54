//! Where proofs from outside lie: what witnesses and time stamping authorities said of a checkpoint.

pub const ANCHORS: &str = "anchors";

/// The time stamp over the checkpoint at this size.
pub fn token_at(size: u64) -> String {
    format!("{ANCHORS}/{size}.tsr")
}

/// The signature lines of witnesses under the checkpoint at this size.
pub fn cosignatures_at(size: u64) -> String {
    format!("{ANCHORS}/{size}.cosig")
}

/// The size in a path of the `anchors` folder.
pub fn parse(path: &str) -> Option<u64> {
    let name = path.strip_prefix(ANCHORS)?.strip_prefix('/')?;
    let (size, _) = name.split_once('.')?;
    let size = size.parse().ok()?;
    [token_at(size), cosignatures_at(size)]
        .iter()
        .any(|known| known == path)
        .then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_no_anchors() {
        assert_eq!(parse("anchors/12.tsr"), Some(12));
        assert_eq!(parse("anchors/0.cosig"), Some(0));
        for wrong in [
            "anchors/012.tsr",
            "anchors/12",
            "anchors/12.txt",
            "anchor/12.tsr",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
