//! Workspaces whose states Terraform refreshes.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::outside::explained;
use crate::adapters::terraform::{Settings, TerraformRefresh};
use crate::config::{self, Config, RefreshConfig};
use crate::ports::StateRefresh;

/// Everybody who refreshes a state for us.
pub fn refreshes(config: &Config) -> Vec<Arc<dyn StateRefresh>> {
    let refreshes = config.refreshes.iter();
    let refreshes =
        refreshes.map(|block| Arc::new(refresh(config, block)) as Arc<dyn StateRefresh>);
    refreshes.collect()
}

/// Whether binaries and folders are there; nothing is run.
///
/// # Errors
/// Something is not.
pub fn check(config: &Config) -> anyhow::Result<()> {
    for block in &config.refreshes {
        refresh(config, block).ready().map_err(|what| {
            let what = format!("{}: {what}", config::place(&block.at));
            let help =
                "name an initialised root module as `folder`, and as `binary` what refreshes it";
            explained(what, help.to_owned())
        })?;
    }
    Ok(())
}

fn refresh(config: &Config, block: &RefreshConfig) -> TerraformRefresh {
    let is_path = block.binary.components().count() > 1;
    let binary = match is_path {
        true => absolute(config.resolve(&block.binary)),
        false => block.binary.clone(),
    };
    TerraformRefresh::new(Settings {
        name: block.name.clone(),
        workspace: block.workspace.clone(),
        folder: absolute(config.resolve(&block.folder)),
        binary,
        environment: environment(&block.env),
        timeout: block.timeout.unsigned_abs(),
        scratch_dir: std::env::temp_dir(),
    })
}

/// It is started in another folder than ours.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// Our own variables that were asked for.
pub fn environment(wanted: &[String]) -> Vec<(OsString, OsString)> {
    let is_wanted = |name: &OsString| {
        let name = name.to_string_lossy();
        wanted.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(begin) => name.starts_with(begin),
            None => *name == **wanted,
        })
    };
    std::env::vars_os()
        .filter(|(name, _)| is_wanted(name))
        .collect()
}
