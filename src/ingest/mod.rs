//! Bytes to model.

pub mod attributes;
pub mod changes;
pub mod cloudtrail;
pub mod config_item;
mod document;
mod fields;
pub mod hcl;
pub mod identity;
pub mod json;
mod json_fault;
pub mod plan;
pub mod projection;
pub mod queue;
pub mod redact;
pub mod schema;
pub mod secret_tags;
pub mod source;
pub mod state;
pub mod stored;
pub mod terraform_source;

#[cfg(test)]
mod test_support;
