//! A bucket's listing beside the log.

use std::io::{self, Write};
use std::path::Path;

use driftwarden::adapters::store::Folder;
use driftwarden::evidence::verify::Verification;
use driftwarden::evidence::worm::{ListingError, WormReport, check_listing};
use jiff::Timestamp;

pub struct Listing {
    pub listing: Vec<u8>,
    pub prefix: String,
    pub until: Timestamp,
}

impl Listing {
    /// Nothing where the log's own checkpoint is no good: then it is not known what must be locked.
    pub fn check(
        &self,
        dir: &Path,
        found: &Verification,
    ) -> Option<Result<WormReport, ListingError>> {
        let (keys, head) = (found.keys.as_ref()?, found.head?);
        let folder = Folder::new(dir);
        let Self {
            listing,
            prefix,
            until,
        } = self;
        let gone = found.gone > 0;
        Some(check_listing(
            &folder, keys, head, listing, prefix, *until, gone,
        ))
    }

    pub fn report(&self, found: &WormReport, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "worm        {} of {} objects are there and locked in COMPLIANCE mode until {}",
            found.locked, found.required, self.until
        )?;
        if let Some(earliest) = found.earliest {
            writeln!(out, "            the first lock ends at {earliest}")?;
        }
        writeln!(
            out,
            "            {} compared by SHA-256, {} not; {} under legal hold; {} keys need no lock",
            found.compared, found.not_compared, found.legal_holds, found.others
        )
    }
}
