//! Puts the concrete parts together: no other file of the command line puts an adapter behind a port.

mod approving;
mod asked;
mod asking;
mod channels;
#[cfg(feature = "aws")]
mod clouds;
mod custody;
mod documents;
mod fixing;
mod keys;
mod looks;
mod notifying;
pub mod outside;
mod policy;
#[cfg(feature = "providers")]
mod providers;
mod reading;
mod refreshes;
mod restoring;
mod rules;
#[cfg(feature = "daemon")]
mod running;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::adapters::estate::FileEstate;
use crate::adapters::evidence::LocalEvidence;
use crate::adapters::files::{FileError, read_text};
use crate::adapters::signing::{KeyFileError, SignerSource, people_key, redaction_key};
use crate::adapters::store::{self, Beginning, EvidenceReader, Shard, Shelf, StoreError};
use crate::config::{self, Config};
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::attribute::Allowed;
use crate::decide::compare::Scope;
use crate::engine::{Failure, Outcome, Progress, Settings, scan};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::RecordError;
use crate::evidence::verify;
use crate::model::LifecyclePolicy;
use crate::ports::{EvidenceError, InputError};

pub use approving::{approve, undo};
pub use asked::check as check_asked;
pub use asking::acknowledge;
pub use channels::channels;
pub use custody::*;
pub use fixing::{check as check_fixing, desk as fix_desk};
pub use keys::{NewHome, go_on_elsewhere, keys_dir, kms_named, rotate_key};
pub use notifying::{check_telling, end_silence, silence, test_channel};
#[cfg(feature = "providers")]
pub use providers::{Checked, SettledNow, become_provider, check_exactly, settle_exactly};
pub use reading::{run_coverage, run_explain, run_ownership};
pub use refreshes::check as check_refreshes;
pub use restoring::{Restored, restored};
pub use rules::{configured_rules, rules_in};
#[cfg(feature = "daemon")]
pub use running::{Ending, begin_cycle, begin_hearing, run_service};

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

fn open_evidence(config: &Config, now: Timestamp) -> anyhow::Result<LocalEvidence> {
    opened(config, &*keys::signers(config)?, now)
}

/// As [`open_evidence`], with signers that are not those of the configuration.
fn opened(
    config: &Config,
    signers: &dyn SignerSource,
    now: Timestamp,
) -> anyhow::Result<LocalEvidence> {
    opened_after(config, signers, now, &mut |_| Ok(()))
}

fn opened_after(
    config: &Config,
    signers: &dyn SignerSource,
    now: Timestamp,
    look: &mut dyn FnMut(&Shard) -> anyhow::Result<()>,
) -> anyhow::Result<LocalEvidence> {
    let beginning = match config.evidence.inception {
        None => Beginning::Anytime,
        Some(day) => Beginning::Only {
            day,
            today: now.to_zoned(TimeZone::UTC).date(),
        },
    };
    // What was found is told as it was said.
    let mut found = None;
    let mut look = |shard: &Shard| {
        look(shard).map_err(|error| {
            found = Some(error);
            EvidenceError {
                what: String::new(),
                help: None,
            }
        })
    };
    let opened = LocalEvidence::open_after(&shelf(config), signers, beginning, now, &mut look);
    opened.map_err(|error| found.unwrap_or_else(|| unusable(error)))
}

fn unusable(error: EvidenceError) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError {
        what: error.what,
        help: error.help
    }))
}

/// Whether a scan could go on with the log, if there is one.
pub fn check_evidence(config: &Config) -> Result<(), StoreError> {
    let shelf = shelf(config);
    let Some(newest) = shelf.shards()?.pop() else {
        return Ok(());
    };
    let keys = keys::file_keys(config);
    let signs = config.evidence.signer.is_none();
    store::check(&newest.dir, signs.then_some(&keys))
}

/// When the newest record of the newest log was made.
pub fn newest_record(config: &Config) -> Option<Timestamp> {
    let newest = shelf(config).shards().ok()?.pop()?;
    let reader = EvidenceReader::open(&newest.dir).ok()?;
    let size = reader.checkpoint().head().size;
    verify::newest_record(reader.folder(), size).ok()?
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
        exact_all: false,
        sweeps: looks::sweeps(config),
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
