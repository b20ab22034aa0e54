//! `driftwarden run`: the engine as a service.

use std::path::Path;
use std::process::ExitCode;

use super::{scan, wire};

/// Scan on a schedule and whenever something changes, until told to stop
///
/// Plans, changes, rules, waivers, the identity map and the configuration are read again when they
/// change. What is wrong is refused, told and recorded, and what was in force before stays so. A start
/// needs everything to be good. docs/operations.md says how to run it.
///
/// Where `evidence` names a mirror, witnesses or time stamps, they get what is recorded beside all this,
/// and whoever is behind for too long is told of.
///
/// SIGTERM and SIGINT end it with nothing lost, a second one at once; SIGHUP reads everything again.
/// Exit status: 0 it ended as it was told to; 1 it could not start, or not go on; 130 it was told
/// twice and ended at once.
#[derive(clap::Args)]
pub struct RunArgs {
    /// Threads to read with [default: one per core].
    #[arg(long, value_name = "N", value_parser = scan::thread_count)]
    threads: Option<std::num::NonZeroUsize>,
}

pub fn run(args: &RunArgs, config: &Path) -> anyhow::Result<ExitCode> {
    let threads = args.threads;
    let threads = threads.map_or_else(scan::cores, std::num::NonZeroUsize::get);
    Ok(match wire::run_service(config, threads, scan::now)? {
        wire::Ending::Stopped => ExitCode::SUCCESS,
        wire::Ending::AtOnce => ExitCode::from(130),
        wire::Ending::Failed => ExitCode::FAILURE,
    })
}
