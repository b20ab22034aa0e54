//! The places outside this machine that need an SDK.

use std::path::Path;
use std::sync::Arc;

use super::outside::explained;
use crate::adapters::aws::{
    AwsConfigApi, ConfigAccess, KmsKeys, KmsSettings, S3Settings, S3Store, Shared, WebClient,
};
#[cfg(feature = "daemon")]
use crate::adapters::aws::{EventHistory, LookupSettings, QueueSettings, SqsQueue};
use crate::adapters::aws_config::{
    AwsConfigSource, Limits, Meter, Places as ConfigPlaces, Settings, SystemTime,
};
use crate::adapters::remote::{Authority, Outposts, Places, Watcher};
use crate::adapters::signing::SignerSource;
use crate::adapters::store::Shard;
use crate::cli::scan::now;
use crate::config::{
    self, AwsConfigConfig, AwsConfigPlaces, Config, ConfigRemediationConfig, KmsKey, MirrorConfig,
};
#[cfg(feature = "daemon")]
use crate::engine::service::Ears;
use crate::evidence::cosignature::WitnessKey;
use crate::ports::{CallPlace, Outside, ReadsAgain, RemediationApi, RemoteError, RemoteStore};

/// Calls of one interface in one account and Region in a minute, for fixes.
const CALLS_FOR_FIXES: u32 = 60;

/// Everybody outside, for one log.
pub fn outposts(
    config: &Config,
    shard: &Shard,
    thorough: bool,
) -> anyhow::Result<Box<dyn Outside>> {
    let shared = Shared::new().map_err(unusable)?;
    let outside = &config.evidence.outside;
    let mirror = outside.mirror.as_ref();
    let mirror = mirror.map(|mirror| -> Box<dyn RemoteStore> {
        Box::new(s3(
            &shared,
            mirror,
            shard.year.is_some().then(|| shard.name()),
        ))
    });
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
    let mut outposts = Outposts::new(&shard.dir, places);
    outposts.thorough = thorough;
    Ok(Box::new(outposts))
}

/// The mirror, or the part of it that one shard has.
pub fn store(mirror: &MirrorConfig, shard: Option<String>) -> anyhow::Result<Box<dyn RemoteStore>> {
    let shared = Shared::new().map_err(unusable)?;
    Ok(Box::new(s3(&shared, mirror, shard)))
}

/// `keys` is the folder of the installation's other keys.
pub fn kms(signer: &KmsKey, keys: &Path) -> anyhow::Result<Box<dyn SignerSource>> {
    let shared = Shared::new().map_err(unusable)?;
    let settings = KmsSettings {
        key: signer.key.clone(),
        region: signer.region.clone(),
        endpoint: signer.endpoint.clone(),
        folder: keys.to_owned(),
    };
    Ok(Box::new(KmsKeys::new(&shared, settings)))
}

fn s3(shared: &Shared, mirror: &MirrorConfig, shard: Option<String>) -> S3Store {
    let below = shard.map(|shard| format!("{shard}/")).unwrap_or_default();
    let settings = S3Settings {
        bucket: mirror.bucket.clone(),
        region: mirror.region.clone(),
        endpoint: mirror.endpoint.clone(),
        prefix: format!("{}{below}", mirror.prefix),
        retention: mirror.retention,
    };
    S3Store::new(shared, settings, now)
}

/// AWS Config as one block names it. Nothing is sent before it is asked.
pub fn aws_config(block: &AwsConfigConfig) -> anyhow::Result<Arc<AwsConfigSource>> {
    let shared = Shared::new().map_err(unusable)?;
    let limits = Limits {
        per_minute: block.calls_per_minute,
        per_scan: block.calls_per_scan,
    };
    let meter = Meter::new(limits, Arc::new(SystemTime::new(now)));
    let access = ConfigAccess {
        roles: block.roles.clone(),
        external_id: block.external_id.clone(),
        endpoint: block.endpoint.clone(),
    };
    let api = AwsConfigApi::new(&shared, access, Arc::new(meter.clone()));
    let settings = Settings {
        name: block.name.clone(),
        places: places(&block.places),
        limits,
    };
    Ok(Arc::new(AwsConfigSource::new(
        settings,
        Box::new(api),
        meter,
    )))
}

fn places(places: &AwsConfigPlaces) -> ConfigPlaces {
    match places.clone() {
        AwsConfigPlaces::Direct { accounts, regions } => ConfigPlaces::Direct { accounts, regions },
        AwsConfigPlaces::Aggregator {
            name,
            account,
            region,
            accounts,
            regions,
        } => ConfigPlaces::Aggregator {
            name,
            at: CallPlace { account, region },
            accounts,
            regions,
        },
    }
}

/// Remediations of AWS Config as one block names them, and the same service to read items again. Nothing is
/// sent before it is asked.
pub fn config_remediation(
    block: &ConfigRemediationConfig,
) -> anyhow::Result<(Box<dyn RemediationApi>, Box<dyn ReadsAgain>)> {
    let shared = Shared::new().map_err(unusable)?;
    let limits = Limits {
        per_minute: CALLS_FOR_FIXES,
        // Fixes are no scan: the minute alone bounds them.
        per_scan: u32::MAX,
    };
    let meter = Meter::new(limits, Arc::new(SystemTime::new(now)));
    let access = ConfigAccess {
        roles: block.roles.clone(),
        external_id: block.external_id.clone(),
        endpoint: block.endpoint.clone(),
    };
    let api = || AwsConfigApi::new(&shared, access.clone(), Arc::new(meter.clone()));
    let settings = Settings {
        name: block.name.clone(),
        places: ConfigPlaces::Direct {
            accounts: block.accounts.clone(),
            regions: block.regions.clone(),
        },
        limits,
    };
    let starts = api();
    let source = AwsConfigSource::new(settings, Box::new(api()), meter.clone());
    Ok((Box::new(starts), Box::new(source)))
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
