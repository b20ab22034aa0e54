//! The log as rows of tables, for questions that need neither our programs nor a proof. What a row
//! says follows from the entries alone; nothing is decided by it, and each names its entry.

mod cell;
mod rows;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use cell::{Cell, Row, Table};

use super::ledger::{Ledger, OpenFinding};
use super::record::{FindingEvent, FindingRecord, Record, RecordError};
use super::tree::TreeHead;
use crate::model::FindingKey;

/// The form of the tables; another number for every change in what a row says.
pub const FORM: i64 = 2;

/// Makes the rows of a log from its entries in their order.
#[derive(Debug, Default)]
pub struct Index {
    ledger: Ledger,
    resolved: BTreeMap<FindingKey, Resolved>,
}

/// A finding that is no more, as its last record has it, and when that life of it began.
#[derive(Debug)]
struct Resolved {
    entry: u64,
    opened: Option<(u64, Timestamp)>,
    record: FindingRecord,
}

/// The row that says of which log the tables are, and of which state of it.
pub fn log_row(origin: &str, head: TreeHead) -> Row {
    rows::log(origin, head)
}

impl Index {
    /// The rows of the entry at `index`. Entries come in order.
    ///
    /// # Errors
    /// The entry is no record that this version understands.
    pub fn take(&mut self, index: u64, entry: &[u8]) -> Result<Vec<Row>, RecordError> {
        let record = Record::read(index, entry)?;
        let rows = rows::of_entry(index, &record);
        if let Record::Finding(finding) = &record {
            self.note(index, finding);
        }
        self.ledger.take(index, record);
        Ok(rows)
    }

    /// Keeps what the ledger forgets: the findings that are resolved.
    fn note(&mut self, entry: u64, record: &FindingRecord) {
        match record.event {
            FindingEvent::Opened | FindingEvent::Changed => {
                self.resolved.remove(&record.finding);
            }
            FindingEvent::Resolved => {
                let open = self.ledger.open_finding(&record.finding);
                let resolved = Resolved {
                    entry,
                    opened: open.and_then(first),
                    record: record.clone(),
                };
                self.resolved.insert(record.finding.clone(), resolved);
            }
        }
    }

    /// After the last entry: each finding where it stands now, by key.
    pub fn findings(&self) -> impl Iterator<Item = Row> {
        let open = self.ledger.open_findings();
        let open = open.map(|open| (&open.record.finding, rows::open(open, first(open))));
        let resolved = self.resolved.iter();
        let resolved = resolved.map(|(key, gone)| (key, rows::resolved(gone)));
        let all: BTreeMap<&FindingKey, Row> = resolved.chain(open).collect();
        all.into_values()
    }
}

fn first(open: &OpenFinding) -> Option<(u64, Timestamp)> {
    Some((*open.entries.first()?, open.first_seen))
}
