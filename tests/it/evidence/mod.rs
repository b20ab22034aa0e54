//! The evidence log as its writer, its readers and an auditor meet it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod appending;
mod commands;
mod custody;
mod events;
mod guards;
#[cfg(feature = "index")]
mod index;
mod keys;
mod locked;
pub mod memory_store;
mod mirror;
mod outside;
mod packs;
mod records;
mod revoked;
mod shards;
mod sizes;
mod support;
mod tamper;
mod writer;
mod yearly;
