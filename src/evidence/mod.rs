//! The evidence log's format and its verification. Pure.
