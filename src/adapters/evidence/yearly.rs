//! A log that goes on in another when the year ends.

use jiff::Timestamp;

use super::LocalEvidence;
use crate::adapters::signing::SignerSource;
use crate::adapters::store::{Beginning, Shelf};
use crate::evidence::ledger::Ledger;
use crate::evidence::statement::Previous;
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

/// The log that is written now, for whoever holds it for longer than a year.
pub struct YearlyEvidence {
    shelf: Shelf,
    signers: Box<dyn SignerSource>,
    open: LocalEvidence,
}

impl YearlyEvidence {
    /// `open` is a log of `shelf`, opened with `signers`.
    pub fn new(shelf: Shelf, signers: Box<dyn SignerSource>, open: LocalEvidence) -> Self {
        Self {
            shelf,
            signers,
            open,
        }
    }
}

impl EvidenceSink for YearlyEvidence {
    fn ledger(&self) -> &Ledger {
        self.open.ledger()
    }

    fn go_on(&mut self, clock: Timestamp) -> Result<bool, EvidenceError> {
        let Some(next) = self.open.shard_after(&self.shelf, clock)? else {
            return Ok(false);
        };
        self.open.publish()?;
        let mut new = LocalEvidence::open_shard(&next, &*self.signers, Beginning::Anytime)?;
        new.take_over(&self.open, clock)?;
        new.read_clock(clock);
        self.open = new;
        Ok(true)
    }

    fn read_clock(&mut self, clock: Timestamp) -> Timestamp {
        self.open.read_clock(clock)
    }

    fn previous(&self) -> Previous {
        self.open.previous()
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        self.open.put_blob(bytes)
    }

    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError> {
        self.open.append(entries, now)
    }

    fn append_soon(
        &mut self,
        entries: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Appended, EvidenceError> {
        self.open.append_soon(entries, now)
    }

    fn publish(&mut self) -> Result<(), EvidenceError> {
        self.open.publish()
    }
}
