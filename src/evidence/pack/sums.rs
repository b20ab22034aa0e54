//! The list of a pack's files, in the form that `sha256sum -c` reads.

use std::collections::BTreeMap;

use crate::model::Sha256Digest;

pub type Sums = BTreeMap<String, Sha256Digest>;

pub fn to_bytes(sums: &Sums) -> Vec<u8> {
    let lines = sums
        .iter()
        .map(|(path, digest)| format!("{digest}  {path}\n"));
    lines.collect::<String>().into_bytes()
}

/// Nothing unless it is written exactly as [`to_bytes`] writes it.
pub fn parse(bytes: &[u8]) -> Option<Sums> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(|line| {
        let (digest, path) = line.split_once("  ")?;
        Some((path.to_owned(), Sha256Digest::parse(digest)?))
    });
    let sums: Sums = lines.collect::<Option<_>>()?;
    (to_bytes(&sums) == bytes).then_some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_spelling() {
        let digest = Sha256Digest::of(b"x");
        let sums = BTreeMap::from([("a".to_owned(), digest), ("b/c".to_owned(), digest)]);
        let bytes = to_bytes(&sums);
        assert_eq!(parse(&bytes), Some(sums));
        let text = String::from_utf8(bytes).unwrap();
        for other in [
            text.trim_end().to_owned(),
            text.to_uppercase(),
            text.replace("  ", " *"),
            text.lines().rev().map(|line| format!("{line}\n")).collect(),
            format!("{text}{text}"),
        ] {
            assert_eq!(parse(other.as_bytes()), None, "{other}");
        }
    }
}
