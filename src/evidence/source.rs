//! What verification reads from: an evidence folder, whatever holds it.

use thiserror::Error;

use crate::model::Sha256Digest;

/// One thing found in an evidence folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found<'p> {
    File(&'p str),
    EmptyFolder(&'p str),
    /// A symbolic link, a socket, a name that is not UTF-8.
    Other(&'p str),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{path}` cannot be read: {reason}")]
pub struct SourceError {
    pub path: String,
    pub reason: String,
}

/// Reads an evidence folder. Paths are relative, with `/` between their parts. Nothing is cached:
/// a caller reads each file once, or again where it must say what is wrong with it. Several threads may
/// read at the same time.
pub trait Source: Sync {
    /// The whole file; nothing where there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is larger than `limit` bytes.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError>;

    /// The digest of a file of any size, read as a stream.
    ///
    /// # Errors
    /// The file cannot be read.
    fn digest(&self, path: &str) -> Result<Option<Sha256Digest>, SourceError>;

    /// Visits everything in the folder but the writer's state and the index ([`super::path::STATE`],
    /// [`super::path::is_index`]).
    ///
    /// # Errors
    /// A folder cannot be listed.
    fn walk(&self, visit: &mut dyn FnMut(Found<'_>)) -> Result<(), SourceError>;
}

impl SourceError {
    pub fn new(path: &str, reason: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub fn too_large(path: &str, limit: u64) -> Self {
        Self::new(path, format!("it is larger than {limit} bytes"))
    }
}
