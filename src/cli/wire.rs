//! Puts the concrete parts together: no other file of the command line puts an adapter behind a port.

mod asking;
#[cfg(feature = "aws")]
mod clouds;
mod custody;
pub mod outside;
mod reading;
#[cfg(feature = "daemon")]
mod running;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::adapters::estate::FileEstate;
use crate::adapters::evidence::LocalEvidence;
use crate::adapters::files::{FileError, FileErrors, collect_rules, read_text};
use crate::adapters::signing::{FileKeys, KeyFileError, people_key, redaction_key};
use crate::adapters::store::{self, Beginning, EvidenceReader, Shelf, StoreError};
use crate::config::{self, Config};
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::attribute::Allowed;
use crate::decide::compare::Scope;
use crate::decide::rules::RuleSet;
use crate::engine::{Failure, Outcome, Progress, Settings, scan};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::RecordError;
use crate::model::LifecyclePolicy;
use crate::ports::{EvidenceError, InputError};

pub use asking::acknowledge;
pub use custody::*;
pub use reading::{run_coverage, run_explain, run_ownership};
#[cfg(feature = "daemon")]
pub use running::{Ending, begin_cycle, begin_hearing, run_service};

/// A rule file larger than this is refused unread.
const MAX_RULE_BYTES: u64 = 8 << 20;

/// A message for the user: what is wrong, and the remedy apart.
pub fn message(error: &InputError) -> String {
    match &error.help {
        Some(help) => format!("{}\n  help: {help}", error.what),
        None => error.what.clone(),
    }
}

pub fn load_config(path: &Path) -> anyhow::Result<Config> {
    let errors = match read_text(path, config::MAX_BYTES as u64) {
        Ok(text) => match config::parse(&path.display().to_string(), &text) {
            Ok(config) => return Ok(config),
            Err(errors) => errors
                .errors
                .iter()
                .map(|error| InputError {
                    what: error.to_string(),
                    help: error.help.clone(),
                })
                .collect(),
        },
        Err(error) => vec![no_config(&error)],
    };
    Err(anyhow::anyhow!(messages(&errors)))
}

/// A configuration that cannot be read, with the remedy of one who has none.
pub fn no_config(error: &FileError) -> InputError {
    let help = match error {
        FileError::NotText { .. } | FileError::TooLarge { .. } => error.help(),
        _ => Some(
            "write one, or name it with `--config FILE`; docs/configuration.md says how".to_owned(),
        ),
    };
    InputError {
        what: error.to_string(),
        help,
    }
}

/// Every message with a prefix of its own but the first, which gets it where it is printed.
pub fn messages(errors: &[InputError]) -> String {
    let all: Vec<String> = errors.iter().map(message).collect();
    all.join("\nerror: ")
}

/// An error with its causes and, where the parts below know one, the remedy.
pub fn explained(error: &anyhow::Error) -> String {
    let help = error.chain().find_map(|cause| {
        let of_store = cause.downcast_ref::<StoreError>();
        let of_store = of_store.map(|error| error.help().to_owned());
        let of_file = || cause.downcast_ref::<FileError>().and_then(FileError::help);
        let of_record = || cause.downcast_ref::<RecordError>().map(record_help);
        of_store.or_else(of_file).or_else(of_record)
    });
    message(&InputError {
        what: format!("{error:#}"),
        help,
    })
}

fn record_help(error: &RecordError) -> String {
    let help = match error {
        RecordError::Unreadable { .. } => {
            "run `driftwarden-verify` on the folder: it names every file that is wrong"
        }
        RecordError::NewerForm { .. } => "use the driftwarden that wrote it, or a newer one",
        RecordError::Unwritable(_) => "this is a fault of driftwarden: please report it",
    };
    help.to_owned()
}

/// The rules that a configuration names, or the shipped ones where it names none.
pub fn configured_rules(path: &Path) -> anyhow::Result<RuleSet> {
    let config = load_config(path)?;
    match &config.rules {
        None => Ok(RuleSet::shipped()?),
        Some(rules) => {
            let files = collect_rules(&rules.dirs, &config.base_dir);
            parse_rules(&files.map_err(|errors| unreadable(&errors))?)
        }
    }
}

/// The rules in files, or in folders and below.
pub fn rules_in(paths: &[PathBuf]) -> anyhow::Result<(RuleSet, usize)> {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        let found = match path.is_dir() {
            true => collect_rules(std::slice::from_ref(path), Path::new("")),
            false => read_text(path, MAX_RULE_BYTES)
                .map(|text| vec![(path.display().to_string(), text)])
                .map_err(FileErrors::from),
        };
        match found {
            Ok(found) => files.extend(found),
            Err(found) => errors.extend(found.0),
        }
    }
    if !errors.is_empty() {
        let errors: Vec<InputError> = errors.iter().map(named_on_the_command_line).collect();
        return Err(anyhow::anyhow!(messages(&errors)));
    }
    // One folder may lie in another that is named as well.
    files.sort();
    files.dedup();
    Ok((parse_rules(&files)?, files.len()))
}

/// Paths in a configuration start at its folder; those on the command line do not.
fn named_on_the_command_line(error: &FileError) -> InputError {
    let is_missing = matches!(
        error,
        FileError::Read { cause, .. } if cause.kind() == std::io::ErrorKind::NotFound
    );
    InputError {
        what: error.to_string(),
        help: match is_missing {
            true => Some("relative paths start at the current folder".to_owned()),
            false => error.help(),
        },
    }
}

fn unreadable(errors: &FileErrors) -> anyhow::Error {
    let errors: Vec<InputError> = errors
        .0
        .iter()
        .map(|error| InputError {
            what: error.to_string(),
            help: error.help(),
        })
        .collect();
    anyhow::anyhow!(messages(&errors))
}

fn parse_rules(files: &[(String, String)]) -> anyhow::Result<RuleSet> {
    RuleSet::parse(files).map_err(|errors| {
        let errors: Vec<InputError> = errors
            .iter()
            .map(|error| InputError {
                what: error.to_string(),
                help: error.help.clone(),
            })
            .collect();
        anyhow::anyhow!(messages(&errors))
    })
}

/// The folder of the log that is written, or was last.
pub fn evidence_dir(config: &Path) -> anyhow::Result<PathBuf> {
    newest_dir(&load_config(config)?)
}

fn newest_dir(config: &Config) -> anyhow::Result<PathBuf> {
    let shelf = shelf(config);
    let newest = shelf.shards()?.pop();
    Ok(newest.map_or_else(|| shelf.dir().to_owned(), |shard| shard.dir))
}

/// Where the logs of a configuration lie.
pub fn shelf(config: &Config) -> Shelf {
    let dir = config.resolve(&config.evidence.dir);
    match config.evidence.yearly {
        true => Shelf::yearly(&dir, &config.evidence.origin),
        false => Shelf::single(&dir, &config.evidence.origin),
    }
}

fn signers(config: &Config) -> FileKeys {
    let keys = config.resolve(&config.evidence.keys);
    FileKeys::new(&keys, &config.evidence.origin)
}

fn open_evidence(config: &Config, now: Timestamp) -> anyhow::Result<LocalEvidence> {
    let beginning = match config.evidence.inception {
        None => Beginning::Anytime,
        Some(day) => Beginning::Only {
            day,
            today: now.to_zoned(TimeZone::UTC).date(),
        },
    };
    LocalEvidence::open(&shelf(config), &signers(config), beginning, now).map_err(unusable)
}

fn unusable(error: EvidenceError) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError {
        what: error.what,
        help: error.help
    }))
}

/// The folder of the keys.
pub fn keys_dir(config: &Config) -> PathBuf {
    config.resolve(&config.evidence.keys)
}

/// Whether a scan could go on with the log, if there is one.
pub fn check_evidence(config: &Config) -> Result<(), StoreError> {
    let shelf = shelf(config);
    let Some(newest) = shelf.shards()?.pop() else {
        return Ok(());
    };
    let keys = config.resolve(&config.evidence.keys);
    store::check(&newest.dir, &keys, &config.evidence.origin)
}

/// Files are read and written by parts that name them: an error without a name is that of stdout.
pub fn unwritten(error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot write the result: {}", error.kind())
}

/// Runs a scan on the files that the configuration names.
pub fn run_scan(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Outcome> {
    run_scan_after(config, threads, clock, progress, || Ok(()))
}

/// As [`run_scan`]; what `before` does stands between opening the log and the first look at anything.
pub fn run_scan_after(
    config: &Config,
    threads: usize,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
    before: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let keys = config.resolve(&config.evidence.keys);
    let mut evidence = open_evidence(config, clock())?;
    before()?;
    let key = redaction_key(&keys).map_err(no_key)?;
    let people = people_key(&keys).map_err(no_key)?;
    let settings = settings(config, key, people, threads)?;
    let estate = FileEstate::new(config);
    scan(&estate, &mut evidence, &settings, clock, progress).map_err(explain)
}

fn settings(
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
        program_version: env!("CARGO_PKG_VERSION"),
    })
}

fn no_key(error: KeyFileError) -> anyhow::Error {
    let help = Some(error.help().to_owned());
    let what = format!("{:#}", anyhow::Error::new(error));
    anyhow::anyhow!(message(&InputError { what, help }))
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

fn explain(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Inputs(errors) => anyhow::anyhow!(messages(&errors)),
        Failure::Evidence(error) => {
            let error = InputError {
                what: error.what,
                help: error.help,
            };
            anyhow::anyhow!("no result without evidence: {}", message(&error))
        }
        Failure::Internal(what) => anyhow::anyhow!("driftwarden is at fault: {what}"),
    }
}
