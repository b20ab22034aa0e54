//! Breaks a text into lines of a width. Widths count characters: wide scripts may run over, but
//! nothing is ever cut inside a character.

/// Breaks at spaces, and inside a word only where the word alone is too long. At least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for (index, word) in text.split(' ').enumerate() {
        let word_length = word.chars().count();
        if index > 0 {
            if length + 1 + word_length <= width {
                line.push(' ');
                length += 1;
            } else {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
        }
        for c in word.chars() {
            if length == width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            line.push(c);
            length += 1;
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn breaks_at_spaces_and_inside_long_words_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 5), [""]);
    }

    proptest! {
        #[test]
        fn keeps_the_width_and_every_character(text in "[a-zé数 ]{0,60}", width in 1_usize..20) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width));
            let kept = |text: &str| text.replace(' ', "");
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
        }
    }
}
