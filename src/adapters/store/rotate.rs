//! Another key takes over.

use jiff::Timestamp;

use super::batch::Batch;
use super::error::StoreError;
use super::log::EvidenceLog;
use super::room::Waiting;
use super::vkey;
use crate::evidence::record::{CustodyRecord, KeyRotation, RecordError};
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::StatementError;

impl EvidenceLog {
    /// Hands the log over to another key: one checkpoint, over the record of it, is signed by both. The
    /// sync of the segment that holds record and checkpoint is the moment at which the other key takes
    /// over; the public part, `log.vkey` and whatever holds the keys follow from it.
    ///
    /// # Errors
    /// As [`EvidenceLog::append`]; or the key is one that signed the log before.
    pub fn rotate(
        &mut self,
        next: Box<dyn CheckpointSigner>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.must_be_sound()?;
        if self.writer.keys.contains(next.key()) {
            return Err(StoreError::KeyRetired(self.folder.root().to_owned()));
        }
        let record = CustodyRecord::KeyRotation(KeyRotation {
            at: now,
            old: self.key().clone(),
            new: next.key().clone(),
        });
        let batch = Batch::rotation(record.encode().map_err(unwritable)?.entry)?;
        if let Err(error) = self.writer.hold_room(Waiting::of([&batch])) {
            return Err(match error.is_full() {
                true => self.refused_for_room(error, now),
                false => error,
            });
        }
        let commit = self.writer.prepare(vec![batch], Some(&*next))?;
        self.writer.record(commit)?;
        self.publish()?;
        // The old key signs nothing more, whatever becomes of the file.
        self.writer.stopped = true;
        let (head, state) = (self.writer.checkpoint.head(), &self.publisher.state);
        let keys = vkey::complete(&mut self.writer.disk, &self.folder, head, state)?;
        self.writer.keys = keys;
        self.writer.signer = next;
        self.writer.stopped = false;
        Ok(())
    }
}

fn unwritable(error: RecordError) -> StoreError {
    let error = match error {
        RecordError::Unwritable(error) | RecordError::Unreadable { error, .. } => error,
        RecordError::NewerForm { predicate_type, .. } => StatementError::Type(predicate_type),
    };
    StoreError::NoStatement { number: 0, error }
}
