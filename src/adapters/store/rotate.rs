//! Another key takes over.

use jiff::Timestamp;

use super::error::StoreError;
use super::log::EvidenceLog;
use super::vkey;
use crate::evidence::record::{CustodyRecord, KeyRotation, RecordError};
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::StatementError;

impl EvidenceLog {
    /// Hands the log over to another key: one checkpoint, over the record of it, is signed by both.
    /// That checkpoint in `.state/lock` is the moment at which the other key takes over; `log.vkey`
    /// and whatever holds the keys follow from it.
    ///
    /// # Errors
    /// As [`EvidenceLog::append`]; or the key is one that signed the log before.
    pub fn rotate(
        &mut self,
        next: Box<dyn CheckpointSigner>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.keys.contains(next.key()) {
            return Err(StoreError::KeyRetired(self.disk.root().to_owned()));
        }
        let record = CustodyRecord::KeyRotation(KeyRotation {
            at: now,
            old: self.key().clone(),
            new: next.key().clone(),
        });
        let encoded = record.encode().map_err(|error| match error {
            RecordError::Unwritable(error) => StoreError::NoStatement { number: 0, error },
            RecordError::Unreadable { error, .. } => StoreError::NoStatement { number: 0, error },
            RecordError::NewerForm { predicate_type, .. } => StoreError::NoStatement {
                number: 0,
                error: StatementError::Type(predicate_type),
            },
        })?;
        let commit = self.prepare(vec![encoded.entry])?;
        self.stopped = true;
        self.stage(&commit)?;
        let checkpoint = self.record(&commit, Some(&*next))?;
        self.state = self.publish(&commit, &checkpoint)?;
        let keys = vkey::settle(
            &mut self.disk,
            &self.folder,
            next.key(),
            checkpoint.head(),
            &self.state,
        )?;
        self.checkpoint = checkpoint;
        self.keys = keys;
        self.signer = next;
        self.stopped = false;
        Ok(())
    }
}
