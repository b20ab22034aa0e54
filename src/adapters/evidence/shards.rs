//! Which log is written at a time, and how one goes on from another.

use std::path::Path;

use jiff::Timestamp;

use super::{LocalEvidence, Look, failure, must_be_whole, replay, unreadable};
use crate::adapters::signing::SignerSource;
use crate::adapters::store::{self, Beginning, EvidenceReader, Shard, Shelf};
use crate::evidence::key::LogKey;
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{
    Carried, Continuation, CustodyRecord, Encoded, KeyRevocation, LogContinued, LogEnd, RecordError,
};
use crate::evidence::statement::read_head;
use crate::evidence::verify::BlobsRead;
use crate::model::Sha256Digest;
use crate::ports::{EvidenceError, EvidenceSink};

impl LocalEvidence {
    /// The clock is judged by the newest log before it may begin another.
    pub(super) fn open_current(
        shelf: &Shelf,
        signers: &dyn SignerSource,
        beginning: Beginning,
        clock: Timestamp,
        look: Look<'_>,
    ) -> Result<Self, EvidenceError> {
        let mut shards = shelf.shards().map_err(|error| failure(&error))?;
        let Some(last) = shards.pop() else {
            let first = shelf.current(clock).map_err(|error| failure(&error))?;
            let log = Self::open_shard(&first, signers, beginning)?;
            look(&first)?;
            return Ok(log);
        };
        let mut newest = Self::open_shard(&last, signers, Beginning::Anytime)?;
        look(&last)?;
        if newest.log.previous().tree_size == 0
            && let Some(before) = shards.pop()
        {
            // A crash came between its beginning and what it takes over.
            let old = Self::open_shard(&before, signers, Beginning::Anytime)?;
            look(&before)?;
            newest.take_over(&old, clock)?;
            return Ok(newest);
        }
        match newest.shard_after(shelf, clock)? {
            None => Ok(newest),
            Some(next) => {
                let mut new = Self::open_shard(&next, signers, Beginning::Anytime)?;
                look(&next)?;
                new.take_over(&newest, clock)?;
                Ok(new)
            }
        }
    }

    /// The log that is to go on from this one, if its time has come.
    pub(super) fn shard_after(
        &self,
        shelf: &Shelf,
        clock: Timestamp,
    ) -> Result<Option<Shard>, EvidenceError> {
        let now = self.ledger.times().read(clock).now;
        let current = shelf.current(now).map_err(|error| failure(&error))?;
        Ok(Some(current).filter(|current| current.dir != self.dir))
    }

    /// Goes on from `old`, which is whole, completed, and held until this log has taken everything over.
    /// Time does not go back from one to the other.
    pub(super) fn take_over(&mut self, old: &Self, clock: Timestamp) -> Result<(), EvidenceError> {
        let now = old.ledger.times().read(clock).now;
        self.go_on_from(&old.end(), &old.ledger, &old.dir, now, None)
    }

    /// Begins the log that goes on where another was frozen, because its key is lost or others have
    /// it. Can be done again.
    ///
    /// # Errors
    /// As [`LocalEvidence::open`], of either log; or the new one holds something else.
    pub fn begin_after(
        frozen: &Shard,
        new: &Shelf,
        signers: &dyn SignerSource,
        now: Timestamp,
        compromised_at: Option<Timestamp>,
    ) -> Result<Self, EvidenceError> {
        let before = EvidenceReader::open(&frozen.dir).map_err(|error| failure(&error))?;
        let now = replay(before.entries())?.times().read(now).now;
        let new = new.current(now).map_err(|error| failure(&error))?;
        store::freeze(&frozen.dir, &new.origin).map_err(|error| failure(&error))?;
        let reader = EvidenceReader::open(&frozen.dir).map_err(|error| failure(&error))?;
        must_be_whole(&frozen.dir, reader.key(), BlobsRead::All)?;
        let end = End {
            log: LogEnd::of(reader.key().origin(), reader.checkpoint().head()),
            keys: reader.keys().keys().cloned().collect(),
        };
        let old = replay(reader.entries())?;
        let mut log = Self::open_shard(&new, signers, Beginning::Anytime)?;
        if log.log.previous().tree_size == 0 {
            let why = match compromised_at {
                None => Lost::Lost,
                Some(at) => Lost::Compromised(at),
            };
            log.go_on_from(&end, &old, &frozen.dir, now, Some(why))?;
            return Ok(log);
        }
        match &log.ledger.custody().continued {
            Some(continued) if continued.log == end.log => Ok(log),
            _ => Err(EvidenceError {
                what: format!(
                    "`{}` holds a log that goes on from no frozen one",
                    new.dir.display()
                ),
                help: Some("name a folder that does not exist yet".to_owned()),
            }),
        }
    }

    fn end(&self) -> End {
        let head = self.log.checkpoint().head();
        End {
            log: LogEnd::of(self.log.origin(), head),
            keys: self.log.keys().keys().cloned().collect(),
        }
    }

    /// The first batch of a new log: what it goes on from, and everything that it takes over.
    fn go_on_from(
        &mut self,
        end: &End,
        ledger: &Ledger,
        dir: &Path,
        now: Timestamp,
        lost: Option<Lost>,
    ) -> Result<(), EvidenceError> {
        let why = match lost {
            None => Continuation::NewShard,
            Some(Lost::Lost) => Continuation::KeyLost,
            Some(Lost::Compromised(_)) => Continuation::KeyCompromised,
        };
        let continued = CustodyRecord::LogContinued(LogContinued {
            at: now,
            why,
            log: end.log.clone(),
            keys: end.keys.clone(),
        });
        let mut records = vec![continued.encode()];
        if let Some(Lost::Compromised(compromised_at)) = lost {
            let revoked = CustodyRecord::KeyRevocation(KeyRevocation {
                at: now,
                compromised_at,
                log: end.log.clone(),
                keys: end.keys.clone(),
            });
            records.push(revoked.encode());
        }
        records.extend(ledger.carry_over(now).iter().map(Carried::encode));
        let records: Result<Vec<Encoded>, RecordError> = records.into_iter().collect();
        let records = records.map_err(|error| unreadable(&error))?;
        let before = EvidenceReader::open(dir).map_err(|error| failure(&error))?;
        for record in &records {
            let head = read_head(&record.entry, u64::MAX);
            for blob in head.map(|head| head.blobs).unwrap_or_default() {
                let own = record
                    .blobs
                    .iter()
                    .find(|own| Sha256Digest::of(own) == blob);
                let bytes = match own {
                    Some(own) => own.clone(),
                    None => before.blob(&blob).map_err(|error| failure(&error))?,
                };
                self.put_blob(&bytes)?;
            }
        }
        self.append_records(records, now)
    }
}

/// Where a log ended.
struct End {
    log: LogEnd,
    keys: Vec<LogKey>,
}

#[derive(Clone, Copy)]
enum Lost {
    Lost,
    Compromised(Timestamp),
}
