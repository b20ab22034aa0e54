//! The findings that are open, found by their key and by what they are about: a look at few resources
//! is not to cost what one at all of them does.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::evidence::lifecycle::Standing;
use crate::evidence::record::{FindingRecord, StateRecord};
use crate::model::{Address, EarlierFinding, FindingKey, FixId, WorkspaceName};

/// A finding that is not resolved, as its last record has it.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenFinding {
    pub record: FindingRecord,
    pub first_seen: Timestamp,
    pub last_changed: Timestamp,
    /// Every entry about it since it was opened, oldest first, but for the steps of fixes.
    pub entries: Vec<u64>,
    pub standing: Standing,
}

impl OpenFinding {
    /// What must be looked at before it can be resolved.
    pub fn subject(&self) -> EarlierFinding {
        EarlierFinding::from(&self.record)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OpenFindings {
    by_key: BTreeMap<FindingKey, OpenFinding>,
    /// Of approved resources.
    by_address: BTreeMap<(WorkspaceName, Address), BTreeSet<FindingKey>>,
    /// Of everything else, by the provider's id.
    by_id: BTreeMap<String, BTreeSet<FindingKey>>,
    accepted: BTreeSet<FindingKey>,
}

impl OpenFindings {
    pub(super) fn get(&self, key: &FindingKey) -> Option<&OpenFinding> {
        self.by_key.get(key)
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// By key.
    pub(super) fn values(&self) -> impl Iterator<Item = &OpenFinding> {
        self.by_key.values()
    }

    /// Those that a waiver accepts.
    pub(super) fn accepted(&self) -> impl Iterator<Item = &FindingKey> {
        self.accepted.iter()
    }

    /// Those of some addresses, and of no address whose id is one of some names, or begins with one as
    /// the whole of a step.
    pub(super) fn about<'q>(
        &self,
        addresses: impl IntoIterator<Item = &'q (WorkspaceName, Address)>,
        names: impl IntoIterator<Item = &'q str>,
    ) -> BTreeSet<FindingKey> {
        let addresses = addresses.into_iter();
        let mut about: BTreeSet<FindingKey> = addresses
            .filter_map(|address| self.by_address.get(address))
            .flatten()
            .cloned()
            .collect();
        for name in names {
            about.extend(self.by_id.get(name).into_iter().flatten().cloned());
            for step in ['/', ':'] {
                let within = format!("{name}{step}");
                let ids = self.by_id.range(within.clone()..);
                let ids = ids.take_while(|(id, _)| id.starts_with(&within));
                about.extend(ids.flat_map(|(_, keys)| keys).cloned());
            }
        }
        about
    }

    pub(super) fn put(&mut self, finding: OpenFinding) {
        let key = finding.record.finding.clone();
        self.remove(&key);
        match place(&finding.record) {
            Place::Address(place) => self.by_address.entry(place).or_default(),
            Place::Id(id) => self.by_id.entry(id).or_default(),
        }
        .insert(key.clone());
        if finding.standing.accepted.is_some() {
            self.accepted.insert(key.clone());
        }
        self.by_key.insert(key, finding);
    }

    pub(super) fn remove(&mut self, key: &FindingKey) -> Option<OpenFinding> {
        fn take_out<P: Ord>(
            index: &mut BTreeMap<P, BTreeSet<FindingKey>>,
            place: &P,
            key: &FindingKey,
        ) {
            if let Some(keys) = index.get_mut(place) {
                keys.remove(key);
                if keys.is_empty() {
                    index.remove(place);
                }
            }
        }
        let finding = self.by_key.remove(key)?;
        match place(&finding.record) {
            Place::Address(place) => take_out(&mut self.by_address, &place, key),
            Place::Id(id) => take_out(&mut self.by_id, &id, key),
        }
        self.accepted.remove(key);
        Some(finding)
    }

    /// Takes in which fix is under way.
    pub(super) fn fixing(&mut self, key: &FindingKey, fix: Option<FixId>) {
        if let Some(finding) = self.by_key.get_mut(key) {
            finding.standing.fixing = fix;
        }
    }

    /// Takes in how a finding stands.
    pub(super) fn stand(&mut self, index: u64, record: StateRecord) {
        let key = record.finding.clone();
        let Some(finding) = self.by_key.get_mut(&key) else {
            return;
        };
        finding.entries.push(index);
        finding.standing.apply(record);
        match finding.standing.accepted {
            Some(_) => self.accepted.insert(key),
            None => self.accepted.remove(&key),
        };
    }
}

enum Place {
    Address((WorkspaceName, Address)),
    Id(String),
}

fn place(record: &FindingRecord) -> Place {
    match (&record.workspace, &record.address) {
        (Some(workspace), Some(address)) => Place::Address((workspace.clone(), address.clone())),
        _ => {
            let id = record.provider_id.as_ref();
            Place::Id(id.map_or_else(String::new, |id| id.as_str().to_owned()))
        }
    }
}
