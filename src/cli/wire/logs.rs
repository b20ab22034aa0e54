//! Where the evidence logs of a configuration lie, and how they are opened.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{keys, load_config, unusable};
use crate::adapters::evidence::LocalEvidence;
use crate::adapters::signing::SignerSource;
use crate::adapters::store::{self, Beginning, EvidenceReader, Shard, Shelf, StoreError};
use crate::config::Config;
use crate::evidence::ledger::Ledger;
use crate::evidence::verify;
use crate::ports::EvidenceError;

/// The folder of the log that is written, or was last.
pub fn evidence_dir(config: &Path) -> anyhow::Result<PathBuf> {
    newest_dir(&load_config(config)?)
}

pub(super) fn newest_dir(config: &Config) -> anyhow::Result<PathBuf> {
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

pub(super) fn open_evidence(config: &Config, now: Timestamp) -> anyhow::Result<LocalEvidence> {
    opened(config, &*keys::signers(config)?, now)
}

/// As [`open_evidence`], with signers that are not those of the configuration.
pub(super) fn opened(
    config: &Config,
    signers: &dyn SignerSource,
    now: Timestamp,
) -> anyhow::Result<LocalEvidence> {
    opened_after(config, signers, now, &mut |_| Ok(()))
}

pub(super) fn opened_after(
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
