//! What the rows of a type must be to one another, so that none hides another or counts never.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Absent, AbsentPart, AttributeRow, Gate, KeyPair, Member, Moved, ResourceTable};
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

/// Which items are whole must be said where it is asked, and only there. An element of a list is never
/// asked: the list is there.
pub(super) fn check_whole(whole: &[Gate], resources: &[ResourceTable]) -> Result<(), String> {
    let mut is_asked = false;
    for own in resources {
        let mut rows = own.attributes.iter();
        let row = rows.any(|row| row.absent == Absent::UnsetInWhole);
        if row && matches!(own.member, Member::Each { .. }) {
            let type_name = &own.type_name;
            return Err(format!(
                "`{type_name}`: `unset_in_whole` is for no element of a list"
            ));
        }
        let part = match own.member {
            Member::Part { absent, .. } => absent == AbsentPart::MissingInWhole,
            Member::Whole | Member::Each { .. } | Member::SecurityGroupRule => false,
        };
        is_asked |= row || part;
    }
    match (is_asked, whole.is_empty()) {
        (true, true) => Err("`missing_in_whole` and `unset_in_whole` need `whole`".to_owned()),
        (false, false) => Err("nothing asks for `whole`".to_owned()),
        (true, false) | (false, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::normalise::table::ConfigTable;

    fn parsed(rest: &str) -> Result<ConfigTable, String> {
        let text = format!(
            "config = \"AWS::X::Y\"\nreview = \"by hand\"\n[resource.aws_x]\n\
             keys = [{{ id = \"resourceId\" }}]\n{rest}"
        );
        ConfigTable::parse("x", &text).map_err(|error| error.what)
    }

    #[test]
    fn whole_items_are_told_where_it_is_asked_and_only_there() {
        const ROW: &str = "[resource.aws_x.attributes]\n\
                           a = { live = \"c\", absent = \"unset_in_whole\" }\n";
        const PART: &str = "[resource.aws_p]\nkeys = [{ id = \"resourceId\" }]\n\
                            part = \"p\"\nabsent = \"missing_in_whole\"\n";
        const EACH: &str = "[resource.aws_e]\nkeys = [{ id = \"resourceId\" }]\n\
                            each = \"e\"\nelement = { a = \"a\" }\n\
                            [resource.aws_e.attributes]\n\
                            b = { live = \"b\", absent = \"unset_in_whole\" }\n";
        const WHOLE: &str = "[whole]\nd = \"*\"\n";
        let unsaid = "`missing_in_whole` and `unset_in_whole` need `whole`";
        let element = "`aws_e`: `unset_in_whole` is for no element of a list";
        for asks in [ROW, PART] {
            assert_eq!(parsed(asks).unwrap_err(), unsaid);
            let whole = parsed(&format!("{asks}{WHOLE}")).unwrap().whole;
            assert_eq!(whole.len(), 1);
        }
        assert_eq!(parsed(WHOLE).unwrap_err(), "nothing asks for `whole`");
        assert_eq!(parsed(&format!("{EACH}{WHOLE}")).unwrap_err(), element);
    }
}
