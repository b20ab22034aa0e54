//! The identity map as a file: which accounts in which systems are the same person.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

pub use super::document::DocumentError;
use super::document::{self, Fields};
use crate::model::{IdentityMap, Person, PersonId};

/// The largest identity map that is read, in bytes.
pub const LARGEST_FILE_BYTES: usize = 64 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("{name}: holds no identity map")]
    Empty { name: String },
    #[error("{name}: two people have the id `{}`", id.0)]
    DuplicateId { name: String, id: PersonId },
    #[error("{name}: `{}` and `{}` both claim the alias `{alias}`", first.0, second.0)]
    SharedAlias {
        name: String,
        alias: String,
        first: PersonId,
        second: PersonId,
    },
    #[error("{name}: person {position} has an empty id")]
    EmptyId { name: String, position: usize },
    #[error("{name}: `{}` has an empty alias", id.0)]
    EmptyAlias { name: String, id: PersonId },
}

impl IdentityError {
    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Document(error) => error.help.as_deref(),
            Self::Empty { .. } => Some("write `{ \"people\": [] }` and add people"),
            Self::DuplicateId { .. } => {
                Some("put all aliases of one person into one entry, or give another id")
            }
            Self::SharedAlias { .. } => {
                Some("an alias belongs to one person; what several people use is of kind `shared`")
            }
            Self::EmptyId { .. } | Self::EmptyAlias { .. } => Some("fill it in or remove it"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMap {
    people: Vec<Fields<Person>>,
}

/// Reads an identity map. `name` gives the format by its extension and is shown in messages.
///
/// # Errors
/// Unknown fields and words, an id or alias that is empty or that two people claim.
pub fn parse(name: &str, bytes: &[u8]) -> Result<IdentityMap, IdentityError> {
    let maps: Vec<Fields<RawMap>> = document::read(name, bytes, LARGEST_FILE_BYTES)?;
    if maps.is_empty() {
        return Err(IdentityError::Empty {
            name: name.to_owned(),
        });
    }
    let people = maps.into_iter().flat_map(|Fields(map)| map.people);
    let people: Vec<Person> = people.map(|Fields(person)| person).collect();
    check_names(name, &people)?;
    IdentityMap::new(people).map_err(|(alias, first, second)| IdentityError::SharedAlias {
        name: name.to_owned(),
        alias,
        first,
        second,
    })
}

fn check_names(name: &str, people: &[Person]) -> Result<(), IdentityError> {
    let mut ids = BTreeSet::new();
    for (index, person) in people.iter().enumerate() {
        if person.id.0.trim().is_empty() {
            return Err(IdentityError::EmptyId {
                name: name.to_owned(),
                position: index + 1,
            });
        }
        if !ids.insert(person.id.0.trim()) {
            return Err(IdentityError::DuplicateId {
                name: name.to_owned(),
                id: person.id.clone(),
            });
        }
        // An empty alias would make every account without a name this person's.
        if person.aliases.iter().any(|alias| alias.trim().is_empty()) {
            return Err(IdentityError::EmptyAlias {
                name: name.to_owned(),
                id: person.id.clone(),
            });
        }
    }
    Ok(())
}
