//! The local evidence log behind the engine's port.

use std::path::Path;

use jiff::Timestamp;

use super::store::{EvidenceLog, Folder, StoreError};
use crate::evidence::ledger::Ledger;
use crate::evidence::statement::Previous;
use crate::evidence::verify::{Trust, verify};
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

/// A log that is open for writing, with what its entries say.
pub struct LocalEvidence {
    log: EvidenceLog,
    ledger: Ledger,
}

impl LocalEvidence {
    /// Opens the log, verifies and replays it.
    ///
    /// # Errors
    /// Another process holds it; it is damaged; its key is missing or another's; or it holds a
    /// record that this version cannot read.
    pub fn open(dir: &Path, keys: &Path, origin: &str) -> Result<Self, EvidenceError> {
        let log = EvidenceLog::open(dir, keys, origin).map_err(|error| failure(&error))?;
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
        Ok(Self { log, ledger })
    }
}

impl EvidenceSink for LocalEvidence {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn previous(&self) -> Previous {
        self.log.previous()
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        self.log.put_blob(bytes).map_err(|error| failure(&error))
    }

    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError> {
        let receipt = self
            .log
            .append(entries, now)
            .map_err(|error| failure(&error))?;
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
    let verification = verify(&Folder::new(dir), &trust);
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
