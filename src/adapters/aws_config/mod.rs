//! AWS Config as a source: which queries to send, how often, and what to make of what comes back.
//! The calls themselves are behind a port.

mod again;
mod budget;
mod look;
mod pages;
mod query;
mod recorded;
mod rows;
mod source;

pub use budget::{Budget, Limits};
pub use source::{AwsConfigSource, Meter, Places, Settings, SystemTime, Time};
