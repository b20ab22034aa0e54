//! Puts the concrete parts together: no other file of the command line puts an adapter behind a port.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::adapters::estate::FileEstate;
use crate::adapters::evidence::LocalEvidence;
use crate::adapters::files::read_text;
use crate::adapters::signing::redaction_key;
use crate::adapters::store::EvidenceReader;
use crate::config::{self, Config};
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::attribute::Allowed;
use crate::decide::compare::Scope;
use crate::engine::{Failure, Outcome, Progress, Settings, scan};
use crate::evidence::ledger::Ledger;
use crate::ports::InputError;

/// A message for the user: what is wrong, and the remedy apart.
pub fn message(error: &InputError) -> String {
    match &error.help {
        Some(help) => format!("{}\n  help: {help}", error.what),
        None => error.what.clone(),
    }
}

pub fn load_config(path: &Path) -> anyhow::Result<Config> {
    let text = read_text(path, config::MAX_BYTES as u64).map_err(|error| {
        let help = "write one, or name it with `--config FILE`; docs/configuration.md says how";
        anyhow::anyhow!(message(&InputError {
            what: error.to_string(),
            help: Some(help.to_owned()),
        }))
    })?;
    let config = config::parse(&path.display().to_string(), &text);
    config.map_err(|errors| anyhow::anyhow!("{errors}"))
}

pub fn evidence_dir(config: &Path) -> anyhow::Result<PathBuf> {
    let config = load_config(config)?;
    Ok(config.resolve(&config.evidence.dir))
}

/// Runs a scan on the files that the configuration names.
pub fn run_scan(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Outcome> {
    let dir = config.resolve(&config.evidence.dir);
    let keys = config.resolve(&config.evidence.keys);
    let mut evidence =
        LocalEvidence::open(&dir, &keys, &config.evidence.origin).map_err(|error| {
            anyhow::anyhow!(message(&InputError {
                what: error.what,
                help: error.help
            }))
        })?;
    let settings = Settings {
        policy: ApprovalPolicy {
            clock_tolerance: config.approvals.clock_tolerance,
            emergency_acknowledge: config.approvals.emergency_acknowledge,
            emergency_complete: config.approvals.emergency_complete,
        },
        scope: scope(config),
        allowed: allowed(config)?,
        redaction_key: redaction_key(&keys).map_err(|error| {
            let help = Some(error.help().to_owned());
            let what = format!("{:#}", anyhow::Error::new(error));
            anyhow::anyhow!(message(&InputError { what, help }))
        })?,
        threads,
        program_version: env!("CARGO_PKG_VERSION"),
    };
    let estate = FileEstate::new(config);
    scan(&estate, &mut evidence, &settings, clock, progress).map_err(explain)
}

/// What the log says is open.
pub fn ledger(dir: &Path) -> anyhow::Result<Ledger> {
    let reader = EvidenceReader::open(dir)?;
    let mut ledger = Ledger::default();
    for entry in reader.entries() {
        let entry = entry?;
        ledger.apply(entry.index, &entry.bytes)?;
    }
    Ok(ledger)
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

/// Which calls are a pipeline's.
fn allowed(config: &Config) -> anyhow::Result<Allowed> {
    let pipelines: Vec<String> = config
        .activity
        .iter()
        .flat_map(|activity| activity.pipelines.clone())
        .collect();
    let networks: Vec<String> = config
        .activity
        .iter()
        .flat_map(|activity| activity.networks.iter().map(ToString::to_string))
        .collect();
    Allowed::new(&pipelines, &networks).map_err(|error| {
        let help = Some(error.help().to_owned());
        anyhow::anyhow!(message(&InputError {
            what: error.to_string(),
            help
        }))
    })
}

fn explain(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Inputs(errors) => {
            let all: Vec<String> = errors.iter().map(message).collect();
            anyhow::anyhow!("{}", all.join("\nerror: "))
        }
        Failure::Evidence(error) => {
            let error = InputError {
                what: error.what,
                help: error.help,
            };
            anyhow::anyhow!(
                "the evidence could not be written, so nothing was done: {}",
                message(&error)
            )
        }
        Failure::Internal(what) => anyhow::anyhow!("driftwarden is at fault: {what}"),
    }
}
