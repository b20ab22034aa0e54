//! The evidence folder.
