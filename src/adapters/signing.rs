//! Keys on disk.
