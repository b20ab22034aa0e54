//! Bytes to model.

pub mod changes;
pub mod cloudtrail;
pub mod identity;
mod json_fault;
pub mod schema;
pub mod terraform_source;
