//! The local evidence log behind the engine's port.

mod shards;
mod yearly;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::signing::SignerSource;
use super::store::{Beginning, Entries, EvidenceLog, Folder, Shard, Shelf, StoreError, Threads};
use crate::evidence::key::LogKey;
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{ClockAnomalyRecord, Encoded, RecordError};
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::Previous;
use crate::evidence::verify::{BlobsRead, Trust, verify_on};
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

pub use yearly::YearlyEvidence;

/// Looks at a log before anything is added to it.
pub type Look<'l> = &'l mut dyn FnMut(&Shard) -> Result<(), EvidenceError>;

/// A log that is open for writing, with what its entries say.
pub struct LocalEvidence {
    log: EvidenceLog,
    ledger: Ledger,
    dir: PathBuf,
    /// What the next append says about the clock.
    anomaly: Option<ClockAnomalyRecord>,
    /// When this run began, once the clock was read.
    now: Option<Timestamp>,
}

impl LocalEvidence {
    /// Opens the log that is written at this time, verifies and replays it, and reads the clock. A new
    /// log goes on from the one before it, if there is one; only the first is begun as `beginning` says.
    ///
    /// # Errors
    /// Another process holds it; it is damaged; its key is missing or another's; or it holds a
    /// record that this version cannot read.
    pub fn open(
        shelf: &Shelf,
        signers: &dyn SignerSource,
        beginning: Beginning,
        now: Timestamp,
    ) -> Result<Self, EvidenceError> {
        Self::open_after(shelf, signers, beginning, now, &mut |_| Ok(()))
    }

    /// As [`LocalEvidence::open`]. `look` is shown each log that is opened, held by this process, before
    /// anything is added to it.
    ///
    /// # Errors
    /// As [`LocalEvidence::open`]; or what `look` finds.
    pub fn open_after(
        shelf: &Shelf,
        signers: &dyn SignerSource,
        beginning: Beginning,
        now: Timestamp,
        look: Look<'_>,
    ) -> Result<Self, EvidenceError> {
        let mut log = Self::open_current(shelf, signers, beginning, now, look)?;
        log.read_clock(now);
        Ok(log)
    }

    fn open_shard(
        shard: &Shard,
        signers: &dyn SignerSource,
        beginning: Beginning,
    ) -> Result<Self, EvidenceError> {
        let log = EvidenceLog::open_with(&shard.dir, signers, &shard.origin, beginning);
        let log = log.map_err(|error| failure(&error))?;
        must_be_whole(&shard.dir, log.key(), BlobsRead::Some)?;
        let ledger = replay(log.entries())?;
        Ok(Self {
            log,
            ledger,
            dir: shard.dir.clone(),
            anomaly: None,
            now: None,
        })
    }

    /// Appends records that are about the log itself.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn append_records(
        &mut self,
        records: Vec<Encoded>,
        now: Timestamp,
    ) -> Result<(), EvidenceError> {
        let entries = records.into_iter().map(|record| record.entry).collect();
        self.append(entries, now)?;
        Ok(())
    }

    /// Hands the log over to another key.
    ///
    /// # Errors
    /// As [`EvidenceLog::rotate`].
    pub fn rotate(
        &mut self,
        next: Box<dyn CheckpointSigner>,
        now: Timestamp,
    ) -> Result<(), EvidenceError> {
        let rotated = self.log.rotate(next, self.now.unwrap_or(now));
        rotated.map_err(|error| failure(&error))
    }

    /// The time that is believed, if the clock was read.
    pub fn now(&self) -> Option<Timestamp> {
        self.now
    }

    pub fn key(&self) -> &LogKey {
        self.log.key()
    }

    /// The folder of the log.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

fn replay(entries: Entries<'_>) -> Result<Ledger, EvidenceError> {
    let mut ledger = Ledger::default();
    for entry in entries {
        let entry = entry.map_err(|error| failure(&error))?;
        let applied = ledger.apply(entry.index, &entry.bytes);
        applied.map_err(|error| unreadable(&error))?;
    }
    Ok(ledger)
}

fn unreadable(error: &RecordError) -> EvidenceError {
    EvidenceError {
        what: error.to_string(),
        help: Some("use the driftwarden that wrote it, or a newer one".to_owned()),
    }
}

impl EvidenceSink for LocalEvidence {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn read_clock(&mut self, clock: Timestamp) -> Timestamp {
        let reading = self.ledger.times().read(clock);
        self.anomaly = reading.anomaly;
        self.now = Some(reading.now);
        reading.now
    }

    fn previous(&self) -> Previous {
        self.log.previous()
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        match (self.log.put_blob(bytes), self.now) {
            (Err(error), Some(now)) if error.is_full() => {
                let error = self.log.refused_for_room(error, now);
                Err(failure(&error))
            }
            (put, _) => put.map_err(|error| failure(&error)),
        }
    }

    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError> {
        let appended = self.append_soon(entries, now)?;
        self.publish()?;
        Ok(appended)
    }

    fn publish(&mut self) -> Result<(), EvidenceError> {
        self.log.publish().map_err(|error| failure(&error))
    }

    fn append_soon(
        &mut self,
        mut entries: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Appended, EvidenceError> {
        if let Some(anomaly) = &self.anomaly {
            let encoded = anomaly.encode().map_err(|error| EvidenceError {
                what: error.to_string(),
                help: None,
            })?;
            entries.push(encoded);
        }
        let kept = entries.clone();
        let receipt = self
            .log
            .record(entries, now)
            .map_err(|error| failure(&error))?;
        self.anomaly = None;
        // A log that stays open for the next scan must say what a replay would.
        for (index, entry) in (receipt.first_index()..).zip(&kept) {
            let applied = self.ledger.apply(index, entry);
            applied.map_err(|error| EvidenceError {
                what: error.to_string(),
                help: None,
            })?;
        }
        Ok(Appended {
            origin: self.log.origin().to_owned(),
            tree_size: receipt.tree_size(),
            root: receipt.root().0,
        })
    }
}

/// Nothing is added to a log that an auditor would not accept. Blobs lie there for years and are many: where
/// only some are read, it is others at the next start.
pub fn must_be_whole(dir: &Path, key: &LogKey, blobs: BlobsRead) -> Result<(), EvidenceError> {
    let trust = Trust {
        key: Some(key.clone()),
        blobs,
        ..Trust::default()
    };
    let verification = verify_on(&Folder::new(dir), &trust, &Threads::all());
    let Some(first) = verification.failures.first() else {
        return Ok(());
    };
    let shown = dir.display();
    Err(EvidenceError {
        what: format!("the log in `{shown}` is not whole: {first}"),
        help: Some(format!(
            "{}; `driftwarden-verify {shown}` names everything that is wrong",
            first.remedy.as_str()
        )),
    })
}

/// The whole chain of causes in one line, because the engine knows no store.
fn failure(error: &StoreError) -> EvidenceError {
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        what = format!("{what}: {next}");
        cause = next.source();
    }
    EvidenceError {
        what,
        help: Some(error.help().to_owned()),
    }
}
