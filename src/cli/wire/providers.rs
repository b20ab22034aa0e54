//! Providers behind their port.

use std::path::Path;

use crate::adapters::provider;

/// See `adapters::provider::become_provider`.
pub fn become_provider(parent: u32, binary: &Path) -> anyhow::Error {
    anyhow::Error::new(provider::become_provider(parent, binary))
}
