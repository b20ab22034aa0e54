//! The keys of a pack's log. Where one took over from another, the pack has the record that says so, with
//! its proof under the checkpoint that both signed: so who knows any of them can go on to the newest.

use std::collections::BTreeSet;

use super::super::{Remedy, Verification};
use crate::evidence::bundle::MAX_ENTRY_BYTES;
use crate::evidence::key::LogKey;
use crate::evidence::pack::PackFile;
use crate::evidence::path;
use crate::evidence::record::{CustodyRecord, KeyRotation};
use crate::evidence::ring::KeyRing;
use crate::evidence::source::Source;
use crate::evidence::statement;
use crate::evidence::tlog_proof::{MAX_PROOF_BYTES, TlogProof};

impl Verification {
    /// Every key but the first must be vouched for by the one before it; whether each is. What the newest
    /// signed is then as good as what any of them signed.
    pub(super) fn succession(
        &mut self,
        source: &dyn Source,
        listed: &BTreeSet<PackFile>,
        keys: &KeyRing,
    ) -> bool {
        let numbers: BTreeSet<u64> = listed.iter().filter_map(PackFile::of_rotation).collect();
        let mut shown: Vec<(LogKey, LogKey)> = Vec::new();
        for number in numbers {
            match self.rotation(source, number) {
                Some(Ok(record)) => shown.push((record.old, record.new)),
                Some(Err(what)) => {
                    let path = PackFile::RotationProof(number).path();
                    self.fail(&path, Some(number), what, Remedy::Escalate);
                }
                None => {}
            }
        }
        let steps: Vec<_> = keys.keys().zip(keys.keys().skip(1)).collect();
        let mut shown = shown.iter().map(|(old, new)| (old, new));
        let unshown = steps.into_iter().find(|step| shown.next() != Some(*step));
        let what = match unshown {
            Some((_, new)) => format!("no key before `{}` vouches for it", new.as_str()),
            None if shown.next().is_some() => {
                "it lacks a key that a rotation here names".to_owned()
            }
            None => return true,
        };
        self.fail(path::VERIFIER_KEY, None, what, Remedy::Escalate);
        false
    }

    /// A rotation, once the key that it takes over from is seen to have signed it; or what is wrong.
    /// Nothing where that is told already.
    fn rotation(
        &mut self,
        source: &dyn Source,
        number: u64,
    ) -> Option<Result<KeyRotation, String>> {
        let entry = PackFile::Rotation(number).path();
        let entry = self.read(source, &entry, MAX_ENTRY_BYTES as u64)?;
        let proof = PackFile::RotationProof(number).path();
        let proof = self.read(source, &proof, MAX_PROOF_BYTES)?;
        Some(vouched(number, &entry, &proof))
    }
}

fn vouched(number: u64, entry: &[u8], proof: &[u8]) -> Result<KeyRotation, String> {
    let head = statement::read_head(entry, number).map_err(|error| error.to_string())?;
    let record = CustodyRecord::read(&head.predicate_type, entry);
    let Some(CustodyRecord::KeyRotation(record)) = record.map_err(|error| error.to_string())?
    else {
        return Err("the record beside it is no rotation".to_owned());
    };
    let mut both = KeyRing::from(record.old.clone());
    both.add(record.new.clone())
        .map_err(|error| error.to_string())?;
    let proven = TlogProof::parse(proof).and_then(|proof| proof.verify(entry, &both));
    let proven = proven.map_err(|error| error.to_string())?;
    let checkpoint = &proven.checkpoint;
    let unsigned = both.keys().find(|key| !checkpoint.is_signed_by(key));
    match unsigned {
        Some(key) => Err(format!("`{}` has not signed it", key.as_str())),
        None if proven.index != number || checkpoint.head().size != number + 1 => {
            Err("it is the proof of another entry, or under another checkpoint".to_owned())
        }
        None => Ok(record),
    }
}
