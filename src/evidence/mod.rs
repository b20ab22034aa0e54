//! The evidence log's format, its records and its verification. Pure: bytes in, bytes or findings out.
//!
//! The log is a C2SP tlog-tiles tree with signed checkpoints; its entries are in-toto Statements.
//! `adapters::store` puts these bytes on disk in the right order, and reads them back.

pub mod anchor;
pub mod bundle;
pub mod checkpoint;
pub mod clock;
pub mod cosignature;
pub mod custody;
pub mod delta;
mod der;
pub mod dsse;
pub mod export_key;
pub mod index;
pub mod key;
pub mod ledger;
pub mod lifecycle;
mod mail;
#[cfg(test)]
mod oracle;
pub mod pack;
pub mod path;
pub mod people;
pub mod proof;
pub mod record;
pub mod ring;
pub mod signer;
pub mod source;
pub mod statement;
pub mod timestamp;
pub mod tlog_proof;
pub mod tree;
pub mod verify;
pub mod watches;
pub mod worm;
