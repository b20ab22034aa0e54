//! The `anchors` folder: what was said outside of checkpoints here.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;

use super::error::RemoteLogError;
use super::memory::write_whole;
use crate::adapters::store::EvidenceReader;
use crate::evidence::checkpoint::MAX_NOTE_BYTES;
use crate::evidence::outside::anchor;
use crate::evidence::outside::cosignature::{Cosignature, WitnessKey};
use crate::evidence::path;
use crate::evidence::source::Source;

/// The newest size at which this witness has cosigned the log here.
pub fn newest_cosigned(
    log: &EvidenceReader,
    key: &WitnessKey,
) -> Result<Option<u64>, RemoteLogError> {
    for size in sizes(log, anchor::cosignatures_at)?.into_iter().rev() {
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
    Ok(sizes(log, anchor::token_at)?.into_iter().next_back())
}

/// Adds a witness's line, in the place of an earlier one by the same key.
pub fn add_cosignature(
    log: &EvidenceReader,
    size: u64,
    key: &WitnessKey,
    new: &Cosignature,
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
    let name = anchor::cosignatures_at(size);
    write_whole(log.folder().root(), &name, lines.as_bytes())
}

pub fn add_token(log: &EvidenceReader, size: u64, token: &[u8]) -> Result<(), RemoteLogError> {
    write_whole(log.folder().root(), &anchor::token_at(size), token)
}

fn cosignatures(log: &EvidenceReader, size: u64) -> Result<String, RemoteLogError> {
    let name = anchor::cosignatures_at(size);
    let bytes = log
        .folder()
        .read(&name, MAX_NOTE_BYTES)?
        .unwrap_or_default();
    String::from_utf8(bytes).map_err(|_| RemoteLogError::Damaged(format!("`{name}` is no text")))
}

fn sizes(
    log: &EvidenceReader,
    name: impl Fn(u64) -> String,
) -> Result<BTreeSet<u64>, RemoteLogError> {
    let read = |error: std::io::Error| RemoteLogError::Damaged(format!("`anchors`: {error}"));
    let items = match fs::read_dir(log.folder().root().join(anchor::ANCHORS)) {
        Ok(items) => items,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(read(error)),
    };
    let mut sizes = BTreeSet::new();
    for item in items {
        let found = item.map_err(read)?.file_name();
        let path = format!("{}/{}", anchor::ANCHORS, found.to_string_lossy());
        sizes.extend(anchor::parse(&path).filter(|size| name(*size) == path));
    }
    let head = log.checkpoint().head().size;
    sizes.retain(|size| *size <= head);
    Ok(sizes)
}
