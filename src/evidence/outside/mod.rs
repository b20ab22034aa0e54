//! What the places outside this machine are asked and answer, and what a mirror holds beside the log.

pub mod anchor;
pub mod cosignature;
pub mod delta;
mod der;
pub mod timestamp;
