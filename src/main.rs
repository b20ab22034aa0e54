//! The daemon's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    driftwarden::cli::run()
}
