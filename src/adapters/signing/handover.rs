//! One source of signers hands a log over to another.

use std::cell::Cell;
use std::path::Path;

use super::{KeyFileError, SignerSource};
use crate::evidence::key::LogKey;
use crate::evidence::signer::CheckpointSigner;

/// Opens a log with the signer that signs it now: the old one until a rotation to the new one is
/// recorded, the new one from then on, also where a crash came between record and publication.
#[derive(Debug)]
pub struct Handover {
    old: Box<dyn SignerSource>,
    new: Box<dyn SignerSource>,
    took_over: Cell<bool>,
}

impl Handover {
    pub fn new(old: Box<dyn SignerSource>, new: Box<dyn SignerSource>) -> Self {
        Self {
            old,
            new,
            took_over: Cell::new(false),
        }
    }

    /// The signer that is to take over.
    ///
    /// # Errors
    /// As [`SignerSource::create`].
    pub fn next(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        self.new.create(origin)
    }

    fn signing(&self) -> &dyn SignerSource {
        match self.took_over.get() {
            true => &*self.new,
            false => &*self.old,
        }
    }
}

impl SignerSource for Handover {
    fn load(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        self.signing().load(origin)
    }

    fn create(&self, origin: &str) -> Result<Box<dyn CheckpointSigner>, KeyFileError> {
        self.signing().create(origin)
    }

    fn settle(
        &self,
        took_over: &dyn Fn(&LogKey) -> bool,
        origin: &str,
    ) -> Result<(), KeyFileError> {
        let next = self.next(origin)?;
        self.took_over.set(took_over(next.key()));
        self.signing().settle(took_over, origin)
    }

    fn folder(&self) -> Option<&Path> {
        self.new.folder().or_else(|| self.old.folder())
    }
}
