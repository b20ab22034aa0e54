//! What was seen applied: the reason why a later scan takes a plan as the baseline.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Document, Encoded, RecordError};
use crate::evidence::statement::{self, Subject};
use crate::model::{Address, Sha256Digest, WorkspaceName};

/// Addresses of one record take at most about this many bytes, so that it stays one entry.
const ADDRESS_BYTES: usize = 40_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineRecord {
    pub at: Timestamp,
    pub workspace: WorkspaceName,
    pub plan_sha256: Sha256Digest,
    pub seen_by: SeenBy,
    /// Newly seen applied; those of earlier records stay.
    pub addresses: Vec<Address>,
    /// The plan in its redacted form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Document>,
}

/// What showed that a plan was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeenBy {
    /// The Terraform state after apply.
    State,
    /// The live resource held what the plan sets.
    Observation,
}

/// Resources of one plan that a scan saw applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenApplied {
    pub workspace: WorkspaceName,
    pub plan_sha256: Sha256Digest,
    pub seen_by: SeenBy,
    pub addresses: BTreeSet<Address>,
    pub plan: Option<Document>,
}

impl BaselineRecord {
    /// The records for what was newly seen: as many as the addresses need, none for no address.
    pub fn of(at: Timestamp, seen: &SeenApplied, known: &BTreeSet<Address>) -> Vec<Self> {
        let mut records = Vec::new();
        let mut addresses = Vec::new();
        let mut bytes = 0;
        for address in seen.addresses.difference(known) {
            let length = address.as_str().len() + 8;
            if bytes + length > ADDRESS_BYTES && !addresses.is_empty() {
                records.push(Self::one(at, seen, std::mem::take(&mut addresses)));
                bytes = 0;
            }
            bytes += length;
            addresses.push(address.clone());
        }
        if !addresses.is_empty() {
            records.push(Self::one(at, seen, addresses));
        }
        records
    }

    fn one(at: Timestamp, seen: &SeenApplied, addresses: Vec<Address>) -> Self {
        Self {
            at,
            workspace: seen.workspace.clone(),
            plan_sha256: seen.plan_sha256,
            seen_by: seen.seen_by,
            addresses,
            plan: seen.plan.clone(),
        }
    }

    /// # Errors
    /// One address alone is too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let workspace = self.workspace.as_str();
        let mut subjects = vec![Subject::file(workspace, self.plan_sha256)];
        let blob = self.plan.as_ref().and_then(|plan| plan.blob);
        subjects.extend(blob.map(Subject::blob));
        let entry = statement::encode(statement::BASELINE, &subjects, self)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_addresses_take_several_records_and_none_is_lost() {
        let name = |n: u32| format!("module.m[\"{n}\"].aws_instance.\"quoted\"[{n}]");
        let seen = SeenApplied {
            workspace: WorkspaceName::from("payments"),
            plan_sha256: Sha256Digest::of(b"plan"),
            seen_by: SeenBy::State,
            addresses: (0..5000).map(|n| Address::from(name(n))).collect(),
            plan: None,
        };
        let known = BTreeSet::from([Address::from(name(7))]);
        let records = BaselineRecord::of(Timestamp::UNIX_EPOCH, &seen, &known);
        assert!(records.len() > 1);
        assert!(records.iter().all(|record| record.encode().is_ok()));
        let listed: Vec<_> = records.into_iter().flat_map(|r| r.addresses).collect();
        assert_eq!(listed.len(), 4999);
        assert!(!listed.contains(&Address::from(name(7))));
    }
}
