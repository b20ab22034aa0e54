//! The evidence log as its writer, its readers and an auditor meet it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod commands;
mod custody;
mod events;
mod keys;
mod records;
mod sizes;
mod support;
mod tamper;
mod writer;
