//! Driftwarden compares live cloud state with approved Terraform plans, says of each deviation who
//! made it and whether it was authorised, and writes every finding to an evidence log that can be
//! verified offline. ARCHITECTURE.md holds the code map and the invariants.

pub mod adapters;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod decide;
pub mod engine;
pub mod evidence;
pub mod ingest;
pub mod model;
pub mod normalise;
pub mod ports;
#[cfg(feature = "exact")]
pub mod provider;
pub mod report;
