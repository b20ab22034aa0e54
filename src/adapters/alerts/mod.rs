//! Channels behind their port, one file for each kind.

pub mod file;
