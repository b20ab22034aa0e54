//! The records: what each kind of entry says. Each turns into one entry, and into blobs where it is
//! too large for one.

mod baseline;
mod carried;
mod change;
mod custody;
mod finding;
mod fix;
mod notice;
mod notification;
mod plan;
mod scan;
mod service;
mod settled;
mod state;

use serde::Serialize;
use thiserror::Error;

pub use baseline::{BaselineRecord, SeenApplied, SeenBy};
pub use carried::{Carried, CarriedAlert, CarriedFinding};
pub use change::change_blob;
pub use custody::{
    Continuation, CustodyRecord, Destruction, HoldClear, HoldScope, HoldSet, KeyRevocation,
    KeyRotation, LogContinued, LogEnd, PersonErased,
};
pub use finding::{AttributionRecord, Document, FindingEvent, FindingRecord, Sources};
pub use fix::{FixEvent, FixRecord};
pub use notice::{ClockAnomaly, ClockAnomalyRecord, StoreFullRecord};
pub use notification::{NotificationEvent, NotificationRecord};
pub use plan::PlanRecord;
pub use scan::{
    BaselineStatus, DeviationCounts, InputFile, InputKind, Program, ScanFacts, ScanRecord,
    ScopeRecord,
};
pub use service::{ServiceEvent, ServiceRecord, WatchEvent, WatchRecord, digest_in_force};
pub use settled::{NotSettled, SettledRecord, WhyNotSettled};
pub use state::{StateEvent, StateRecord};

use super::bundle::MAX_ENTRY_BYTES;
use super::statement::{self, StatementError, Subject};
use crate::model::Sha256Digest;

/// An entry with the blobs that it names and that must be put before it is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub entry: Vec<u8>,
    pub blobs: Vec<Vec<u8>>,
}

#[derive(Debug, Error)]
pub enum RecordError {
    #[error("entry {index} cannot be understood: {error}")]
    Unreadable { index: u64, error: StatementError },
    #[error(
        "entry {index} is a record of the form `{predicate_type}`, which this version does not know"
    )]
    NewerForm { index: u64, predicate_type: String },
    #[error("a record cannot be written")]
    Unwritable(#[from] StatementError),
}

/// Any record, as it is read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Scan(Box<ScanRecord>),
    Finding(Box<FindingRecord>),
    Baseline(BaselineRecord),
    Plan(Box<PlanRecord>),
    Custody(Box<CustodyRecord>),
    /// What a new log takes over from the one that it continues.
    Carried(Box<Carried>),
    StoreFull(StoreFullRecord),
    ClockAnomaly(ClockAnomalyRecord),
    State(Box<StateRecord>),
    Service(Box<ServiceRecord>),
    Watch(WatchRecord),
    Fix(Box<FixRecord>),
    Notification(Box<NotificationRecord>),
    Settled(Box<SettledRecord>),
    /// A statement of somebody else's, which is evidence but means nothing to us.
    Foreign(String),
}

impl Record {
    /// Reads the entry at `index`.
    ///
    /// # Errors
    /// It is no statement, or one of our own in a form that this version does not know: then what
    /// follows from it is not known either.
    pub fn read(index: u64, entry: &[u8]) -> Result<Self, RecordError> {
        let unreadable = |error| RecordError::Unreadable { index, error };
        let head = statement::read_head(entry, index).map_err(unreadable)?;
        let custody = CustodyRecord::read(&head.predicate_type, entry).map_err(unreadable)?;
        if let Some(custody) = custody {
            return Ok(Self::Custody(Box::new(custody)));
        }
        Ok(match head.predicate_type.as_str() {
            statement::SCAN => Self::Scan(statement::read_predicate(entry).map_err(unreadable)?),
            statement::FINDING => {
                Self::Finding(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::BASELINE => {
                Self::Baseline(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::PLAN => Self::Plan(statement::read_predicate(entry).map_err(unreadable)?),
            statement::CARRIED => {
                Self::Carried(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::STORE_FULL => {
                Self::StoreFull(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::CLOCK_ANOMALY => {
                Self::ClockAnomaly(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::FINDING_STATE => {
                Self::State(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::SERVICE => {
                Self::Service(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::WATCH => Self::Watch(statement::read_predicate(entry).map_err(unreadable)?),
            statement::FIX => Self::Fix(statement::read_predicate(entry).map_err(unreadable)?),
            statement::NOTIFICATION => {
                Self::Notification(statement::read_predicate(entry).map_err(unreadable)?)
            }
            statement::SETTLED => {
                Self::Settled(statement::read_predicate(entry).map_err(unreadable)?)
            }
            ours if ours.starts_with("https://driftwarden.dev/evidence/") => {
                let predicate_type = ours.to_owned();
                return Err(RecordError::NewerForm {
                    index,
                    predicate_type,
                });
            }
            foreign => Self::Foreign(foreign.to_owned()),
        })
    }
}

/// Encodes a record; where it is too large, what `split` takes out of it goes into a blob.
fn encode<R: Clone + Serialize, D: Serialize>(
    predicate_type: &str,
    record: &R,
    subjects: impl Fn(&R) -> Vec<Subject>,
    split: impl FnOnce(&mut R) -> D,
    name_blob: impl FnOnce(&mut R, Sha256Digest),
) -> Result<Encoded, RecordError> {
    match statement::encode(predicate_type, &subjects(record), record) {
        Ok(entry) => Ok(Encoded {
            entry,
            blobs: Vec::new(),
        }),
        Err(StatementError::TooLarge { .. }) => {
            let mut rest = record.clone();
            let details = split(&mut rest);
            let blob = serde_json::to_vec(&details).map_err(StatementError::Json)?;
            name_blob(&mut rest, Sha256Digest::of(&blob));
            let entry = statement::encode(predicate_type, &subjects(&rest), &rest)?;
            Ok(Encoded {
                entry,
                blobs: vec![blob],
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// As much of a text as a record has room for.
fn clip(text: &str, bytes: usize) -> String {
    debug_assert!(bytes < MAX_ENTRY_BYTES);
    let mut kept = String::new();
    for c in text.chars() {
        if kept.len() + c.len_utf8() > bytes {
            kept.push('…');
            break;
        }
        kept.push(c);
    }
    kept
}
