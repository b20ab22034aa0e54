//! Remediators, and the file that stops them.

mod handover;
mod stop;

pub use handover::Handover;
pub use stop::StopPath;
