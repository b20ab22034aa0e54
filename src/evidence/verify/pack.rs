//! Verification of an exported pack, file by file: the list of sums covers every file, the export key
//! signed the list, and each entry leads to the log's signed checkpoint.

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use super::{Remedy, Trust, Verification, anchors};
use crate::evidence::bundle::MAX_ENTRY_BYTES;
use crate::evidence::checkpoint::SignedCheckpoint;
use crate::evidence::dsse;
use crate::evidence::export_key::{ExportKey, MAX_KEY_BYTES};
use crate::evidence::pack::{self, Index, PackFile, PackRecord, sums};
use crate::evidence::path;
use crate::evidence::ring::KeyRing;
use crate::evidence::source::{Found, Source};
use crate::evidence::statement;
use crate::evidence::tlog_proof::{MAX_PROOF_BYTES, TlogProof};
use crate::model::Sha256Digest;

/// The largest list or index that is read.
const MAX_LIST_BYTES: u64 = 1 << 30;
const MAX_ENVELOPE_BYTES: u64 = 1 << 20;

/// The export key as it is known from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportPin {
    Key(ExportKey),
    Fingerprint(Sha256Digest),
}

/// What was checked. `log` holds what a pack has in common with a whole log, and all failures.
#[derive(Clone, Debug, Default)]
pub struct PackVerification {
    pub log: Verification,
    pub export_key: Option<ExportKey>,
    /// Whether the export key came from outside the pack.
    pub export_pinned: bool,
    pub record: Option<PackRecord>,
    pub files: u64,
}

/// Verifies a pack.
pub fn verify_pack(
    source: &dyn Source,
    trust: &Trust,
    pin: Option<&ExportPin>,
) -> PackVerification {
    let mut result = PackVerification {
        export_pinned: pin.is_some(),
        ..PackVerification::default()
    };
    result.log.pinned = trust.key.clone();
    let Some(listed) = result.files(source) else {
        return result;
    };
    result.signature(source, pin);
    let Some(keys) = result.log.read_keys(source, trust) else {
        return result;
    };
    // Those before the newest signed what is no checkpoint of this pack. Where nobody vouches for it,
    // only the key that is trusted counts.
    let is_shown = result.log.succession(source, &listed, &keys);
    let trusted = trust.key.as_ref().filter(|_| !is_shown);
    let signs = KeyRing::from(trusted.unwrap_or(keys.newest()).clone());
    result.log.keys = Some(if is_shown { keys } else { signs.clone() });
    let keys = signs;
    let checkpoint = result.log.read_checkpoint(source, path::CHECKPOINT, &keys);
    let Some(checkpoint) = checkpoint else {
        return result;
    };
    result.log.head = Some(checkpoint.head());
    result.log.checkpoints = 1;
    let blobs = result.entries(source, &listed, &keys, &checkpoint);
    result.blobs(&listed, &blobs);
    result.anchors(source, &listed, &checkpoint, trust);
    result.agrees_with_record(&keys);
    result
}

impl PackVerification {
    pub fn is_whole(&self) -> bool {
        self.log.is_whole()
    }

    fn fail(&mut self, path: &str, what: impl Into<String>, remedy: Remedy) {
        self.log.fail(path, None, what, remedy);
    }

    /// The listed files that are as the list says. A file beside the list is a failure.
    fn files(&mut self, source: &dyn Source) -> Option<BTreeSet<PackFile>> {
        let bytes = self.log.read(source, pack::SUMS, MAX_LIST_BYTES)?;
        let Some(sums) = sums::parse(&bytes) else {
            self.fail(pack::SUMS, "it is no list of SHA-256 sums", Remedy::Restore);
            return None;
        };
        self.no_other_files(source, &sums);
        let mut listed = BTreeSet::new();
        for (path, expected) in &sums {
            let Some(file) = PackFile::parse(path) else {
                self.fail(path, "a file that packs do not have", Remedy::Escalate);
                continue;
            };
            if matches!(file, PackFile::Blob(named) if named != *expected) {
                let what = "the list has another SHA-256 for it than its name";
                self.fail(path, what, Remedy::Escalate);
                continue;
            }
            match source.digest(path) {
                Ok(Some(found)) if found == *expected => {
                    self.files += 1;
                    listed.insert(file);
                }
                Ok(Some(found)) => {
                    let what = format!("its SHA-256 is {found}, not the one in the list");
                    self.fail(path, what, Remedy::Restore);
                }
                Ok(None) => self.fail(path, "it is missing", Remedy::Restore),
                Err(error) => self.fail(path, error.reason, Remedy::MakeReadable),
            }
        }
        Some(listed)
    }

    fn no_other_files(&mut self, source: &dyn Source, sums: &BTreeMap<String, Sha256Digest>) {
        let mut wrong = Vec::new();
        let walked = source.walk(&mut |found| match found {
            Found::File(path) if pack::is_beside_list(path) || sums.contains_key(path) => {}
            Found::File(path) => wrong.push((path.to_owned(), "a file that is not in the list")),
            Found::EmptyFolder(path) => wrong.push((path.to_owned(), "an empty folder")),
            Found::Other(path) => {
                let what = "neither a file nor a folder, or its name is not UTF-8";
                wrong.push((path.to_owned(), what));
            }
        });
        if let Err(error) = walked {
            self.fail(&error.path, error.reason, Remedy::MakeReadable);
        }
        wrong.sort();
        for (path, what) in wrong {
            self.fail(&path, what, Remedy::MoveAway);
        }
    }

    /// The export key signed the pack's record, and that names the list.
    fn signature(&mut self, source: &dyn Source, pin: Option<&ExportPin>) -> Option<()> {
        let pem = self.log.read(source, pack::EXPORT_KEY, MAX_KEY_BYTES)?;
        let key = match ExportKey::parse_pem(&String::from_utf8_lossy(&pem)) {
            Ok(key) => key,
            Err(error) => {
                self.fail(pack::EXPORT_KEY, error.to_string(), Remedy::Restore);
                return None;
            }
        };
        let is_pinned = match pin {
            None => true,
            Some(ExportPin::Key(pinned)) => *pinned == key,
            Some(ExportPin::Fingerprint(pinned)) => *pinned == key.fingerprint(),
        };
        if !is_pinned {
            let what = "it is not the key given with --export-key";
            self.fail(pack::EXPORT_KEY, what, Remedy::Escalate);
        }
        self.export_key = Some(key.clone());
        let bytes = self.log.read(source, pack::PACK, MAX_ENVELOPE_BYTES)?;
        self.envelope(source, pack::PACK_ENVELOPE, &bytes, &key);
        let list = self.log.read(source, pack::SUMS, MAX_LIST_BYTES)?;
        match PackRecord::read(&bytes) {
            Some((record, sums)) if sums == Sha256Digest::of(&list) => self.record = Some(record),
            Some(_) => {
                let what = "it is not the list that the export key signed";
                self.fail(pack::SUMS, what, Remedy::Restore);
            }
            None => self.fail(pack::PACK, "it is no record of a pack", Remedy::Restore),
        }
        Some(())
    }

    fn envelope(&mut self, source: &dyn Source, path: &str, statement: &[u8], key: &ExportKey) {
        let Some(bytes) = self.log.read(source, path, MAX_ENVELOPE_BYTES) else {
            return;
        };
        match dsse::open(&bytes, key) {
            Ok(payload) if payload == statement => {}
            Ok(_) => {
                let what = "it holds another statement than the file beside it";
                self.fail(path, what, Remedy::Restore);
            }
            Err(error) => self.fail(path, error.to_string(), Remedy::Restore),
        }
    }

    /// Checks each entry with its proof and its envelope, and the index; gives the blobs they name.
    fn entries(
        &mut self,
        source: &dyn Source,
        listed: &BTreeSet<PackFile>,
        keys: &KeyRing,
        checkpoint: &SignedCheckpoint,
    ) -> BTreeMap<Sha256Digest, u64> {
        let mut blobs = BTreeMap::new();
        let mut index = Index::default();
        for number in listed
            .iter()
            .filter_map(PackFile::of_entry)
            .collect::<BTreeSet<_>>()
        {
            let path = pack::entry(number);
            let Some(bytes) = self.log.read(source, &path, MAX_ENTRY_BYTES as u64) else {
                continue;
            };
            self.proof(source, number, &bytes, keys, checkpoint);
            if let Some(key) = self.export_key.clone() {
                self.envelope(source, &pack::envelope(number), &bytes, &key);
            }
            match statement::read_head(&bytes, number) {
                Ok(head) => {
                    *self.log.entries.entry(head.predicate_type).or_default() += 1;
                    for blob in head.blobs {
                        blobs.entry(blob).or_insert(number);
                    }
                }
                Err(error) => {
                    self.log
                        .fail(&path, Some(number), error.to_string(), Remedy::Escalate)
                }
            }
            if let Err(error) = index.take(number, &bytes) {
                self.log
                    .fail(&path, Some(number), error.to_string(), Remedy::Escalate);
            }
        }
        let found = self.log.read(source, pack::INDEX, MAX_LIST_BYTES);
        let computed = index.to_bytes().ok();
        if found.is_some() && found != computed {
            let what = "it does not say what the entries beside it say";
            self.fail(pack::INDEX, what, Remedy::Escalate);
        }
        blobs
    }

    fn proof(
        &mut self,
        source: &dyn Source,
        number: u64,
        entry: &[u8],
        keys: &KeyRing,
        checkpoint: &SignedCheckpoint,
    ) {
        let path = pack::proof(number);
        let Some(bytes) = self.log.read(source, &path, MAX_PROOF_BYTES) else {
            return;
        };
        let proven = TlogProof::parse(&bytes).and_then(|proof| proof.verify(entry, keys));
        let what = match proven {
            Ok(proven) if proven.index != number => {
                format!("it is the proof of entry {}", proven.index)
            }
            Ok(proven) if proven.checkpoint != *checkpoint => {
                "its checkpoint is not the one of this pack".to_owned()
            }
            Ok(_) => return,
            Err(error) => error.to_string(),
        };
        self.log.fail(&path, Some(number), what, Remedy::Escalate);
    }

    /// Every blob that an entry names must be here, and no other.
    fn blobs(&mut self, listed: &BTreeSet<PackFile>, named: &BTreeMap<Sha256Digest, u64>) {
        for (digest, entry) in named {
            if !listed.contains(&PackFile::Blob(*digest)) {
                let what = "it is not here as the entry names it";
                self.log
                    .fail(&path::blob(digest), Some(*entry), what, Remedy::Restore);
            }
        }
        for file in listed {
            let PackFile::Blob(digest) = file else {
                continue;
            };
            match named.contains_key(digest) {
                true => self.log.blobs += 1,
                false => {
                    let what = "a blob that no entry here names";
                    self.fail(&path::blob(digest), what, Remedy::MoveAway);
                }
            }
        }
    }

    fn anchors(
        &mut self,
        source: &dyn Source,
        listed: &BTreeSet<PackFile>,
        checkpoint: &SignedCheckpoint,
        trust: &Trust,
    ) {
        let size = checkpoint.head().size;
        for file in listed {
            let PackFile::Anchor(anchor) = *file else {
                continue;
            };
            if anchor.size == size {
                anchors::check_one(source, anchor, checkpoint.note(), trust, &mut self.log);
            } else {
                let what = "it is about another checkpoint than this pack's";
                self.fail(&anchor.path(), what, Remedy::MoveAway);
            }
        }
        anchors::require_witnesses(trust, &mut self.log);
    }

    fn agrees_with_record(&mut self, keys: &KeyRing) {
        let (Some(record), Some(head)) = (&self.record, self.log.head) else {
            return;
        };
        let entries: u64 = self.log.entries.values().sum();
        let what = if record.origin != keys.origin() {
            "it names another log than the key"
        } else if record.tree_size != head.size || record.root != head.root.to_string() {
            "it names another checkpoint than the one beside it"
        } else if record.entries != entries {
            "it counts other entries than are here"
        } else {
            return;
        };
        self.fail(pack::PACK, what, Remedy::Escalate);
    }
}
