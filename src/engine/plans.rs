//! Reads plans and states, ranks them by their approvals, and builds the approved side.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs, unreadable};
use super::progress::{Progress, Step};
use super::schemas::Schemas;
use super::sources::Sources;
use super::{parallel, scan::Settings};
use crate::decide::approvals::{PlanStanding, RankedPlan, Standing, rank_plans};
use crate::decide::baseline::{Approved, EligiblePlan, PlanUse, WorkspaceInputs};
use crate::evidence::people::Pseudonymiser;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::plan::{self, Plan};
use crate::ingest::projection;
use crate::ingest::redact::Redactor;
use crate::ingest::source::Source;
use crate::ingest::state::{self, State, StateHead};
use crate::model::{IdentityMap, PlanMeta, Sha256Digest, WorkspaceName};
use crate::normalise::Catalogue;
use crate::ports::{Estate, EvidenceSink, InputError, InputRef, WorkspaceInput};

/// The approved side of a scan.
#[derive(Default)]
pub struct Plans {
    pub approved: Approved,
    pub ranked: BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    pub sources: Sources,
    /// Workspaces of which a state was read.
    pub with_state: BTreeSet<WorkspaceName>,
    /// Which version of which state that is, where it says so.
    pub state_heads: BTreeMap<WorkspaceName, StateHead>,
    pub files: Vec<InputFile>,
    /// Redacted forms of plans that the log did not hold yet, by the digest of the plan.
    pub blobs: BTreeMap<Sha256Digest, Sha256Digest>,
    pub warnings: Vec<String>,
    pub plan_bytes: u64,
    pub plan_count: u64,
}

/// One file of one workspace.
struct Job<'w> {
    workspace: &'w WorkspaceInput,
    what: What,
    input: &'w InputRef,
    /// Whether this is the last file of its workspace.
    last: bool,
}

enum What {
    Plan,
    State,
}

impl<'w> Job<'w> {
    fn of(workspace: &'w WorkspaceInput) -> impl Iterator<Item = Self> {
        let plans = workspace.plans.iter().map(|plan| (What::Plan, plan));
        let state = workspace.state.iter().map(|state| (What::State, state));
        let files = workspace.plans.len() + usize::from(workspace.state.is_some());
        let numbered = plans.chain(state).zip(1..);
        numbered.map(move |((what, input), number)| Job {
            workspace,
            what,
            input,
            last: number == files,
        })
    }
}

enum Done {
    Plan(ReadPlan),
    State(State),
}

struct ReadPlan {
    meta: PlanMeta,
    plan: Plan,
    /// The redacted form, where the log does not hold it yet.
    projection: Option<Vec<u8>>,
}

#[derive(Default)]
struct ReadWorkspace {
    plans: Vec<ReadPlan>,
    state: Option<State>,
}

impl ReadWorkspace {
    fn take(&mut self, done: Done, file: InputFile, bytes: u64, plans: &mut Plans) {
        plans.files.push(file);
        match done {
            Done::Plan(plan) => {
                plans.plan_bytes += bytes;
                plans.plan_count += 1;
                self.plans.push(plan);
            }
            Done::State(state) => self.state = Some(state),
        }
    }
}

/// Files that are read before it is their turn to be put together: enough to keep every thread busy,
/// few enough that what was read does not pile up.
const AHEAD: usize = 16;

pub struct Reading<'a> {
    pub estate: &'a dyn Estate,
    pub catalogue: &'a Catalogue,
    pub redactor: &'a Redactor,
    pub schemas: &'a Schemas,
    pub settings: &'a Settings,
    pub progress: &'a dyn Progress,
}

impl Reading<'_> {
    /// Reads every plan and state, several at a time, and puts the plans' redacted forms into the
    /// evidence log.
    pub fn read(
        &self,
        now: Timestamp,
        inputs: &SmallInputs,
        evidence: &mut dyn EvidenceSink,
    ) -> Result<Plans, Failure> {
        let workspaces = self.estate.workspaces().map_err(Failure::Inputs)?;
        let mut plans = Plans::default();
        let jobs: Vec<Job<'_>> = workspaces.iter().flat_map(Job::of).collect();
        self.progress.step(Step::Plans, jobs.len());
        let known: BTreeSet<(WorkspaceName, Sha256Digest)> = evidence.ledger().plans().collect();
        let mut errors = Vec::new();
        let mut begun = ReadWorkspace::default();
        let mut failed = None;
        parallel::in_order(
            &jobs,
            self.settings.threads,
            AHEAD,
            |job| self.one(job, &known),
            |job, done| {
                self.progress.advance();
                match done {
                    Ok((done, file, bytes)) => begun.take(done, file, bytes, &mut plans),
                    Err(error) => errors.push(error),
                }
                // After an error, go on only to name everything that is wrong.
                if job.last && errors.is_empty() {
                    let read = std::mem::take(&mut begun);
                    let added = self.add(now, job.workspace, read, inputs, evidence, &mut plans);
                    if let Err(failure) = added {
                        failed = Some(failure);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            },
        );
        match failed {
            Some(failure) => Err(failure),
            None if errors.is_empty() => Ok(plans),
            None => Err(Failure::Inputs(errors)),
        }
    }

    fn one(
        &self,
        job: &Job<'_>,
        known: &BTreeSet<(WorkspaceName, Sha256Digest)>,
    ) -> Result<(Done, InputFile, u64), InputError> {
        let Job {
            workspace, input, ..
        } = job;
        let redactor = self
            .redactor
            .with_schema(self.schemas.secrets_of(workspace));
        let source = Source::new(&input.name, self.estate.open(input)?);
        let wrong = |error: StreamError| unreadable(input, error);
        let lost = |error: std::io::Error| wrong(StreamError::Read(error));
        match job.what {
            What::Plan => {
                let (plan, source) =
                    plan::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source.finish().map_err(lost)?;
                let file = input_file(input, InputKind::Plan, digest, plan.resources.len());
                let meta = PlanMeta {
                    digest,
                    file: input.name.clone(),
                    format_version: plan.format_version.clone(),
                    terraform_version: plan.terraform_version.clone(),
                    timestamp: plan.timestamp,
                    resources: plan.resources.len() as u64,
                };
                let is_new = !known.contains(&(workspace.name.clone(), digest));
                let projection = is_new.then(|| {
                    let lines = projection::lines(digest, &plan, self.catalogue);
                    lines.flat_map(|line| (line + "\n").into_bytes()).collect()
                });
                Ok((
                    Done::Plan(ReadPlan {
                        meta,
                        plan,
                        projection,
                    }),
                    file,
                    bytes,
                ))
            }
            What::State => {
                let (state, source) =
                    state::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source.finish().map_err(lost)?;
                let file = input_file(input, InputKind::State, digest, state.resources.len());
                Ok((Done::State(state), file, bytes))
            }
        }
    }

    /// A plan as the log keeps it. Tags and policies tell who owns what by e-mail address.
    fn without_people<'p>(&self, plan: &'p [u8], inputs: &SmallInputs) -> Cow<'p, [u8]> {
        match std::str::from_utf8(plan) {
            Ok(text) if text.contains('@') => {
                let nobody = IdentityMap::default();
                let map = inputs.people.as_ref().unwrap_or(&nobody);
                let people = Pseudonymiser::new(&self.settings.people_key, map);
                Cow::Owned(people.mails(text).into_bytes())
            }
            _ => Cow::Borrowed(plan),
        }
    }

    fn add(
        &self,
        now: Timestamp,
        workspace: &WorkspaceInput,
        read: ReadWorkspace,
        inputs: &SmallInputs,
        evidence: &mut dyn EvidenceSink,
        plans: &mut Plans,
    ) -> Result<(), Failure> {
        let metas: Vec<PlanMeta> = read.plans.iter().map(|read| read.meta.clone()).collect();
        let ranked = rank_plans(
            &metas,
            &workspace.name,
            workspace.assumed,
            &inputs.changes,
            inputs.people.as_ref(),
            &self.settings.policy,
            now,
        );
        let mut by_digest: BTreeMap<Sha256Digest, ReadPlan> = read
            .plans
            .into_iter()
            .map(|read| (read.meta.digest, read))
            .collect();
        let mut eligible = Vec::new();
        for plan in &ranked {
            let Some(read) = by_digest.remove(&plan.standing.plan.digest) else {
                continue;
            };
            if let Some(projection) = &read.projection {
                let blob = evidence.put_blob(&self.without_people(projection, inputs))?;
                plans.blobs.insert(read.meta.digest, blob);
            }
            let ReadPlan {
                meta, plan: read, ..
            } = read;
            eligible.push(EligiblePlan {
                meta,
                plan: read,
                good_for: good_for(&plan.standing),
            });
        }
        plans.warnings.extend(plans.sources.add(workspace));
        if let Some(state) = &read.state {
            plans.with_state.insert(workspace.name.clone());
            let head = StateHead {
                lineage: state.lineage.clone(),
                serial: state.serial,
            };
            plans.state_heads.insert(workspace.name.clone(), head);
        }
        let assembly = WorkspaceInputs {
            name: workspace.name.clone(),
            plans: eligible,
            state: read.state,
            applied_before: evidence.ledger().applied(),
            authors: &plans.sources,
        };
        plans
            .approved
            .assemble(assembly, self.catalogue, self.redactor);
        plans.ranked.insert(workspace.name.clone(), ranked);
        Ok(())
    }
}

fn good_for(standing: &PlanStanding) -> PlanUse {
    match standing.standing {
        Standing::Approved | Standing::Assumed => PlanUse::Baseline,
        Standing::Emergency { .. } => PlanUse::Pending,
        Standing::Indeterminate | Standing::Unapproved => PlanUse::Nothing,
    }
}

fn input_file(input: &InputRef, kind: InputKind, sha256: Sha256Digest, items: usize) -> InputFile {
    InputFile {
        name: input.name.clone(),
        kind,
        sha256,
        items: items as u64,
    }
}
