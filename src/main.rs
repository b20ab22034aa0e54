//! The daemon's command line.

use std::process::ExitCode;

/// Comparing makes many small, short-lived values, on every core at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    driftwarden::cli::run()
}
