//! Which of two rules that both match decides.

use std::fmt;

use super::matching::Match;

/// How narrowly a rule is drawn. Compared field by field in the order in which they stand here;
/// the greater one decides. It depends on the rule alone, not on the deviation: a list counts as
/// its widest entry, because that is all that the rule promises.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    /// Segments of the attribute pointer without a wildcard, then those with one.
    pub attribute: (usize, usize),
    pub resource_type: TypeReach,
    /// Tags named.
    pub tags: usize,
    /// How many of workspaces, accounts and regions are named.
    pub scope: usize,
    pub has_when: bool,
    pub names_kinds: bool,
    pub names_verdicts: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TypeReach {
    Any,
    /// A pattern with this many characters that stand for themselves.
    Pattern(usize),
    Exact,
}

impl Specificity {
    pub(super) fn of(matching: &Match, has_when: bool) -> Self {
        let attributes = matching.attributes.iter().map(|one| one.reach());
        let types = matching.types.iter().map(|glob| {
            if glob.is_exact() {
                TypeReach::Exact
            } else {
                TypeReach::Pattern(glob.literal_chars())
            }
        });
        let scope = [&matching.workspaces, &matching.accounts, &matching.regions];
        Self {
            attribute: attributes.min().unwrap_or_default(),
            resource_type: types.min().unwrap_or(TypeReach::Any),
            tags: matching.tags.len(),
            scope: scope.iter().filter(|list| !list.is_empty()).count(),
            has_when,
            names_kinds: !matching.kinds.is_empty(),
            names_verdicts: !matching.verdicts.is_empty(),
        }
    }
}

impl fmt::Display for Specificity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (exact, wild) = self.attribute;
        match (exact, wild) {
            (0, 0) => f.write_str("any attribute")?,
            (exact, 0) => write!(f, "attribute depth {exact}")?,
            (exact, wild) => write!(f, "attribute depth {exact} and {wild} with a wildcard")?,
        }
        match self.resource_type {
            TypeReach::Any => f.write_str(", any type")?,
            TypeReach::Pattern(literal) => write!(f, ", type pattern of {literal} characters")?,
            TypeReach::Exact => f.write_str(", exact type")?,
        }
        write!(f, ", tags {}, scope {}", self.tags, self.scope)?;
        for (named, what) in [
            (self.has_when, "when"),
            (self.names_kinds, "kinds"),
            (self.names_verdicts, "verdicts"),
        ] {
            write!(f, ", {}{what}", if named { "" } else { "no " })?;
        }
        Ok(())
    }
}
