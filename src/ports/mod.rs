//! What the engine needs of the outside world. Traits only; `adapters` has the implementations.

use std::io::Read;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::evidence::ledger::Ledger;
use crate::evidence::record::InputFile;
use crate::model::{Sha256Digest, Waiver, WorkspaceName};

/// One thing to read, named as a person would look for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputRef {
    pub path: PathBuf,
    /// The path as the user wrote it or would write it.
    pub name: String,
}

/// The files of one workspace.
#[derive(Clone, Debug)]
pub struct WorkspaceInput {
    pub name: WorkspaceName,
    pub plans: Vec<InputRef>,
    pub state: Option<InputRef>,
    pub schema: Option<InputRef>,
    /// Terraform source, read whole: name below `source_dir`, and text.
    pub source: Vec<(String, String)>,
    /// The folder of the source, as findings name it.
    pub source_dir: String,
    /// Whether the configuration takes the plans as approved.
    pub assumed: bool,
}

/// Waivers, and the digest of each file that was read for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waivers {
    pub waivers: Vec<Waiver>,
    pub files: Vec<InputFile>,
}

/// An input that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct InputError {
    pub what: String,
    pub help: Option<String>,
}

/// Everything a scan reads. Implementations read afresh at every call and change nothing.
pub trait Estate: Sync {
    fn workspaces(&self) -> Result<Vec<WorkspaceInput>, Vec<InputError>>;
    /// AWS Config items, as files.
    fn live(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    fn changes(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    fn activity(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    fn identity(&self) -> Option<InputRef>;
    /// Rule files: name and text; `None` where the shipped set holds.
    fn rules(&self) -> Result<Option<Vec<(String, String)>>, Vec<InputError>>;
    /// Findings accepted on purpose, as they were written down, and the files that hold them.
    fn waivers(&self) -> Result<Waivers, Vec<InputError>> {
        Ok(Waivers::default())
    }
    /// Opens one input; the bytes are as they lie there, compressed or not.
    fn open(&self, input: &InputRef) -> Result<Box<dyn Read + Send>, InputError>;
}

/// The evidence log, held by this process alone.
pub trait EvidenceSink {
    fn ledger(&self) -> &Ledger;
    /// Size and root as the scan finds them.
    fn previous(&self) -> crate::evidence::statement::Previous;
    /// Puts a blob; it counts once an entry names it.
    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError>;
    /// Appends all entries or none, durably.
    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError>;
}

/// Where the log stands after an append.
#[derive(Clone, Debug)]
pub struct Appended {
    pub origin: String,
    pub tree_size: u64,
    pub root: [u8; 32],
}

/// The evidence could not be written: nothing may be acted on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct EvidenceError {
    pub what: String,
    pub help: Option<String>,
}
