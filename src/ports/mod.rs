//! What the engine needs of the outside world. Traits only, with the proof that only waiting for
//! [`Outside`] makes; `adapters` has the implementations.

mod channel;
mod config_api;
mod config_remediation;
mod exact;
mod live;
mod observe;
mod outside;
#[cfg(feature = "exact")]
mod provider;
mod queue;
mod read_only;
mod receipt;
mod refresh;
mod remediator;
mod remote;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::evidence::ledger::Ledger;
use crate::evidence::record::InputFile;
use crate::model::{Sha256Digest, SourceReport, Waiver, WorkspaceName};

pub use channel::{Channel, ChannelError, Delivered};
pub use config_api::{
    CallFailed, CallMeter, CallPlace, ConfigApi, Gathered, Page, Recorder, RecorderState,
    RecordingGroup, Select,
};
pub use config_remediation::{
    Execution, ExecutionState, ExecutionStep, ParameterValue, Remediation, RemediationApi,
    ResourceKey, StartFailed, StepState,
};
pub use exact::{ExactReading, ExactWanted};
pub use live::LiveSource;
pub use observe::{NotObserved, ReadAgain, ReadsAgain, WantedResource};
pub use outside::{Alarm, BroughtUp, EverybodyOutside, Outside};
#[cfg(feature = "exact")]
pub use provider::{
    Applied, Diagnostic, Held, Imported, Interrupt, Planned, Proposal, ProviderError,
    ResourceProvider,
};
pub use queue::{ActivityLookup, ActivityQueue, Found, Message, QueueError};
pub use read_only::ReadOnlyEvidence;
pub use receipt::{NotReached, Reached, Waited, Wanted, reach};
pub use refresh::{NotRefreshed, Refreshed, StateRefresh};
pub use remediator::{
    CarriedOut, FixLeft, FixTried, NotCarriedOut, Receipts, Remediator, StopSign,
};
pub use remote::{
    Http, HttpAnswer, HttpRequest, Object, RemoteError, RemoteStore, Replaced, Stored, Version,
};

/// One thing to read, named as a person would look for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputRef {
    /// Empty for a part of a source that is no file.
    pub path: PathBuf,
    /// The path as the user wrote it or would write it.
    pub name: String,
    /// The source of which it is a part, where it is no file.
    pub source: Option<String>,
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

/// When the newest file of a source was written, or a source that is asked last gave all of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Whether it is a trail; otherwise it is live state.
    pub is_trail: bool,
    pub source: String,
    /// `None` where nothing was found.
    pub newest: Option<Timestamp>,
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
    /// Files of AWS Config items, whatever is in them.
    fn live(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    /// Whether there are sources that are asked.
    fn asks(&self) -> bool {
        false
    }
    /// Parts of the sources that are asked for items of these types; asking begins a new look.
    fn asked(&self, _types: &[&str]) -> Vec<InputRef> {
        Vec::new()
    }
    /// When sources were asked, where that was before whoever reads now began.
    fn asked_since(&self) -> Option<Timestamp> {
        None
    }
    /// What became of the look that began last, source by source, once its parts were read.
    fn reports(&self) -> Vec<SourceReport> {
        Vec::new()
    }
    /// Workspaces whose states can be refreshed.
    fn refreshes(&self) -> Vec<Arc<dyn StateRefresh>> {
        Vec::new()
    }
    /// Whether whoever reads is to stop. Asking says that the work goes on.
    fn is_stopped(&self) -> bool {
        false
    }
    fn changes(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    fn activity(&self) -> Result<Vec<InputRef>, Vec<InputError>>;
    fn identity(&self) -> Option<InputRef>;
    /// Rule files: name and text; `None` where the shipped set holds.
    fn rules(&self) -> Result<Option<Vec<(String, String)>>, Vec<InputError>>;
    /// Findings accepted on purpose, as they were written down, and the files that hold them.
    fn waivers(&self) -> Result<Waivers, Vec<InputError>> {
        Ok(Waivers::default())
    }
    /// Looks at resources through their own providers, where that is configured.
    fn exact(&self) -> Option<&dyn ExactReading> {
        None
    }
    /// How fresh what machines write is, source by source.
    fn freshness(&self) -> Vec<Freshness> {
        Vec::new()
    }
    /// Opens one input; the bytes are as they lie there, compressed or not.
    fn open(&self, input: &InputRef) -> Result<Box<dyn Read + Send>, InputError>;
}

/// The evidence log, held by this process alone.
pub trait EvidenceSink {
    fn ledger(&self) -> &Ledger;
    /// Goes on in the log of that time, where there is one for each year: whether in another than before.
    /// Not in the midst of a scan.
    fn go_on(&mut self, _clock: Timestamp) -> Result<bool, EvidenceError> {
        Ok(false)
    }
    /// The time to record with, by what the clock says and by the records there are. If the clock
    /// cannot be believed, the next append says so.
    fn read_clock(&mut self, clock: Timestamp) -> Timestamp {
        clock
    }
    /// Size and root as the scan finds them.
    fn previous(&self) -> crate::evidence::statement::Previous;
    /// Puts a blob; it counts once an entry names it.
    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError>;
    /// Appends all entries or none, durably.
    fn append(&mut self, entries: Vec<Vec<u8>>, now: Timestamp) -> Result<Appended, EvidenceError>;
    /// As [`EvidenceSink::append`], just as durably; others may see them only after the next append or
    /// [`EvidenceSink::publish`].
    fn append_soon(
        &mut self,
        entries: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Appended, EvidenceError> {
        self.append(entries, now)
    }
    /// Lets others see everything that was appended.
    fn publish(&mut self) -> Result<(), EvidenceError> {
        Ok(())
    }
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

/// What happened to files that are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touched {
    /// Something that people write: configuration, plans, changes, rules.
    Written,
    /// Something that machines write: live state, trails.
    Observed,
    /// A command left something for the running engine.
    Inbox,
}

/// Told of touched files, from any thread.
pub trait Listener: Send + Sync {
    fn touched(&self, what: Touched);
}

/// Watches files until it is dropped.
pub trait Watching: Send {
    /// Looks again at what there is to watch: folders come, go and are renamed.
    fn again(&mut self);
}

/// What keeps the process running and wants to know how it is.
pub trait Supervisor: Send + Sync {
    fn ready(&self);
    fn reloading(&self);
    fn stopping(&self);
    fn status(&self, text: &str);
    fn alive(&self);
    /// So often at least it must be told that the engine is alive.
    fn interval(&self) -> Option<std::time::Duration>;
}

/// Requests that commands leave for the running engine.
pub trait Inbox: Send {
    /// What waits, oldest first, by name.
    fn waiting(&self) -> Result<Vec<(String, Vec<u8>)>, InputError>;
    /// What was left beside the request of that name.
    fn document(&self, name: &str) -> Result<Vec<u8>, InputError>;
    /// Takes one away, with what was left beside it.
    fn done(&self, name: &str) -> Result<(), InputError>;
}

/// The pages that are served about the running engine.
pub trait Pages: Send + Sync {
    /// Status, content type and body of a page; `None` where there is no such page.
    fn page(&self, path: &str) -> Option<(u16, &'static str, String)>;
}
