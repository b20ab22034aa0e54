//! The outside world: files, keys, the evidence folder, and what a running engine stands in.

pub mod alerts;
#[cfg(feature = "aws")]
pub mod aws;
pub mod aws_config;
pub mod estate;
pub mod evidence;
pub mod files;
pub mod fixes;
#[cfg(feature = "daemon")]
pub mod http;
pub mod inbox;
#[cfg(feature = "index")]
pub mod index;
#[cfg(feature = "daemon")]
pub mod journal;
#[cfg(feature = "providers")]
pub mod provider;
pub mod reason;
pub mod remote;
pub mod signing;
pub mod store;
#[cfg(feature = "daemon")]
pub mod supervisor;
#[cfg(feature = "daemon")]
pub mod watch;
