//! AWS Config as a source: which queries to send, how often, and what to make of what comes back.
//! The calls themselves are behind a port.

mod again;
mod budget;
mod look;
mod meter;
mod pages;
mod query;
mod recorded;
mod rows;
mod source;

pub use budget::{Budget, Limits};
pub use meter::{Meter, SystemTime, Time};
pub use source::{AwsConfigSource, Places, Settings};
