//! Sources of live items that are asked, and not read from files.

use std::io::Read;

use jiff::Timestamp;

use super::InputError;
use crate::model::SourceReport;

/// A source that is asked for the items of some types.
///
/// A look begins with [`LiveSource::begin`]; each of its parts is then opened once, in any order and
/// from any thread, and [`LiveSource::report`] tells in the end what the parts could not give. What
/// fails outside this machine costs items, never the look: a reader of a part ends early and well
/// formed, and the report has the rest. Every call may be repeated, and a new look starts afresh.
pub trait LiveSource: Send + Sync {
    /// The user's name for it.
    fn name(&self) -> &str;

    /// Begins a look for items of these types as AWS Config names them. Gives the names of the parts.
    fn begin(&self, types: &[&str]) -> Vec<String>;

    /// The items of a part as a document that `ingest::config_item` reads.
    ///
    /// # Errors
    /// The look has no such part.
    fn open(&self, part: &str) -> Result<Box<dyn Read + Send>, InputError>;

    /// What became of the look that was begun last.
    fn report(&self) -> SourceReport;

    /// When a part was last read to its end.
    fn newest(&self) -> Option<Timestamp>;
}
