//! Makes foreign text safe to print on a terminal. Names, tags and values come from whoever could
//! write to the cloud; one escape sequence could repaint the report that accuses them.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character could move the cursor, reorder the line or hide in it: controls, bidi
/// overrides, line separators, invisible and tag characters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The text with every unsafe character spelled as `\u{202e}`. Backslashes stay as they are, so
/// escaping twice is escaping once.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_safe(&mut safe, c);
    }
    Cow::Owned(safe)
}

/// As [`escape`], but the lines stay apart: for messages of more than one line.
pub fn escape_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape).collect();
    lines.join("\n")
}

pub(super) fn push_safe(out: &mut String, c: char) {
    if is_unsafe(c) {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

/// Appends one character of a quoted string: a quote or a backslash cannot end or fake it.
pub(super) fn push_quoted(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => push_safe(out, other),
    }
}

/// A word of a POSIX shell command line, in single quotes where it needs them.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let quoted = text.replace('\'', r"'\''");
    // A leading dash would be read as an option even in quotes.
    let dot = if text.starts_with('-') { "./" } else { "" };
    Cow::Owned(format!("'{dot}{quoted}'"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spells_out_what_could_repaint_or_reorder_a_line() {
        for (hostile, safe) in [
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("front\u{202e}gnp", "front\\u{202e}gnp"),
            ("one\ntwo", "one\\u{a}two"),
            ("x\u{200b}y\u{e0041}", "x\\u{200b}y\\u{e0041}"),
        ] {
            assert_eq!(escape(hostile), safe);
        }
    }

    #[test]
    fn keeps_the_lines_of_a_message() {
        let message = "cannot read `\x1b[2Jx`\n  help: name another";
        let safe = "cannot read `\\u{1b}[2Jx`\n  help: name another";
        assert_eq!(escape_lines(message), safe);
    }

    #[test]
    fn leaves_other_writing_as_it_is() {
        for text in ["Zoë", "数据库", "прод", "a b", "\\u{1b}"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn shell_words_survive_a_copy() {
        assert_eq!(shell_word("evidence"), "evidence");
        assert_eq!(shell_word("my logs"), "'my logs'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word("-rf"), "'./-rf'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a;b"), "'a;b'");
    }

    proptest! {
        #[test]
        fn never_lets_a_control_through_and_is_idempotent(text in any::<String>()) {
            let once = escape(&text).into_owned();
            prop_assert!(!once.chars().any(is_unsafe));
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(escape(&once), once.as_str());
        }

        #[test]
        fn a_quoted_string_ends_only_at_its_end(text in any::<String>()) {
            let mut quoted = String::new();
            text.chars().for_each(|c| push_quoted(&mut quoted, c));
            let mut escaped = false;
            for c in quoted.chars() {
                prop_assert!(escaped || c != '"');
                escaped = c == '\\' && !escaped;
            }
            prop_assert!(!escaped);
        }
    }
}
