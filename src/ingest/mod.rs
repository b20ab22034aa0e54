//! Bytes to model.

pub mod changes;
pub mod cloudtrail;
mod document;
pub mod identity;
pub mod schema;
pub mod terraform_source;
