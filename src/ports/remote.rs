//! Places outside this machine: what keeps a copy of the log, and how it is spoken to.

use thiserror::Error;

/// One object with its name below the store's own prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What is in the store under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub bytes: Vec<u8>,
    pub version: Version,
}

/// Which writing of an object this is, as the store names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);

/// What became of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Done,
    /// Somebody else wrote there in the meantime; nothing was changed.
    Conflict,
}

/// A store that can keep objects which then nobody can change or delete, S3 with Object Lock for one.
///
/// Durability: when a call returns without an error, everything it was given is stored as durably as
/// the store ever stores anything. Retry: a call tries again by itself what may pass (throttling, a
/// failing server, a lost connection), with growing pauses and an end; what it then returns is
/// [`RemoteError::Unreachable`]. Idempotence: every call may be repeated after any error or crash,
/// whether or not an earlier try took effect, and leads to the same store. A lost answer to a write
/// that took effect is no error: the repeated write finds its own bytes.
pub trait RemoteStore {
    /// The store as messages name it. Holds no secret.
    fn place(&self) -> &str;

    /// Stores each object unless there is one under its name, and locks it for the store's retention.
    /// An object that is there with the same bytes counts as stored; one that is there unlocked, or
    /// locked for much less long, is locked for longer.
    ///
    /// # Errors
    /// [`RemoteError::Differs`] where other bytes are there. Some of the objects may be stored then.
    fn keep(&self, objects: &[Object]) -> Result<(), RemoteError>;

    /// Stores each object in the place of what is there, unlocked.
    ///
    /// # Errors
    /// One could not be stored; others may be.
    fn set(&self, objects: &[Object]) -> Result<(), RemoteError>;

    /// What is there under a name of at most `limit` bytes; nothing where there is nothing.
    ///
    /// # Errors
    /// The store does not answer, or what is there is larger.
    fn get(&self, name: &str, limit: u64) -> Result<Option<Stored>, RemoteError>;

    /// What is there under each name, in the order of the names.
    ///
    /// # Errors
    /// As [`RemoteStore::get`].
    fn get_all(&self, names: &[String], limit: u64) -> Result<Vec<Option<Vec<u8>>>, RemoteError>;

    /// Writes one object if what is there is still `over`, or if nothing is there and `over` is
    /// nothing.
    ///
    /// # Errors
    /// The store does not answer: whether it was written is not known.
    fn replace(&self, object: &Object, over: Option<&Version>) -> Result<Replaced, RemoteError>;

    /// Removes objects that are not locked; those that are not there count as removed.
    ///
    /// # Errors
    /// One could not be removed.
    fn remove(&self, names: &[String]) -> Result<(), RemoteError>;

    /// The names that begin so, in any order.
    ///
    /// # Errors
    /// The store does not answer.
    fn list(&self, prefix: &str) -> Result<Vec<String>, RemoteError>;
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpAnswer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Sends requests to witnesses and time stamping authorities.
pub trait Http {
    /// Sends one request, once. Any status is an answer.
    ///
    /// # Errors
    /// There is no answer in time, or one of more than `limit` bytes.
    fn post(&self, request: &HttpRequest<'_>, limit: u64) -> Result<HttpAnswer, RemoteError>;
}

#[derive(Clone, Copy, Debug)]
pub struct HttpRequest<'r> {
    pub url: &'r str,
    pub content_type: &'r str,
    pub body: &'r [u8],
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RemoteError {
    /// The alarm: what cannot be changed is not what it should be.
    #[error("`{name}` in {place} holds other bytes than the log here")]
    Differs { place: String, name: String },
    /// May pass by itself.
    #[error("{place} cannot be reached: {what}")]
    Unreachable { place: String, what: String },
    /// Does not pass by itself: rights, configuration, an answer that is none.
    #[error("{place} refuses: {what}")]
    Refused { place: String, what: String },
}
