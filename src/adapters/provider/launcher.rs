//! What stands between us and a provider for the moment before it starts.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::process::{
    Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setrlimit,
};

/// Why the provider did not take this process's place.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("who started this is gone")]
    Orphaned,
    #[error("the system refused: {0}")]
    Refused(#[from] rustix::io::Errno),
    #[error("cannot start the provider: {0}")]
    NotRun(#[from] std::io::Error),
}

/// Becomes the provider: this process then ends when `parent` does, even if that is killed, and leaves
/// no memory image behind. Comes back only if it failed.
///
/// # Errors
/// The parent is gone already, or the binary cannot be run.
pub fn become_provider(parent: u32, binary: &Path) -> LaunchError {
    if let Err(error) = bind(parent) {
        return error;
    }
    LaunchError::NotRun(Command::new(binary).exec())
}

fn bind(parent: u32) -> Result<(), LaunchError> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // Between our start and the line above the parent may have died, of which nobody tells.
    let now = getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    if now != Some(parent) {
        return Err(LaunchError::Orphaned);
    }
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    Ok(())
}
