//! The scan manifest: written for every scan, also for one that finds nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Encoded, RecordError, encode};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::statement::{self, Previous, Subject};
use crate::model::{
    AccountId, ApprovalStatus, Assessment, ChangeNumber, Coverage, Gap, Region, ScanTotals,
    SetAside, Sha256Digest, TypeName, WorkspaceName, WorkspaceStatus,
};

/// What an auditor needs to know that a scan was complete: what was to be seen, what was read, what
/// was not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScanRecord {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    /// The log as this scan found it.
    pub previous: Previous,
    pub program: Program,
    pub scope: ScopeRecord,
    pub rule_set_sha256: Sha256Digest,
    /// Workspaces by how their plan stands.
    pub approvals: BTreeMap<String, u64>,
    pub coverage: Coverage,
    /// Gaps by reason.
    pub gap_counts: BTreeMap<String, u64>,
    pub totals: ScanTotals,
    pub deviations: DeviationCounts,
    #[serde(default)]
    pub inputs: Vec<InputFile>,
    #[serde(default)]
    pub baselines: Vec<BaselineStatus>,
    #[serde(default)]
    pub gaps: Vec<Gap>,
    /// How many differences are no deviations because a provider says so, by the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside_counts: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
    /// The blob that holds inputs, baselines, gaps and what was set aside where they are too many for one entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Sha256Digest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
}

/// What bounds the search for unmanaged resources. Empty: what was observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeRecord {
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    pub types: Vec<TypeName>,
}

/// One file that the scan read. The digest is of the original bytes, which the log never holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    pub name: String,
    pub kind: InputKind,
    pub sha256: Sha256Digest,
    /// What was in it: resources, items, records.
    pub items: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    Plan,
    State,
    Schema,
    Source,
    Live,
    Change,
    Activity,
    Identity,
    Rules,
    Configuration,
    Waivers,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineStatus {
    pub workspace: WorkspaceName,
    pub plan_sha256: Option<Sha256Digest>,
    pub change: Option<ChangeNumber>,
    pub approval: ApprovalStatus,
    pub reasons: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviationCounts {
    pub total: u64,
    pub by_kind: BTreeMap<String, u64>,
    pub by_verdict: BTreeMap<String, u64>,
    pub by_severity: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Details {
    inputs: Vec<InputFile>,
    baselines: Vec<BaselineStatus>,
    gaps: Vec<Gap>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SetAside>,
}

/// What a scan knows of itself beside its assessment.
#[derive(Clone, Debug)]
pub struct ScanFacts {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub previous: Previous,
    pub program: Program,
    pub scope: ScopeRecord,
    pub rule_set_sha256: Sha256Digest,
    pub totals: ScanTotals,
    pub inputs: Vec<InputFile>,
}

impl ScanRecord {
    pub fn new(facts: ScanFacts, assessment: &Assessment, people: &Pseudonymiser) -> Self {
        let ScanFacts {
            started_at,
            finished_at,
            previous,
            program,
            scope,
            rule_set_sha256,
            totals,
            inputs,
        } = facts;
        let baselines = assessment.baselines.iter();
        let gaps = assessment.gaps.iter();
        let aside = assessment.set_aside.iter();
        Self {
            started_at,
            finished_at,
            previous,
            program,
            scope,
            rule_set_sha256,
            approvals: count(baselines.clone().map(|status| status.approval.as_str())),
            coverage: assessment.coverage,
            gap_counts: count(gaps.clone().map(|gap| gap.reason.as_str())),
            totals,
            deviations: DeviationCounts::of(assessment),
            inputs,
            baselines: baselines
                .map(|status| BaselineStatus::new(status, people))
                .collect(),
            gaps: gaps.map(|gap| without_people(gap, people)).collect(),
            set_aside_counts: count(aside.clone().map(|own| own.reason.words())),
            set_aside: aside.map(|own| aside_without_people(own, people)).collect(),
            details: None,
        }
    }

    /// # Errors
    /// The record is too large even without its lists.
    pub fn encode(&self) -> Result<Encoded, RecordError> {
        encode(
            statement::SCAN,
            self,
            |record| {
                let rules = Subject::file("rule set", record.rule_set_sha256);
                let details = record.details.map(Subject::blob);
                std::iter::once(rules).chain(details).collect()
            },
            |record| Details {
                inputs: std::mem::take(&mut record.inputs),
                baselines: std::mem::take(&mut record.baselines),
                gaps: std::mem::take(&mut record.gaps),
                set_aside: std::mem::take(&mut record.set_aside),
            },
            |record, digest| record.details = Some(digest),
        )
    }
}

impl BaselineStatus {
    fn new(status: &WorkspaceStatus, people: &Pseudonymiser) -> Self {
        let WorkspaceStatus {
            workspace,
            plan_sha256,
            change,
            approval,
            reasons,
            ignore_changes: _,
        } = status;
        Self {
            workspace: workspace.clone(),
            plan_sha256: *plan_sha256,
            change: change.clone(),
            approval: *approval,
            reasons: reasons.iter().map(|reason| people.text(reason)).collect(),
        }
    }
}

impl DeviationCounts {
    fn of(assessment: &Assessment) -> Self {
        let all = assessment.deviations.iter();
        Self {
            total: assessment.deviations.len() as u64,
            by_kind: count(all.clone().map(|judged| judged.deviation.kind.as_str())),
            by_verdict: count(all.clone().map(|judged| judged.judgement.verdict.as_str())),
            by_severity: count(all.map(|judged| judged.ruling.severity.as_str())),
        }
    }
}

fn count<'w>(words: impl Iterator<Item = &'w str>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.to_owned()).or_insert(0) += 1;
    }
    counts
}

fn aside_without_people(own: &SetAside, people: &Pseudonymiser) -> SetAside {
    SetAside {
        by: own.by.iter().map(|by| people.text(by)).collect(),
        ..own.clone()
    }
}

fn without_people(gap: &Gap, people: &Pseudonymiser) -> Gap {
    Gap {
        detail: people.text(&gap.detail),
        ..gap.clone()
    }
}
