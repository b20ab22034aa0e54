//! The places outside this machine that need an SDK.

use std::sync::Arc;

use super::outside::explained;
use crate::adapters::aws::{AwsConfigApi, ConfigAccess, S3Settings, S3Store, Shared, WebClient};
use crate::adapters::aws_config::{
    AwsConfigSource, Limits, Meter, Places as ConfigPlaces, Settings, SystemTime,
};
use crate::adapters::remote::{Authority, Outposts, Places, Watcher};
use crate::cli::scan::now;
use crate::config::{self, AwsConfigConfig, AwsConfigPlaces, Config, MirrorConfig};
use crate::evidence::outside::cosignature::WitnessKey;
use crate::ports::{CallPlace, Outside, RemoteError, RemoteStore};

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
