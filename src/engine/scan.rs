//! One scan: read, compare, judge, record.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs};
use super::plans::{Plans, Reading};
use super::progress::{Progress, Step};
use super::{live, record};
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::assess::{Inputs, assess};
use crate::decide::attribute::{ActivityIndex, Allowed};
use crate::decide::compare::{Comparer, Scope};
use crate::ingest::redact::Redactor;
use crate::model::{Assessment, Relation, ScanTotals, Verdict};
use crate::normalise::Catalogue;
use crate::ports::{Appended, Estate, EvidenceSink, InputError};

/// What a scan is told beside its inputs.
pub struct Settings {
    pub policy: ApprovalPolicy,
    pub scope: Scope,
    pub allowed: Allowed,
    /// The installation's redaction key.
    pub redaction_key: [u8; 32],
    pub threads: usize,
    pub program_version: &'static str,
}

/// What a scan found, and where that is recorded.
pub struct Outcome {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub assessment: Assessment,
    pub totals: ScanTotals,
    pub warnings: Vec<String>,
    pub evidence: Appended,
}

/// Scans an estate. `clock` is asked at the start and at the end; every decision is made as of the
/// start.
pub fn scan(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
) -> Result<Outcome, Failure> {
    let now = clock();
    let mut inputs = SmallInputs::read(estate).map_err(Failure::Inputs)?;
    let rules = inputs
        .rules
        .take()
        .ok_or_else(|| Failure::Internal("no rules".to_owned()))?;
    let catalogue = Catalogue::builtin().map_err(|error| Failure::Internal(error.to_string()))?;
    let redactor = Redactor::new(&settings.redaction_key);
    let reading = Reading {
        estate,
        catalogue: &catalogue,
        redactor: &redactor,
        settings,
        progress,
    };
    let mut plans = reading.read(now, &inputs, evidence)?;

    let comparer = Comparer::new(&catalogue, &plans.approved, &settings.scope, &redactor);
    refuse_double_claims(&comparer)?;
    let live = live::read(estate, &comparer, settings.threads, progress)?;
    let mut totals = ScanTotals {
        plans: plans.plan_count,
        plan_bytes: plans.plan_bytes,
        live_files: live.files.len() as u64,
        live_bytes: live.bytes,
        live_items: 0,
    };
    let mut comparison = comparer.finish(live.findings);
    drop(comparer);
    totals.live_items = comparison.items;
    let mut warnings = std::mem::take(&mut inputs.warnings);
    warnings.append(&mut plans.warnings);
    warnings.extend(not_looked_at(&std::mem::take(&mut comparison.unmapped)));

    progress.step(Step::Judging, 0);
    let mut applied = std::mem::take(&mut comparison.applied);
    let activities = std::mem::take(&mut inputs.activities);
    let activity = ActivityIndex::new(activities, &settings.allowed, inputs.people.as_ref());
    let assessment = assess(
        now,
        Inputs {
            workspaces: &plans.ranked,
            approved: &plans.approved,
            comparison,
            activity: &activity,
            people: inputs.people.as_ref(),
            policy: &settings.policy,
            locate: &|workspace, address| plans.locate(workspace, address),
        },
        &rules,
    );
    let baselines = seen_applied(&assessment, &plans, &mut applied);

    progress.step(Step::Recording, 0);
    let finished_at = clock();
    let mut files = std::mem::take(&mut inputs.files);
    files.append(&mut plans.files);
    files.extend(live.files);
    let scan = record::ScanToRecord {
        started_at: now,
        finished_at,
        assessment: &assessment,
        totals,
        files,
        inputs: &inputs,
        ranked: &plans.ranked,
        plan_blobs: &plans.blobs,
        by_state: &plans.approved.applied,
        by_observation: &baselines,
        rule_set: rules.digest(),
        settings,
    };
    let evidence = scan.append(evidence)?;
    Ok(Outcome {
        started_at: now,
        finished_at,
        assessment,
        totals,
        warnings,
        evidence,
    })
}

/// At most so many pairs are named: one plan under two names gives one for each of its resources.
const MAX_CLAIMS: usize = 10;

/// One resource has one approved form, or nothing can be said of it.
fn refuse_double_claims(comparer: &Comparer<'_>) -> Result<(), Failure> {
    let claims = comparer.double_claims();
    let mut errors: Vec<InputError> = claims
        .iter()
        .take(MAX_CLAIMS)
        .map(|claim| InputError {
            what: claim.to_string(),
            help: None,
        })
        .collect();
    let more = claims.len().saturating_sub(MAX_CLAIMS);
    if more > 0 {
        errors.push(InputError {
            what: format!("{more} more resources stand in two places"),
            help: None,
        });
    }
    let Some(last) = errors.last_mut() else {
        return Ok(());
    };
    last.help = Some(
        "one resource has one owner: take it out of one of the two plans, or one of the two \
         baselines out of the configuration"
            .to_owned(),
    );
    Err(Failure::Inputs(errors))
}

/// Items of types without a table were not compared, and the report must say so.
fn not_looked_at(unmapped: &BTreeMap<Box<str>, u64>) -> Option<String> {
    let items: u64 = unmapped.values().sum();
    let types: Vec<String> = unmapped
        .iter()
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    (items > 0).then(|| {
        format!(
            "{items} live items are of types that no reviewed mapping table knows and were not compared: {}",
            types.join(", ")
        )
    })
}

/// Plans that were seen carried out: where live is what an authorised plan sets, the baseline moves.
fn seen_applied(
    assessment: &Assessment,
    plans: &Plans,
    applied: &mut crate::decide::baseline::AppliedBefore,
) -> crate::decide::baseline::AppliedBefore {
    let mut held_back = BTreeSet::new();
    let mut moved = Vec::new();
    for judged in &assessment.deviations {
        let (Some(workspace), Some(address)) =
            (&judged.deviation.workspace, &judged.deviation.address)
        else {
            continue;
        };
        for view in &judged.deviation.pending {
            let key = (workspace.clone(), view.plan);
            match (view.relation, judged.judgement.verdict) {
                (Relation::EqualsAfter, Verdict::Authorised | Verdict::Late) => {
                    moved.push((key, address.clone()));
                }
                (
                    Relation::EqualsAfter
                    | Relation::EqualsBefore
                    | Relation::Neither
                    | Relation::Unknown,
                    _,
                ) => {
                    held_back.insert((key, address.clone()));
                }
            }
        }
    }
    let _ = plans;
    for (key, address) in moved {
        // A resource of which only some attributes are as the plan wants is not applied yet.
        if !held_back.contains(&(key.clone(), address.clone())) {
            applied.entry(key).or_default().insert(address);
        }
    }
    std::mem::take(applied)
}
