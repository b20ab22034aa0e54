//! Whoever keeps or vouches for the log outside this machine, beside a running engine.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::super::outside::Outsiders;
use super::{chance, trouble};
use crate::adapters::store::Shard;
use crate::config::Config;
use crate::engine::service::{Carried, Carrier, Clock, Halt, LookedInVain, Pace};
use crate::model::{OutsidePlace, PlaceKind};

/// So long a start waits for those who may know more of the log than is here.
const LOOKED_WITHIN: Duration = Duration::from_secs(10);

/// What is carried, where the configuration names somebody.
///
/// # Errors
/// It names who cannot be reached by this build.
pub fn carried(config: &Config) -> anyhow::Result<Option<Arc<Carried>>> {
    super::super::outside::check(config)?;
    let places = places(config);
    Ok((!places.is_empty()).then(|| Arc::new(Carried::new(&places))))
}

fn places(config: &Config) -> Vec<OutsidePlace> {
    let outside = &config.evidence.outside;
    let mirror = outside.mirror.iter().map(|own| OutsidePlace {
        kind: PlaceKind::Mirror,
        name: format!("s3://{}/{}", own.bucket, own.prefix.trim_end_matches('/')),
    });
    let witnesses = outside.witnesses.iter().map(|own| OutsidePlace {
        kind: PlaceKind::Witness,
        name: own.name.clone(),
    });
    // The first authority that answers is enough.
    let timestamps = outside.timestamps.iter().take(1).map(|own| OutsidePlace {
        kind: PlaceKind::Timestamps,
        name: own.name.clone(),
    });
    mirror.chain(witnesses).chain(timestamps).collect()
}

/// Carries from now on, on a thread of its own. It ends with the process: what it does may be cut off
/// anywhere.
///
/// # Errors
/// The system gives no thread.
pub fn begin(
    config: &Config,
    carried: &Arc<Carried>,
    halt: &Arc<Halt>,
    clock: Clock,
) -> anyhow::Result<()> {
    let carrier = Carrier {
        carried: Arc::clone(carried),
        halt: Arc::clone(halt),
        clock,
        chance,
        pace: Pace::default(),
    };
    let config = config.clone();
    let own = thread::Builder::new().name("outside".to_owned());
    let begun = own.spawn(move || {
        // That they can be had was seen at the start.
        if let Ok(mut outsiders) = Outsiders::of(&config) {
            carrier.run(&mut outsiders);
        }
    });
    begun.map_err(|error| trouble("get a thread", &error))?;
    Ok(())
}

/// Refuses to begin where somebody outside knows more of the log. Who does not answer in time is asked
/// beside the running engine.
///
/// # Errors
/// Somebody does.
pub fn look(config: &Config, shard: &Shard, clock: Clock) -> anyhow::Result<()> {
    if config.evidence.outside.first_block().is_none() {
        return Ok(());
    }
    let (sender, receiver) = channel();
    let (config, shard) = (config.clone(), shard.clone());
    thread::spawn(move || {
        let looked = Outsiders::of(&config).and_then(|mut all| all.look(&shard, clock()));
        // Who waited may have gone on.
        let _ = sender.send(looked);
    });
    match receiver.recv_timeout(LOOKED_WITHIN) {
        Ok(looked) => looked,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            LookedInVain {}.emit();
            Ok(())
        }
    }
}
