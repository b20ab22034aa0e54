//! What could not be read of a trail file. No message quotes the event: events hold secrets.

use std::fmt;

use thiserror::Error;

use crate::ingest::json_fault::Fault;

/// A file of which nothing was read.
#[derive(Debug, Error)]
#[error("`{file}` {fault}")]
pub struct Error {
    /// As the caller named it.
    pub file: String,
    pub fault: Refusal,
}

#[derive(Debug, Error)]
pub enum Refusal {
    #[error("{0}")]
    Unreadable(Fault),
    #[error("holds no trail records")]
    NoRecords,
    #[error("is a digest of trail files, not a trail file")]
    Digest,
    #[error("holds a message that only points to a trail file, or wraps it as text")]
    Wrapped,
}

/// One record that was left out while the others of its file count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As the caller named it.
    pub file: String,
    /// Which record of the file, counted from one; the line where there is a record per line.
    pub record: usize,
    pub reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    Unreadable(Fault),
    /// Something that is not a record of a call: a message about a file, a finding.
    NotARecord,
    /// A message that points to a trail file or wraps a record as text.
    Wrapped,
    UnknownVersion(String),
    Missing(&'static str),
    /// `eventTime` is no time with a zone.
    BadTime,
}

impl Error {
    pub(super) fn new(file: &str, fault: Refusal) -> Self {
        Self {
            file: file.to_owned(),
            fault,
        }
    }

    /// What the reader can do about it.
    pub fn help(&self) -> &'static str {
        match &self.fault {
            Refusal::Unreadable(_) => {
                "fetch the file again from the trail's bucket; a compressed one is named `.gz`"
            }
            Refusal::NoRecords => {
                "name files with `Records`, EventBridge events, or one record per line"
            }
            Refusal::Digest => "leave the folder `CloudTrail-Digest` out",
            Refusal::Wrapped => "name the trail files themselves",
        }
    }
}

impl Reason {
    /// Line and column would count from the record's own start, which no reader can find.
    pub(super) fn unreadable(fault: Fault) -> Self {
        Self::Unreadable(Fault {
            line: 0,
            column: 0,
            ..fault
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}`, record {}: {}",
            self.file, self.record, self.reason
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(fault) => fault.fmt(f),
            Self::NotARecord => f.write_str("is not a record of a call"),
            Self::Wrapped => f.write_str("is a message around something else"),
            Self::UnknownVersion(found) => {
                write!(f, "has `eventVersion` `{found}`, but only 1 is known")
            }
            Self::Missing(field) => write!(f, "has no `{field}`"),
            Self::BadTime => f.write_str("has an `eventTime` that is no time with a zone"),
        }
    }
}
