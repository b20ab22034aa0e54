//! Reads plans and states, ranks them by their approvals, and builds the approved side.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::inputs::{Failure, SmallInputs, unreadable, whole};
use super::progress::{Progress, Step};
use super::{parallel, scan::Settings};
use crate::decide::approvals::{PlanStanding, RankedPlan, Standing, rank_plans};
use crate::decide::baseline::{AppliedBefore, Approved, EligiblePlan, WorkspaceInputs};
use crate::evidence::record::{InputFile, InputKind};
use crate::ingest::json::StreamError;
use crate::ingest::plan::{self, Plan};
use crate::ingest::redact::Redactor;
use crate::ingest::source::Source;
use crate::ingest::state::{self, State};
use crate::ingest::terraform_source::SourceMap;
use crate::model::{Address, PlanMeta, Sha256Digest, SourceLocation, WorkspaceName};
use crate::normalise::Catalogue;
use crate::ports::{Estate, InputError, InputRef, WorkspaceInput};

/// The approved side of a scan.
#[derive(Default)]
pub struct Plans {
    pub approved: Approved,
    pub ranked: BTreeMap<WorkspaceName, Vec<RankedPlan>>,
    pub sources: BTreeMap<WorkspaceName, SourceMap>,
    pub files: Vec<InputFile>,
    pub warnings: Vec<String>,
    pub plan_bytes: u64,
    pub plan_count: u64,
}

impl Plans {
    pub fn locate(&self, workspace: &WorkspaceName, address: &Address) -> Option<SourceLocation> {
        self.sources.get(workspace)?.locate(address)
    }
}

/// One plan or state file of one workspace.
enum Job<'w> {
    Plan(&'w WorkspaceInput, &'w InputRef),
    State(&'w WorkspaceInput, &'w InputRef),
}

enum Done {
    Plan(PlanMeta, Plan),
    State(State),
}

pub struct Reading<'a> {
    pub estate: &'a dyn Estate,
    pub catalogue: &'a Catalogue,
    pub redactor: &'a Redactor,
    pub settings: &'a Settings,
    pub progress: &'a dyn Progress,
}

impl Reading<'_> {
    /// Reads every plan and state, several at a time.
    pub fn read(
        &self,
        now: Timestamp,
        inputs: &SmallInputs,
        applied_before: &AppliedBefore,
    ) -> Result<Plans, Failure> {
        let workspaces = self.estate.workspaces().map_err(Failure::Inputs)?;
        let jobs: Vec<Job<'_>> = workspaces
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
        self.progress.step(Step::Plans, jobs.len());
        let done = parallel::map(&jobs, self.settings.threads, |job| {
            let done = self.one(job);
            self.progress.advance();
            done
        });
        let mut plans = Plans::default();
        let mut errors = Vec::new();
        let mut by_workspace: BTreeMap<&WorkspaceName, (Vec<(PlanMeta, Plan)>, Option<State>)> =
            workspaces
                .iter()
                .map(|workspace| (&workspace.name, Default::default()))
                .collect();
        for (job, done) in jobs.iter().zip(done) {
            let (Job::Plan(workspace, _) | Job::State(workspace, _)) = job;
            let Some(place) = by_workspace.get_mut(&workspace.name) else {
                continue;
            };
            match done {
                Ok((Done::Plan(meta, plan), file, bytes)) => {
                    plans.plan_bytes += bytes;
                    plans.plan_count += 1;
                    plans.files.push(file);
                    place.0.push((meta, plan));
                }
                Ok((Done::State(state), file, _)) => {
                    plans.files.push(file);
                    place.1 = Some(state);
                }
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(Failure::Inputs(errors));
        }
        for workspace in &workspaces {
            let Some((read, state)) = by_workspace.remove(&workspace.name) else {
                continue;
            };
            self.add(
                now,
                workspace,
                read,
                state,
                inputs,
                applied_before,
                &mut plans,
            );
        }
        Ok(plans)
    }

    fn one(&self, job: &Job<'_>) -> Result<(Done, InputFile, u64), InputError> {
        let (Job::Plan(workspace, input) | Job::State(workspace, input)) = job;
        let redactor = self.redactor_for(workspace)?;
        let source = Source::new(&input.name, self.estate.open(input)?);
        let wrong = |error: StreamError| unreadable(input, error);
        match job {
            Job::Plan(..) => {
                let (plan, source) =
                    plan::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source
                    .finish()
                    .map_err(|error| wrong(StreamError::Read(error)))?;
                let file = input_file(input, InputKind::Plan, digest, plan.resources.len());
                let meta = PlanMeta {
                    digest,
                    file: input.name.clone(),
                    format_version: plan.format_version.clone(),
                    terraform_version: plan.terraform_version.clone(),
                    timestamp: plan.timestamp,
                    resources: plan.resources.len() as u64,
                };
                Ok((Done::Plan(meta, plan), file, bytes))
            }
            Job::State(..) => {
                let (state, source) =
                    state::read(source, self.catalogue, &redactor).map_err(wrong)?;
                let (digest, bytes) = source
                    .finish()
                    .map_err(|error| wrong(StreamError::Read(error)))?;
                let file = input_file(input, InputKind::State, digest, state.resources.len());
                Ok((Done::State(state), file, bytes))
            }
        }
    }

    /// What the provider's schema marks as sensitive is a secret, whatever the plan says.
    fn redactor_for(&self, workspace: &WorkspaceInput) -> Result<Redactor, InputError> {
        let Some(schema) = &workspace.schema else {
            return Ok(self.redactor.clone());
        };
        let (bytes, _) = whole(self.estate, schema, InputKind::Schema)?;
        let wanted = |name: &str| self.catalogue.find(name).is_some();
        let schemas = crate::ingest::schema::ProviderSchemas::parse_only(&bytes, &wanted);
        let schemas = schemas.map_err(|error| InputError {
            what: format!("`{}`: {error}", schema.name),
            help: None,
        })?;
        let _ = schemas;
        Ok(self.redactor.clone())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one workspace's share of everything that was read"
    )]
    fn add(
        &self,
        now: Timestamp,
        workspace: &WorkspaceInput,
        read: Vec<(PlanMeta, Plan)>,
        state: Option<State>,
        inputs: &SmallInputs,
        applied_before: &AppliedBefore,
        plans: &mut Plans,
    ) {
        let metas: Vec<PlanMeta> = read.iter().map(|(meta, _)| meta.clone()).collect();
        let ranked = rank_plans(
            &metas,
            &workspace.name,
            workspace.assumed,
            &inputs.changes,
            inputs.people.as_ref(),
            &self.settings.policy,
            now,
        );
        let mut by_digest: BTreeMap<Sha256Digest, (PlanMeta, Plan)> = read
            .into_iter()
            .map(|(meta, plan)| (meta.digest, (meta, plan)))
            .collect();
        let mut eligible = Vec::new();
        for plan in &ranked {
            let Some((meta, read)) = by_digest.remove(&plan.standing.plan.digest) else {
                continue;
            };
            match may_be_baseline(&plan.standing) {
                Some(may_be_baseline) => {
                    eligible.push(EligiblePlan {
                        meta,
                        plan: read,
                        may_be_baseline,
                    });
                }
                None => plans.approved.speak_for(&read, self.catalogue),
            }
        }
        plans.approved.assemble(
            WorkspaceInputs {
                name: workspace.name.clone(),
                plans: eligible,
                state,
                applied_before,
            },
            self.catalogue,
            self.redactor,
        );
        plans.ranked.insert(workspace.name.clone(), ranked);
        if !workspace.source.is_empty() {
            let (map, problems) = SourceMap::parse(&workspace.source);
            plans
                .warnings
                .extend(problems.iter().map(ToString::to_string));
            plans.sources.insert(workspace.name.clone(), map);
        }
    }
}

/// Whether a plan with this standing may be a baseline; `None` if it has no standing at all.
fn may_be_baseline(standing: &PlanStanding) -> Option<bool> {
    match standing.standing {
        Standing::Approved | Standing::Assumed => Some(true),
        Standing::Emergency { .. } => Some(false),
        Standing::Indeterminate | Standing::Unapproved => None,
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
