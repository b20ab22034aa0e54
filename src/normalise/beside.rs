//! Rows of one type that show some of the same live text.

use super::path::{Path, folded_eq};
use super::table::{AttributeRow, Member, ResourceTable};

/// Per row, the others.
pub(super) fn same_live(table: &ResourceTable) -> Vec<Vec<usize>> {
    let rows = table.attributes.iter();
    if matches!(table.member, Member::SecurityGroupRule) {
        // Each reads its own part of the rule.
        return rows.map(|_| Vec::new()).collect();
    }
    let overlap = |one: &Path, other: &Path| {
        let mut both = one.captured.iter().zip(&other.captured);
        both.all(|(one, other)| folded_eq(one, other))
    };
    let shared = |one: &AttributeRow, other: &AttributeRow| {
        let mut paths = one.live.iter();
        one.pointer != other.pointer
            && paths.any(|one| other.live.iter().any(|other| overlap(one, other)))
    };
    rows.map(|one| {
        let others = table.attributes.iter().enumerate();
        let others = others.filter(|(_, other)| shared(one, other));
        others.map(|(at, _)| at).collect()
    })
    .collect()
}

/// Per row, the one for which it stands back.
pub(super) fn unless(table: &ResourceTable) -> Vec<Option<usize>> {
    let pointers = table.attributes.iter().map(|row| row.unless.as_ref());
    let unless = pointers.map(|pointer| {
        let mut rows = table.attributes.iter();
        rows.position(|row| Some(&row.pointer) == pointer)
    });
    unless.collect()
}
