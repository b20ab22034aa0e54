//! How a running engine tells people, made anew with each configuration.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::channels::channels;
use super::super::messages;
use super::super::notifying::named;
use super::super::policy::policy;
use crate::config::{ChannelConfig, Config};
use crate::engine::service::Telling;
use crate::ports::Channel;

type Kept = (Vec<ChannelConfig>, Arc<Vec<Arc<dyn Channel>>>);

/// Channels are kept as long as their blocks stay as they are: what is on its way goes on.
#[derive(Default)]
pub struct Tellings(Mutex<Option<Kept>>);

impl Tellings {
    /// # Errors
    /// A channel cannot be had, or a file that says how to tell cannot be used.
    pub fn of(&self, config: &Config) -> anyhow::Result<Telling> {
        let heartbeat = config.heartbeat.as_ref();
        Ok(Telling {
            policy: Arc::new(policy(config)?),
            channels: self.channels(config)?,
            heartbeat: heartbeat.map(|own| (own.channel.clone(), own.every)),
            origin: config.evidence.origin.clone(),
            named: named(config),
        })
    }

    fn channels(&self, config: &Config) -> anyhow::Result<Arc<Vec<Arc<dyn Channel>>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((blocks, own)) = &*kept
            && *blocks == config.channels
        {
            return Ok(Arc::clone(own));
        }
        let new = channels(config).map_err(|errors| anyhow::anyhow!(messages(&errors)))?;
        let new: Vec<Arc<dyn Channel>> = new.into_iter().map(Arc::from).collect();
        let new = Arc::new(new);
        *kept = Some((config.channels.clone(), Arc::clone(&new)));
        Ok(new)
    }
}
