//! Sources of live items that are asked.

use std::sync::Arc;

use super::outside::explained;
use crate::adapters::aws_config::AwsConfigSource;
use crate::config::{self, AwsConfigConfig, Config};
use crate::ports::LiveSource;

#[cfg(feature = "aws")]
use super::clouds as built;

/// Every source that the configuration names and that is no file.
///
/// # Errors
/// One needs what this driftwarden was built without.
pub fn sources(config: &Config) -> anyhow::Result<Vec<Arc<dyn LiveSource>>> {
    let sources = config.live_aws.iter().map(source);
    let sources = sources.map(|source| Ok(source? as Arc<dyn LiveSource>));
    sources.collect()
}

/// # Errors
/// It needs what this driftwarden was built without.
pub fn source(block: &AwsConfigConfig) -> anyhow::Result<Arc<AwsConfigSource>> {
    must_be_built(block)?;
    built::aws_config(block)
}

/// # Errors
/// As [`source`].
pub fn check(config: &Config) -> anyhow::Result<()> {
    config.live_aws.iter().try_for_each(must_be_built)
}

fn must_be_built(block: &AwsConfigConfig) -> anyhow::Result<()> {
    if cfg!(feature = "aws") {
        return Ok(());
    }
    let at = config::place(&block.at);
    let what = format!(
        "{at}: `live` of the kind `aws_config` needs a driftwarden that was built with the feature \
         `aws`"
    );
    let help = "build it with `cargo build --release --features aws`, or read delivered snapshots \
                with `live \"aws_config_snapshot\"`";
    Err(explained(what, help.to_owned()))
}

/// Without the feature nobody can be asked; [`must_be_built`] has said so before.
#[cfg(not(feature = "aws"))]
mod built {
    use std::sync::Arc;

    use super::{AwsConfigConfig, AwsConfigSource, must_be_built};

    pub fn aws_config(block: &AwsConfigConfig) -> anyhow::Result<Arc<AwsConfigSource>> {
        must_be_built(block)?;
        anyhow::bail!("this driftwarden was built without the feature `aws`")
    }
}
