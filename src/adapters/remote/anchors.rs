//! The `anchors` folder: what was said outside of checkpoints here.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;

use super::error::RemoteLogError;
use super::memory::write_whole;
use crate::adapters::store::EvidenceReader;
use crate::evidence::anchor::{ANCHORS, Anchor, AnchorKind};
use crate::evidence::checkpoint::MAX_NOTE_BYTES;
use crate::evidence::cosignature::{WitnessKey, Witnessed};
use crate::evidence::path;
use crate::evidence::source::Source;

/// The newest size at which this witness has cosigned the log here.
pub fn newest_cosigned(
    log: &EvidenceReader,
    key: &WitnessKey,
) -> Result<Option<u64>, RemoteLogError> {
    for size in sizes(log, AnchorKind::Cosignatures)?.into_iter().rev() {
        let note = log
            .folder()
            .read(&path::checkpoint_at(size), MAX_NOTE_BYTES)?;
        let Some(note) = note else { continue };
        if key.find(&note, &cosignatures(log, size)?).is_ok() {
            return Ok(Some(size));
        }
    }
    Ok(None)
}

/// The newest size that has a time stamp.
pub fn newest_stamped(log: &EvidenceReader) -> Result<Option<u64>, RemoteLogError> {
    Ok(sizes(log, AnchorKind::Timestamp)?.into_iter().next_back())
}

/// The anchors of checkpoints of this size and larger ones.
pub fn since(log: &EvidenceReader, from: u64) -> Result<Vec<String>, RemoteLogError> {
    let mut paths = Vec::new();
    for kind in [AnchorKind::Cosignatures, AnchorKind::Timestamp] {
        let own = sizes(log, kind)?;
        paths.extend(own.range(from..).map(|size| path_of(kind, *size)));
    }
    Ok(paths)
}

/// Adds a witness's line, in the place of an earlier one by the same key.
pub fn add_cosignature(
    log: &EvidenceReader,
    size: u64,
    key: &WitnessKey,
    new: &Witnessed,
) -> Result<(), RemoteLogError> {
    let known = cosignatures(log, size)?;
    let earlier = key.find(log.checkpoint().note(), &known).ok();
    let mut lines: String = known
        .split_inclusive('\n')
        .filter(|line| {
            earlier
                .as_ref()
                .is_none_or(|earlier| earlier.line != **line)
        })
        .collect();
    lines.push_str(&new.line);
    let name = path_of(AnchorKind::Cosignatures, size);
    write_whole(log.folder().root(), &name, lines.as_bytes())
}

pub fn add_token(log: &EvidenceReader, size: u64, token: &[u8]) -> Result<(), RemoteLogError> {
    let name = path_of(AnchorKind::Timestamp, size);
    write_whole(log.folder().root(), &name, token)
}

fn cosignatures(log: &EvidenceReader, size: u64) -> Result<String, RemoteLogError> {
    let name = path_of(AnchorKind::Cosignatures, size);
    let bytes = log
        .folder()
        .read(&name, MAX_NOTE_BYTES)?
        .unwrap_or_default();
    String::from_utf8(bytes).map_err(|_| RemoteLogError::Damaged(format!("`{name}` is no text")))
}

fn path_of(kind: AnchorKind, size: u64) -> String {
    Anchor { size, kind }.path()
}

fn sizes(log: &EvidenceReader, kind: AnchorKind) -> Result<BTreeSet<u64>, RemoteLogError> {
    let read = |error: std::io::Error| RemoteLogError::Damaged(format!("`anchors`: {error}"));
    let items = match fs::read_dir(log.folder().root().join(ANCHORS)) {
        Ok(items) => items,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(read(error)),
    };
    let mut sizes = BTreeSet::new();
    for item in items {
        let found = item.map_err(read)?.file_name();
        let path = format!("{ANCHORS}/{}", found.to_string_lossy());
        let anchor = Anchor::parse(&path).filter(|anchor| anchor.kind == kind);
        sizes.extend(anchor.map(|anchor| anchor.size));
    }
    let head = log.checkpoint().head().size;
    sizes.retain(|size| *size <= head);
    Ok(sizes)
}
