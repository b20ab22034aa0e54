//! The local evidence log behind the engine's port.

use std::path::Path;

use jiff::Timestamp;

use super::store::{Beginning, EvidenceLog, Folder, StoreError, Threads};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::ClockAnomalyRecord;
use crate::evidence::statement::Previous;
use crate::evidence::verify::{Trust, verify_on};
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

/// A log that is open for writing, with what its entries say.
pub struct LocalEvidence {
    log: EvidenceLog,
    ledger: Ledger,
    /// What the next append says about the clock.
    anomaly: Option<ClockAnomalyRecord>,
    /// When this run began, once the clock was read.
    now: Option<Timestamp>,
}

impl LocalEvidence {
    /// Opens the log, verifies and replays it.
    ///
    /// # Errors
    /// Another process holds it; it is damaged; its key is missing or another's; or it holds a
    /// record that this version cannot read.
    pub fn open(dir: &Path, keys: &Path, origin: &str) -> Result<Self, EvidenceError> {
        Self::open_or_begin(dir, keys, origin, Beginning::Anytime)
    }

    /// As [`LocalEvidence::open`], but a new log is begun only as `beginning` says.
    ///
    /// # Errors
    /// As [`LocalEvidence::open`]; or there is no log, and none may be begun.
    pub fn open_or_begin(
        dir: &Path,
        keys: &Path,
        origin: &str,
        beginning: Beginning,
    ) -> Result<Self, EvidenceError> {
        let log = EvidenceLog::open_or_begin(dir, keys, origin, beginning)
            .map_err(|error| failure(&error))?;
        must_be_whole(dir, &log)?;
        let mut ledger = Ledger::default();
        for entry in log.entries() {
            let entry = entry.map_err(|error| failure(&error))?;
            let applied = ledger.apply(entry.index, &entry.bytes);
            applied.map_err(|error| EvidenceError {
                what: error.to_string(),
                help: Some("use the driftwarden that wrote it, or a newer one".to_owned()),
            })?;
        }
        Ok(Self {
            log,
            ledger,
            anomaly: None,
            now: None,
        })
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

    fn append(
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
            .append(entries, now)
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

/// What a log says, for looks that record nothing. Blobs go nowhere.
pub struct ReadOnlyEvidence {
    ledger: Ledger,
}

impl ReadOnlyEvidence {
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }
}

impl EvidenceSink for ReadOnlyEvidence {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn previous(&self) -> Previous {
        Previous {
            tree_size: 0,
            root: String::new(),
        }
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        Ok(Sha256Digest::of(bytes))
    }

    fn append(&mut self, _: Vec<Vec<u8>>, _: Timestamp) -> Result<Appended, EvidenceError> {
        Err(EvidenceError {
            what: "this look records nothing".to_owned(),
            help: None,
        })
    }
}

/// Nothing is added to a log that an auditor would not accept.
fn must_be_whole(dir: &Path, log: &EvidenceLog) -> Result<(), EvidenceError> {
    let trust = Trust {
        key: Some(log.key().clone()),
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
