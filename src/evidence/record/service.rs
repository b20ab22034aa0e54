//! What a running engine does beside scanning: when it began and ended, what it takes as in force,
//! what it refused, and what it sees wrong with itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::scan::{InputFile, Program};
use super::{Encoded, RecordError, clip};
use crate::evidence::statement::{self, Subject};
use crate::model::{Sha256Digest, WatchKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceEvent {
    Started,
    Stopped,
    /// What people wrote was read, is good, and is in force from now on.
    ConfigurationAccepted,
    /// What people wrote is not good: what was in force before still is.
    ConfigurationRejected,
    /// A scan could not do its job; it recorded nothing.
    ScanFailed,
    /// Events were about resources of which no newer observation could be had: gaps, until a scan
    /// sees them.
    NotObserved,
}

impl ServiceEvent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::ConfigurationAccepted => "configuration_accepted",
            Self::ConfigurationRejected => "configuration_rejected",
            Self::ScanFailed => "scan_failed",
            Self::NotObserved => "not_observed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRecord {
    pub event: ServiceEvent,
    pub at: Timestamp,
    pub program: Program,
    /// What was read: `configuration`, `rules`, `changes`, `identity`, `waivers`, or `plans` with the
    /// name of the workspace.
    #[serde(default)]
    pub areas: Vec<String>,
    /// The files of these areas, with their digests.
    #[serde(default)]
    pub files: Vec<InputFile>,
    /// Over everything that is in force from now on: one digest of all areas with their files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<Sha256Digest>,
    /// What is wrong. Nothing of files that name people.
    #[serde(default)]
    pub problems: Vec<String>,
    /// How much is wrong, whether or not it can be told here.
    #[serde(default)]
    pub problem_count: u64,
}

/// The digest of [`ServiceRecord::in_force`]: of one line of JSON for each area, with its name and files.
pub fn digest_in_force<'f>(areas: impl Iterator<Item = (String, &'f [InputFile])>) -> Sha256Digest {
    let lines = areas.map(|(area, files)| {
        let files = files.iter();
        let files = files.map(|file| json!([file.kind, file.name, file.sha256]));
        format!("{}\n", json!([area, files.collect::<Vec<_>>()]))
    });
    Sha256Digest::of(lines.collect::<String>().as_bytes())
}

/// Room for one problem, in bytes.
const PROBLEM_BYTES: usize = 1_000;
/// Problems and files that a record keeps.
const PROBLEMS: usize = 16;
const FILES: usize = 200;

impl ServiceRecord {
    pub fn new(event: ServiceEvent, at: Timestamp, version: &str) -> Self {
        Self {
            event,
            at,
            program: Program {
                name: "driftwarden".to_owned(),
                version: version.to_owned(),
            },
            areas: Vec::new(),
            files: Vec::new(),
            in_force: None,
            problems: Vec::new(),
            problem_count: 0,
        }
    }

    /// # Errors
    /// It is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let mut short = self.clone();
        short.files.truncate(FILES);
        short.areas.truncate(FILES);
        short.problems = short
            .problems
            .iter()
            .take(PROBLEMS)
            .map(|problem| clip(problem, PROBLEM_BYTES))
            .collect();
        let files = short.files.iter();
        let mut subjects: Vec<Subject> = files
            .map(|file| Subject::file(&file.name, file.sha256))
            .collect();
        if subjects.is_empty() {
            let digest = Sha256Digest::of(short.program.version.as_bytes());
            subjects.push(Subject::file("driftwarden", digest));
        }
        let entry = statement::encode(statement::SERVICE, &subjects, &short)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchEvent {
    Opened,
    Resolved,
}

/// The detector about itself: something that it rests on is not as it should be, or is again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchRecord {
    pub event: WatchEvent,
    pub at: Timestamp,
    pub watch: WatchKind,
    /// What it is about: the name of a source, of an area, or of the log.
    pub subject: String,
    pub detail: String,
}

impl WatchRecord {
    /// # Errors
    /// It is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let name = format!("{} {}", self.watch.as_str(), self.subject);
        let digest = Sha256Digest::of(name.as_bytes());
        let mut short = self.clone();
        short.detail = clip(&self.detail, PROBLEM_BYTES);
        let subjects = [Subject::file(clip(&name, PROBLEM_BYTES), digest)];
        let entry = statement::encode(statement::WATCH, &subjects, &short)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}
