//! The nearest known word, for "did you mean".

/// A list of words for a message: `` `a`, `b` and `c` ``.
pub(super) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let quoted: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// The remedy for an unknown word: the nearest known one, else all of them.
pub(super) fn suggest<'w>(unknown: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let mut known: Vec<_> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match nearest(unknown, &known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known here: {}", listed(known)),
    }
}

/// The known word with the fewest edits, if a third of its letters at most would have to change.
fn nearest<'w>(unknown: &str, known: &[&'w str]) -> Option<&'w str> {
    const LONGEST: usize = 64;
    if unknown.len() > LONGEST {
        return None;
    }
    let unknown = unknown.to_lowercase();
    let near = known.iter().map(|word| (distance(&unknown, word), *word));
    let (edits, word) = near.min()?;
    (edits <= word.chars().count().div_ceil(3)).then_some(word)
}

/// Levenshtein's distance: one letter put in, taken out or replaced is one edit.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.chars().enumerate() {
        let mut here = Vec::with_capacity(above.len());
        let mut before = row + 1;
        here.push(before);
        for ((other, up), diagonal) in right.iter().zip(above.iter().skip(1)).zip(&above) {
            let replaced = diagonal + usize::from(letter != *other);
            before = replaced.min(up + 1).min(before + 1);
            here.push(before);
        }
        above = here;
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("", "dir"), 3);
        assert_eq!(distance("dir", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("scope", "scope"), 0);
    }

    #[test]
    fn a_far_word_gets_the_whole_list_instead_of_a_guess() {
        assert_eq!(suggest("filse", ["files", "dir"]), "did you mean `files`?");
        assert_eq!(suggest("Files", ["files", "dir"]), "did you mean `files`?");
        assert_eq!(
            suggest("password", ["files", "dir"]),
            "known here: `dir` and `files`"
        );
    }
}
