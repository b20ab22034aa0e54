//! The command line: one file per subcommand.

pub mod check;
pub mod evidence;
pub mod rules;
