//! The places outside this machine that need an SDK.

#[cfg(feature = "daemon")]
use std::sync::Arc;

use super::outside::explained;
#[cfg(feature = "daemon")]
use crate::adapters::aws::{EventHistory, LookupSettings, QueueSettings, SqsQueue};
use crate::adapters::aws::{S3Settings, S3Store, Shared, WebClient};
use crate::adapters::remote::{Authority, Outposts, Places, Watcher};
use crate::cli::scan::now;
use crate::config::{self, Config, MirrorConfig};
#[cfg(feature = "daemon")]
use crate::engine::service::Ears;
use crate::evidence::outside::cosignature::WitnessKey;
use crate::ports::{Outside, RemoteError, RemoteStore};

pub fn outposts(config: &Config, thorough: bool) -> anyhow::Result<Box<dyn Outside>> {
    let shared = Shared::new().map_err(unusable)?;
    let outside = &config.evidence.outside;
    let mirror = outside.mirror.as_ref();
    let mirror = mirror.map(|mirror| -> Box<dyn RemoteStore> { Box::new(s3(&shared, mirror)) });
    let authorities = outside.timestamps.iter().map(|authority| Authority {
        place: format!("time stamps `{}`", authority.name),
        url: authority.url.clone(),
    });
    let places = Places {
        mirror,
        watchers: watchers(config)?,
        authorities: authorities.collect(),
        http: Box::new(WebClient::new(&shared)),
        nonce: Box::new(nonce),
    };
    let mut outposts = Outposts::new(&config.resolve(&config.evidence.dir), places);
    outposts.thorough = thorough;
    Ok(Box::new(outposts))
}

pub fn store(mirror: &MirrorConfig) -> anyhow::Result<Box<dyn RemoteStore>> {
    let shared = Shared::new().map_err(unusable)?;
    Ok(Box::new(s3(&shared, mirror)))
}

fn s3(shared: &Shared, mirror: &MirrorConfig) -> S3Store {
    let settings = S3Settings {
        bucket: mirror.bucket.clone(),
        region: mirror.region.clone(),
        endpoint: mirror.endpoint.clone(),
        prefix: mirror.prefix.clone(),
        retention: mirror.retention,
    };
    S3Store::new(shared, settings, now)
}

/// Queues and trails that are listened to, each with connections of its own: one that gives no answer
/// holds up no other.
#[cfg(feature = "daemon")]
pub fn ears(config: &Config) -> anyhow::Result<Ears> {
    let mut ears = Ears::default();
    for own in &config.queues {
        let settings = QueueSettings {
            name: own.name.clone(),
            url: own.url.clone(),
            region: own.region.clone(),
            endpoint: own.endpoint.clone(),
            role: own.role.clone(),
            visibility: own.visibility.unsigned_abs(),
        };
        let shared = Shared::new().map_err(unusable)?;
        ears.queues.push(Arc::new(SqsQueue::new(&shared, settings)));
    }
    for own in &config.lookups {
        let settings = LookupSettings {
            name: own.name.clone(),
            region: own.region.clone(),
            endpoint: own.endpoint.clone(),
            role: own.role.clone(),
            window: own.window.unsigned_abs(),
            calls: own.calls,
        };
        let shared = Shared::new().map_err(unusable)?;
        let history = EventHistory::new(&shared, settings);
        ears.lookups.push(Arc::new(history));
    }
    Ok(ears)
}

pub fn watchers(config: &Config) -> anyhow::Result<Vec<Watcher>> {
    let witnesses = config.evidence.outside.witnesses.iter();
    let watchers = witnesses.map(|witness| {
        let key = WitnessKey::parse(&witness.key).map_err(|error| {
            let at = config::place(&witness.at);
            let what = format!("{at}: the `key` of the witness `{}`: {error}", witness.name);
            let help = "write the key as the witness publishes it: `NAME+HASH+KEY`";
            explained(what, help.to_owned())
        })?;
        Ok(Watcher {
            place: format!("witness `{}`", witness.name),
            url: witness.url.clone(),
            key,
        })
    });
    watchers.collect()
}

/// A number that nobody can guess. Where the system has none, the zeros of this one are caught by
/// nobody, and harm nothing but the freshness of one token.
fn nonce() -> [u8; 16] {
    let mut nonce = [0; 16];
    let _ = getrandom::fill(&mut nonce);
    nonce
}

fn unusable(error: RemoteError) -> anyhow::Error {
    explained(error.to_string(), "try again".to_owned())
}
