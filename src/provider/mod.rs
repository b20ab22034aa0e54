//! Terraform's provider protocol as far as it is pure: values, their encoding, schemas, and what is
//! decided with them. Nothing here starts a process or waits for one; `adapters::provider` does.

pub mod checksum;
pub mod cty;
pub mod exact;
pub mod handshake;
pub mod json;
pub mod lock;
pub mod msgpack;
pub mod schema;
pub mod scrub;

#[cfg(test)]
mod tests;
