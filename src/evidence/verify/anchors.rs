//! Time-stamp tokens and cosignatures against the checkpoints that they are about.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Remedy, Trust, Verification};
use crate::evidence::anchor::{ANCHORS, Anchor, AnchorKind};
use crate::evidence::checkpoint::MAX_NOTE_BYTES;
use crate::evidence::cosignature::Cosignature;
use crate::evidence::source::Source;
use crate::evidence::timestamp::{MAX_TOKEN_BYTES, TimestampToken};

/// A token that is about its checkpoint. Its signature was not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenTimestamp {
    pub anchor: Anchor,
    pub token: TimestampToken,
}

/// A cosignature, with the time that it carries if its witness's key was given and it is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCosignature {
    pub size: u64,
    pub witness: String,
    pub verified: Option<Timestamp>,
}

/// Checks each of the folder's anchors against `checkpoints/<size>`.
pub fn check(
    source: &dyn Source,
    anchors: &BTreeSet<Anchor>,
    trust: &Trust,
    result: &mut Verification,
) {
    for anchor in anchors {
        match source.read(&anchor.checkpoint(), MAX_NOTE_BYTES) {
            Ok(Some(note)) => check_one(source, *anchor, &note, trust, result),
            // That a checkpoint cannot be read is reported where checkpoints are.
            Err(_) => {}
            Ok(None) => {
                let what = format!("`{}`, which it is about, is missing", anchor.checkpoint());
                result.fail(&anchor.path(), None, what, Remedy::Restore);
            }
        }
    }
    require_witnesses(trust, result);
}

/// Each witness whose key was given must have cosigned.
pub fn require_witnesses(trust: &Trust, result: &mut Verification) {
    for witness in trust
        .witnesses
        .iter()
        .filter(|_| !trust.witnessed_elsewhere)
    {
        let mut seen = result.cosignatures.iter();
        if !seen.any(|seen| seen.verified.is_some() && seen.witness == witness.name()) {
            let what = format!("no checkpoint here is cosigned by `{}`", witness.name());
            result.fail(ANCHORS, None, what, Remedy::Escalate);
        }
    }
}

/// Checks one anchor against the checkpoint that it must be about.
pub fn check_one(
    source: &dyn Source,
    anchor: Anchor,
    note: &[u8],
    trust: &Trust,
    result: &mut Verification,
) {
    let path = anchor.path();
    let Some(bytes) = result.read(source, &path, MAX_TOKEN_BYTES) else {
        return;
    };
    match anchor.kind {
        AnchorKind::Timestamp => {
            let token = TimestampToken::parse(&bytes);
            let token = token.and_then(|token| token.matches(note).map(|()| token));
            match token {
                Ok(token) => result.timestamps.push(SeenTimestamp { anchor, token }),
                Err(error) => result.fail(&path, None, error.to_string(), Remedy::Escalate),
            }
        }
        AnchorKind::Cosignatures => check_cosignatures(anchor, &bytes, note, trust, result),
    }
}

/// Checks signature lines that came with a checkpoint or beside it.
pub fn check_cosignatures(
    anchor: Anchor,
    lines: &[u8],
    note: &[u8],
    trust: &Trust,
    result: &mut Verification,
) {
    let path = anchor.path();
    let cosignatures = match Cosignature::parse_lines(lines) {
        Ok(cosignatures) => cosignatures,
        Err(error) => return result.fail(&path, None, error.to_string(), Remedy::Escalate),
    };
    for cosignature in cosignatures {
        let key = trust.witnesses.iter().find(|key| cosignature.is_by(key));
        let verified = key.map(|key| cosignature.verify(note, key)).transpose();
        match verified {
            Ok(verified) => result.cosignatures.push(SeenCosignature {
                size: anchor.size,
                witness: cosignature.name().to_owned(),
                verified,
            }),
            Err(error) => result.fail(&path, None, error.to_string(), Remedy::Escalate),
        }
    }
}
