//! Bytes to model.

pub mod changes;
pub mod cloudtrail;
pub mod identity;
pub mod json;
pub mod schema;
pub mod terraform_source;
