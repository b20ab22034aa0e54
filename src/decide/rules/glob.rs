//! Patterns: `*` stands for any run of characters, `?` for one.

use std::fmt;

/// A pattern over one piece of text: a type, an account, one segment of a pointer, a tag's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Box<str>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        Self(pattern.into())
    }

    pub(super) fn is_exact(&self) -> bool {
        !self.0.contains(['*', '?'])
    }

    /// Characters that stand for themselves.
    pub(super) fn literal_chars(&self) -> usize {
        self.0.chars().filter(|c| !matches!(c, '*' | '?')).count()
    }

    /// Time is at most length of text times length of pattern, whatever the two hold.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut pattern = self.0.chars();
        let mut rest = text.chars();
        // Where to go on if the last `*` has to take one character more.
        let mut retry = None;
        loop {
            let here = (pattern.clone(), rest.clone());
            match (pattern.next(), rest.next()) {
                (None, None) => return true,
                (Some('*'), _) => {
                    rest = here.1.clone();
                    retry = Some((pattern.clone(), here.1));
                    continue;
                }
                (Some('?'), Some(_)) => continue,
                (Some(p), Some(t)) if p == t => continue,
                (_, None) => return false,
                (_, Some(_)) => {}
            }
            let Some((after_star, mut from)) = retry.take() else {
                return false;
            };
            if from.next().is_none() {
                return false;
            }
            pattern = after_star.clone();
            rest = from.clone();
            retry = Some((after_star, from));
        }
    }

    /// Whether some text could match both. Errs on the side of yes where both have wildcards.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        match (self.is_exact(), other.is_exact()) {
            (true, _) => other.matches(&self.0),
            (_, true) => self.matches(&other.0),
            (false, false) => {
                let (a, b) = (self.literal_prefix(), other.literal_prefix());
                a.starts_with(b) || b.starts_with(a)
            }
        }
    }

    fn literal_prefix(&self) -> &str {
        self.0.split(['*', '?']).next().unwrap_or_default()
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, exponential and obvious.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            (['?', rest @ ..], [_, tail @ ..]) => naive(rest, tail),
            ([p, rest @ ..], [t, tail @ ..]) => p == t && naive(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?é]{0,7}", text in "[abé]{0,9}") {
            let expected = naive(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            );
            prop_assert_eq!(Glob::new(&pattern).matches(&text), expected);
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_exponential_time() {
        let pattern = Glob::new(&"*a".repeat(60));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5_000))));
    }

    #[test]
    fn overlap_of_a_glob_and_a_name() {
        let bucket = Glob::new("aws_s3_bucket_*");
        assert!(bucket.overlaps(&Glob::new("aws_s3_bucket_policy")));
        assert!(!bucket.overlaps(&Glob::new("aws_s3_bucket")));
        assert!(!bucket.overlaps(&Glob::new("aws_iam_*")));
        assert!(bucket.overlaps(&Glob::new("aws_*")));
    }
}
