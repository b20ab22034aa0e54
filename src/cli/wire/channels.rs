//! Channels of the configuration, put behind their port.

use crate::adapters::alerts::file::FileAlerts;
#[cfg(feature = "paging")]
use crate::cli::scan::now;
use crate::config::{ChannelConfig, ChannelKind, Config, FileChannel, place};
use crate::ports::{Channel, InputError};

type Made = Result<Box<dyn Channel>, String>;

/// Every channel, in the order of the configuration, its templates read and checked. Nothing is sent.
///
/// # Errors
/// Each channel that cannot be made.
pub fn channels(config: &Config) -> Result<Vec<Box<dyn Channel>>, Vec<InputError>> {
    let mut channels = Vec::new();
    let mut errors = Vec::new();
    for one in &config.channels {
        match channel(config, one) {
            Ok(channel) => channels.push(channel),
            Err(what) => errors.push(InputError {
                what: format!("{}: channel `{}`: {what}", place(&one.at), one.name),
                help: Some("docs/channels.md says what each kind of channel needs".to_owned()),
            }),
        }
    }
    match errors.is_empty() {
        true => Ok(channels),
        false => Err(errors),
    }
}

fn file(config: &Config, name: &str, own: &FileChannel) -> Box<dyn Channel> {
    let path = match own.path.as_os_str() == "-" {
        true => own.path.clone(),
        false => config.resolve(&own.path),
    };
    Box::new(FileAlerts::new(name.to_owned(), path))
}

#[cfg(not(feature = "paging"))]
fn channel(config: &Config, one: &ChannelConfig) -> Made {
    match &one.kind {
        ChannelKind::File(own) => Ok(file(config, &one.name, own)),
        ChannelKind::PagerDuty(_)
        | ChannelKind::Email(_)
        | ChannelKind::Slack(_)
        | ChannelKind::SlackWebhook(_)
        | ChannelKind::Teams(_)
        | ChannelKind::Alertmanager(_)
        | ChannelKind::Webhook(_)
        | ChannelKind::SecurityHub(_)
        | ChannelKind::Splunk(_) => {
            Err("this driftwarden was built without the feature `paging`".to_owned())
        }
    }
}

#[cfg(feature = "paging")]
fn channel(config: &Config, one: &ChannelConfig) -> Made {
    use crate::adapters::alerts::Around;
    use crate::adapters::alerts::alertmanager::Alertmanager;
    use crate::adapters::alerts::email::Email;
    use crate::adapters::alerts::pagerduty::PagerDuty;
    use crate::adapters::alerts::slack::{Slack, SlackWebhook};
    use crate::adapters::alerts::splunk::Splunk;
    use crate::adapters::alerts::teams::Teams;
    use crate::adapters::alerts::webhook::Webhook;

    let name = &one.name;
    let around = &Around {
        base: &config.base_dir,
        clock: now,
    };
    Ok(match &one.kind {
        ChannelKind::File(own) => file(config, name, own),
        ChannelKind::PagerDuty(own) => Box::new(PagerDuty::new(name, own, around)?),
        ChannelKind::Email(own) => Box::new(Email::new(name, own, around)?),
        ChannelKind::Slack(own) => Box::new(Slack::new(name, own, around)?),
        ChannelKind::SlackWebhook(own) => Box::new(SlackWebhook::new(name, own, around)?),
        ChannelKind::Teams(own) => Box::new(Teams::new(name, own, around)?),
        ChannelKind::Alertmanager(own) => Box::new(Alertmanager::new(name, own, around)?),
        ChannelKind::Webhook(own) => Box::new(Webhook::new(name, own, around)?),
        ChannelKind::SecurityHub(own) => security_hub(name, own)?,
        ChannelKind::Splunk(own) => Box::new(Splunk::new(name, own, around)?),
    })
}

#[cfg(all(feature = "paging", not(feature = "aws")))]
fn security_hub(_name: &str, _own: &crate::config::SecurityHubChannel) -> Made {
    Err("this driftwarden was built without the feature `aws`".to_owned())
}

#[cfg(all(feature = "paging", feature = "aws"))]
fn security_hub(name: &str, own: &crate::config::SecurityHubChannel) -> Made {
    use std::sync::OnceLock;

    use crate::adapters::alerts::AwsKeys;
    use crate::adapters::alerts::security_hub::SecurityHub;
    use crate::adapters::aws::{EnvironmentKeys, Shared};

    // Looked for on the thread that sends: this one may be within a runtime, where waiting is forbidden.
    let found = OnceLock::new();
    let region = own.region.clone();
    let keys = Box::new(move || {
        let keys = match found.get() {
            Some(keys) => keys,
            None => {
                let shared = Shared::new().map_err(|error| error.to_string())?;
                found.get_or_init(|| EnvironmentKeys::new(&shared, &region))
            }
        };
        let (access_key, secret_key, session) = keys.now()?;
        Ok(AwsKeys {
            access_key,
            secret_key,
            session,
        })
    });
    Ok(Box::new(SecurityHub::new(name, own, keys, now)?))
}
