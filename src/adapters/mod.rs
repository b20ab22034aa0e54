//! The outside world: files, keys, the evidence folder.

pub mod estate;
pub mod evidence;
pub mod files;
pub mod reason;
pub mod remote;
pub mod signing;
pub mod store;
