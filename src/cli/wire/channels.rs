//! Channels that a configuration names, behind their port.

use crate::adapters::alerts::file::FileAlerts;
use crate::config::{ChannelConfig, ChannelKind, Config};
use crate::ports::{Channel, InputError};

/// Every channel, in the order of the configuration.
///
/// # Errors
/// Each channel that cannot be made.
pub fn channels(config: &Config) -> Result<Vec<Box<dyn Channel>>, Vec<InputError>> {
    let all = config.channels.iter();
    Ok(all.map(|channel| one(config, channel)).collect())
}

fn one(config: &Config, channel: &ChannelConfig) -> Box<dyn Channel> {
    let name = channel.name.clone();
    match &channel.kind {
        ChannelKind::File(file) => {
            let path = match file.path.to_str() {
                Some("-") => file.path.clone(),
                _ => config.resolve(&file.path),
            };
            Box::new(FileAlerts::new(name, path))
        }
    }
}
