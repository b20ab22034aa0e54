//! A workspace that was settled: how its resources read right after their approved apply. The settled
//! baseline itself is a blob, and the newest one of a workspace is the one that counts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError};
use crate::evidence::statement::{self, Subject};
use crate::model::{Address, Sha256Digest, WorkspaceName};

/// Addresses of one record take at most about this many bytes, so that it stays one entry.
const ADDRESS_BYTES: usize = 40_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledRecord {
    pub at: Timestamp,
    pub workspace: WorkspaceName,
    /// The plan that it was settled for; what was settled for another is not in it.
    pub plan_sha256: Sha256Digest,
    /// Name, version and checksum of each provider that was asked.
    pub providers: Vec<String>,
    /// The working copy, as it was named.
    pub file: String,
    /// Of the settled baseline; the blob of that name holds it.
    pub sha256: Sha256Digest,
    /// Resources in it, those included that were settled before.
    pub resources: u64,
    /// Of them, those that were settled now.
    pub settled: u64,
    /// Those that were to be settled now and were not, counted by the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_settled: BTreeMap<WhyNotSettled, u64>,
    /// The first of those; as many as there is room for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<NotSettled>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotSettled {
    /// It is not as it was applied any more.
    Changed,
    Missing,
    /// The provider did not tell how it is.
    NotSeen,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSettled {
    pub address: Address,
    pub why: WhyNotSettled,
}

impl WhyNotSettled {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::NotSeen => "not seen",
        }
    }
}

impl SettledRecord {
    /// With what was not settled.
    #[must_use]
    pub fn without(mut self, all: impl IntoIterator<Item = NotSettled>) -> Self {
        let mut bytes = 0;
        for one in all {
            *self.not_settled.entry(one.why).or_default() += 1;
            bytes += one.address.as_str().len() + 40;
            if bytes <= ADDRESS_BYTES {
                self.named.push(one);
            }
        }
        self
    }

    /// The blob that holds the settled baseline must be put before.
    ///
    /// # Errors
    /// Its names are too large for an entry.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        let entry = statement::encode(statement::SETTLED, &self.subjects(), self)?;
        Ok(Encoded {
            entry,
            blobs: Vec::new(),
        })
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        vec![
            Subject::file(self.workspace.as_str(), self.plan_sha256),
            Subject::blob(self.sha256),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ledger::Ledger;
    use crate::evidence::record::Record;

    #[test]
    fn however_much_is_not_settled_it_is_one_entry_and_all_of_it_is_counted() {
        let record = SettledRecord {
            at: Timestamp::UNIX_EPOCH,
            workspace: WorkspaceName::from("payments"),
            plan_sha256: Sha256Digest::of(b"plan"),
            providers: Vec::new(),
            file: "settled/payments.json".to_owned(),
            sha256: Sha256Digest::of(b"settled"),
            resources: 0,
            settled: 0,
            not_settled: BTreeMap::new(),
            named: Vec::new(),
        };
        let all = (0..5000).map(|n| NotSettled {
            address: Address::from(format!("module.m[\"{n}\"].aws_instance.\"quoted\"[{n}]")),
            why: match n {
                0 => WhyNotSettled::Missing,
                _ => WhyNotSettled::NotSeen,
            },
        });
        let record = record.without(all);
        let counts = BTreeMap::from([(WhyNotSettled::Missing, 1), (WhyNotSettled::NotSeen, 4999)]);
        assert_eq!(record.not_settled, counts);
        let entry = record.encode().unwrap().entry;
        let head = statement::read_head(&entry, 0).unwrap();
        assert_eq!(head.blobs, [record.sha256]);
        let read = Record::read(0, &entry).unwrap();
        assert_eq!(read, Record::Settled(Box::new(record)));
    }

    #[test]
    fn a_log_that_goes_on_takes_over_the_newest_with_its_blob() {
        let own = |text: &[u8]| SettledRecord {
            at: Timestamp::UNIX_EPOCH,
            workspace: WorkspaceName::from("payments"),
            plan_sha256: Sha256Digest::of(b"plan"),
            providers: Vec::new(),
            file: "settled/payments.json".to_owned(),
            sha256: Sha256Digest::of(text),
            resources: 1,
            settled: 1,
            not_settled: BTreeMap::new(),
            named: Vec::new(),
        };
        let mut old = Ledger::default();
        for text in [b"first", b"later"] {
            old.take(0, Record::Settled(Box::new(own(text))));
        }
        let mut new = Ledger::default();
        let mut blobs = Vec::new();
        for carried in old.carry_over(Timestamp::UNIX_EPOCH) {
            let entry = carried.encode().unwrap().entry;
            blobs.extend(statement::read_head(&entry, 0).unwrap().blobs);
            new.apply(0, &entry).unwrap();
        }
        let workspace = WorkspaceName::from("payments");
        assert_eq!(new.settled(&workspace), Some(&own(b"later")));
        assert_eq!(blobs, [Sha256Digest::of(b"later")]);
    }
}
