//! Which deviations a rule speaks of, its `when` aside.

use std::collections::BTreeMap;

use super::RuleContext;
use super::glob::Glob;
use super::pointer::PointerPattern;
use crate::model::{AttributePath, DeviationKind, Verdict};

/// The `match` block. An empty list says nothing about its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) types: Vec<Glob>,
    pub(super) attributes: Vec<PointerPattern>,
    pub(super) kinds: Vec<DeviationKind>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) accounts: Vec<Glob>,
    pub(super) regions: Vec<Glob>,
    pub(super) workspaces: Vec<Glob>,
    pub(super) tags: BTreeMap<String, Glob>,
}

/// The verdicts of which a rule that names none speaks: those that leave something to be done.
/// A change that was in order, is about to be, or was put in order takes a rule that says so.
pub(super) const OPEN_VERDICTS: [Verdict; 5] = [
    Verdict::NotApplied,
    Verdict::OutOfWindow,
    Verdict::EmergencyPending,
    Verdict::Unauthorised,
    Verdict::Indeterminate,
];

impl Match {
    pub(super) fn verdicts(&self) -> &[Verdict] {
        if self.verdicts.is_empty() {
            &OPEN_VERDICTS
        } else {
            &self.verdicts
        }
    }

    /// Why the rule does not speak of this deviation, or nothing if it does.
    pub(super) fn mismatch(&self, ctx: &RuleContext<'_>) -> Option<String> {
        let deviation = ctx.deviation;
        let verdict = ctx.judgement.verdict;
        if !self.verdicts().contains(&verdict) {
            return Some(if self.verdicts.is_empty() {
                format!("the verdict is `{verdict}`, which a rule has to name in `verdicts`")
            } else {
                format!("the verdict is `{verdict}`")
            });
        }
        if !self.kinds.is_empty() && !self.kinds.contains(&deviation.kind) {
            return Some(format!("the kind is `{}`", deviation.kind.as_str()));
        }
        let scope = [
            ("type", &self.types, Some(deviation.type_name.as_str())),
            (
                "account",
                &self.accounts,
                deviation.account.as_ref().map(|account| account.as_str()),
            ),
            (
                "region",
                &self.regions,
                deviation.region.as_ref().map(|region| region.as_str()),
            ),
            (
                "workspace",
                &self.workspaces,
                deviation.workspace.as_ref().map(|name| name.as_str()),
            ),
        ];
        for (what, patterns, value) in scope {
            if let Some(reason) = outside(what, patterns, value) {
                return Some(reason);
            }
        }
        self.attribute_mismatch(deviation.attribute.as_ref())
            .or_else(|| self.tag_mismatch(&deviation.tags))
    }

    fn attribute_mismatch(&self, attribute: Option<&AttributePath>) -> Option<String> {
        if self.attributes.is_empty() {
            return None;
        }
        match attribute {
            None => Some("the deviation is of the whole resource, not of an attribute".to_owned()),
            Some(path) if self.attributes.iter().any(|one| one.matches(path)) => None,
            Some(path) => Some(format!("the attribute is `{}`", path.as_str())),
        }
    }

    fn tag_mismatch(&self, tags: &BTreeMap<String, String>) -> Option<String> {
        self.tags
            .iter()
            .find_map(|(key, pattern)| match tags.get(key) {
                None => Some(format!("there is no tag `{key}`")),
                Some(value) if pattern.matches(value) => None,
                Some(value) => Some(format!("the tag `{key}` is `{value}`")),
            })
    }

    /// Whether one deviation could match both. Errs on the side of yes.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let globs = [
            (&self.types, &other.types),
            (&self.accounts, &other.accounts),
            (&self.regions, &other.regions),
            (&self.workspaces, &other.workspaces),
        ];
        globs.into_iter().all(|(a, b)| share(a, b, Glob::overlaps))
            && share(&self.kinds, &other.kinds, PartialEq::eq)
            && share(self.verdicts(), other.verdicts(), PartialEq::eq)
            && self.share_attributes(other)
            && self.tags.iter().all(|(key, pattern)| {
                let theirs = other.tags.get(key);
                theirs.is_none_or(|theirs| theirs.overlaps(pattern))
            })
    }

    fn share_attributes(&self, other: &Self) -> bool {
        let apart =
            |one: &Self, two: &Self| one.is_of_resources_only() && !two.attributes.is_empty();
        !apart(self, other)
            && !apart(other, self)
            && share(
                &self.attributes,
                &other.attributes,
                PointerPattern::overlaps,
            )
    }

    /// Whether only deviations without an attribute can match.
    pub(super) fn is_of_resources_only(&self) -> bool {
        !self.kinds.is_empty() && !self.kinds.contains(&DeviationKind::Changed)
    }
}

fn share<T>(a: &[T], b: &[T], both: impl Fn(&T, &T) -> bool) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|one| b.iter().any(|other| both(one, other)))
}

fn outside(what: &str, patterns: &[Glob], value: Option<&str>) -> Option<String> {
    if patterns.is_empty() {
        return None;
    }
    match value {
        None => Some(format!("the {what} is not known")),
        Some(value) if patterns.iter().any(|pattern| pattern.matches(value)) => None,
        Some(value) => Some(format!("the {what} is `{value}`")),
    }
}
