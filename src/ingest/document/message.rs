//! A parser's message as a person reads it: short, printable, with the remedy apart.

use super::DocumentError;

/// The parser's message without the position, which is shown before it, and with the remedy apart.
pub(super) fn located(name: &str, text: &str, at: Option<(usize, usize)>) -> DocumentError {
    let message = match at {
        Some((line, column)) => {
            let suffix = format!(" at line {line} column {column}");
            text.replace(&suffix, "")
        }
        None => text.to_owned(),
    };
    let (message, help) = match message.split_once(HELP_MARK) {
        Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
        None => match suggestion(&message) {
            Some((short, help)) => (short, Some(help)),
            None => {
                let help = remedy(&message);
                (message, Some(help))
            }
        },
    };
    DocumentError {
        name: name.to_owned(),
        at,
        message: printable(&message),
        help,
    }
}

/// What to do about a message of the parser's own.
fn remedy(message: &str) -> String {
    let named = |start: &str| {
        let (_, rest) = message.split_once(start)?;
        rest.split('`').next()
    };
    if let Some(field) = named("missing field `") {
        return format!("add `{field}`");
    }
    if let Some(field) = named("duplicate field `") {
        return format!("keep one `{field}`");
    }
    match message.split_once(", expected ") {
        Some((found, expected)) if found.contains("invalid ") => {
            format!("write {} here", printable(expected))
        }
        _ => "look here and a little before for what is too much or missing: a comma, a quote, a \
              bracket, an indentation"
            .to_owned(),
    }
}

/// The parser quotes what it found: a whole file of it, or the codes of a terminal.
fn printable(message: &str) -> String {
    const LONGEST: usize = 400;
    let mut text = String::new();
    for c in message.chars() {
        if text.len() > LONGEST {
            text.push('…');
            break;
        }
        if c.is_control() {
            text.extend(c.escape_default());
        } else {
            text.push(c);
        }
    }
    text
}

/// Parts a message that our own types hand to the parser from its remedy: the parser carries one
/// text only.
pub(super) const HELP_MARK: char = '\u{1f}';

/// Turns the derive's "unknown field" into a short message and the nearest of the expected words.
fn suggestion(message: &str) -> Option<(String, String)> {
    let (head, expected) = message
        .split_once(", expected one of ")
        .or_else(|| message.split_once(", expected "))?;
    let unknown = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|kind| head.split_once(kind))?
        .1
        .strip_suffix('`')?;
    let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    Some((head.to_owned(), did_you_mean(unknown, &words)))
}

/// The remedy for an unknown word: the nearest known one where one is near, else all of them.
pub(in crate::ingest) fn did_you_mean(unknown: &str, words: &[&str]) -> String {
    let nearest = words
        .iter()
        .map(|word| (distance(&unknown.to_lowercase(), word), *word))
        .min();
    match nearest {
        Some((distance, word)) if distance <= 1 + word.len() / 4 => {
            format!("did you mean `{word}`?")
        }
        Some(_) | None => format!("known here: `{}`", words.join("`, `")),
    }
}

/// Levenshtein distance, of the first 64 characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, pair) in b.iter().zip(row.windows(2)) {
            let &[diagonal, above] = pair else { continue };
            let replaced = diagonal + usize::from(from != *to);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
