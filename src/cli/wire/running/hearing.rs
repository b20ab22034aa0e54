//! Queues and trails that a configuration names, behind their ports.

use crate::config::Config;
use crate::engine::service::Ears;

/// # Errors
/// The configuration names some, and this build cannot reach them.
#[cfg(feature = "aws")]
pub fn ears(config: &Config) -> anyhow::Result<Ears> {
    super::super::clouds::ears(config)
}

/// # Errors
/// The configuration names some, and this build cannot reach them.
#[cfg(not(feature = "aws"))]
pub fn ears(config: &Config) -> anyhow::Result<Ears> {
    use crate::cli::wire::outside::explained;

    let queue = config.queues.first();
    let queue = queue.map(|own| ("aws_cloudtrail_queue", &own.name, &own.at));
    let lookup = config.lookups.first();
    let lookup = lookup.map(|own| ("aws_cloudtrail_lookup", &own.name, &own.at));
    match queue.or(lookup) {
        None => Ok(Ears::default()),
        Some((kind, name, at)) => {
            let place = crate::config::place(at);
            let what = format!(
                "{place}: `activity \"{kind}\" \"{name}\"` needs AWS, which this build cannot reach"
            );
            let help = "build with `--features aws`, or leave the block out";
            Err(explained(what, help.to_owned()))
        }
    }
}
