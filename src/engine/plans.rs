//! Reads plans and states, ranks them by their approvals, and builds the approved side.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs, unreadable};
use super::progress::{Progress, Step};
use super::schemas::Schemas;
use super::{parallel, scan::Settings};
use crate::decide::approvals::{PlanStanding, RankedPlan, Standing, rank_plans};
use crate::decide::baseline::{Approved, EligiblePlan, PlanUse, WorkspaceInputs};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::plan::{self, Plan};
use crate::ingest::projection;
use crate::ingest::redact::Redactor;
use crate::ingest::source::Source;
use crate::ingest::state::{self, State};
use crate::ingest::terraform_source::{SourceMap, SourceProblem};
use crate::model::{Address, PlanMeta, Sha256Digest, SourceLocation, WorkspaceName};
use crate::normalise::Catalogue;
use crate::ports::{Estate, EvidenceSink, InputError, InputRef, WorkspaceInput};

/// The approved side of a scan.
#[derive(Default)]
pub struct Plans {
    pub approved: Approved,
    pub ranked: BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    /// With the folder that each one was read from.
    pub sources: BTreeMap<WorkspaceName, (String, SourceMap)>,
    pub files: Vec<InputFile>,
    /// Redacted forms of plans that the log did not hold yet, by the digest of the plan.
    pub blobs: BTreeMap<Sha256Digest, Sha256Digest>,
    pub warnings: Vec<String>,
    pub plan_bytes: u64,
    pub plan_count: u64,
}

impl Plans {
    pub fn locate(&self, workspace: &WorkspaceName, address: &Address) -> Option<SourceLocation> {
        let (dir, map) = self.sources.get(workspace)?;
        map.locate(address).map(|location| within(dir, location))
    }
}

/// One plan or state file of one workspace.
enum Job<'w> {
    Plan(&'w WorkspaceInput, &'w InputRef),
    State(&'w WorkspaceInput, &'w InputRef),
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

/// Workspaces that are read before they are put together: enough to keep every thread busy, few
/// enough that what was read does not pile up.
const BATCH: usize = 64;

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
        let files = workspaces
            .iter()
            .map(|own| own.plans.len() + usize::from(own.state.is_some()));
        self.progress.step(Step::Plans, files.sum());
        let mut errors = Vec::new();
        for batch in workspaces.chunks(BATCH) {
            let mut read = self.read_batch(batch, evidence.ledger(), &mut plans, &mut errors);
            if !errors.is_empty() {
                // Go on only to name everything that is wrong.
                continue;
            }
            for workspace in batch {
                if let Some(read) = read.remove(&workspace.name) {
                    self.add(now, workspace, read, inputs, evidence, &mut plans)?;
                }
            }
        }
        if errors.is_empty() {
            Ok(plans)
        } else {
            Err(Failure::Inputs(errors))
        }
    }

    fn read_batch<'w>(
        &self,
        batch: &'w [WorkspaceInput],
        ledger: &Ledger,
        plans: &mut Plans,
        errors: &mut Vec<InputError>,
    ) -> BTreeMap<&'w WorkspaceName, ReadWorkspace> {
        let jobs: Vec<Job<'_>> = batch
            .iter()
            .flat_map(|workspace| {
                let plans = workspace
                    .plans
                    .iter()
                    .map(move |plan| Job::Plan(workspace, plan));
                plans.chain(
                    workspace
                        .state
                        .iter()
                        .map(move |state| Job::State(workspace, state)),
                )
            })
            .collect();
        let done = parallel::map(&jobs, self.settings.threads, |job| {
            let done = self.one(job, ledger);
            self.progress.advance();
            done
        });
        let mut read: BTreeMap<&WorkspaceName, ReadWorkspace> = BTreeMap::new();
        for (job, done) in jobs.iter().zip(done) {
            let (Job::Plan(workspace, _) | Job::State(workspace, _)) = job;
            let place = read.entry(&workspace.name).or_default();
            match done {
                Ok((Done::Plan(plan), file, bytes)) => {
                    plans.plan_bytes += bytes;
                    plans.plan_count += 1;
                    plans.files.push(file);
                    place.plans.push(plan);
                }
                Ok((Done::State(state), file, _)) => {
                    plans.files.push(file);
                    place.state = Some(state);
                }
                Err(error) => errors.push(error),
            }
        }
        read
    }

    fn one(&self, job: &Job<'_>, ledger: &Ledger) -> Result<(Done, InputFile, u64), InputError> {
        let (Job::Plan(workspace, input) | Job::State(workspace, input)) = job;
        let redactor = self
            .redactor
            .with_schema(self.schemas.secrets_of(workspace));
        let source = Source::new(&input.name, self.estate.open(input)?);
        let wrong = |error: StreamError| unreadable(input, error);
        let lost = |error: std::io::Error| wrong(StreamError::Read(error));
        match job {
            Job::Plan(..) => {
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
                let is_new = ledger.plan(&workspace.name, digest).is_none();
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
            Job::State(..) => {
                let (state, source) =
                    state::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source.finish().map_err(lost)?;
                let file = input_file(input, InputKind::State, digest, state.resources.len());
                Ok((Done::State(state), file, bytes))
            }
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
                let blob = evidence.put_blob(projection)?;
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
        let assembly = WorkspaceInputs {
            name: workspace.name.clone(),
            plans: eligible,
            state: read.state,
            applied_before: evidence.ledger().applied(),
        };
        plans
            .approved
            .assemble(assembly, self.catalogue, self.redactor);
        plans.ranked.insert(workspace.name.clone(), ranked);
        if !workspace.source.is_empty() {
            let (map, problems) = SourceMap::parse(&workspace.source);
            let dir = &workspace.source_dir;
            plans.warnings.extend(problems.into_iter().map(|problem| {
                let location = problem.location.map(|location| within(dir, location));
                SourceProblem {
                    location,
                    ..problem
                }
                .to_string()
            }));
            let source = (dir.clone(), map);
            plans.sources.insert(workspace.name.clone(), source);
        }
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

/// The location with the folder that the source was read from, so that `main.tf` of one workspace is
/// told from that of another.
fn within(dir: &str, location: SourceLocation) -> SourceLocation {
    let file = match dir.trim_end_matches('/') {
        "" | "." => location.file,
        dir => format!("{dir}/{}", location.file),
    };
    SourceLocation { file, ..location }
}

fn input_file(input: &InputRef, kind: InputKind, sha256: Sha256Digest, items: usize) -> InputFile {
    InputFile {
        name: input.name.clone(),
        kind,
        sha256,
        items: items as u64,
    }
}
