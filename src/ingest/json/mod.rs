//! Reading JSON without building a tree: where a value ends, what members an object has, and
//! elements of very long arrays one at a time, in bounded memory.
//!
//! A scan reads gigabytes and wants a few attributes of each resource. Text that is not wanted is
//! only checked for UTF-8, balanced brackets and closed strings; text that is wanted is parsed by
//! `serde_json` when it is compared. Nothing here recurses over the input.

mod block;
mod error;
mod parse;
mod plain;
mod scan;
mod split;
mod stream;
mod tree;
mod window;

pub use error::{Fault, JsonError, StreamError, quoted};
pub(crate) use parse::are_unique;
pub use parse::{check, parse, parse_lying};
pub use plain::is_plain_string;
pub use split::{decode_string, elements, members, value_end};
pub use stream::JsonStream;
pub use tree::{Lying, Shape};

/// Brackets that may be open at once. Real files stay under 40; deeper input is refused, because
/// later readers recurse.
pub const MAX_DEPTH: u32 = 120;
