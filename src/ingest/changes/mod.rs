//! Change records as files: JSON or YAML, one record, a list, or several YAML documents.

mod record;
mod time;
mod words;

use std::collections::BTreeMap;

use thiserror::Error;

use super::document;
pub use super::document::DocumentError;
use crate::model::{ChangeNumber, ChangeRecord, Sha256Digest};

/// The largest file of change records that is read, in bytes.
pub const LARGEST_FILE_BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("{name}: holds no change record")]
    Empty { name: String },
    #[error("change record `{number}` is in {first} and in {second}, with different content")]
    Conflict {
        number: ChangeNumber,
        first: String,
        second: String,
    },
}

impl ChangeError {
    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Document(error) => error.help.as_deref(),
            Self::Empty { .. } => Some("write a record into it, or remove the file"),
            Self::Conflict { .. } => {
                Some("keep the one that the ticket system holds; until then neither has standing")
            }
        }
    }
}

/// Reads the change records of one file. `name` gives the format by its extension and is shown in
/// messages and as the records' origin.
///
/// # Errors
/// Anything that is not in the contract's form: an unknown field, a time without an offset, a
/// window that ends before it starts, a file of more than [`LARGEST_FILE_BYTES`].
pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<ChangeRecord>, ChangeError> {
    let documents: Vec<record::OneOrMany> = document::read(name, bytes, LARGEST_FILE_BYTES)?;
    if documents.is_empty() {
        return Err(ChangeError::Empty {
            name: name.to_owned(),
        });
    }
    let digest = Sha256Digest::of(bytes);
    Ok(documents
        .into_iter()
        .flat_map(|document| document.0)
        .map(|raw| raw.into_record(name, digest))
        .collect())
}

/// Checks that no two records of one number differ. The same record in two exports is harmless.
///
/// # Errors
/// The first conflict by number, whatever the order of the records.
pub fn check_unique(records: &[ChangeRecord]) -> Result<(), ChangeError> {
    let mut by_number: BTreeMap<&ChangeNumber, Vec<&ChangeRecord>> = BTreeMap::new();
    for record in records {
        by_number.entry(&record.number).or_default().push(record);
    }
    for (number, same) in by_number {
        let Some((first, rest)) = same.split_first() else {
            continue;
        };
        if let Some(other) = rest.iter().find(|other| !other.same_content(first)) {
            let mut origins = [first.origin.clone(), other.origin.clone()];
            origins.sort();
            let [first, second] = origins;
            return Err(ChangeError::Conflict {
                number: number.clone(),
                first,
                second,
            });
        }
    }
    Ok(())
}
