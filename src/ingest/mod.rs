//! Bytes to model.

pub mod attributes;
pub mod changes;
pub mod cloudtrail;
pub mod config_item;
mod document;
pub mod identity;
pub mod json;
pub mod plan;
pub mod redact;
mod json_fault;
pub mod schema;
pub mod source;
pub mod state;
pub mod stored;
pub mod terraform_source;
