//! Writes the next step for a person: one file for each fix, named by it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::adapters::files::write_atomically;
use crate::adapters::reason::reason;
use crate::decide::guards::Permit;
use crate::model::{FixDocument, FixResult, FixSubject, Sha256Digest};
use crate::ports::{CarriedOut, NotCarriedOut, Reached, Remediator};
use crate::report::handover::text;

pub struct Handover {
    dir: PathBuf,
}

impl Handover {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }
}

impl Remediator for Handover {
    fn name(&self) -> &str {
        "handover"
    }

    fn takes(&self, _: &FixSubject) -> bool {
        true
    }

    /// The bytes follow from the intent and the finding alone, so writing it again changes nothing.
    fn carry_out(&self, permit: Permit, _receipt: Reached) -> Result<CarriedOut, NotCarriedOut> {
        let bytes = text(permit.intent(), permit.subject());
        let name = format!("fix-{}.txt", permit.id());
        let path = self.dir.join(&name);
        fs::create_dir_all(&self.dir).map_err(|error| NotCarriedOut {
            what: format!("cannot make `{}`: {}", self.dir.display(), reason(&error)),
        })?;
        if !holds(&path, bytes.as_bytes()) {
            let written = write_atomically(&path, bytes.as_bytes());
            written.map_err(|error| NotCarriedOut {
                what: error.to_string(),
            })?;
        }
        Ok(CarriedOut {
            result: FixResult::HandedOver,
            detail: String::new(),
            document: Some(FixDocument {
                sha256: Sha256Digest::of(bytes.as_bytes()),
                name,
            }),
            change: None,
            run: None,
        })
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::read(path).is_ok_and(|there| there == bytes)
}
