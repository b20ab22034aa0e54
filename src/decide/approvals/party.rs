//! Who a name in a change record or in the trail is, as far as the identity map knows.

use std::collections::BTreeSet;

use crate::model::{IdentityMap, Person, PersonId, PersonKind};

/// Somebody named. Two names of one person are one party; an unmapped name is a party of its own,
/// of which nothing more is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    Known(PersonId),
    Unmapped(String),
}

impl Party {
    pub(in crate::decide) fn is_unmapped(&self) -> bool {
        match self {
            Self::Known(_) => false,
            Self::Unmapped(_) => true,
        }
    }

    /// For reasons, which reach the evidence log: people appear there by their ids, and a name that
    /// has no id is not shown.
    pub(in crate::decide) fn shown(&self) -> &str {
        match self {
            Self::Known(id) => &id.0,
            Self::Unmapped(_) => "somebody who is not in the identity map",
        }
    }
}

pub(in crate::decide) fn resolve(name: &str, people: Option<&IdentityMap>) -> Party {
    match people.and_then(|people| find(name, people)) {
        Some(person) => Party::Known(person.id.clone()),
        None => {
            let name = name.trim();
            Party::Unmapped(if name.contains('@') {
                name.to_lowercase()
            } else {
                name.to_owned()
            })
        }
    }
}

/// Change records name a role by its bare name where the identity map has its ARN. The bare name is
/// taken if just one person has a role of that name.
fn find<'p>(name: &str, people: &'p IdentityMap) -> Option<&'p Person> {
    if let Some(person) = people.find(name) {
        return Some(person);
    }
    let name = name.trim();
    if name.is_empty() || name.contains(':') || name.contains('@') {
        return None;
    }
    let mut owners = people.people().iter().filter(|person| {
        let mut aliases = person.aliases.iter();
        aliases.any(|alias| role_name(alias) == Some(name))
    });
    let owner = owners.next()?;
    owners.next().is_none().then_some(owner)
}

/// The name in a role's ARN, its path left out.
fn role_name(arn: &str) -> Option<&str> {
    let resource = arn.trim().strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
    let path = resource.strip_prefix("role/")?;
    path.rsplit('/').next()
}

/// Why a person can approve nothing at all.
pub(super) fn unfit(party: &Party, people: Option<&IdentityMap>) -> Option<&'static str> {
    let Party::Known(id) = party else { return None };
    let person = people?.find(&id.0)?;
    match (person.kind, person.active) {
        (PersonKind::Human, true) => None,
        (PersonKind::Human, false) => Some("is not active"),
        (PersonKind::Bot, _) => Some("is a bot"),
        (PersonKind::Shared, _) => Some("is a shared account"),
    }
}

/// Everybody whom a record names in one part.
pub(super) fn resolve_all<'n>(
    names: impl IntoIterator<Item = &'n String>,
    people: Option<&IdentityMap>,
) -> BTreeSet<Party> {
    names
        .into_iter()
        .map(|name| resolve(name, people))
        .collect()
}
