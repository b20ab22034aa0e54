//! Which entries answer what was asked. A pack is complete where it claims to be: every scan of the
//! time, and the whole life of every finding that stood at some moment of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;

use super::fact::Fact;
use super::wanted::Wanted;
use crate::evidence::record::{BaselineStatus, FindingEvent, FindingRecord, ScanRecord};
use crate::evidence::statement::StatementError;
use crate::model::{ChangeNumber, FindingKey, Sha256Digest, WorkspaceName};

type PlanKey = (WorkspaceName, Sha256Digest);

/// Takes in all entries of a log in order, then says which are chosen.
#[derive(Debug)]
pub struct Selector {
    wanted: Wanted,
    scans: BTreeSet<u64>,
    /// Plans that the scans of the time were judged by.
    scanned: BTreeSet<PlanKey>,
    lives: BTreeMap<FindingKey, Life>,
    plans: Vec<Plan>,
    others: BTreeSet<u64>,
    recorded: Option<(Timestamp, Timestamp)>,
}

/// The entries of one finding, from first to last, and what they refer to.
#[derive(Debug, Default)]
struct Life {
    entries: Vec<u64>,
    opened: Option<Timestamp>,
    is_in_time: bool,
    controls: BTreeSet<String>,
    plans: BTreeSet<PlanKey>,
    changes: BTreeSet<ChangeNumber>,
}

/// An entry about a plan: how it stood, what of it was seen applied, or how it read when it was settled.
#[derive(Debug)]
struct Plan {
    index: u64,
    key: PlanKey,
    change: Option<ChangeNumber>,
    is_in_time: bool,
}

/// The entries that were chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub entries: BTreeSet<u64>,
    pub scans: u64,
    pub findings: u64,
    /// The controls of all findings of the time, whichever was asked for.
    pub controls: BTreeSet<String>,
    /// The first and the last time that the log speaks of.
    pub recorded: Option<(Timestamp, Timestamp)>,
}

impl Selector {
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            scans: BTreeSet::new(),
            scanned: BTreeSet::new(),
            lives: BTreeMap::new(),
            plans: Vec::new(),
            others: BTreeSet::new(),
            recorded: None,
        }
    }

    /// Takes in the entry at `index`. Gives the digest of a blob, where the baselines of a scan are
    /// in it: its bytes go to [`Selector::take_details`].
    ///
    /// # Errors
    /// The entry is no Statement, or a record in a form that is not known here.
    pub fn take(
        &mut self,
        index: u64,
        entry: &[u8],
    ) -> Result<Option<Sha256Digest>, StatementError> {
        match Fact::read(index, entry)? {
            Fact::Scan(scan) => return Ok(self.take_scan(index, &scan)),
            Fact::Finding(finding) => self.take_finding(index, &finding),
            Fact::CarriedFinding(carried) => {
                self.take_finding(index, &carried.record);
                let life = self
                    .lives
                    .entry(carried.record.finding.clone())
                    .or_default();
                life.opened = Some(carried.first_seen);
            }
            Fact::Plan(plan) => {
                self.saw(plan.at);
                self.plans.push(Plan {
                    index,
                    key: (plan.workspace, plan.plan.sha256),
                    change: plan.change,
                    is_in_time: self.wanted.holds(plan.at),
                });
            }
            Fact::Baseline(baseline) => {
                self.saw(baseline.at);
                self.plans.push(Plan {
                    index,
                    key: (baseline.workspace, baseline.plan_sha256),
                    change: None,
                    is_in_time: self.wanted.holds(baseline.at),
                });
            }
            Fact::Settled(settled) => {
                self.saw(settled.at);
                self.plans.push(Plan {
                    index,
                    key: (settled.workspace, settled.plan_sha256),
                    change: None,
                    is_in_time: self.wanted.holds(settled.at),
                });
            }
            Fact::Other { at: Some(at), .. } if !self.wanted.holds(at) => self.saw(at),
            // What names no time could belong to any.
            Fact::Other { .. } => drop(self.others.insert(index)),
        }
        Ok(None)
    }

    /// Takes in what a scan keeps outside its entry.
    ///
    /// # Errors
    /// It is not what scans keep there.
    pub fn take_details(&mut self, blob: &[u8]) -> Result<(), StatementError> {
        #[derive(Deserialize)]
        struct Details {
            baselines: Vec<BaselineStatus>,
        }
        let details: Details = serde_json::from_slice(blob).map_err(StatementError::Json)?;
        self.take_baselines(&details.baselines);
        Ok(())
    }

    fn take_scan(&mut self, index: u64, scan: &ScanRecord) -> Option<Sha256Digest> {
        self.saw(scan.started_at);
        self.saw(scan.finished_at);
        if !self.wanted.overlaps(scan.started_at, scan.finished_at) {
            return None;
        }
        self.scans.insert(index);
        self.take_baselines(&scan.baselines);
        scan.details
    }

    fn take_baselines(&mut self, baselines: &[BaselineStatus]) {
        let keys = baselines.iter().filter_map(|status| {
            let plan = status.plan_sha256?;
            Some((status.workspace.clone(), plan))
        });
        self.scanned.extend(keys);
    }

    fn take_finding(&mut self, index: u64, record: &FindingRecord) {
        self.saw(record.at);
        let life = self.lives.entry(record.finding.clone()).or_default();
        life.entries.push(index);
        life.controls.extend(record.controls.iter().cloned());
        life.changes.extend(record.change.clone());
        if let Some(workspace) = &record.workspace {
            let documents = record.documents.iter();
            let plans = documents.map(|document| (workspace.clone(), document.sha256));
            life.plans.extend(plans);
        }
        let opened = *life.opened.get_or_insert(record.at);
        if record.event == FindingEvent::Resolved {
            life.is_in_time |= self.wanted.overlaps(opened, record.at);
            life.opened = None;
        }
    }

    fn saw(&mut self, at: Timestamp) {
        let (first, last) = self.recorded.unwrap_or((at, at));
        self.recorded = Some((first.min(at), last.max(at)));
    }

    pub fn finish(self) -> Selection {
        let Self {
            wanted,
            scans,
            scanned,
            lives,
            plans,
            others,
            recorded,
        } = self;
        let mut selection = Selection {
            scans: scans.len() as u64,
            recorded,
            ..Selection::default()
        };
        let asked = |life: &Life| {
            let control = wanted.control.as_ref();
            control.is_none_or(|control| life.controls.contains(control))
        };
        let (mut keys, mut changes) = (BTreeSet::new(), BTreeSet::new());
        for life in lives.into_values() {
            let stands = life
                .opened
                .is_some_and(|at| wanted.until.is_none_or(|until| at < until));
            if !stands && !life.is_in_time {
                continue;
            }
            selection.controls.extend(life.controls.iter().cloned());
            if asked(&life) {
                selection.findings += 1;
                selection.entries.extend(life.entries);
                keys.extend(life.plans);
                changes.extend(life.changes);
            }
        }
        let whole = wanted.control.is_none();
        if whole {
            keys.extend(scanned);
        }
        let plans = plans.into_iter().filter(|plan| {
            let by_change = plan
                .change
                .as_ref()
                .is_some_and(|change| changes.contains(change));
            by_change || keys.contains(&plan.key) || (whole && plan.is_in_time)
        });
        selection.entries.extend(plans.map(|plan| plan.index));
        selection.entries.extend(scans);
        selection.entries.extend(others);
        selection
    }
}
