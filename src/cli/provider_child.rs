//! `driftwarden provider-child`: what driftwarden starts to become a provider. Not for people.

use std::path::PathBuf;

use super::wire;

/// Become a provider that ends when the process that started it does
#[derive(clap::Args)]
pub struct ProviderChildArgs {
    /// The process that starts this one.
    parent: u32,
    binary: PathBuf,
}

/// Comes back only if it failed.
pub fn run(args: &ProviderChildArgs) -> anyhow::Error {
    wire::become_provider(args.parent, &args.binary)
}
