//! The command line: one file per subcommand.

mod args;
pub mod check;
pub mod coverage;
pub mod demo;
pub mod evidence;
pub mod explain;
mod findings;
mod fixes;
mod notify;
mod progress;
#[cfg(feature = "providers")]
pub mod provider;
#[cfg(feature = "providers")]
mod provider_child;
pub mod rules;
#[cfg(feature = "daemon")]
pub mod run;
pub mod scan;
pub mod wire;

pub use args::run;
