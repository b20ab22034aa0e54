//! One scan: read, compare, judge, record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use jiff::Timestamp;

use super::inputs::Failure;
use super::look::{Heard, Look, Looking};
#[cfg(feature = "daemon")]
use super::picture::Picture;
use super::progress::{Progress, Step};
use super::record;
use crate::decide::approvals::ApprovalPolicy;
use crate::decide::attribute::Allowed;
use crate::decide::baseline::Approved;
use crate::decide::compare::Scope;
use crate::decide::sweep::{Sweep, SweepPolicy};
use crate::decide::waivers;
use crate::evidence::lifecycle::{self, Steps};
use crate::model::{
    Assessment, EarlierFinding, LifecyclePolicy, Relation, ScanTotals, Sha256Digest, SourceReport,
    Verdict, WorkspaceName,
};
use crate::ports::{Appended, Estate, EvidenceSink};

/// What a scan is told beside its inputs.
pub struct Settings {
    pub policy: ApprovalPolicy,
    pub scope: Scope,
    pub allowed: Allowed,
    /// The installation's redaction key.
    pub redaction_key: [u8; 32],
    /// The key of the pseudonyms of people whom the identity map does not know.
    pub people_key: [u8; 32],
    pub threads: usize,
    pub lifecycle: LifecyclePolicy,
    /// Whether every resource is looked at exactly, where that is configured.
    pub exact_all: bool,
    /// How a running engine sweeps the workspaces that it sweeps.
    pub sweeps: BTreeMap<WorkspaceName, SweepPolicy>,
    pub program_version: &'static str,
}

/// What a scan found, and where that is recorded.
pub struct Outcome {
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    pub assessment: Assessment,
    pub totals: ScanTotals,
    pub warnings: Vec<String>,
    /// Open findings of earlier scans whose subjects this one did not look at.
    pub not_seen: Vec<EarlierFinding>,
    pub evidence: Appended,
    pub rule_set: Sha256Digest,
    /// What was recorded of the life of findings.
    pub steps: Steps,
    /// What the sources that are asked told beside their items.
    pub reports: Vec<SourceReport>,
    /// Approved resources of each workspace.
    pub sizes: BTreeMap<WorkspaceName, u64>,
    /// The types that sources were asked for, or would have been.
    pub asked_for: BTreeSet<Box<str>>,
}

/// Scans an estate. `clock` is asked at the start and at the end; every decision is made as of the
/// start. Where sources were asked before it, it counts as begun when they were. `sweep` says how far slow
/// sweeps are, where there are any.
pub fn scan(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
    sweep: Option<&Mutex<Sweep>>,
) -> Result<Outcome, Failure> {
    let done = look_and_record(estate, evidence, settings, clock, progress, sweep, None);
    done.map(|(outcome, _)| outcome)
}

/// As [`scan`], with what was heard beside; gives what looks at few resources then go by.
///
/// # Errors
/// As [`scan`].
#[cfg(feature = "daemon")]
pub fn scan_hearing(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
    sweep: Option<&Mutex<Sweep>>,
    heard: &Heard,
) -> Result<(Outcome, Picture), Failure> {
    let heard = Some(heard);
    let done = look_and_record(estate, evidence, settings, clock, progress, sweep, heard);
    let (outcome, look) = done?;
    Ok((outcome, Picture::of(look)?))
}

fn look_and_record(
    estate: &dyn Estate,
    evidence: &mut dyn EvidenceSink,
    settings: &Settings,
    clock: &dyn Fn() -> Timestamp,
    progress: &dyn Progress,
    sweep: Option<&Mutex<Sweep>>,
    heard: Option<&Heard>,
) -> Result<(Outcome, Look), Failure> {
    // What the clock says at the start decides whether it is believed; the end is no earlier.
    let began = clock();
    let now = evidence.read_clock(began);
    let later = || now.checked_add(clock().duration_since(began));
    let clock = || later().unwrap_or(now).max(now);
    let looking = Looking {
        estate,
        settings,
        progress,
        watches: false,
        sweep,
        asked: None,
        heard,
    };
    let mut look = looking.look(evidence, now)?;
    let waivers = accept(&mut look);
    let baselines = seen_applied(&look.assessment, &mut look.applied);

    progress.step(Step::Recording, 0);
    let finished_at = clock();
    let scan = record::ScanToRecord {
        started_at: look.began,
        finished_at,
        assessment: &look.assessment,
        totals: look.totals,
        files: std::mem::take(&mut look.files),
        inputs: &look.inputs,
        ranked: &look.plans.ranked,
        plan_blobs: &look.plans.blobs,
        by_state: &look.plans.approved.applied,
        by_observation: &baselines,
        rule_set: look.rules.digest(),
        waivers: &waivers,
        settings,
        not_seen: &look.not_seen,
        looked: &look.exactly.looked,
        told_by_refresh: &look.exactly.told_by_refresh,
        with_state: &look.plans.with_state,
    };
    let rule_set = look.rules.digest();
    let (evidence, not_seen, steps) = scan.append(evidence)?;
    let outcome = Outcome {
        started_at: look.began,
        finished_at,
        assessment: std::mem::take(&mut look.assessment),
        totals: look.totals,
        warnings: std::mem::take(&mut look.warnings),
        not_seen,
        evidence,
        rule_set,
        steps,
        reports: std::mem::take(&mut look.reports),
        sizes: sizes(&look.plans.approved),
        asked_for: std::mem::take(&mut look.asked_for),
    };
    Ok((outcome, look))
}

/// What is approved, counted by workspace.
fn sizes(approved: &Approved) -> BTreeMap<WorkspaceName, u64> {
    let mut sizes = BTreeMap::new();
    let own = approved.resources.iter();
    for resource in own.filter(|own| own.unapproved().is_none()) {
        if let Some(workspace) = approved.workspace(resource.workspace) {
            match sizes.get_mut(workspace) {
                Some(count) => *count += 1,
                None => {
                    sizes.insert(workspace.clone(), 1);
                }
            }
        }
    }
    sizes
}

/// Says of each deviation whether a standing waiver accepts it, and warns of waivers that do not
/// stand.
fn accept(look: &mut Look) -> waivers::Standing {
    let inputs = &look.inputs;
    let people = inputs.people.as_ref();
    let (standing, refused) = waivers::standing(look.now, &inputs.waivers, people, &inputs.changes);
    look.warnings.extend(refused);
    look.assessment.accepted = lifecycle::accepted(&look.assessment, &standing);
    standing
}

/// Plans that were seen carried out: where live is what an authorised plan sets, the baseline moves.
fn seen_applied(
    assessment: &Assessment,
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
                    | Relation::BeforeOrUndone
                    | Relation::Neither
                    | Relation::Unknown,
                    _,
                ) => {
                    held_back.insert((key, address.clone()));
                }
            }
        }
    }
    for (key, address) in moved {
        // A resource of which only some attributes are as the plan wants is not applied yet.
        if !held_back.contains(&(key.clone(), address.clone())) {
            applied.entry(key).or_default().insert(address);
        }
    }
    std::mem::take(applied)
}
