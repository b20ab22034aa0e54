//! Channels that a configuration names, behind their port.

use crate::adapters::alerts::file::FileAlerts;
use crate::config::{ChannelConfig, ChannelKind, Config};
use crate::ports::Channel;

/// Every channel, in the order of the configuration.
///
/// # Errors
/// One needs what cannot be had, or what this driftwarden was built without.
pub fn channels(config: &Config) -> anyhow::Result<Vec<Box<dyn Channel>>> {
    let all = config.channels.iter();
    all.map(|channel| one(config, channel)).collect()
}

fn one(config: &Config, channel: &ChannelConfig) -> anyhow::Result<Box<dyn Channel>> {
    let name = channel.name.clone();
    Ok(match &channel.kind {
        ChannelKind::File(file) => {
            let path = match file.path.to_str() {
                Some("-") => file.path.clone(),
                _ => config.resolve(&file.path),
            };
            Box::new(FileAlerts::new(name, path))
        }
    })
}
