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

/// How many edits lead from one word to the other: a letter put in, taken out or replaced, or two
/// neighbours swapped.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let letter = |word: &[char], place: usize| word.get(place).copied();
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX - 1);
    let mut two_above: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for row in 0..left.len() {
        let mut here = vec![row + 1];
        for column in 0..right.len() {
            let same = letter(&left, row) == letter(&right, column);
            let mut edits = (at(&above, column) + usize::from(!same))
                .min(at(&above, column + 1) + 1)
                .min(at(&here, column) + 1);
            let swapped = row > 0
                && column > 0
                && letter(&left, row) == letter(&right, column - 1)
                && letter(&left, row - 1) == letter(&right, column);
            if swapped {
                edits = edits.min(at(&two_above, column - 1) + 1);
            }
            here.push(edits);
        }
        two_above = std::mem::replace(&mut above, here);
    }
    at(&above, right.len())
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
        assert_eq!(distance("dri", "dir"), 1);
        assert_eq!(distance("rdi", "dir"), 2);
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
