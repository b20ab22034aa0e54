//! The local evidence log behind the engine's port.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::signing::SignerSource;
use super::store::{
    self, Beginning, Entries, EvidenceLog, EvidenceReader, Folder, Shard, Shelf, StoreError,
    Threads,
};
use crate::evidence::key::LogKey;
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{
    Carried, ClockAnomalyRecord, Continuation, CustodyRecord, Encoded, KeyRevocation, LogContinued,
    LogEnd, RecordError,
};
use crate::evidence::signer::CheckpointSigner;
use crate::evidence::statement::{Previous, read_head};
use crate::evidence::verify::{Trust, verify_on};
use crate::model::Sha256Digest;
use crate::ports::{Appended, EvidenceError, EvidenceSink};

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
        let mut log = Self::open_current(shelf, signers, beginning, now)?;
        log.read_clock(now);
        Ok(log)
    }

    fn open_current(
        shelf: &Shelf,
        signers: &dyn SignerSource,
        beginning: Beginning,
        now: Timestamp,
    ) -> Result<Self, EvidenceError> {
        let shards = shelf.shards().map_err(|error| failure(&error))?;
        let current = shelf.current(now).map_err(|error| failure(&error))?;
        let beginning = match shards.is_empty() {
            true => beginning,
            false => Beginning::Anytime,
        };
        let before = shards.into_iter().rfind(|shard| shard.year < current.year);
        let Some(before) = before else {
            return Self::open_shard(&current, signers, beginning);
        };
        let lock = current.dir.join(".state/lock");
        if lock.is_file() {
            let new = Self::open_shard(&current, signers, beginning)?;
            if new.log.previous().tree_size > 0 {
                return Ok(new);
            }
        }
        // Whole, completed, and held until the new one has taken everything over. Time does not go
        // back from one to the other.
        let old = Self::open_shard(&before, signers, beginning)?;
        let mut new = Self::open_shard(&current, signers, beginning)?;
        let now = old
            .ledger
            .times()
            .newest
            .map_or(now, |newest| newest.max(now));
        let end = old.end();
        new.go_on_from(&end, &old.ledger, &before.dir, now, None)?;
        Ok(new)
    }

    fn open_shard(
        shard: &Shard,
        signers: &dyn SignerSource,
        beginning: Beginning,
    ) -> Result<Self, EvidenceError> {
        let log = EvidenceLog::open_with(&shard.dir, signers, &shard.origin, beginning);
        let log = log.map_err(|error| failure(&error))?;
        must_be_whole(&shard.dir, log.key())?;
        let ledger = replay(log.entries())?;
        Ok(Self {
            log,
            ledger,
            dir: shard.dir.clone(),
            anomaly: None,
            now: None,
        })
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
        let new = new.current(now).map_err(|error| failure(&error))?;
        store::freeze(&frozen.dir, &new.origin).map_err(|error| failure(&error))?;
        let reader = EvidenceReader::open(&frozen.dir).map_err(|error| failure(&error))?;
        must_be_whole(&frozen.dir, reader.key())?;
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
        let rotated = self.log.rotate(next, now);
        rotated.map_err(|error| failure(&error))
    }

    pub fn key(&self) -> &LogKey {
        self.log.key()
    }

    /// The folder of the log.
    pub fn dir(&self) -> &Path {
        &self.dir
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
pub fn must_be_whole(dir: &Path, key: &LogKey) -> Result<(), EvidenceError> {
    let trust = Trust {
        key: Some(key.clone()),
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
