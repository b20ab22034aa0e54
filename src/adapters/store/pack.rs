//! A pack for an auditor: what was asked for out of a log, signed, and verified before it is handed
//! over.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::error::StoreError;
use super::export::{into_new_folder, write};
use super::folder::Folder;
use super::reader::{Entry, EvidenceReader};
use crate::evidence::anchor::Anchor;
use crate::evidence::dsse;
use crate::evidence::export_key::ExportSigner;
use crate::evidence::pack::{self, Index, PackFile, PackRecord, Selection, Selector, Wanted, sums};
use crate::evidence::path;
use crate::evidence::record::Program;
use crate::evidence::source::Source;
use crate::evidence::statement::{self, StatementError};
use crate::evidence::timestamp::MAX_TOKEN_BYTES;
use crate::evidence::verify::{ExportPin, PackVerification, Trust, verify_pack};
use crate::model::Sha256Digest;

/// How a pack is made.
pub struct PackOrder<'o> {
    pub wanted: &'o Wanted,
    pub signer: &'o ExportSigner,
    pub program: Program,
    pub exported_at: Timestamp,
    /// Writes the page for whoever opens the pack.
    pub readme: &'o dyn Fn(&PackRecord) -> String,
}

/// Which entries a pack would have.
///
/// # Errors
/// The log cannot be read, or holds what is not understood.
pub fn select(reader: &EvidenceReader, wanted: &Wanted) -> Result<Selection, StoreError> {
    let mut selector = Selector::new(wanted.clone());
    for entry in reader.entries() {
        let entry = entry?;
        let unclear = |error: StatementError| not_understood(reader, entry.index, &error);
        let details = selector.take(entry.index, &entry.bytes).map_err(unclear)?;
        if let Some(details) = details {
            let blob = reader.blob(&details)?;
            selector.take_details(&blob).map_err(unclear)?;
        }
    }
    Ok(selector.finish())
}

/// Writes what `selection` names into the new folder `out`, which appears whole or not at all.
///
/// # Errors
/// `out` exists or lies within the log, something cannot be read or written, or the pack does not
/// verify.
pub fn export_pack(
    reader: &EvidenceReader,
    out: &Path,
    selection: &Selection,
    order: &PackOrder<'_>,
) -> Result<PackVerification, StoreError> {
    into_new_folder(reader, out, |unfinished| {
        Pack {
            reader,
            out: unfinished,
            signer: order.signer,
            sums: sums::Sums::new(),
        }
        .fill(selection, order)
    })
}

struct Pack<'p> {
    reader: &'p EvidenceReader,
    out: &'p Path,
    signer: &'p ExportSigner,
    sums: sums::Sums,
}

impl Pack<'_> {
    fn fill(
        mut self,
        selection: &Selection,
        order: &PackOrder<'_>,
    ) -> Result<PackVerification, StoreError> {
        let head = self.reader.checkpoint().head();
        let record = PackRecord {
            exported_at: order.exported_at,
            program: order.program.clone(),
            origin: self.reader.key().origin().to_owned(),
            tree_size: head.size,
            root: head.root.to_string(),
            from: order.wanted.from,
            until: order.wanted.until,
            control: order.wanted.control.clone(),
            entries: selection.entries.len() as u64,
            scans: selection.scans,
            findings: selection.findings,
        };
        self.entries(selection)?;
        let reader = self.reader;
        self.put(path::VERIFIER_KEY, &reader.keys().file_bytes())?;
        self.rotations()?;
        self.put(path::CHECKPOINT, reader.checkpoint().note())?;
        for anchor in Anchor::both(head.size) {
            let bytes = reader.folder().read(&anchor.path(), MAX_TOKEN_BYTES)?;
            if let Some(bytes) = bytes {
                self.put(&anchor.path(), &bytes)?;
            }
        }
        self.put(pack::EXPORT_KEY, self.signer.key().to_pem().as_bytes())?;
        self.put(pack::README, (order.readme)(&record).as_bytes())?;
        self.sign(&record)?;
        self.verify()
    }

    /// What lets whoever knows an older key of the log go on to the newest.
    fn rotations(&mut self) -> Result<(), StoreError> {
        let reader = self.reader;
        let rotated = reader.keys().keys().count() - 1;
        let mut found = 0;
        for entry in reader.entries().take_while(|_| rotated > 0) {
            let Entry { index, bytes } = entry?;
            let head = statement::read_head(&bytes, index);
            let head = head.map_err(|error| not_understood(reader, index, &error))?;
            if head.predicate_type != statement::KEY_ROTATION {
                continue;
            }
            let (checkpoint, proof) = reader.entry_when_newest(index, &bytes)?;
            self.put(&PackFile::Rotation(index).path(), &bytes)?;
            let proof = proof.to_text(&checkpoint);
            self.put(&PackFile::RotationProof(index).path(), &proof)?;
            found += 1;
        }
        match found == rotated {
            true => Ok(()),
            false => Err(StoreError::damaged(
                reader.folder().root(),
                "its keys are not those that its rotations name".to_owned(),
            )),
        }
    }

    fn entries(&mut self, selection: &Selection) -> Result<(), StoreError> {
        let reader = self.reader;
        let mut index = Index::default();
        let mut blobs: BTreeSet<Sha256Digest> = BTreeSet::new();
        for number in &selection.entries {
            let (entry, proof) = reader.entry(*number)?;
            let unclear = |error: StatementError| not_understood(reader, *number, &error);
            index.take(*number, &entry.bytes).map_err(unclear)?;
            blobs.extend(
                statement::read_head(&entry.bytes, *number)
                    .map_err(unclear)?
                    .blobs,
            );
            self.put(&pack::entry(*number), &entry.bytes)?;
            self.put(&pack::proof(*number), &proof.to_text(reader.checkpoint()))?;
            let envelope = dsse::seal(&entry.bytes, self.signer);
            let envelope = envelope.map_err(|error| unclear(StatementError::Json(error)))?;
            self.put(&pack::envelope(*number), &envelope)?;
        }
        for digest in &blobs {
            self.put(&path::blob(digest), &reader.blob(digest)?)?;
        }
        let bytes = index.to_bytes();
        let bytes = bytes.map_err(|error| StoreError::ExportBroken(error.to_string()))?;
        self.put(pack::INDEX, &bytes)
    }

    /// The list of all files, and the export key's signature over it and over what was asked for.
    fn sign(&self, record: &PackRecord) -> Result<(), StoreError> {
        let broken = |error: String| StoreError::ExportBroken(error);
        let list = sums::to_bytes(&self.sums);
        let statement = record.encode(Sha256Digest::of(&list));
        let statement = statement.map_err(|error| broken(error.to_string()))?;
        let envelope = dsse::seal(&statement, self.signer);
        let envelope = envelope.map_err(|error| broken(error.to_string()))?;
        write(&self.out.join(pack::SUMS), &list)?;
        write(&self.out.join(pack::PACK), &statement)?;
        write(&self.out.join(pack::PACK_ENVELOPE), &envelope)
    }

    fn put(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        write(&self.out.join(path), bytes)?;
        self.sums.insert(path.to_owned(), Sha256Digest::of(bytes));
        Ok(())
    }

    fn verify(&self) -> Result<PackVerification, StoreError> {
        let trust = Trust {
            key: Some(self.reader.key().clone()),
            ..Trust::default()
        };
        let pin = ExportPin::Key(self.signer.key());
        let verification = verify_pack(&Folder::everything(self.out), &trust, Some(&pin));
        match verification.log.failures.first() {
            None => Ok(verification),
            Some(failure) => Err(StoreError::ExportBroken(failure.to_string())),
        }
    }
}

fn not_understood(reader: &EvidenceReader, index: u64, error: &StatementError) -> StoreError {
    let what = format!("entry {index}: {error}");
    StoreError::damaged(reader.folder().root(), what)
}
