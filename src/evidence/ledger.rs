//! What the log says is the case: findings open now, and what was seen applied. It is replayed from
//! the entries, and from nothing else. What a scan adds to it: `events`.

mod events;
mod fixes;
mod open;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::clock::Known;
use super::custody::Custody;
use super::lifecycle::{Openings, Standing};
use super::record::{
    BaselineRecord, Carried, CarriedAlert, CarriedFinding, ClockAnomaly, FindingEvent,
    FindingRecord, PlanRecord, Record, RecordError, ServiceEvent, ServiceRecord, SettledRecord,
    WatchEvent, WatchRecord,
};
use crate::model::{
    Address, AlertKey, EarlierFinding, FindingKey, Fixes, Sha256Digest, Told, WatchKind,
    WorkspaceName,
};

pub use events::{EventContext, keyed, not_seen, plan_baselines, plan_events, plan_few_events};
pub use open::OpenFinding;
use open::OpenFindings;

/// What was seen applied, by workspace and plan.
pub type Applied = BTreeMap<(WorkspaceName, Sha256Digest), BTreeSet<Address>>;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    open: OpenFindings,
    applied: Applied,
    plans: BTreeMap<(WorkspaceName, Sha256Digest), PlanRecord>,
    scans: u64,
    custody: Custody,
    times: Known,
    openings: Openings,
    watches: BTreeMap<(WatchKind, String), WatchRecord>,
    told: Told,
    fixes: Fixes,
    /// The settled baseline of each workspace.
    settled: BTreeMap<WorkspaceName, SettledRecord>,
    in_force: Option<InForce>,
    /// Findings that are over, by the alert that has not said so everywhere.
    gone: BTreeMap<AlertKey, (u64, FindingRecord)>,
}

/// What people wrote and a running engine last took as good, and which version did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub version: String,
    pub digest: Sha256Digest,
}

impl From<&FindingRecord> for EarlierFinding {
    fn from(record: &FindingRecord) -> Self {
        Self {
            finding: record.finding.clone(),
            kind: record.kind,
            workspace: record.workspace.clone(),
            address: record.address.clone(),
            type_name: record.type_name.clone(),
            provider_id: record.provider_id.clone(),
            account: record.account.clone(),
            region: record.region.clone(),
            attribute: record.attribute.clone(),
            observed_at: record.observed_at,
        }
    }
}

impl Ledger {
    /// Takes in the entry at `index`. Entries come in order.
    ///
    /// # Errors
    /// The entry is no record that this version understands; the ledger is then as it was.
    pub fn apply(&mut self, index: u64, entry: &[u8]) -> Result<(), RecordError> {
        self.take(index, Record::read(index, entry)?);
        Ok(())
    }

    /// Takes in the record of the entry at `index`.
    pub fn take(&mut self, index: u64, record: Record) {
        match record {
            Record::Scan(record) => {
                self.scans += 1;
                self.times.see(record.finished_at);
            }
            Record::Finding(record) => {
                self.times.see(record.at);
                self.apply_finding(index, *record);
            }
            Record::Baseline(record) => {
                self.times.see(record.at);
                self.apply_baseline(record);
            }
            Record::Plan(record) => {
                self.times.see(record.at);
                let key = (record.workspace.clone(), record.plan.sha256);
                self.plans.insert(key, *record);
            }
            Record::Custody(record) => {
                self.times.see(record.at());
                self.custody.apply(index, *record);
            }
            Record::Carried(record) => self.apply_carried(index, *record),
            // About the log, and not about what is the case in the cloud.
            Record::StoreFull(record) => self.times.see(record.at),
            Record::ClockAnomaly(record) => {
                self.times.see(record.at);
                if record.kind == ClockAnomaly::Ahead {
                    self.times.ahead = Some(record.clock);
                }
            }
            Record::State(record) => self.open.stand(index, *record),
            Record::Watch(record) => self.apply_watch(record),
            Record::Notification(record) => self.apply_notification(*record),
            Record::Fix(record) => {
                self.times.see(record.at);
                self.apply_fix(*record);
            }
            Record::Settled(record) => {
                self.times.see(record.at);
                self.settled.insert(record.workspace.clone(), *record);
            }
            Record::Service(record) => self.apply_service(*record),
            Record::Foreign(_) => {}
        }
    }

    fn apply_service(&mut self, record: ServiceRecord) {
        if record.event == ServiceEvent::ConfigurationAccepted {
            let version = record.program.version;
            self.in_force = record.in_force.map(|digest| InForce { version, digest });
        }
    }

    fn apply_watch(&mut self, record: WatchRecord) {
        let key = (record.watch, record.subject.clone());
        match record.event {
            WatchEvent::Opened => self.watches.insert(key, record),
            WatchEvent::Resolved => self.watches.remove(&key),
        };
    }

    fn apply_carried(&mut self, index: u64, carried: Carried) {
        match carried {
            Carried::Scans { count } => self.scans += count,
            Carried::Finding(finding) => {
                let CarriedFinding {
                    first_seen,
                    last_changed,
                    record,
                    standing,
                } = *finding;
                self.open.put(OpenFinding {
                    record,
                    first_seen,
                    last_changed,
                    entries: vec![index],
                    standing,
                });
            }
            Carried::Openings { finding, at } => {
                at.into_iter()
                    .for_each(|at| self.openings.push(&finding, at));
            }
            Carried::Watch(record) => self.apply_watch(record),
            Carried::Alert(alert) => {
                let CarriedAlert {
                    key,
                    alert,
                    pending,
                } = *alert;
                self.told.carry(key, alert, pending);
            }
            Carried::Members {
                alert,
                at,
                findings,
            } => self.told.carry_members(&alert, at, &findings),
            Carried::ToldOnce { findings } => self.told.told_once(findings),
            Carried::Digest { route, at } => self.told.carry_digest(route, at),
            Carried::Silence(silence) => self.told.silence(silence),
            Carried::Fix(fix) => self.fixes.begin(*fix),
            Carried::FixDecided {
                finding,
                deviation,
                at,
                decision,
            } => self.fixes.decide(finding, deviation, at, decision),
            Carried::FixApproved { finding, approval } => self.fixes.approve(finding, approval),
            Carried::Plan(record) => {
                let key = (record.workspace.clone(), record.plan.sha256);
                self.plans.insert(key, *record);
            }
            Carried::Settled(record) => {
                self.settled.insert(record.workspace.clone(), *record);
            }
            Carried::Applied(record) => self.apply_baseline(record),
            about_the_log @ (Carried::Hold(_)
            | Carried::Destruction(_)
            | Carried::Revocation(_)) => self.custody.carry(about_the_log),
        }
    }

    /// What a log that goes on from this one takes over, so that it stands without it.
    pub fn carry_over(&self, at: Timestamp) -> Vec<Carried> {
        let mut carried = vec![Carried::Scans { count: self.scans }];
        carried.extend(
            self.plans
                .values()
                .cloned()
                .map(Box::new)
                .map(Carried::Plan),
        );
        for ((workspace, plan), addresses) in &self.applied {
            carried.extend(Carried::applied(at, workspace, *plan, addresses));
        }
        carried.extend(self.open.values().map(|open| {
            Carried::Finding(Box::new(CarriedFinding {
                first_seen: open.first_seen,
                last_changed: open.last_changed,
                record: open.record.clone(),
                standing: open.standing.clone(),
            }))
        }));
        carried.extend(self.openings.iter().map(|(finding, at)| Carried::Openings {
            finding: finding.clone(),
            at: at.to_vec(),
        }));
        carried.extend(self.watches.values().cloned().map(Carried::Watch));
        carried.extend(self.carry_told(at));
        carried.extend(self.carry_fixes());
        let settled = self.settled.values().cloned().map(Box::new);
        carried.extend(settled.map(Carried::Settled));
        let Custody {
            continued: _,
            rotations: _,
            revocations,
            holds,
            destructions,
        } = &self.custody;
        carried.extend(holds.values().cloned().map(Carried::Hold));
        carried.extend(destructions.iter().cloned().map(Carried::Destruction));
        carried.extend(revocations.iter().cloned().map(Carried::Revocation));
        carried
    }

    /// What the log says of itself.
    pub fn custody(&self) -> &Custody {
        &self.custody
    }

    fn apply_finding(&mut self, index: u64, record: FindingRecord) {
        match record.event {
            FindingEvent::Resolved => {
                self.remember_gone(index, &record.finding);
                self.fixes.healed(&record.finding, record.at);
                self.open.remove(&record.finding);
            }
            FindingEvent::Opened | FindingEvent::Changed => {
                let at = record.at;
                let key = record.finding.clone();
                if record.event == FindingEvent::Opened {
                    self.openings.push(&key, at);
                }
                let mut finding = match self.open.remove(&key) {
                    Some(known) => known,
                    None => OpenFinding {
                        record: record.clone(),
                        first_seen: at,
                        last_changed: at,
                        entries: Vec::new(),
                        standing: Standing::default(),
                    },
                };
                if finding.record.deviation != record.deviation {
                    // Nobody has seen this version yet.
                    finding.standing.acknowledged = None;
                    finding.standing.fixing = None;
                    self.fixes.changed(&key, at);
                }
                finding.record = record;
                finding.last_changed = at;
                finding.entries.push(index);
                self.open.put(finding);
            }
        }
    }

    fn apply_baseline(&mut self, record: BaselineRecord) {
        let key = (record.workspace, record.plan_sha256);
        self.applied
            .entry(key)
            .or_default()
            .extend(record.addresses);
    }

    /// The open findings by key.
    pub fn open_findings(&self) -> impl Iterator<Item = &OpenFinding> {
        self.open.values()
    }

    pub fn open_finding(&self, key: &FindingKey) -> Option<&OpenFinding> {
        self.open.get(key)
    }

    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The open findings of some addresses; and of what nobody approved under one of some names, or
    /// within it.
    pub fn open_about<'q>(
        &self,
        addresses: impl IntoIterator<Item = &'q (WorkspaceName, Address)>,
        names: impl IntoIterator<Item = &'q str>,
    ) -> BTreeSet<FindingKey> {
        self.open.about(addresses, names)
    }

    /// The open findings that a waiver accepts.
    pub fn accepted_findings(&self) -> impl Iterator<Item = &FindingKey> {
        self.open.accepted()
    }

    /// When findings opened, those that are resolved included.
    pub fn openings(&self) -> &Openings {
        &self.openings
    }

    /// What the detector sees wrong with itself.
    pub fn watches(&self) -> impl Iterator<Item = &WatchRecord> {
        self.watches.values()
    }

    pub fn watch(&self, kind: WatchKind, subject: &str) -> Option<&WatchRecord> {
        self.watches.get(&(kind, subject.to_owned()))
    }

    pub fn applied(&self) -> &Applied {
        &self.applied
    }

    /// What the log says of a plan, if it knows it.
    pub fn plan(&self, workspace: &WorkspaceName, plan: Sha256Digest) -> Option<&PlanRecord> {
        self.plans.get(&(workspace.clone(), plan))
    }

    /// The newest settled baseline of a workspace.
    pub fn settled(&self, workspace: &WorkspaceName) -> Option<&SettledRecord> {
        self.settled.get(workspace)
    }

    /// What is in force, as far as this log says: where it goes on from another, not yet.
    pub fn in_force(&self) -> Option<&InForce> {
        self.in_force.as_ref()
    }

    /// The plans that have a record, each with its workspace.
    pub fn plans(&self) -> impl Iterator<Item = (WorkspaceName, Sha256Digest)> {
        self.plans.keys().cloned()
    }

    /// What the records say about time, to judge the clock by.
    pub fn times(&self) -> Known {
        self.times
    }

    /// How many scans the log holds.
    pub fn scans(&self) -> u64 {
        self.scans
    }
}
