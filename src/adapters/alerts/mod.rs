//! Channels behind their port, one file for each kind. Each sends once, waits for the answer within time
//! limits, and says whether another try can help.

pub mod file;

#[cfg(feature = "paging")]
mod answer;
#[cfg(feature = "paging")]
mod http;
#[cfg(feature = "paging")]
mod secret;
#[cfg(feature = "paging")]
mod sigv4;
#[cfg(feature = "paging")]
mod trust;
#[cfg(feature = "paging")]
mod words;

#[cfg(feature = "paging")]
pub mod alertmanager;
#[cfg(feature = "paging")]
pub mod email;
#[cfg(feature = "paging")]
pub mod pagerduty;
#[cfg(feature = "paging")]
pub mod security_hub;
#[cfg(feature = "paging")]
pub mod slack;
#[cfg(feature = "paging")]
pub mod splunk;
#[cfg(feature = "paging")]
pub mod teams;
#[cfg(feature = "paging")]
pub mod webhook;

#[cfg(feature = "paging")]
pub use sigv4::AwsKeys;

/// Reads the clock.
pub type Clock = fn() -> jiff::Timestamp;

/// What channels are made in.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The folder of the configuration, at which paths start.
    pub base: &'a std::path::Path,
    pub clock: Clock,
}
