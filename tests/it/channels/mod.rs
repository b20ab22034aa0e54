//! Channels: what each sends, within the limits that its receiver documents, and what it makes of answers.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    clippy::string_slice,
    reason = "a test reads the clock, and writes its own secrets"
)]

mod alertmanager;
mod answers;
mod configuration;
mod forms;
mod hostile;
mod limits;
mod mail;
mod pagerduty;
mod pages;
mod security_hub;
mod slack;
mod splunk;
pub mod standin;
mod templates;
mod webhook;

use std::path::Path;

use driftwarden::cli::wire;
use driftwarden::config;
use driftwarden::ports::Channel;

/// The one channel of a configuration whose files lie in that folder.
fn channel(dir: &Path, block: &str) -> Box<dyn Channel> {
    made(dir, block).unwrap_or_else(|errors| panic!("{errors}"))
}

fn made(dir: &Path, block: &str) -> Result<Box<dyn Channel>, String> {
    let text = format!("evidence {{ dir = \"e\" }}\n{block}");
    let file = dir.join("driftwarden.hcl");
    let config = config::parse(file.to_str().unwrap(), &text).map_err(|error| error.to_string())?;
    let channels = wire::channels(&config).map_err(|errors| wire::messages(&errors))?;
    Ok(channels.into_iter().next().unwrap())
}

/// A folder with a secret in the file `secret`.
fn folder(secret: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("secret"), secret).unwrap();
    dir
}
