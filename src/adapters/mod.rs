//! The outside world: files, keys, the evidence folder.

#[cfg(feature = "aws")]
pub mod aws;
pub mod estate;
pub mod evidence;
pub mod files;
pub mod reason;
pub mod remote;
pub mod signing;
pub mod store;
