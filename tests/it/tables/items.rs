//! Live paths.
