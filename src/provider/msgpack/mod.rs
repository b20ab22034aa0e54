//! Values as they travel between Terraform and a provider: MessagePack, read and written by the type
//! that the schema gives.

mod error;
mod read;
mod refined;
mod write;

pub use error::MsgpackError;
pub use read::read;
pub use write::write;

/// Codes of the extensions that stand for values not yet known.
const PLAIN: i8 = 0;
const REFINED: i8 = 12;

#[cfg(test)]
mod tests;
