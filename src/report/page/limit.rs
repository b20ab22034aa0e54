//! Keeping to limits: texts are cut with a mark, and a form that is too large is made with less detail.

use super::Words;
use super::parts::{Detail, Parts, parts};
use crate::model::Page;

/// The text, or its beginning and an ellipsis, in at most so many characters.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// As [`cut`], counted in bytes of UTF-8.
pub(super) fn cut_bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut short = text.get(..end).unwrap_or_default().to_owned();
    short.push('…');
    short
}

/// The form with the most detail that fits; the barest where none does.
pub(super) fn fit<F>(
    page: &Page,
    words: &Words,
    form: impl Fn(&Parts) -> F,
    fits: impl Fn(&F) -> bool,
) -> F {
    for detail in [Detail::Full, Detail::Short] {
        let made = form(&parts(page, words, detail));
        if fits(&made) {
            return made;
        }
    }
    form(&parts(page, words, Detail::Bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_marked() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut_bytes("äöü", 6), "äöü");
        assert_eq!(cut_bytes("äöüß", 6), "ä…");
        assert_eq!(cut_bytes("abcdefg", 6), "abc…");
    }
}
