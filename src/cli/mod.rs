//! The command line: one file per subcommand.

mod args;
pub mod check;
pub mod evidence;
mod findings;
mod progress;
pub mod rules;
mod scan;
mod wire;

pub use args::run;
