//! The evidence of a look that records nothing.

use std::borrow::Borrow;

use jiff::Timestamp;

use super::{Appended, EvidenceError, EvidenceSink};
use crate::evidence::ledger::Ledger;
use crate::evidence::statement::Previous;
use crate::model::Sha256Digest;

/// What a log says. Blobs go nowhere, and nothing is appended.
pub struct ReadOnlyEvidence<L>(pub L);

impl<L: Borrow<Ledger>> EvidenceSink for ReadOnlyEvidence<L> {
    fn ledger(&self) -> &Ledger {
        self.0.borrow()
    }

    fn previous(&self) -> Previous {
        Previous {
            tree_size: 0,
            root: String::new(),
        }
    }

    fn put_blob(&mut self, bytes: &[u8]) -> Result<Sha256Digest, EvidenceError> {
        Ok(Sha256Digest::of(bytes))
    }

    fn append(&mut self, _: Vec<Vec<u8>>, _: Timestamp) -> Result<Appended, EvidenceError> {
        Err(EvidenceError {
            what: "this look records nothing".to_owned(),
            help: None,
        })
    }
}
