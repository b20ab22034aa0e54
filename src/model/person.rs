//! The identity map: which accounts in which systems are the same person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::ApprovalRole;

/// The pseudonymous id that stands for a person in the evidence log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub id: PersonId,
    pub kind: PersonKind,
    #[serde(default = "yes")]
    pub active: bool,
    /// The roles in which this person may approve.
    #[serde(default)]
    pub roles: Vec<ApprovalRole>,
    /// Every name the person has elsewhere: e-mail addresses, ARNs, user names, employee numbers.
    #[serde(default)]
    pub aliases: Vec<String>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    Human,
    Bot,
    Shared,
}

/// People by every alias they have. E-mail addresses compare without case, everything else exactly.
#[derive(Clone, Debug, Default)]
pub struct IdentityMap {
    people: Vec<Person>,
    by_alias: BTreeMap<String, usize>,
}

impl IdentityMap {
    /// Builds the map.
    ///
    /// # Errors
    /// Names the alias that two people claim, and both of their ids: whoever it is could approve
    /// in the name of the other.
    pub fn new(people: Vec<Person>) -> Result<Self, (String, PersonId, PersonId)> {
        let mut by_alias = BTreeMap::new();
        for (index, person) in people.iter().enumerate() {
            let own = std::iter::once(&person.id.0).chain(&person.aliases);
            for alias in own {
                let before = by_alias.insert(fold(alias), index);
                if let Some(other) = before.filter(|other| *other != index) {
                    let other = people.get(other).map(|p| p.id.clone());
                    let other = other.unwrap_or_else(|| person.id.clone());
                    return Err((alias.clone(), other, person.id.clone()));
                }
            }
        }
        Ok(Self { people, by_alias })
    }

    pub fn find(&self, alias: &str) -> Option<&Person> {
        self.people.get(*self.by_alias.get(&fold(alias))?)
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }
}

fn fold(alias: &str) -> String {
    let trimmed = alias.trim();
    if trimmed.contains('@') {
        trimmed.to_lowercase()
    } else {
        trimmed.to_owned()
    }
}
