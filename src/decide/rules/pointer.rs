//! Patterns over attribute pointers: a pointer stands for itself and for everything under it.

use std::fmt;

use super::glob::Glob;
use crate::model::AttributePath;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PointerPattern {
    text: Box<str>,
    segments: Vec<Glob>,
}

impl PointerPattern {
    /// Reads a JSON pointer whose segments may hold `*` and `?`. The error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if !text.starts_with('/') {
            return Err("must begin with `/`");
        }
        if text.split('/').skip(1).any(str::is_empty) {
            return Err("has an empty segment");
        }
        let mut rest = text;
        while let Some((_, tail)) = rest.split_once('~') {
            if !tail.starts_with(['0', '1']) {
                return Err("has a `~` that is neither `~0` nor `~1`");
            }
            rest = tail;
        }
        let segments = AttributePath::from(text)
            .tokens()
            .map(|token| Glob::new(&token))
            .collect();
        Ok(Self {
            text: text.into(),
            segments,
        })
    }

    pub(super) fn matches(&self, path: &AttributePath) -> bool {
        let mut tokens = path.tokens();
        self.segments
            .iter()
            .all(|segment| tokens.next().is_some_and(|token| segment.matches(&token)))
    }

    /// Segments without a wildcard, then segments with one: deeper is more specific.
    pub(super) fn reach(&self) -> (usize, usize) {
        let exact = self.segments.iter().filter(|one| one.is_exact()).count();
        (exact, self.segments.len() - exact)
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.segments
            .iter()
            .zip(&other.segments)
            .all(|(a, b)| a.overlaps(b))
    }
}

impl fmt::Display for PointerPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        let pattern = PointerPattern::parse(pattern).unwrap();
        assert_eq!(pattern.matches(&AttributePath::from(path)), expected);
    }

    #[test]
    fn a_pointer_matches_itself_and_what_is_under_it() {
        check("/ingress", "/ingress", true);
        check("/ingress", "/ingress/0/from_port", true);
        check("/ingress", "/ingress_rules", false);
        check("/ingress/0", "/ingress", false);
        check("/rule/*/status", "/rule/3/status", true);
        check("/rule/*/status", "/rule/3/id", false);
        check("/tags_all/Data*", "/tags_all/DataClass", true);
        check("/tags_all/a~1b", "/tags_all/a~1b", true);
        check("/tags_all/*", "/tags_all/a~1b", true);
    }

    #[test]
    fn bad_pointers_are_refused() {
        for bad in ["", "ingress", "/", "//a", "/a/", "/a~2"] {
            assert!(PointerPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
