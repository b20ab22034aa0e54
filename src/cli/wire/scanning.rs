//! A scan by hand.

use std::sync::Arc;

use jiff::Timestamp;

use super::{asked, explain, fixing, keys, looks, message, no_key, opened_after, refreshes};
use crate::adapters::estate::FileEstate;
use crate::adapters::signing::{people_key, redaction_key};
use crate::adapters::store::Shard;
use crate::config::Config;
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::attribute::Allowed;
use crate::decide::compare::Scope;
use crate::engine::{Outcome, Progress, Settings, scan};
use crate::model::LifecyclePolicy;
use crate::ports::InputError;

/// Runs a scan on the files that the configuration names.
pub fn run_scan(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Outcome> {
    let how = ScanHow {
        threads,
        exact: false,
    };
    run_scan_after(config, how, clock, progress, &mut |_| Ok(()))
}

/// How a scan by hand is made.
#[derive(Clone, Copy, Debug)]
pub struct ScanHow {
    pub threads: usize,
    /// Whether every resource of workspaces with `providers` is looked at exactly.
    pub exact: bool,
}

/// As [`run_scan`]; `look` is shown each log that is opened before anything is added to it.
pub fn run_scan_after(
    config: &Config,
    how: ScanHow,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
    look: &mut dyn FnMut(&Shard) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let keys = config.resolve(&config.evidence.keys);
    let mut evidence = opened_after(config, &*keys::signers(config)?, clock(), look)?;
    let key = redaction_key(&keys).map_err(no_key)?;
    let people = people_key(&keys).map_err(no_key)?;
    let mut settings = settings(config, key, people, how.threads)?;
    settings.exact_all = how.exact;
    let shared = Arc::new(config.clone());
    let estate = FileEstate::new(config)
        .with_sources(asked::sources(config)?)
        .with_refreshes(refreshes::refreshes(config))
        .with_exact(looks::exact(&shared));
    let desk = fixing::desk(&shared)?;
    let mut outcome =
        scan(&estate, &mut evidence, &settings, clock, progress, None).map_err(explain)?;
    fixing::fix_after(&desk, &mut evidence, &mut outcome, clock).map_err(explain)?;
    Ok(outcome)
}

pub(super) fn settings(
    config: &Config,
    key: [u8; 32],
    people_key: [u8; 32],
    threads: usize,
) -> anyhow::Result<Settings> {
    Ok(Settings {
        policy: ApprovalPolicy {
            clock_tolerance: config.approvals.clock_tolerance,
            emergency_acknowledge: config.approvals.emergency_acknowledge,
            emergency_complete: config.approvals.emergency_complete,
        },
        scope: scope(config),
        allowed: allowed(config)?,
        redaction_key: key,
        people_key,
        threads,
        // A scan by hand announces what it sees.
        lifecycle: LifecyclePolicy {
            confirm_after: 1,
            flap_count: config.findings.flap_count,
            flap_window: config.findings.flap_window,
        },
        exact_all: false,
        sweeps: looks::sweeps(config),
        program_version: env!("CARGO_PKG_VERSION"),
    })
}

fn scope(config: &Config) -> Scope {
    let scope = &config.scope;
    Scope {
        accounts: scope
            .accounts
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect(),
        regions: scope
            .regions
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect(),
        types: scope
            .types
            .iter()
            .flatten()
            .map(|own| own.as_str().to_owned())
            .collect(),
    }
}

/// Which calls are a pipeline's: the roles of each block from the networks of that block.
fn allowed(config: &Config) -> anyhow::Result<Allowed> {
    let files = config.activity.iter();
    let files = files.map(|own| (&own.pipelines, &own.networks));
    let queues = config.queues.iter();
    let queues = queues.map(|own| (&own.pipelines, &own.networks));
    let lookups = config.lookups.iter();
    let lookups = lookups.map(|own| (&own.pipelines, &own.networks));
    let mut all = files.chain(queues).chain(lookups);
    let allowed = all.try_fold(Allowed::default(), |allowed, (pipelines, networks)| {
        let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
        allowed.with(pipelines, &networks)
    });
    allowed.map_err(|error| {
        let help = Some(error.help().to_owned());
        anyhow::anyhow!(message(&InputError {
            what: error.to_string(),
            help
        }))
    })
}
