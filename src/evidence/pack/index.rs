//! What is in a pack, for people and programs: made from its entries and from nothing else, so that
//! whoever verifies a pack can make it again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::fact::Fact;
use crate::evidence::record::{FindingEvent, FindingRecord, PlanRecord, ScanRecord};
use crate::evidence::statement::StatementError;
use crate::model::{
    Address, ApprovalStatus, ChangeNumber, Coverage, FindingKey, ProviderId, RuleId, Severity,
    Sha256Digest, TypeName, Verdict, WorkspaceName,
};

/// Every list is in the order of the log; entries are named by their index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Index {
    schema: &'static str,
    /// Controls, the findings whose rules name them, and the entries of each.
    controls: BTreeMap<String, BTreeMap<FindingKey, Vec<u64>>>,
    findings: BTreeMap<FindingKey, FindingLine>,
    scans: Vec<ScanLine>,
    plans: Vec<PlanLine>,
    baselines: Vec<u64>,
    /// Absent where there is none, as in packs of earlier versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<u64>,
    others: Vec<OtherLine>,
}

/// A finding as its last record here has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct FindingLine {
    #[serde(rename = "type")]
    type_name: TypeName,
    resource: String,
    attribute: Option<String>,
    workspace: Option<WorkspaceName>,
    severity: Severity,
    verdict: Verdict,
    rule: Option<RuleId>,
    controls: BTreeSet<String>,
    life: Vec<EventLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct EventLine {
    entry: u64,
    event: FindingEvent,
    at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ScanLine {
    entry: u64,
    started_at: Timestamp,
    finished_at: Timestamp,
    coverage: Coverage,
    gaps: u64,
    deviations: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct PlanLine {
    entry: u64,
    at: Timestamp,
    workspace: WorkspaceName,
    plan_sha256: Sha256Digest,
    approval: ApprovalStatus,
    change: Option<ChangeNumber>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct OtherLine {
    entry: u64,
    predicate_type: String,
    at: Option<Timestamp>,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            schema: "driftwarden.pack-index/1",
            controls: BTreeMap::new(),
            findings: BTreeMap::new(),
            scans: Vec::new(),
            plans: Vec::new(),
            baselines: Vec::new(),
            settled: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl Index {
    /// Takes in the entry at `index`. Entries come in order.
    ///
    /// # Errors
    /// The entry is no Statement, or a record in a form that is not known here.
    pub fn take(&mut self, index: u64, entry: &[u8]) -> Result<(), StatementError> {
        match Fact::read(index, entry)? {
            Fact::Scan(scan) => self.scans.push(scan_line(index, &scan)),
            Fact::Finding(finding) => self.take_finding(index, *finding),
            Fact::CarriedFinding(carried) => self.take_finding(index, carried.record),
            Fact::Plan(plan) => self.plans.push(plan_line(index, *plan)),
            Fact::Baseline(_) => self.baselines.push(index),
            Fact::Settled(_) => self.settled.push(index),
            Fact::Other { predicate_type, at } => self.others.push(OtherLine {
                entry: index,
                predicate_type,
                at,
            }),
        }
        Ok(())
    }

    fn take_finding(&mut self, entry: u64, record: FindingRecord) {
        let key = record.finding.clone();
        let before = self.findings.remove(&key);
        let (mut controls, mut life) = before
            .map(|line| (line.controls, line.life))
            .unwrap_or_default();
        controls.extend(record.controls);
        life.push(EventLine {
            entry,
            event: record.event,
            at: record.at,
        });
        let address = record.address.as_ref().map(Address::as_str);
        let provider = record.provider_id.as_ref().map(ProviderId::as_str);
        let workspace = record.workspace.as_ref().map(WorkspaceName::as_str);
        let resource = address.or(provider).or(workspace).unwrap_or_default();
        for control in &controls {
            let findings = self.controls.entry(control.clone()).or_default();
            let entries = life.iter().map(|event| event.entry).collect();
            findings.insert(key.clone(), entries);
        }
        let line = FindingLine {
            resource: resource.to_owned(),
            attribute: record
                .attribute
                .as_ref()
                .map(|path| path.as_str().to_owned()),
            type_name: record.type_name,
            workspace: record.workspace,
            severity: record.severity,
            verdict: record.verdict,
            rule: record.rule,
            controls,
            life,
        };
        self.findings.insert(key, line);
    }

    /// The bytes of the file: JSON that a person can read.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn scan_line(entry: u64, scan: &ScanRecord) -> ScanLine {
    ScanLine {
        entry,
        started_at: scan.started_at,
        finished_at: scan.finished_at,
        coverage: scan.coverage,
        gaps: scan.gap_counts.values().sum(),
        deviations: scan.deviations.total,
    }
}

fn plan_line(entry: u64, plan: PlanRecord) -> PlanLine {
    PlanLine {
        entry,
        at: plan.at,
        workspace: plan.workspace,
        plan_sha256: plan.plan.sha256,
        approval: plan.approval,
        change: plan.change,
    }
}
