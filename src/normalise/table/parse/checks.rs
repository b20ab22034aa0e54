//! What the rows of a type must be to one another, so that none hides another or counts never.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{AttributeRow, KeyPair, Moved};
use crate::normalise::path::{Path, folded};

/// Names are compared folded, so that two rows that fold alike would answer for one another.
pub(super) fn check_names(
    attributes: &[AttributeRow],
    not_comparable: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mapped = attributes.iter().map(|row| row.pointer.clone());
    let set_aside = not_comparable
        .keys()
        .map(|name| Path::parse(name).pointer());
    let mut known = BTreeSet::new();
    for pointer in mapped.chain(set_aside) {
        let name: Vec<u8> = folded(pointer.as_str()).collect();
        if !known.insert(name) {
            return Err(format!("{pointer} stands twice"));
        }
    }
    for row in attributes {
        let mut paths = BTreeSet::new();
        if row
            .live
            .iter()
            .any(|path| !paths.insert(format!("{path:?}")))
        {
            return Err(format!("{} names a live path twice", row.pointer));
        }
        if row.approved.each.is_some() {
            return Err(format!("{}: no `*` in an attribute's name", row.pointer));
        }
    }
    check_unless(attributes)?;
    let without_reason = not_comparable.iter().find(|(_, why)| why.trim().is_empty());
    without_reason.map_or(Ok(()), |(name, _)| Err(format!("`{name}` needs a reason")))
}

/// A row may stand back for one that is read from the same place, and that never stands back itself:
/// otherwise a change could be seen by neither.
fn check_unless(attributes: &[AttributeRow]) -> Result<(), String> {
    for row in attributes {
        let Some(unless) = &row.unless else { continue };
        let found = attributes.iter().find(|other| other.pointer == *unless);
        let wrong = match found {
            None => "is no row of the type",
            Some(other) if other.pointer == row.pointer => "is the row itself",
            Some(other) if other.unless.is_some() => "stands back itself",
            Some(other) if other.live != row.live => "is read from another live path",
            Some(_) => continue,
        };
        return Err(format!("`unless` of {}: {unless} {wrong}", row.pointer));
    }
    Ok(())
}

/// What bounds a value, or names what does, must itself be read.
pub(super) fn check_moved(
    attributes: &[AttributeRow],
    keys: &[Vec<KeyPair>],
) -> Result<(), String> {
    for row in attributes {
        let mut needed = row.all_moved().flat_map(Moved::own_attributes);
        let unknown = needed.find(|path| {
            !attributes.iter().any(|row| row.approved == **path)
                && !keys.iter().flatten().any(|pair| pair.approved == **path)
        });
        if let Some(path) = unknown {
            return Err(format!(
                "`moved` of {}: `{path}` is no row and no key",
                row.pointer
            ));
        }
    }
    Ok(())
}
