//! Whether a store that cannot be overwritten holds the log: a listing of an S3 bucket, taken by the
//! auditor's own read role, against the files of the log.
//!
//! A listing is JSON, one object version or delete marker a line, with the members that AWS itself
//! gives: `Key`, `VersionId` and `IsLatest` from `list-object-versions` (a delete marker's line says
//! `"DeleteMarker": true`); and, in either form, `Retention` and `LegalHold` as `get-object-retention`
//! and `get-object-legal-hold` print them, or `ObjectLockMode`, `ObjectLockRetainUntilDate` and
//! `ObjectLockLegalHoldStatus` as `head-object` does; and `ChecksumSHA256`.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use thiserror::Error;

use super::checkpoint::{MAX_NOTE_BYTES, SignedCheckpoint};
use super::path::{self, Row, TILE_WIDTH, Tile};
use super::ring::KeyRing;
use super::source::{Found, Source, SourceError};
use super::tree::TreeHead;
use super::verify::{Failure, Remedy};
use crate::model::Sha256Digest;

const BATCHES: &str = "batch/";
const MAX_FAILURES: usize = 100;

#[derive(Debug, Error)]
pub enum ListingError {
    #[error("line {line} is no object version: {reason}")]
    Line { line: usize, reason: String },
    #[error("it names no object below `{0}`")]
    Nothing(String),
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// What the listing shows.
#[derive(Clone, Debug, Default)]
pub struct WormReport {
    /// Objects that must be locked.
    pub required: u64,
    /// Those of them that are, long enough.
    pub locked: u64,
    /// The earliest date on which one of them can be deleted.
    pub earliest: Option<Timestamp>,
    pub legal_holds: u64,
    /// Those whose content was compared by SHA-256, and those whose listing has none.
    pub compared: u64,
    pub not_compared: u64,
    /// Keys that need no lock.
    pub others: u64,
    pub failures: Vec<Failure>,
    pub more_failures: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    key: String,
    version_id: Option<String>,
    #[serde(default)]
    delete_marker: bool,
    retention: Option<Retention>,
    object_lock_mode: Option<String>,
    object_lock_retain_until_date: Option<Timestamp>,
    legal_hold: Option<LegalHold>,
    object_lock_legal_hold_status: Option<String>,
    #[serde(rename = "ChecksumSHA256")]
    checksum: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Retention {
    mode: String,
    retain_until_date: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum LegalHold {
    Word(String),
    Status {
        #[serde(rename = "Status")]
        status: String,
    },
}

/// Checks that every file of the log that must be locked is so, at least until `until`, and was never
/// overwritten or deleted. `prefix` is what stands before the log's paths in the bucket's keys. Where
/// the log's entries were destroyed, `gone`, only what was kept of it must be locked.
///
/// # Errors
/// The listing cannot be understood, or the log cannot be read.
pub fn check_listing(
    source: &dyn Source,
    keys: &KeyRing,
    head: TreeHead,
    listing: &[u8],
    prefix: &str,
    until: Timestamp,
    gone: bool,
) -> Result<WormReport, ListingError> {
    let mut objects = read_listing(listing, prefix)?;
    let mut report = WormReport::default();
    for (path, content) in required(source, keys, head, gone)? {
        let versions = objects.remove(&path).unwrap_or_default();
        report.object(&path, &versions, content, until);
    }
    for (path, versions) in objects {
        if path.starts_with(BATCHES) {
            report.object(&path, &versions, Content::Unknown, until);
        } else {
            report.others += 1;
        }
    }
    Ok(report)
}

/// What the content of an object is known to be.
#[derive(Clone, Copy, Debug)]
enum Content {
    Digest(Sha256Digest),
    Unknown,
}

fn read_listing(
    listing: &[u8],
    prefix: &str,
) -> Result<BTreeMap<String, Vec<Version>>, ListingError> {
    let mut objects: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for (line, number) in listing.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let version: Version =
            serde_json::from_slice(line).map_err(|error| ListingError::Line {
                line: number,
                reason: error.to_string(),
            })?;
        if let Some(path) = version.key.strip_prefix(prefix) {
            objects.entry(path.to_owned()).or_default().push(version);
        }
    }
    match objects.is_empty() {
        true => Err(ListingError::Nothing(prefix.to_owned())),
        false => Ok(objects),
    }
}

/// Full tiles and bundles, published checkpoints, blobs; and the batches that hold the entries which
/// are in no full bundle yet.
fn required(
    source: &dyn Source,
    keys: &KeyRing,
    head: TreeHead,
    gone: bool,
) -> Result<BTreeMap<String, Content>, ListingError> {
    let tiles = Tile::all(head.size).filter(Tile::is_full);
    let tiles = tiles.filter(|tile| !gone || tile.row != Row::Entries);
    let mut paths: BTreeSet<String> = tiles.map(|tile| tile.path()).collect();
    let mut sizes = BTreeSet::new();
    source.walk(&mut |found| {
        let Found::File(file) = found else {
            return;
        };
        if let Some(size) = path::parse_checkpoint(file) {
            sizes.insert(size);
            paths.insert(file.to_owned());
        }
        if path::parse_blob(file).is_some() {
            paths.insert(file.to_owned());
        }
    })?;
    let mut required = BTreeMap::new();
    for path in paths {
        let content = source
            .digest(&path)?
            .map_or(Content::Unknown, Content::Digest);
        required.insert(path, content);
    }
    if gone {
        return Ok(required);
    }
    let in_full_bundles = head.size - head.size % TILE_WIDTH;
    for size in sizes.range(in_full_bundles + 1..) {
        let note = source.read(&path::checkpoint_at(*size), MAX_NOTE_BYTES)?;
        let opened = note.and_then(|note| SignedCheckpoint::open(&note, keys).ok());
        if let Some(checkpoint) = opened {
            let root = hex::encode(checkpoint.head().root.0);
            required.insert(format!("{BATCHES}{size}-{root}"), Content::Unknown);
        }
    }
    Ok(required)
}

impl WormReport {
    pub fn is_held(&self) -> bool {
        self.failures.is_empty()
    }

    fn object(&mut self, path: &str, versions: &[Version], content: Content, until: Timestamp) {
        self.required += 1;
        let failures = self.failures.len() as u64 + self.more_failures;
        if versions.is_empty() {
            self.fail(path, "it is not in the listing".to_owned());
        }
        for marker in versions.iter().filter(|version| version.delete_marker) {
            self.fail(path, format!("{} is a delete marker", marker.name()));
        }
        let kept: Vec<&Version> = versions.iter().filter(|v| !v.delete_marker).collect();
        if kept.len() > 1 {
            let names: Vec<String> = kept.iter().map(|version| version.name()).collect();
            self.fail(
                path,
                format!("it was overwritten: it has {}", names.join(", ")),
            );
        }
        for version in &kept {
            self.lock(path, version, until);
            self.content(path, version, content);
            self.legal_holds += u64::from(version.is_held());
        }
        if self.failures.len() as u64 + self.more_failures == failures {
            self.locked += 1;
        }
    }

    fn lock(&mut self, path: &str, version: &Version, until: Timestamp) {
        let (mode, date) = match (&version.retention, &version.object_lock_mode) {
            (Some(retention), _) => (&retention.mode, Some(retention.retain_until_date)),
            (None, Some(mode)) => (mode, version.object_lock_retain_until_date),
            (None, None) => {
                return self.fail(path, format!("{} has no retention", version.name()));
            }
        };
        let Some(date) = date else {
            return self.fail(path, format!("{} has no date of retention", version.name()));
        };
        if mode != "COMPLIANCE" {
            let what = format!(
                "{} is in the mode {mode}, which can be lifted: not COMPLIANCE",
                version.name()
            );
            self.fail(path, what);
        }
        if date < until {
            let what = format!(
                "{} is kept until {date} only, not until {until}",
                version.name()
            );
            self.fail(path, what);
        }
        self.earliest = Some(self.earliest.map_or(date, |earliest| earliest.min(date)));
    }

    fn content(&mut self, path: &str, version: &Version, content: Content) {
        // The checksum of an object that came in parts is none of its content (`…-3`).
        let checksum = version
            .checksum
            .as_ref()
            .filter(|checksum| !checksum.contains('-'));
        let (Content::Digest(expected), Some(checksum)) = (content, checksum) else {
            self.not_compared += 1;
            return;
        };
        self.compared += 1;
        if *checksum != BASE64_STANDARD.encode(expected.0) {
            let what = format!("{} has another SHA-256 than the file here", version.name());
            self.fail(path, what);
        }
    }

    fn fail(&mut self, path: &str, what: String) {
        if self.failures.len() >= MAX_FAILURES {
            self.more_failures += 1;
            return;
        }
        self.failures.push(Failure {
            path: path.to_owned(),
            entry: None,
            what,
            remedy: Remedy::Escalate,
        });
    }
}

impl Version {
    fn name(&self) -> String {
        match &self.version_id {
            Some(id) => format!("version {id}"),
            None => "a version without an id".to_owned(),
        }
    }

    fn is_held(&self) -> bool {
        let word = match &self.legal_hold {
            Some(LegalHold::Word(word) | LegalHold::Status { status: word }) => Some(word),
            None => self.object_lock_legal_hold_status.as_ref(),
        };
        word.is_some_and(|word| word == "ON")
    }
}
